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
    /// The folder of its script and of its environment.
    pub name: &'static str,
    /// What its maker calls it.
    pub shown: &'static str,
    /// What runs its script.
    pub runner: Runner,
    /// The dialects that it speaks.
    pub dialects: &'static [&'static str],
}

const CHAT: &str = "openai-chat";
const MESSAGES: &str = "anthropic-messages";

/// Lists the clients.
pub static TOOLS: &[Tool] = &[
    Tool {
        name: "claude-code",
        shown: "Claude Code",
        runner: Runner::Node,
        dialects: &[MESSAGES],
    },
    Tool {
        name: "opencode",
        shown: "opencode",
        runner: Runner::Node,
        dialects: &[CHAT, MESSAGES],
    },
    Tool {
        name: "vercel-ai",
        shown: "Vercel AI SDK",
        runner: Runner::Node,
        dialects: &[CHAT, MESSAGES],
    },
    Tool {
        name: "litellm",
        shown: "LiteLLM SDK",
        runner: Runner::Python,
        dialects: &[CHAT, MESSAGES],
    },
    Tool {
        name: "pydantic-ai",
        shown: "pydantic-ai",
        runner: Runner::Python,
        dialects: &[CHAT, MESSAGES],
    },
    Tool {
        name: "langchain",
        shown: "LangChain standard tests",
        runner: Runner::Python,
        dialects: &[CHAT, MESSAGES],
    },
];
