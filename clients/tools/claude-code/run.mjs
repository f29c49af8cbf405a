// Claude Code reads a note with its own tool and says what stands in it.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

const environment = process.env.TIERGATE_ENVIRONMENT;
const require = createRequire(join(environment, "package.json"));
// The program stands in a package of its own for each platform.
const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
const program = join(dirname(require.resolve(`${platform}/package.json`)), "claude");

const variables = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ANTHROPIC_BASE_URL: process.env.TIERGATE_URL,
  ANTHROPIC_API_KEY: process.env.TIERGATE_KEY,
  ANTHROPIC_MODEL: process.env.TIERGATE_MODEL,
  ANTHROPIC_SMALL_FAST_MODEL: process.env.TIERGATE_MODEL,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
};

function run(args) {
  const ended = spawnSync(program, args, { env: variables, encoding: "utf8", input: "" });
  process.stderr.write(ended.stderr ?? "");
  return ended;
}

console.log(`version ${run(["--version"]).stdout.trim().split(" ")[0]}`);
const ended = run(["-p", "What is the word in note.txt?", "--allowedTools", "Bash"]);
if (ended.status !== 0 || !ended.stdout.includes(process.env.TIERGATE_WORD)) {
  process.stderr.write(`ended with ${ended.status}: ${ended.stdout}`);
  process.exit(1);
}
