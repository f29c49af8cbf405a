// A provider's errors arrive as the SDK's classes, before an answer and in the middle of one.
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const gateway = require("./gateway.cjs");

const client = new OpenAI({ maxRetries: 0 });
const messages = [{ role: "user", content: gateway.QUESTION }];
const KINDS = {
  400: OpenAI.BadRequestError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
};

async function readBroken(model) {
  const pieces = [];
  const error = await gateway.failure(async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content);
    return pieces;
  });
  assert.ok(error instanceof OpenAI.APIError, String(error));
  assert.ok(pieces.filter(Boolean).length > 0, "what came before the break arrives");
}

gateway.run(async () => {
  for (const [status, Kind] of Object.entries(KINDS)) {
    const model = `said-${status}`;
    const error = await gateway.failure(() => client.chat.completions.create({ model, messages }));
    assert.equal(error.constructor, Kind, String(error));
    assert.equal(error.headers.get("tiergate-error"), "provider");
  }
  for (const model of ["broken", "cut", "ended"]) await readBroken(model);
});
