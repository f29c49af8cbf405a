// A provider's errors arrive as the SDK's classes, before an answer and in the middle of one.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const client = new Anthropic({ maxRetries: 0 });
const asked = { messages: [{ role: "user", content: gateway.QUESTION }], max_tokens: 40 };
const KINDS = {
  400: Anthropic.BadRequestError,
  404: Anthropic.NotFoundError,
  429: Anthropic.RateLimitError,
  500: Anthropic.InternalServerError,
};

async function readBroken(model) {
  const pieces = [];
  const error = await gateway.failure(async () => {
    const stream = await client.messages.create({ model, ...asked, stream: true });
    for await (const event of stream) {
      if (event.type === "content_block_delta") pieces.push(event.delta.text);
    }
    return pieces;
  });
  assert.ok(error instanceof Anthropic.APIError, String(error));
  assert.ok(pieces.length > 0, "what came before the break arrives");
}

gateway.run(async () => {
  for (const [status, Kind] of Object.entries(KINDS)) {
    const model = `said-${status}`;
    const error = await gateway.failure(() => client.messages.create({ model, ...asked }));
    assert.equal(error.constructor, Kind, String(error));
    assert.equal(error.headers.get("tiergate-error"), "provider");
  }
  for (const model of ["broken", "cut", "ended"]) await readBroken(model);
});
