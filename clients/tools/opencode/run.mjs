// opencode reads a note with its own tool and says what stands in it.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

const require = createRequire(join(process.env.TIERGATE_ENVIRONMENT, "package.json"));
const platform = `opencode-${process.platform}-${process.arch}`;
const program = join(dirname(require.resolve(`${platform}/package.json`)), "bin", "opencode");
const model = process.env.TIERGATE_MODEL;

// The packages of all dialects are inside the program.
const PACKAGES = {
  "openai-chat": "@ai-sdk/openai-compatible",
  "openai-responses": "@ai-sdk/openai",
  "anthropic-messages": "@ai-sdk/anthropic",
};
const options = { baseURL: `${process.env.TIERGATE_URL}/v1`, apiKey: process.env.TIERGATE_KEY };
writeFileSync(
  "opencode.json",
  JSON.stringify({
    $schema: "https://opencode.ai/config.json",
    autoupdate: false,
    share: "disabled",
    permission: { bash: "allow", read: "allow" },
    provider: {
      tiergate: {
        npm: PACKAGES[process.env.TIERGATE_DIALECT],
        name: "Tiergate",
        options,
        models: { [model]: { name: model, tool_call: true } },
      },
    },
  }),
);

function run(args) {
  const ended = spawnSync(program, args, { encoding: "utf8", input: "" });
  process.stderr.write(ended.stderr ?? "");
  return ended;
}

console.log(`version ${run(["--version"]).stdout.trim()}`);
const ended = run(["run", "--model", `tiergate/${model}`, "What is the word in note.txt?"]);
if (ended.status !== 0 || !ended.stdout.includes(process.env.TIERGATE_WORD)) {
  process.stderr.write(`ended with ${ended.status}: ${ended.stdout}`);
  process.exit(1);
}
