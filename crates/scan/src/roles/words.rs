//! Lists the words by which code asks for a model, reads the environment, talks to people, counts
//! tokens, sets limits. It must not know a construct
//! but a call that asks a text.

use crate::place::Around;

/// Puts a word into the form in which it is compared: small letters and digits.
pub(super) fn plain(word: &str) -> String {
    let letters = word.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Names the last part of what is called: `create` of `client.messages.create`.
pub(super) fn last(callee: &str) -> &str {
    let callee = callee.trim_end_matches(['!', '?', '>', '<']);
    callee.rsplit(['.', ':', '>']).next().unwrap_or(callee)
}

/// Tells whether a word asks for a model.
pub(crate) fn is_model_word(word: &str) -> bool {
    let word = plain(word);
    word.contains("model")
        || word.contains("llm")
        || word.contains("deployment")
        || ["engine", "deploymentid", "m", "slug", "variant"].contains(&word.as_str())
}

/// Tells whether an expression reads the environment.
pub(super) fn is_environment(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = [
        "getenv",
        "environ",
        "process.env",
        "env::var",
        "env.get",
        "env[",
        "import.meta.env",
        "getproperty",
        "lookupenv",
        "env.fetch",
        "os.env",
        "env(",
        "deno.env",
        "env.string",
    ];
    words.iter().any(|word| text.contains(word))
        || text.starts_with("env.")
        || text.contains("_env(")
}

/// Tells whether what is called takes a default for what it looks up.
pub(super) fn is_lookup(callee: &str) -> bool {
    let word = plain(last(callee));
    let words = [
        "get",
        "getordefault",
        "setdefault",
        "unwrapor",
        "unwraporelse",
        "orelse",
        "orelseget",
        "getattr",
        "pop",
        "field",
        "option",
        "addargument",
        "argument",
        "usestate",
        "default",
        "withdefault",
        "string",
        "stringvar",
        "stringp",
        "stringvarp",
        "setdefaultvalue",
        "coalesce",
        "firstnonempty",
        "mapor",
        "mapstringor",
        "ifempty",
        "defaultvalue",
        "useref",
        "getstring",
    ];
    words.contains(&word.as_str())
}

/// Tells whether what is called is for people: a log, an error, a text on a screen.
pub(super) fn is_talk(callee: &str) -> bool {
    let word = plain(last(callee));
    let whole = callee.to_ascii_lowercase();
    let words = [
        "print", "println", "printf", "eprintln", "eprint", "log", "info", "warn", "warning",
        "debug", "error", "errorf", "echo", "panic", "fatal", "fatalf", "throw", "exit", "trace",
        "write", "writeln", "anyhow", "bail", "infof", "warnf", "debugf", "logf", "sprintf",
        "puts", "markdown",
    ];
    let is_error = word.ends_with("error") || word.ends_with("exception");
    words.contains(&word.as_str())
        || is_error
        || whole.starts_with("logger.")
        || whole.starts_with("console.")
        || whole.starts_with("logging.")
}

/// Tells whether a key's value is read by people.
pub(crate) fn is_for_people(key: &str) -> bool {
    let words = [
        "description",
        "help",
        "title",
        "placeholder",
        "label",
        "message",
        "tooltip",
        "hint",
        "text",
        "about",
        "summary",
        "caption",
        "note",
        "notes",
        "example",
        "examples",
        "comment",
        "usage",
        "longhelp",
        "helptext",
        "subtitle",
        "children",
        "alt",
        "arialabel",
        "doc",
        "blurb",
        "keywords",
    ];
    words.contains(&plain(key).as_str())
}

/// Tells whether a key's value stands on a screen even where it is only a name.
pub(super) fn is_label(key: &str) -> bool {
    let words = [
        "placeholder",
        "tooltip",
        "caption",
        "subtitle",
        "helptext",
        "longhelp",
        "arialabel",
    ];
    let key = plain(key);
    key == "label" || words.contains(&key.as_str())
}

/// Tells whether what is called describes a model to a library, and asks it nothing:
/// `ModelInfo(…)`, `openAIModelRef({…})`.
pub(super) fn is_description(callee: &str) -> bool {
    let word = plain(last(callee));
    let words = [
        "modelinfo",
        "modelsettings",
        "modelspec",
        "modelref",
        "embedderref",
        "commonref",
        "modelcard",
        "modelentry",
        "modeldefinition",
        "modelmetadata",
        "modeldescriptor",
        "modeldetails",
        "modelcapabilities",
        "modelpricing",
    ];
    words.iter().any(|one| word.ends_with(one))
}

/// Tells whether a word spells an id as the constants of libraries do: `GPT_4O` for `gpt-4o`.
pub(crate) fn spells(word: &str, id: &str) -> bool {
    let (word, id) = (plain(last(word)), plain(id));
    let has_digits = word.bytes().any(|byte| byte.is_ascii_digit());
    has_digits && word.len() > 3 && (id.starts_with(&word) || word.ends_with(&id))
}

/// Tells whether a key names something to people where its value is more than a model's name.
pub(super) fn is_title(key: &str) -> bool {
    ["name", "title", "displayname", "heading"].contains(&plain(key).as_str())
}

/// Tells whether what is called counts tokens or picks a tokenizer by a name.
pub(super) fn is_tokenizer(callee: &str) -> bool {
    let word = plain(callee);
    let words = [
        "encodingformodel",
        "tokenizer",
        "counttokens",
        "numtokens",
        "tokencount",
        "getencoding",
        "tiktoken",
        "modelcontextsize",
        "maxtokensformodel",
        "tokensfrom",
        "bpefrommodel",
    ];
    words.iter().any(|one| word.contains(one))
}

/// Tells whether a name says that what it holds tells models apart.
pub(super) fn is_choice(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "support",
        "allow",
        "permit",
        "deny",
        "block",
        "exclud",
        "includ",
        "without",
        "with_",
        "no_",
        "not_",
        "compat",
        "refus",
        "reject",
        "require",
        "only",
        "capable",
        "enabled",
        "disabled",
        "valid",
        "accept",
        "is_",
        "has_",
        "can_",
        "prefix",
        "pattern",
        "regex",
        "filter",
        "reasoning",
        "unsupported",
        "premium",
        "multimodal",
        "vision",
        "legacy",
        "deprecated",
        "beta_",
    ];
    words.iter().any(|word| name.contains(word))
}

/// Tells whether a key stands in rows that describe models: prices, limits, abilities.
pub(super) fn is_of_catalogue(key: &str) -> bool {
    let key = plain(key);
    let words = [
        "price",
        "cost",
        "pricing",
        "context",
        "maxinput",
        "maxoutput",
        "inputper",
        "outputper",
        "tokenlimit",
        "maxcontext",
        "maxtoken",
        "contextwindow",
        "contextlength",
        "supports",
        "capabilit",
        "displayname",
        "knowledgecutoff",
        "releasedate",
        "imageinput",
        "platformlink",
        "modalities",
        "hosted",
        "modelname",
        "promptcost",
        "completioncost",
        "maxallowed",
    ];
    words.iter().any(|word| key.contains(word))
        || ["input", "output", "prompt", "completion", "label"].contains(&key.as_str())
}

/// Tells whether a key of a row that describes a model holds its name.
pub(crate) fn is_id(key: &str) -> bool {
    let key = plain(key);
    let words = [
        "id",
        "name",
        "value",
        "slug",
        "key",
        "hostedid",
        "model",
        "modelid",
        "modelname",
        "modelslug",
        "llm",
        "llmid",
        "modelkey",
        "apiname",
        "apiid",
        "deployment",
        "models",
    ];
    words.contains(&key.as_str())
}

/// Tells whether a key stands in rows that list models for people to choose from.
pub(super) fn is_of_row(key: &str) -> bool {
    let words = [
        "name",
        "description",
        "title",
        "provider",
        "label",
        "vendor",
        "family",
        "tier",
    ];
    words.contains(&plain(key).as_str())
}

/// The vendors and platforms by which tables of defaults are keyed.
pub(crate) fn is_provider(key: &str) -> bool {
    let key = plain(key);
    let words = [
        "openai",
        "anthropic",
        "google",
        "gemini",
        "mistral",
        "cohere",
        "groq",
        "ollama",
        "azure",
        "azureopenai",
        "bedrock",
        "vertex",
        "vertexai",
        "deepseek",
        "xai",
        "openrouter",
        "together",
        "fireworks",
        "perplexity",
        "huggingface",
        "qwen",
        "grok",
        "claude",
        "chatgpt",
        "moonshot",
        "alibaba",
        "ibm",
        "watsonx",
        "nvidia",
        "cerebras",
        "googlegenai",
        "copilot",
        "githubcopilot",
    ];
    words.contains(&key.as_str())
}

/// Tells a platform by what is called.
pub(crate) fn platform_called(callee: &str) -> Option<&'static str> {
    let callee = plain(callee);
    let rows = [
        ("azure", "azure"),
        ("bedrock", "bedrock"),
        ("vertex", "vertex"),
        ("openrouter", "openrouter"),
        ("chatopenai", "openai"),
        ("openaichatmodel", "openai"),
        ("openaiembedding", "openai"),
        ("chatcompletionscreate", "openai"),
        ("responsescreate", "openai"),
        ("embeddingscreate", "openai"),
        ("chatanthropic", "anthropic"),
        ("anthropicchatmodel", "anthropic"),
        ("messagescreate", "anthropic"),
        ("messagesstream", "anthropic"),
        ("chatgooglegenerativeai", "gemini"),
        ("generativemodel", "gemini"),
        ("googleaigemini", "gemini"),
        ("ollama", "ollama"),
        ("groq", "groq"),
        ("mistral", "mistral"),
        ("deepseek", "deepseek"),
    ];
    let row = rows.iter().find(|(word, _)| callee.contains(word));
    let exact = [("openai", "openai"), ("anthropic", "anthropic")];
    let exact = exact.iter().find(|(word, _)| *word == callee);
    row.or(exact).map(|(_, platform)| *platform)
}

/// Tells a wire API by what is called.
pub(crate) fn dialect_called(callee: &str) -> Option<&'static str> {
    let callee = plain(callee);
    let rows = [
        ("chatcompletionscreate", "openai-chat"),
        ("chatcompletionsparse", "openai-chat"),
        ("chatcompletionsstream", "openai-chat"),
        ("createchatcompletion", "openai-chat"),
        ("chatcompletioncreate", "openai-chat"),
        ("responsescreate", "openai-responses"),
        ("responsesparse", "openai-responses"),
        ("responsesstream", "openai-responses"),
        ("messagescreate", "anthropic-messages"),
        ("messagesstream", "anthropic-messages"),
        ("messagesnew", "anthropic-messages"),
        ("messagesparse", "anthropic-messages"),
        ("generatecontent", "gemini"),
        ("generativemodel", "gemini"),
    ];
    let row = rows.iter().find(|(word, _)| callee.contains(word));
    row.map(|(_, dialect)| *dialect)
}

/// Tells whether a text is asked whether it begins with, ends with or holds what is around this.
pub(super) fn is_question(around: &[Around]) -> bool {
    let mut around = around
        .iter()
        .skip_while(|one| matches!(one, Around::Element { .. }));
    let Some(Around::Argument {
        callee, position, ..
    }) = around.next()
    else {
        return false;
    };
    let words = [
        "startswith",
        "endswith",
        "includes",
        "contains",
        "hasprefix",
        "hassuffix",
        "equals",
        "equalsignorecase",
        "indexof",
        "equalfold",
        "removeprefix",
        "trimprefix",
        "stripprefix",
        "eqignoreascase",
        "eqignoreasciicase",
        "matches",
        "has",
        "eq",
    ];
    let word = plain(last(callee));
    words.contains(&word.as_str()) && callee.contains(['.', ':']) && *position <= 1
}

/// Tells whether a call only looks at what it is given, and sends nothing.
pub(super) fn is_neutral(callee: &str) -> bool {
    let words = [
        "any",
        "all",
        "some",
        "len",
        "sorted",
        "set",
        "list",
        "tuple",
        "dict",
        "next",
        "max",
        "min",
        "isinstance",
        "enumerate",
        "zip",
        "keys",
        "values",
        "entries",
        "from",
        "freeze",
        "map",
        "filter",
        "append",
        "push",
        "extend",
        "insert",
        "add",
        "str",
        "repr",
        "id",
        "type",
        "all",
    ];
    words.contains(&plain(last(callee)).as_str())
}

/// Tells whether a call asks of some of what it is given.
pub(super) fn is_quantifier(around: &[Around]) -> bool {
    let Some(Around::Argument { callee, .. }) = around.first() else {
        return false;
    };
    ["any", "all", "some", "every"].contains(&plain(last(callee)).as_str())
}
