// Answers by tier, by model and by alias, streamed and not, side by side.
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const gateway = require("./gateway.cjs");

const client = new OpenAI({ maxRetries: 0 });
const messages = [
  { role: "system", content: gateway.SYSTEM },
  { role: "user", content: gateway.QUESTION },
];

function checkWhole(reply) {
  const [choice] = reply.choices;
  assert.equal(choice.message.content, gateway.SAID);
  assert.equal(choice.finish_reason, "stop");
  gateway.checkTokens(reply.usage.prompt_tokens, reply.usage.completion_tokens);
}

async function askWhole(model) {
  const asking = client.chat.completions.create({ model, messages });
  const { data, response, request_id } = await asking.withResponse();
  checkWhole(data);
  gateway.checkHeaders(response.headers);
  assert.ok(request_id);
}

async function askStreamed(model) {
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  const pieces = [];
  for await (const chunk of stream) {
    assert.ok(!chunk.usage, "usage was not asked for");
    pieces.push(chunk.choices[0].delta.content);
  }
  gateway.checkPieces(pieces.filter(Boolean));
}

async function askByHelper(model) {
  const stream_options = { include_usage: true };
  const runner = client.chat.completions.stream({ model, messages, stream_options });
  const pieces = [];
  runner.on("content", (piece) => pieces.push(piece));
  checkWhole(await runner.finalChatCompletion());
  gateway.checkPieces(pieces.filter(Boolean));
}

gateway.run(async () => {
  const asks = [askWhole, askStreamed, askByHelper];
  await Promise.all(gateway.NAMES.flatMap((name) => asks.map((ask) => ask(name))));
});
