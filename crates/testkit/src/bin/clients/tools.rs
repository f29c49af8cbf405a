//! The clients, a row each. It must not know how one is run.

/// Says what runs a client's script, and where its environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// A virtual environment of Python.
    Python,
    /// Packages of Node.
    Node,
}

/// Is one client.
#[derive(Debug)]
pub struct Tool {
    /// How it is named on the command line.
    pub name: &'static str,
    /// What its maker calls it.
    pub shown: &'static str,
    /// What runs its script.
    pub runner: Runner,
    /// The environment, below `target/venvs` or `target/npm`.
    pub environment: &'static str,
    /// The script, below `clients/tools`.
    pub script: &'static str,
    /// The dialects that it speaks.
    pub dialects: &'static [&'static str],
    /// How it was set up otherwise than as it comes, in a sentence; empty where it was not.
    pub note: &'static str,
}

const CHAT: &str = "openai-chat";
const RESPONSES: &str = "openai-responses";
const MESSAGES: &str = "anthropic-messages";
const GEMINI: &str = "gemini";

/// Lists the clients.
pub static TOOLS: &[Tool] = &[
    Tool {
        name: "openai-python",
        shown: "OpenAI SDK for Python",
        runner: Runner::Python,
        environment: "python-current",
        script: "sdks/openai_task.py",
        dialects: &[CHAT, RESPONSES],
        note: "",
    },
    Tool {
        name: "openai-python-older",
        shown: "OpenAI SDK for Python, 1.x",
        runner: Runner::Python,
        environment: "python-older",
        script: "sdks/openai_task.py",
        dialects: &[CHAT, RESPONSES],
        note: "",
    },
    Tool {
        name: "openai-node",
        shown: "OpenAI SDK for Node",
        runner: Runner::Node,
        environment: "node",
        script: "sdks/openai_task.mjs",
        dialects: &[CHAT, RESPONSES],
        note: "",
    },
    Tool {
        name: "anthropic-python",
        shown: "Anthropic SDK for Python, bearer token",
        runner: Runner::Python,
        environment: "python-current",
        script: "sdks/anthropic_task.py",
        dialects: &[MESSAGES],
        note: "",
    },
    Tool {
        name: "anthropic-python-older",
        shown: "Anthropic SDK for Python, 0.x",
        runner: Runner::Python,
        environment: "python-older",
        script: "sdks/anthropic_task.py",
        dialects: &[MESSAGES],
        note: "",
    },
    Tool {
        name: "anthropic-node",
        shown: "Anthropic SDK for Node, bearer token",
        runner: Runner::Node,
        environment: "node",
        script: "sdks/anthropic_task.mjs",
        dialects: &[MESSAGES],
        note: "",
    },
    Tool {
        name: "google-python",
        shown: "Google Gen AI SDK for Python",
        runner: Runner::Python,
        environment: "python-google",
        script: "sdks/google_task.py",
        dialects: &[GEMINI],
        note: "",
    },
    Tool {
        name: "claude-code",
        shown: "Claude Code",
        runner: Runner::Node,
        environment: "claude-code",
        script: "claude-code/run.mjs",
        dialects: &[MESSAGES],
        note: "With the key of a caller in `ANTHROPIC_API_KEY`, and no other traffic.",
    },
    Tool {
        name: "codex",
        shown: "Codex CLI",
        runner: Runner::Node,
        environment: "codex",
        script: "codex/run.mjs",
        dialects: &[RESPONSES],
        note: "With `web_search = \"disabled\"`: a tool that the provider runs itself is refused \
               by name in front of another API.",
    },
    Tool {
        name: "opencode",
        shown: "opencode",
        runner: Runner::Node,
        environment: "opencode",
        script: "opencode/run.mjs",
        dialects: &[CHAT, RESPONSES, MESSAGES],
        note: "",
    },
    Tool {
        name: "vercel-ai",
        shown: "Vercel AI SDK",
        runner: Runner::Node,
        environment: "vercel-ai",
        script: "vercel-ai/run.mjs",
        dialects: &[CHAT, RESPONSES, MESSAGES],
        note: "",
    },
    Tool {
        name: "litellm",
        shown: "LiteLLM SDK",
        runner: Runner::Python,
        environment: "litellm",
        script: "litellm/run.py",
        dialects: &[CHAT, RESPONSES, MESSAGES],
        note: "",
    },
    Tool {
        name: "pydantic-ai",
        shown: "pydantic-ai",
        runner: Runner::Python,
        environment: "pydantic-ai",
        script: "pydantic-ai/run.py",
        dialects: &[CHAT, RESPONSES, MESSAGES],
        note: "",
    },
    Tool {
        name: "langchain",
        shown: "LangChain standard tests",
        runner: Runner::Python,
        environment: "langchain",
        script: "langchain/run.py",
        dialects: &[CHAT, RESPONSES, MESSAGES],
        note: "ChatOpenAI and ChatAnthropic, with every kind of test that the model's API can \
               carry; pictures, documents and sounds are small ones of our own.",
    },
];
