// Every way in which a client leaves a stream; the test sees that the provider is left too.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const client = new Anthropic({ maxRetries: 0 });
const messages = [{ role: "user", content: gateway.QUESTION }];
// The model `slow` goes on for a minute, a piece every 20 ms.
const asked = { model: "slow", messages, max_tokens: 40 };

async function leaveByBreak() {
  const stream = await client.messages.create({ ...asked, stream: true });
  for await (const event of stream) if (event.type === "content_block_delta") break;
  await gateway.meet("left");
}

async function leaveByController() {
  const stream = await client.messages.create({ ...asked, stream: true });
  for await (const event of stream) {
    if (event.type === "content_block_delta") stream.controller.abort();
  }
  await gateway.meet("left");
}

async function leaveByAbort() {
  const stream = client.messages.stream(asked);
  stream.on("text", () => stream.abort());
  const error = await gateway.failure(() => stream.finalMessage());
  assert.equal(error.constructor, Anthropic.APIUserAbortError, String(error));
  await gateway.meet("left");
}

gateway.run(async () => {
  await leaveByBreak();
  await leaveByController();
  await leaveByAbort();
  const reply = await client.messages.create({ model: gateway.TIER, messages, max_tokens: 40 });
  assert.equal(reply.content[0].text, gateway.SAID);
});
