// Errors of the gateway's own arrive as the SDK's classes, with code, field and remedy.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const messages = [{ role: "user", content: gateway.QUESTION }];

async function check(kind, status, code, asked, options = {}) {
  const { apiKey = process.env.ANTHROPIC_API_KEY, headers } = options;
  const client = new Anthropic({ maxRetries: 0, apiKey });
  for (const stream of [false, true]) {
    const body = { model: gateway.TIER, messages, max_tokens: 40, stream, ...asked };
    const create = () => client.messages.create(body, { headers });
    const error = await gateway.failure(create);
    assert.equal(error.constructor.name, kind, String(error));
    assert.equal(error.status, status);
    const { details } = error.error.error;
    assert.equal(details.error_code, code);
    assert.equal(error.headers.get("tiergate-error"), "gateway");
    assert.ok(error.requestID);
    for (const field of options.fields ?? []) assert.equal(details.field, field);
  }
}

gateway.run(async () => {
  const wrong = { apiKey: "sk-no-such-key" };
  await check("AuthenticationError", 401, "bad_credential", {}, wrong);
  const headers = { "tiergate-use-case": "nowhere" };
  await check("PermissionDeniedError", 403, "use_case_undeclared", {}, { headers });
  for (const model of ["no-such-model", "hidden", "capybara"]) {
    await check("NotFoundError", 404, "model_not_found", { model });
  }
  const long = [{ role: "user", content: "x".repeat(100_000) }];
  await check("ContentTooLargeError", 413, "body_too_large", { messages: long });
  const fields = ["max_tokens"];
  await check("BadRequestError", 400, "bad_request", { max_tokens: "many" }, { fields });
  const over = { model: "limited", max_tokens: 51 };
  await check("BadRequestError", 400, "max_output", over, { fields });
});
