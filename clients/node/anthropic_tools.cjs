// Tools: the calls arrive whole, streamed and not, and a conversation goes on after them.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const client = new Anthropic({ maxRetries: 0 });
// The model `caller` calls the first tool twice with the last user text, in two pieces each.
const SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890';
const question = { role: "user", content: SAID };
const input_schema = {
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
};
const tools = [{ name: "find_weather", input_schema }];
const limit = { max_tokens: 40, tools };
const asked = { model: "caller", messages: [question], tool_choice: { type: "any" }, ...limit };

function checkReply(reply) {
  assert.equal(reply.stop_reason, "tool_use");
  assert.equal(new Set(reply.content.map((block) => block.id)).size, 2);
  for (const block of reply.content) {
    assert.equal(block.type, "tool_use");
    assert.equal(block.name, "find_weather");
    assert.deepEqual(block.input, { text: SAID });
  }
}

async function goOn() {
  const { content } = await client.messages.create(asked);
  const results = content.map((block, at) => ({
    type: "tool_result",
    tool_use_id: block.id,
    content: `rain ${at}`,
  }));
  const last = [...results, { type: "text", text: gateway.QUESTION }];
  const messages = [question, { role: "assistant", content }, { role: "user", content: last }];
  const answer = await client.messages.create({ model: gateway.TIER, messages, ...limit });
  assert.equal(answer.content[0].text, gateway.SAID);
}

gateway.run(async () => {
  checkReply(await client.messages.create(asked));
  checkReply(await client.messages.stream(asked).finalMessage());
  await goOn();
});
