// Answers by tier, by model and by alias, streamed and not, side by side.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const client = new Anthropic({ maxRetries: 0 });
const asked = {
  system: gateway.SYSTEM,
  messages: [{ role: "user", content: gateway.QUESTION }],
  max_tokens: 40,
};

function checkWhole(reply) {
  assert.deepEqual(
    reply.content.map(({ type, text }) => ({ type, text })),
    [{ type: "text", text: gateway.SAID }],
  );
  assert.equal(reply.stop_reason, "end_turn");
  gateway.checkTokens(reply.usage.input_tokens, reply.usage.output_tokens);
}

async function askWhole(model) {
  const asking = client.messages.create({ model, ...asked });
  const { data, response, request_id } = await asking.withResponse();
  checkWhole(data);
  gateway.checkHeaders(response.headers);
  assert.ok(request_id);
}

async function askStreamed(model) {
  const stream = await client.messages.create({ model, ...asked, stream: true });
  const kinds = [];
  const pieces = [];
  for await (const event of stream) {
    if (event.type === "content_block_delta") pieces.push(event.delta.text);
    else kinds.push(event.type);
  }
  gateway.checkPieces(pieces);
  const block = ["content_block_start", "content_block_stop"];
  assert.deepEqual(kinds, ["message_start", ...block, "message_delta", "message_stop"]);
}

async function askByHelper(model) {
  const stream = client.messages.stream({ model, ...asked });
  const pieces = [];
  stream.on("text", (piece) => pieces.push(piece));
  checkWhole(await stream.finalMessage());
  gateway.checkPieces(pieces);
}

gateway.run(async () => {
  const asks = [askWhole, askStreamed, askByHelper];
  await Promise.all(gateway.NAMES.flatMap((name) => asks.map((ask) => ask(name))));
});
