// Anthropic's SDK calls a tool and says what it said, streamed and not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const require = createRequire(join(process.env.TIERGATE_ENVIRONMENT, "package.json"));
const { Anthropic } = require("@anthropic-ai/sdk");

const word = process.env.TIERGATE_WORD;
const client = new Anthropic({
  baseURL: process.env.TIERGATE_URL,
  apiKey: process.env.TIERGATE_KEY,
  maxRetries: 0,
});
const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
};
const look = { name: "look", description: "Reads the note of a city.", input_schema: schema };

async function ask(messages, streamed) {
  const asked = { model: process.env.TIERGATE_MODEL, max_tokens: 200, messages, tools: [look] };
  if (!streamed) return client.messages.create(asked);
  return client.messages.stream(asked).finalMessage();
}

const about = join(process.env.TIERGATE_ENVIRONMENT, "node_modules/@anthropic-ai/sdk/package.json");
console.log(`version ${JSON.parse(readFileSync(about, "utf8")).version}`);
for (const streamed of [false, true]) {
  const messages = [{ role: "user", content: "What is it?" }];
  const called = await ask(messages, streamed);
  assert.equal(called.stop_reason, "tool_use");
  const [call] = called.content.filter((block) => block.type === "tool_use");
  assert.deepEqual([call.name, call.input], ["look", { city: "Paris", days: 7 }]);
  const told = { type: "tool_result", tool_use_id: call.id, content: word };
  messages.push({ role: "assistant", content: called.content });
  messages.push({ role: "user", content: [told] });
  const said = await ask(messages, streamed);
  assert.ok(said.content[0].text.includes(word));
  assert.equal(said.stop_reason, "end_turn");
  assert.ok(said.usage.input_tokens > 0 && said.usage.output_tokens > 0);
}
