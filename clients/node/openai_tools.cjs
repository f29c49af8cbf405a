// Tools: the calls arrive whole, streamed and not, and a conversation goes on after them.
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const gateway = require("./gateway.cjs");

const client = new OpenAI({ maxRetries: 0 });
// The model `caller` calls the first tool twice with the last user text, in two pieces each.
const SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890';
const question = { role: "user", content: SAID };
const parameters = {
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
};
const tools = [{ type: "function", function: { name: "find_weather", parameters } }];
const asked = { model: "caller", messages: [question], tools, tool_choice: "required" };

function checkReply(reply) {
  const [choice] = reply.choices;
  assert.equal(choice.finish_reason, "tool_calls");
  const calls = choice.message.tool_calls;
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
  for (const call of calls) {
    assert.equal(call.function.name, "find_weather");
    assert.deepEqual(JSON.parse(call.function.arguments), { text: SAID });
  }
}

async function goOn() {
  const reply = await client.chat.completions.create(asked);
  const { message } = reply.choices[0];
  const results = message.tool_calls.map((call, at) => ({
    role: "tool",
    tool_call_id: call.id,
    content: `rain ${at}`,
  }));
  const last = { role: "user", content: gateway.QUESTION };
  const messages = [question, message, ...results, last];
  const answer = await client.chat.completions.create({ model: gateway.TIER, messages, tools });
  assert.equal(answer.choices[0].message.content, gateway.SAID);
}

gateway.run(async () => {
  checkReply(await client.chat.completions.create(asked));
  checkReply(await client.chat.completions.stream(asked).finalChatCompletion());
  await goOn();
});
