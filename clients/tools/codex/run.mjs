// Codex CLI reads a note with its own tool and says what stands in it.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const program = join(process.env.TIERGATE_ENVIRONMENT, "node_modules", ".bin", "codex");
const home = join(process.env.HOME, ".codex");
mkdirSync(home, { recursive: true });
writeFileSync(
  join(home, "config.toml"),
  `model = "${process.env.TIERGATE_MODEL}"
model_provider = "tiergate"
# A tool that the provider runs itself is refused in front of any other API.
web_search = "disabled"
[model_providers.tiergate]
name = "Tiergate"
base_url = "${process.env.TIERGATE_URL}/v1"
env_key = "TIERGATE_KEY"
wire_api = "responses"
`,
);

function run(args) {
  const ended = spawnSync(program, args, { encoding: "utf8", input: "" });
  process.stderr.write(ended.stderr ?? "");
  return ended;
}

console.log(`version ${run(["--version"]).stdout.trim().split(" ").pop()}`);
const ended = run([
  "exec",
  "--skip-git-repo-check",
  "--dangerously-bypass-approvals-and-sandbox",
  "What is the word in note.txt?",
]);
if (ended.status !== 0 || !ended.stdout.includes(process.env.TIERGATE_WORD)) {
  process.stderr.write(`ended with ${ended.status}: ${ended.stdout}`);
  process.exit(1);
}
