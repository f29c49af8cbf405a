//! Knows what routers, SDKs and platforms write before a model's id, and what each says of where
//! the model is served. It must not know ids.

/// What stands between a prefix and what it is put before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// `vendor/model`.
    Slash,
    /// `provider:model`.
    Colon,
}

/// Says what a prefix means.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// How it is written, in lower case.
    pub word: &'static str,
    /// The platform that it names, if it names one.
    pub platform: Option<&'static str>,
    /// Whether the id goes on with what follows alone. A vendor's name is a part of the id on the
    /// platforms that route between vendors, and on hubs of weights.
    pub is_dropped: bool,
}

const fn router(word: &'static str, platform: &'static str) -> Prefix {
    Prefix {
        word,
        platform: Some(platform),
        is_dropped: true,
    }
}

const fn hub(word: &'static str) -> Prefix {
    Prefix {
        word,
        platform: None,
        is_dropped: false,
    }
}

/// The prefixes of LiteLLM, LangChain, OpenRouter, Pydantic AI, the Vercel gateway, Bedrock's and
/// Google's resource names.
const PREFIXES: &[Prefix] = &[
    router("openrouter", "openrouter"),
    router("azure", "azure"),
    router("azure_ai", "azure"),
    router("azure_openai", "azure"),
    router("azure-openai", "azure"),
    router("deployments", "azure"),
    router("bedrock", "bedrock"),
    router("bedrock_converse", "bedrock"),
    router("bedrock-converse", "bedrock"),
    router("amazon_bedrock", "bedrock"),
    router("amazon-bedrock", "bedrock"),
    router("converse", "bedrock"),
    router("foundation-model", "bedrock"),
    router("inference-profile", "bedrock"),
    router("vertex_ai", "vertex"),
    router("vertex_ai_beta", "vertex"),
    router("vertexai", "vertex"),
    router("vertex", "vertex"),
    router("google_vertexai", "vertex"),
    router("google_anthropic_vertex", "vertex"),
    router("google-vertex", "vertex"),
    router("anthropic-vertex", "vertex"),
    router("gemini", "gemini"),
    router("google_genai", "gemini"),
    router("google-genai", "gemini"),
    router("google_ai", "gemini"),
    router("google-gla", "gemini"),
    router("googleai", "gemini"),
    router("openai", "openai"),
    router("openai-chat", "openai"),
    router("openai-responses", "openai"),
    router("text-completion-openai", "openai"),
    router("anthropic", "anthropic"),
    router("groq", "groq"),
    router("together", "together"),
    router("together_ai", "together"),
    router("togethercomputer", "together"),
    router("fireworks", "fireworks"),
    router("fireworks_ai", "fireworks"),
    router("ollama", "ollama"),
    router("ollama_chat", "ollama"),
    router("mistral", "mistral"),
    router("mistral_ai", "mistral"),
    router("codestral", "mistral"),
    router("cohere", "cohere"),
    router("cohere_chat", "cohere"),
    router("xai", "xai"),
    router("perplexity", "perplexity"),
    router("deepinfra", "deepinfra"),
    router("replicate", "replicate"),
    router("huggingface", "huggingface"),
    router("databricks", "databricks"),
    router("sagemaker", "sagemaker"),
    router("watsonx", "watsonx"),
    router("cerebras", "cerebras"),
    router("sambanova", "sambanova"),
    router("nvidia_nim", "nvidia"),
    router("voyage", "voyage"),
    router("voyageai", "voyage"),
    router("jina_ai", "jina"),
    router("hosted_vllm", "vllm"),
    router("vllm", "vllm"),
    router("lm_studio", "lm_studio"),
    router("github", "github"),
    router("github_copilot", "github"),
    router("copilot", "github"),
    router("gateway", "vercel"),
    router("vercel_ai_gateway", "vercel"),
    router("novita", "novita"),
    router("deepseek", "deepseek"),
    Prefix {
        word: "models",
        platform: None,
        is_dropped: true,
    },
    Prefix {
        word: "ft",
        platform: None,
        is_dropped: true,
    },
    Prefix {
        word: "litellm",
        platform: None,
        is_dropped: true,
    },
    Prefix {
        word: "litellm_proxy",
        platform: None,
        is_dropped: true,
    },
    Prefix {
        word: "huggingface_hub",
        platform: None,
        is_dropped: true,
    },
    hub("google"),
    hub("x-ai"),
    hub("mistralai"),
    hub("meta-llama"),
    hub("meta"),
    hub("qwen"),
    hub("amazon"),
    hub("nousresearch"),
    hub("microsoft"),
    hub("nvidia"),
    hub("deepseek-ai"),
    hub("moonshotai"),
    hub("z-ai"),
    hub("zai-org"),
    hub("minimax"),
    hub("baai"),
    hub("sentence-transformers"),
    hub("unsloth"),
    hub("thebloke"),
    hub("black-forest-labs"),
    hub("stabilityai"),
    hub("ai21"),
    hub("openai-community"),
    hub("intfloat"),
    hub("cross-encoder"),
    hub("huggingfaceh4"),
    hub("huggingfacetb"),
    hub("liquidai"),
    hub("allenai"),
    hub("lgai-exaone"),
    hub("tiiuae"),
    hub("ibm-granite"),
];

/// The vendors that Bedrock writes before its ids.
const BEDROCK_VENDORS: &[&str] = &[
    "anthropic",
    "amazon",
    "meta",
    "mistral",
    "cohere",
    "ai21",
    "stability",
    "deepseek",
    "openai",
    "qwen",
    "writer",
    "google",
    "nvidia",
    "minimax",
    "moonshot",
    "moonshotai",
    "zai",
    "luma",
    "twelvelabs",
];

/// The geographies of Bedrock's inference profiles.
const BEDROCK_REGIONS: &[&str] = &[
    "us", "eu", "apac", "global", "jp", "au", "ca", "us-gov", "sa", "me", "af",
];

/// What hosts write before an id with a hyphen.
pub(crate) const HYPHENED: &[(&str, Option<&str>)] = &[
    ("databricks-meta-", Some("databricks")),
    ("databricks-", Some("databricks")),
    ("bedrock-", Some("bedrock")),
    ("vertex-", Some("vertex")),
    ("azure-", Some("azure")),
    ("openai-", None),
    ("anthropic-", None),
    ("google-", None),
    ("meta-", None),
    ("openrouter-", Some("openrouter")),
    ("vertexai-", Some("vertex")),
    ("groq-", Some("groq")),
    ("ollama-", Some("ollama")),
    ("nous-", None),
    // SAP's hub of models joins vendor and id with two hyphens.
    ("anthropic--", None),
    ("amazon--", None),
    ("meta--", None),
    ("mistralai--", None),
    ("google--", None),
];

/// What gateways and deployments write behind an id with a hyphen.
pub(crate) const SERVED: &[(&str, Option<&str>)] = &[
    ("-azure", Some("azure")),
    ("-bedrock", Some("bedrock")),
    ("-aws-bedrock", Some("bedrock")),
    ("-vertex", Some("vertex")),
    ("-vertex-ai", Some("vertex")),
    ("-gcp-vertex", Some("vertex")),
    ("-openai", Some("openai")),
    ("-anthropic", Some("anthropic")),
    ("-openrouter", Some("openrouter")),
    ("-together", Some("together")),
    ("-fireworks", Some("fireworks")),
    ("-groq", Some("groq")),
    ("-vllm", Some("vllm")),
    ("-deployment", None),
    ("-deploy", None),
];

/// The platforms whose names OpenRouter has for vendors too; the others only serve models.
const VENDORS: &[&str] = &[
    "openai",
    "anthropic",
    "cohere",
    "deepseek",
    "perplexity",
    "nvidia",
    "databricks",
];

/// What stands for a region of a cloud, as in `bedrock/us-gov-east-1/…`.
static REGION: Prefix = Prefix {
    word: "",
    platform: None,
    is_dropped: true,
};

/// Finds what a prefix means.
pub(crate) fn prefix(word: &str) -> Option<&'static Prefix> {
    let word = word.trim_start_matches('@').to_ascii_lowercase();
    let parts: Vec<&str> = word.split('-').collect();
    let is_region = matches!(parts.as_slice(), [land, .., number]
        if parts.len() >= 3 && land.len() == 2 && number.len() == 1
            && number.bytes().all(|byte| byte.is_ascii_digit()));
    if is_region {
        return Some(&REGION);
    }
    PREFIXES.iter().find(|prefix| prefix.word == word)
}

/// Tells whether a prefix is a vendor of a platform that routes between vendors. LiteLLM's
/// `azure/`, `bedrock/` and `gemini/` say who serves a model, not who made it.
pub(crate) fn is_vendor(prefix: &Prefix) -> bool {
    !prefix.is_dropped || VENDORS.contains(&prefix.word)
}

/// Tells whether a text before a dot is the path of a setting that lists models by their names:
/// `models`, `config.embedding_models`.
pub(crate) fn is_path(front: &str) -> bool {
    let nearest = front.rsplit('.').next().unwrap_or(front);
    let is_list = ["model", "models"].contains(&nearest);
    is_list || nearest.ends_with("_models") || nearest.ends_with("_model")
}

/// Tells whether a text before a dot is what Azure's quotas begin with: `OpenAI.GlobalStandard`.
pub(crate) fn is_quota(front: &str) -> bool {
    front.starts_with("openai.") && front.ends_with("standard")
}

/// Tells whether a text before a dot is what Bedrock puts there, such as `us.anthropic`.
pub(crate) fn is_bedrock(front: &str) -> bool {
    let (region, vendor) = match front.split_once('.') {
        Some((region, vendor)) => (Some(region), vendor),
        None => (None, front),
    };
    let is_region = region.is_none_or(|region| BEDROCK_REGIONS.contains(&region));
    is_region && BEDROCK_VENDORS.contains(&vendor)
}
