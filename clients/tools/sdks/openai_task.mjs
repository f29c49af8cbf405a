// OpenAI's SDK calls a tool and says what it said, streamed and not, over either of its APIs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const require = createRequire(join(process.env.TIERGATE_ENVIRONMENT, "package.json"));
const { OpenAI } = require("openai");

const word = process.env.TIERGATE_WORD;
const model = process.env.TIERGATE_MODEL;
const client = new OpenAI({
  baseURL: `${process.env.TIERGATE_URL}/v1`,
  apiKey: process.env.TIERGATE_KEY,
  maxRetries: 0,
});
const look = {
  name: "look",
  description: "Reads the note of a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer" } },
    required: ["city", "days"],
  },
};
const question = { role: "user", content: "What is it?" };

function checkCall(name, text) {
  assert.equal(name, "look");
  assert.deepEqual(JSON.parse(text), { city: "Paris", days: 7 });
}

async function askChat(messages, streamed) {
  const asked = { model, messages, tools: [{ type: "function", function: look }] };
  if (!streamed) return client.chat.completions.create(asked);
  const options = { include_usage: true };
  const stream = client.chat.completions.stream({ ...asked, stream_options: options });
  return stream.finalChatCompletion();
}

async function runChat(streamed) {
  const messages = [question];
  const called = (await askChat(messages, streamed)).choices[0].message;
  assert.equal(called.tool_calls.length, 1);
  const [call] = called.tool_calls;
  checkCall(call.function.name, call.function.arguments);
  messages.push(called, { role: "tool", tool_call_id: call.id, content: word });
  const said = await askChat(messages, streamed);
  assert.ok(said.choices[0].message.content.includes(word));
  assert.ok(said.usage.prompt_tokens > 0 && said.usage.completion_tokens > 0);
}

async function askResponses(input, streamed) {
  const tools = [{ type: "function", strict: false, ...look }];
  const asked = { model, input, tools, store: false };
  if (!streamed) return client.responses.create(asked);
  return client.responses.stream(asked).finalResponse();
}

async function runResponses(streamed) {
  const input = [question];
  const called = await askResponses(input, streamed);
  const calls = called.output.filter((item) => item.type === "function_call");
  assert.equal(calls.length, 1);
  checkCall(calls[0].name, calls[0].arguments);
  input.push(...called.output);
  input.push({ type: "function_call_output", call_id: calls[0].call_id, output: word });
  const said = await askResponses(input, streamed);
  assert.ok(said.output_text.includes(word));
  assert.ok(said.usage.input_tokens > 0 && said.usage.output_tokens > 0);
}

const RUN = { "openai-chat": runChat, "openai-responses": runResponses };
const about = join(process.env.TIERGATE_ENVIRONMENT, "node_modules/openai/package.json");
console.log(`version ${JSON.parse(readFileSync(about, "utf8")).version}`);
for (const streamed of [false, true]) {
  await RUN[process.env.TIERGATE_DIALECT](streamed);
}
