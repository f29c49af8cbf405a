//! Lists the families of models: where their ids begin, and the words that go on in them. A word
//! that is not listed ends the matter, so that `claude-code` and `gpt-researcher` are no models.

/// Says what has to follow a stem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A version: digits, or a letter or two before digits.
    Version,
    /// A version or one of the family's own words.
    VersionOrWord,
    /// Nothing has to, but the stem alone is a model only where it is all of a literal.
    Anything,
    /// Nothing has to: the stem is a whole id.
    Whole,
    /// Nothing can: it is a part that code asks for.
    Part,
    /// Whatever a router takes: the stem is its name and a slash.
    Route,
}

/// Says which letters an id has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// Small ones: with others it is a name for people.
    Lower,
    /// Any, as on hubs of weights.
    Any,
}

/// Says how far a stem and a version make a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Wherever they stand.
    Anywhere,
    /// Only where a model is asked for: other things bear such names too.
    AsModel,
}

/// Describes one family.
#[derive(Debug)]
pub(crate) struct Family {
    /// Where ids begin, in lower case.
    pub stem: &'static str,
    /// What follows.
    pub next: Next,
    /// Which letters.
    pub case: Case,
    /// The words of its own that may go on in an id.
    pub words: &'static [&'static str],
    /// How far its names are trusted.
    pub trust: Trust,
}

const fn closed(stem: &'static str, next: Next, words: &'static [&'static str]) -> Family {
    Family {
        stem,
        next,
        case: Case::Lower,
        words,
        trust: Trust::Anywhere,
    }
}

const fn open(stem: &'static str, next: Next, words: &'static [&'static str]) -> Family {
    Family {
        stem,
        next,
        case: Case::Any,
        words,
        trust: Trust::Anywhere,
    }
}

const fn shared(stem: &'static str, next: Next, words: &'static [&'static str]) -> Family {
    Family {
        stem,
        next,
        case: Case::Any,
        words,
        trust: Trust::AsModel,
    }
}

const CLAUDE: &[&str] = &[
    "opus", "sonnet", "haiku", "fable", "mythos", "instant", "capybara",
];
const GPT: &[&str] = &[
    "turbo",
    "oss",
    "image",
    "audio",
    "realtime",
    "codex",
    "transcribe",
    "tts",
    "diarize",
    "luna",
    "astra",
    "sol",
    "terra",
    "search",
    "api",
    "deep",
    "research",
    "whisper",
    "translate",
    "o",
];
const O_SERIES: &[&str] = &["deep", "research"];
const GEMINI: &[&str] = &[
    "pro",
    "ultra",
    "flash",
    "nano",
    "exp",
    "live",
    "embedding",
    "robotics",
    "er",
    "native",
    "dialog",
    "tts",
    "computer",
    "use",
    "customtools",
    "argon",
    "omni",
    "native",
    "deep",
    "research",
];
const LLAMA: &[&str] = &[
    "scout",
    "maverick",
    "guard",
    "versatile",
    "specdec",
    "nemotron",
    "behemoth",
    "8e",
    "swallow",
    "groq",
    "hermes",
    "llama",
    "sonar",
    "huge",
];
const DEEPSEEK: &[&str] = &[
    "chat", "reasoner", "coder", "flash", "pro", "llm", "prover", "distill", "llama", "qwen",
    "speciale", "math", "vl", "ocr",
];
const MISTRAL: &[&str] = &[
    "tiny",
    "small",
    "medium",
    "large",
    "nemo",
    "saba",
    "ocr",
    "moderation",
    "embed",
    "openorca",
];
const QWEN: &[&str] = &[
    "vl", "qwq", "plus", "max", "turbo", "flash", "omni", "long", "math", "audio", "mt", "next",
    "asr", "tts", "coder",
];
const EMBEDDING: &[&str] = &["ada", "gecko", "multilingual", "english", "image", "euclid"];

/// The families, the longer stem before a shorter one that it begins with where both could read a
/// name; the search takes the longest.
pub(crate) const FAMILIES: &[Family] = &[
    closed("claude", Next::VersionOrWord, CLAUDE),
    closed("gpt", Next::VersionOrWord, GPT),
    closed("chatgpt", Next::VersionOrWord, &["image"]),
    closed("o1", Next::Anything, O_SERIES),
    closed("o3", Next::Anything, O_SERIES),
    closed("o4", Next::Version, O_SERIES),
    closed("o4-mini", Next::Whole, O_SERIES),
    closed("codex-mini", Next::Whole, &[]),
    closed("text-embedding-", Next::VersionOrWord, EMBEDDING),
    closed("text-multilingual-embedding-", Next::Version, &[]),
    closed("multimodalembedding", Next::Whole, &[]),
    closed("text-davinci-", Next::VersionOrWord, &["edit"]),
    closed("code-davinci-", Next::Version, &[]),
    closed("text-curie-", Next::Version, &[]),
    closed("text-babbage-", Next::Version, &[]),
    closed("text-ada-", Next::Version, &[]),
    closed("davinci-002", Next::Whole, &[]),
    closed("babbage-002", Next::Whole, &[]),
    closed(
        "text-moderation-",
        Next::VersionOrWord,
        &["latest", "stable"],
    ),
    closed("omni-moderation-", Next::VersionOrWord, &["latest"]),
    closed("computer-use-preview", Next::Whole, &[]),
    open(
        "whisper-",
        Next::VersionOrWord,
        &["large", "medium", "small", "base", "tiny", "en"],
    ),
    closed("tts-1", Next::Whole, &[]),
    closed("dall-e-", Next::Version, &[]),
    shared("sora-", Next::Version, &[]),
    closed("gemini", Next::VersionOrWord, GEMINI),
    open("gemma", Next::Version, &["shieldgemma"]),
    closed("imagen-", Next::Version, &["generate", "capability"]),
    shared("veo-", Next::Version, &["generate"]),
    closed("lyria-", Next::Version, &["realtime", "clip"]),
    closed("text-bison", Next::Anything, &[]),
    closed("chat-bison", Next::Anything, &[]),
    closed("code-bison", Next::Anything, &[]),
    closed("codechat-bison", Next::Anything, &[]),
    closed("textembedding-gecko", Next::Anything, EMBEDDING),
    closed("embedding-001", Next::Whole, &[]),
    open("deepseek-", Next::VersionOrWord, DEEPSEEK),
    open("mistral-", Next::VersionOrWord, MISTRAL),
    open("mistral", Next::Anything, MISTRAL),
    open("mixtral", Next::Anything, &[]),
    open("open-mistral-", Next::VersionOrWord, MISTRAL),
    open("open-mixtral-", Next::Version, &[]),
    open("codestral", Next::Anything, MISTRAL),
    open("ministral-", Next::Version, &[]),
    open("pixtral-", Next::VersionOrWord, MISTRAL),
    open("magistral-", Next::VersionOrWord, MISTRAL),
    open("devstral", Next::Anything, MISTRAL),
    open("voxtral-", Next::VersionOrWord, &["transcribe"]),
    open("llama", Next::Version, LLAMA),
    open("codellama", Next::Anything, &["python"]),
    open("tinyllama", Next::Anything, &[]),
    closed("command-r", Next::Whole, &[]),
    closed(
        "command-a",
        Next::Version,
        &["vision", "reasoning", "translate"],
    ),
    closed("command-light", Next::Whole, &[]),
    closed("command-nightly", Next::Whole, &[]),
    closed("embed-english-", Next::VersionOrWord, &["light"]),
    closed("embed-multilingual-", Next::VersionOrWord, &["light"]),
    closed("embed-v", Next::Version, &[]),
    closed("rerank-", Next::VersionOrWord, &["english", "multilingual"]),
    shared("aya-", Next::VersionOrWord, &["expanse", "vision"]),
    closed(
        "grok-",
        Next::VersionOrWord,
        &["beta", "vision", "code", "imagine", "non", "reasoning"],
    ),
    open("qwen", Next::VersionOrWord, QWEN),
    open("qwq", Next::Anything, &[]),
    open("qvq", Next::Anything, &[]),
    shared(
        "nova-",
        Next::VersionOrWord,
        &[
            "micro", "lite", "pro", "premier", "canvas", "reel", "sonic", "act",
        ],
    ),
    shared(
        "titan-",
        Next::VersionOrWord,
        &["text", "embed", "image", "express", "tg1", "generator"],
    ),
    closed(
        "jamba-",
        Next::VersionOrWord,
        &["instruct", "large", "mini"],
    ),
    shared("j2-", Next::VersionOrWord, &["mid", "grande", "jumbo"]),
    open("phi-", Next::Version, &["moe", "multimodal", "silica"]),
    open("phi3", Next::Whole, &[]),
    open("phi4", Next::Whole, &[]),
    open(
        "kimi-",
        Next::VersionOrWord,
        &["latest", "thinking", "linear"],
    ),
    closed("moonshot-v", Next::Version, &[]),
    open(
        "glm-",
        Next::Version,
        &["air", "airx", "flashx", "assistant"],
    ),
    open("minimax-", Next::Version, &["text", "highspeed"]),
    shared("abab", Next::Version, &[]),
    shared(
        "yi-",
        Next::VersionOrWord,
        &["spark", "lightning", "large", "medium", "vision"],
    ),
    open("exaone", Next::Version, &["deep"]),
    open("llava", Next::Anything, &["llama3", "phi3"]),
    open("smollm", Next::Version, &[]),
    open("olmo", Next::Version, &["olmo"]),
    open("zephyr-", Next::Version, &["orpo"]),
    open(
        "dolphin-",
        Next::VersionOrWord,
        &["mistral", "mixtral", "llama3", "phi"],
    ),
    open("nous-hermes", Next::Anything, &["llama2", "mixtral", "yi"]),
    open("lfm2", Next::Anything, &["vl", "8b"]),
    shared("openchat", Next::Anything, &[]),
    shared("stable-code", Next::Anything, &[]),
    shared(
        "palmyra-",
        Next::VersionOrWord,
        &["x", "med", "fin", "creative", "vision"],
    ),
    shared(
        "reka-",
        Next::VersionOrWord,
        &["core", "flash", "edge", "spark"],
    ),
    shared("inflection-", Next::Version, &["pi", "productivity"]),
    shared("sd3", Next::Anything, &[]),
    closed(
        "sonar",
        Next::Anything,
        &["deep", "research", "huge", "chat"],
    ),
    shared("hermes-", Next::Version, &["llama", "yi", "mixtral"]),
    open("wizardlm", Next::Anything, &[]),
    shared("vicuna", Next::Anything, &[]),
    shared("falcon-", Next::Version, &[]),
    shared("mpt-", Next::Version, &[]),
    open(
        "flan-t5-",
        Next::VersionOrWord,
        &["small", "base", "large", "xl", "xxl"],
    ),
    shared("starcoder", Next::Anything, &[]),
    shared("dbrx-", Next::VersionOrWord, &["instruct"]),
    shared(
        "granite-",
        Next::Version,
        &["guardian", "embedding", "r2", "h"],
    ),
    shared("nemotron-", Next::Version, &["super"]),
    shared("solar-", Next::Version, &[]),
    shared("ernie-", Next::Version, &["speed", "tiny"]),
    closed(
        "hunyuan-",
        Next::VersionOrWord,
        &["standard", "large", "lite", "turbo", "t1"],
    ),
    closed(
        "doubao-",
        Next::VersionOrWord,
        &["seed", "pro", "lite", "vision"],
    ),
    closed(
        "voyage-",
        Next::VersionOrWord,
        &[
            "large",
            "lite",
            "code",
            "law",
            "finance",
            "multilingual",
            "context",
        ],
    ),
    open(
        "bge-",
        Next::VersionOrWord,
        &["m3", "small", "base", "large", "en", "zh", "reranker"],
    ),
    open("all-minilm", Next::Anything, &["l6", "l12"]),
    open("ms-marco-minilm-", Next::VersionOrWord, &["l", "l6", "l12"]),
    open("nv-embedqa-", Next::VersionOrWord, &["mistral"]),
    open("nv-embed-", Next::Version, &[]),
    open("nv-rerankqa-", Next::VersionOrWord, &["mistral"]),
    open("e5-mistral-", Next::Version, &[]),
    open("all-mpnet-base-v2", Next::Whole, &[]),
    open(
        "paraphrase-multilingual-",
        Next::VersionOrWord,
        &["minilm", "mpnet"],
    ),
    open(
        "nomic-embed-",
        Next::VersionOrWord,
        &["text", "code", "vision"],
    ),
    open("mxbai-embed-", Next::VersionOrWord, &["large", "xsmall"]),
    shared(
        "jina-",
        Next::VersionOrWord,
        &["embeddings", "reranker", "clip", "colbert", "en", "de"],
    ),
    open(
        "snowflake-arctic-",
        Next::VersionOrWord,
        &["embed", "m", "l", "s", "xs"],
    ),
    open(
        "multilingual-e5-",
        Next::VersionOrWord,
        &["small", "base", "large"],
    ),
    open("stable-diffusion-", Next::VersionOrWord, &["xl", "refiner"]),
    shared("sdxl-", Next::VersionOrWord, &["lightning"]),
    shared(
        "flux-",
        Next::VersionOrWord,
        &["schnell", "dev", "kontext", "1"],
    ),
    open(
        "flux.1-",
        Next::VersionOrWord,
        &["schnell", "dev", "kontext"],
    ),
    closed(
        "eleven_",
        Next::VersionOrWord,
        &["multilingual", "monolingual", "english", "sts"],
    ),
    closed("opus", Next::Part, &[]),
    closed("sonnet", Next::Part, &[]),
    closed("haiku", Next::Part, &[]),
    // Versions that code looks for within a name.
    closed("3-5", Next::Part, &[]),
    closed("3-7", Next::Part, &[]),
    closed("4-5", Next::Part, &[]),
    closed("4-6", Next::Part, &[]),
    closed("4-7", Next::Part, &[]),
    closed("4-8", Next::Part, &[]),
    closed("5-5", Next::Part, &[]),
    // As people write them; only what is read with spaces begins so.
    open("deepseek ", Next::Part, DEEPSEEK),
    open("grok ", Next::Part, &["code"]),
    // Routers serve models that no family lists.
    closed("openrouter/", Next::Route, &[]),
    closed("ollama/", Next::Route, &[]),
    closed("ollama_chat/", Next::Route, &[]),
    closed("groq/", Next::Route, &[]),
    closed("together_ai/", Next::Route, &[]),
    closed("fireworks_ai/", Next::Route, &[]),
    closed("deepinfra/", Next::Route, &[]),
    closed("vertex_ai/", Next::Route, &[]),
    closed("bedrock/", Next::Route, &[]),
    closed("azure/", Next::Route, &[]),
    closed("azure_ai/", Next::Route, &[]),
    closed("nvidia_nim/", Next::Route, &[]),
    closed("hosted_vllm/", Next::Route, &[]),
    closed("replicate/", Next::Route, &[]),
];

/// The words that ids of many families go on with, in order.
pub(crate) const WORDS: &[&str] = &[
    "a",
    "audio",
    "awq",
    "b",
    "base",
    "beta",
    "bf16",
    "chat",
    "code",
    "coder",
    "default",
    "distill",
    "dpo",
    "embed",
    "embedding",
    "en",
    "exp",
    "experimental",
    "extended",
    "extra",
    "fast",
    "finetuned",
    "flash",
    "floor",
    "fp16",
    "fp8",
    "free",
    "gguf",
    "gptq",
    "hd",
    "hf",
    "high",
    "image",
    "instant",
    "instruct",
    "int4",
    "int8",
    "it",
    "k",
    "large",
    "latest",
    "light",
    "lite",
    "long",
    "low",
    "m",
    "max",
    "medium",
    "micro",
    "mini",
    "minimal",
    "mlx",
    "multilingual",
    "nano",
    "nightly",
    "nitro",
    "non",
    "online",
    "plus",
    "preview",
    "pro",
    "qat",
    "quant",
    "reasoning",
    "s",
    "search",
    "small",
    "stable",
    "standard",
    "text",
    "think",
    "thinking",
    "tiny",
    "tool",
    "turbo",
    "ultra",
    "uncensored",
    "use",
    "v",
    "vision",
    "xhigh",
    "xl",
    "xxl",
    "generate",
];
