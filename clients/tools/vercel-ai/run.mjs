// The Vercel AI SDK calls a tool and says what it said, streamed and not.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const require = createRequire(join(process.env.TIERGATE_ENVIRONMENT, "package.json"));
const { generateText, streamText, stepCountIs, tool } = require("ai");
const { createOpenAI } = require("@ai-sdk/openai");
const { createAnthropic } = require("@ai-sdk/anthropic");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const { z } = require("zod");

const word = process.env.TIERGATE_WORD;
const name = process.env.TIERGATE_MODEL;
const options = { baseURL: `${process.env.TIERGATE_URL}/v1`, apiKey: process.env.TIERGATE_KEY };
const MODELS = {
  "openai-chat": [
    createOpenAI(options).chat(name),
    createOpenAICompatible({ ...options, name: "tiergate", includeUsage: true })(name),
  ],
  "openai-responses": [createOpenAI(options).responses(name)],
  "anthropic-messages": [createAnthropic(options)(name)],
};

console.log(`version ${require("ai/package.json").version}`);
for (const model of MODELS[process.env.TIERGATE_DIALECT]) {
  let asked = 0;
  const look = tool({
    description: "Reads the note of a city.",
    inputSchema: z.object({ city: z.string(), days: z.number() }),
    execute: ({ city, days }) => {
      asked += 1;
      assert.deepEqual({ city, days }, { city: "Paris", days: 7 });
      return `${city} ${word}`;
    },
  });
  const wanted = { model, tools: { look }, stopWhen: stepCountIs(3), prompt: "What is it?" };
  const whole = await generateText(wanted);
  assert.ok(whole.text.includes(word), whole.text);
  assert.equal(whole.steps.length, 2);
  assert.ok(whole.totalUsage.inputTokens > 0 && whole.totalUsage.outputTokens > 0);
  const streamed = streamText(wanted);
  let said = "";
  for await (const piece of streamed.textStream) said += piece;
  assert.equal(said, whole.text);
  assert.equal((await streamed.steps).length, 2);
  assert.equal(asked, 2);
}
