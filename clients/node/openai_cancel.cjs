// Every way in which a client leaves a stream; the test sees that the provider is left too.
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const gateway = require("./gateway.cjs");

const client = new OpenAI({ maxRetries: 0 });
const messages = [{ role: "user", content: gateway.QUESTION }];
// The model `slow` goes on for a minute, a piece every 20 ms.
const asked = { model: "slow", messages, stream: true };

async function leaveByBreak() {
  const stream = await client.chat.completions.create(asked);
  for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
  await gateway.meet("left");
}

async function leaveByController() {
  const stream = await client.chat.completions.create(asked);
  for await (const chunk of stream) if (chunk.choices[0].delta.content) stream.controller.abort();
  await gateway.meet("left");
}

async function leaveBySignal() {
  const controller = new AbortController();
  const runner = client.chat.completions.stream(asked, { signal: controller.signal });
  runner.on("content", (piece) => piece && controller.abort());
  const error = await gateway.failure(() => runner.finalChatCompletion());
  assert.equal(error.constructor, OpenAI.APIUserAbortError, String(error));
  await gateway.meet("left");
}

gateway.run(async () => {
  await leaveByBreak();
  await leaveByController();
  await leaveBySignal();
  const reply = await client.chat.completions.create({ model: gateway.TIER, messages });
  assert.equal(reply.choices[0].message.content, gateway.SAID);
});
