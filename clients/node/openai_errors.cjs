// Errors of the gateway's own arrive as the SDK's classes, with code, field and remedy.
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const gateway = require("./gateway.cjs");

const messages = [{ role: "user", content: gateway.QUESTION }];

async function check(Kind, status, code, asked, options = {}) {
  const { apiKey = process.env.OPENAI_API_KEY, headers } = options;
  const client = new OpenAI({ maxRetries: 0, apiKey });
  for (const stream of [false, true]) {
    const body = { model: gateway.TIER, messages, stream, ...asked };
    const create = () => client.chat.completions.create(body, { headers });
    const error = await gateway.failure(create);
    assert.equal(error.constructor, Kind, String(error));
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.equal(error.headers.get("tiergate-error"), "gateway");
    assert.ok(error.requestID);
    for (const field of options.fields ?? []) assert.equal(error.param, field);
  }
}

gateway.run(async () => {
  const wrong = { apiKey: "sk-no-such-key" };
  await check(OpenAI.AuthenticationError, 401, "bad_credential", {}, wrong);
  const headers = { "tiergate-use-case": "nowhere" };
  await check(OpenAI.PermissionDeniedError, 403, "use_case_undeclared", {}, { headers });
  for (const model of ["no-such-model", "hidden", "capybara"]) {
    await check(OpenAI.NotFoundError, 404, "model_not_found", { model });
  }
  const long = [{ role: "user", content: "x".repeat(100_000) }];
  await check(OpenAI.APIError, 413, "body_too_large", { messages: long });
  const fields = ["max_tokens"];
  await check(OpenAI.BadRequestError, 400, "bad_request", { max_tokens: "many" }, { fields });
  const over = { model: "limited", max_tokens: 51 };
  await check(OpenAI.BadRequestError, 400, "max_output", over, { fields });
});
