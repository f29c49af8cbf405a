//! Tells roles from the constructs of code. It must not know a language.

use crate::place::{Around, Text};
use crate::role::Role;
use crate::roles::context::Context;
use crate::roles::rule::Rule;
use crate::roles::{files, words};
use crate::site::Certainty;

/// What tells models apart, which goes before what the code around it does.
pub(super) const LOGIC: &[Rule] = &[
    Rule {
        name: "pattern",
        role: Role::AllowList,
        certainty: Certainty::High,
        says: "logic: a pattern tells models apart by their names",
        holds: |context| context.is_text(Text::Pattern) || is_pattern_call(context),
        examples: [
            ("a.py", "import re\nP = re.compile(r'^gpt-4o')\n"),
            ("a.py", "P = compiled('gpt-4o')\n"),
        ],
    },
    Rule {
        name: "tokenizer",
        role: Role::AllowList,
        certainty: Certainty::High,
        says: "logic: a tokenizer or a limit is chosen by the name",
        holds: |context| context.callees().any(words::is_tokenizer),
        examples: [
            ("a.py", "e = tiktoken.encoding_for_model('gpt-4o')\n"),
            ("a.py", "e = ask('gpt-4o')\n"),
        ],
    },
    Rule {
        name: "lookup",
        role: Role::Default,
        certainty: Certainty::Medium,
        says: "a row of a table is chosen by its name, and holds where nothing else is said",
        holds: is_lookup,
        examples: [
            ("a.py", "DEFAULT_MODEL = MODELS['gpt-4o']\n"),
            ("a.py", "LIMIT = 2 * LIMITS['gpt-4o']\n"),
        ],
    },
    Rule {
        name: "comparison",
        role: Role::AllowList,
        certainty: Certainty::High,
        says: "logic: the code compares the model's name",
        holds: |context| context.is_compared() || words::is_question(&context.place.around),
        examples: [
            ("a.py", "if model == 'gpt-4o':\n    a()\n"),
            ("a.py", "model = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "choice",
        role: Role::AllowList,
        certainty: Certainty::Medium,
        says: "logic: a list says which models may or can do something",
        holds: is_choice,
        examples: [
            ("a.py", "SUPPORTED = ['gpt-4o', 'gpt-4']\n"),
            ("a.py", "TRIED = ['gpt-4o', 'gpt-4']\n"),
        ],
    },
];

/// What code does with a name.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "environment",
        role: Role::EnvironmentDefault,
        certainty: Certainty::High,
        says: "it holds where a variable of the environment is not set",
        holds: is_environment_default,
        examples: [
            ("a.py", "m = os.getenv('M', 'gpt-4o')\n"),
            ("a.py", "m = options.get('M', 'gpt-4o')\n"),
        ],
    },
    Rule {
        name: "environment-by-steps",
        role: Role::EnvironmentDefault,
        certainty: Certainty::Medium,
        says: "a variable of the environment takes its place where it is set",
        holds: is_replaced_by_environment,
        examples: [
            (
                "a.go",
                "package a\nfunc f() {\n\
                 m := os.Getenv(\"M\")\nif m == \"\" {\nm = \"gpt-4o\"\n}\n}\n",
            ),
            (
                "a.go",
                "package a\nfunc f() {\n\
                 n := os.Getenv(\"M\")\nif n == \"\" {\nm = \"gpt-4o\"\n}\n}\n",
            ),
        ],
    },
    Rule {
        name: "described",
        role: Role::Catalogue,
        certainty: Certainty::High,
        says: "it stands in a table that describes models",
        holds: |context| {
            let is_row = context.is_described() && context.is_among(2);
            (is_row || context.is_row_of_catalogue()) && !is_live(context)
        },
        examples: [
            (
                "a.py",
                "T = {'gpt-4o': {'price': 1}, 'gpt-4': {'price': 2}}\n",
            ),
            ("a.py", "m = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "by-provider",
        role: Role::Default,
        certainty: Certainty::High,
        says: "a table gives each provider its default",
        holds: is_default_by_provider,
        examples: [
            (
                "a.ts",
                "const D = { openai: 'gpt-4o', anthropic: 'claude-opus-4-5' };\n",
            ),
            (
                "a.ts",
                "const D = { a: 'gpt-4o', b: 'gpt-4', c: 'gpt-5' };\n",
            ),
        ],
    },
    Rule {
        name: "parameter",
        role: Role::Default,
        certainty: Certainty::High,
        says: "it is the default of a parameter or of a field",
        holds: is_parameter_default,
        examples: [
            ("a.py", "def ask(model='gpt-4o'):\n    pass\n"),
            ("a.py", "ask(model='gpt-4o')\n"),
        ],
    },
    Rule {
        name: "fallback",
        role: Role::Default,
        certainty: Certainty::High,
        says: "it holds where nothing else is said",
        holds: is_fallback,
        examples: [
            ("a.ts", "const m = chosen ?? 'gpt-4o';\n"),
            ("a.ts", "ask({ model: 'gpt-4o' });\n"),
        ],
    },
    Rule {
        name: "called-default",
        role: Role::Default,
        certainty: Certainty::High,
        says: "it is called a default",
        holds: |context| says_default(context) && !context.is_listed(),
        examples: [
            ("a.py", "DEFAULT_MODEL = 'gpt-4o'\n"),
            ("a.py", "DEFAULTS = ['gpt-4o', 'gpt-4', 'gpt-5']\n"),
        ],
    },
    Rule {
        name: "option",
        role: Role::Catalogue,
        certainty: Certainty::Medium,
        says: "it is one of the values that a page offers",
        holds: |context| {
            let is_value =
                matches!(context.nearest(), Some(Around::Pair { key }) if key == "value");
            is_value && context.callees().next().is_none()
        },
        examples: [
            ("a.tsx", "const o = <Item value=\"gpt-4o\">x</Item>;\n"),
            ("a.tsx", "const o = <Chat model=\"gpt-4o\">x</Chat>;\n"),
        ],
    },
    Rule {
        name: "targets",
        role: Role::Configuration,
        certainty: Certainty::Medium,
        says: "a list of settings names it among other things",
        holds: |context| {
            let is_text = context.is_text(Text::Value);
            is_text && context.is_listed() && !context.is_whole && context.assigned().is_some()
        },
        examples: [
            (
                "a.ts",
                "const T = ['a:gpt-4o:b', 'a:gpt-4:b', 'a:gpt-5:b'];\n",
            ),
            ("a.ts", "const T = ['gpt-4o', 'gpt-4', 'gpt-5'];\n"),
        ],
    },
    Rule {
        name: "spelling",
        role: Role::Catalogue,
        certainty: Certainty::Medium,
        says: "it is how a library spells one of the models that it lists",
        holds: is_spelling,
        examples: [
            ("a.rs", "enum M {\n #[serde(rename = \"gpt-4o\")]\n A }\n"),
            ("a.rs", "fn ask() { go(\"gpt-4o\") }\n"),
        ],
    },
    Rule {
        name: "list",
        role: Role::Catalogue,
        certainty: Certainty::Medium,
        says: "it stands in a list of models",
        holds: is_catalogue,
        examples: [
            ("a.py", "MODELS = ['gpt-4o', 'gpt-4', 'gpt-5']\n"),
            ("a.py", "MODEL = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "call",
        role: Role::LiveCall,
        certainty: Certainty::High,
        says: "a call is given it",
        holds: is_live,
        examples: [
            ("a.py", "ask(model='gpt-4o')\n"),
            ("a.py", "m = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "field",
        role: Role::Default,
        certainty: Certainty::High,
        says: "it is the value that a field has at first",
        holds: is_field,
        examples: [
            (
                "a.py",
                "class A:\n    model = 'gpt-4o'\n    def b(self):\n        ask(self.model)\n",
            ),
            ("a.py", "model = 'gpt-4o'\nask(model)\n"),
        ],
    },
    Rule {
        name: "constant-of-call",
        role: Role::LiveCall,
        certainty: Certainty::High,
        says: "it is a value that a call of the same file is given",
        holds: |context| !says_default(context) && context.is_used_in_call(),
        examples: [
            ("a.py", "MODEL = 'gpt-4o'\nask(model=MODEL)\n"),
            (
                "a.py",
                "DEFAULT_MODEL = 'gpt-4o'\nask(model=DEFAULT_MODEL)\n",
            ),
        ],
    },
    Rule {
        name: "constant-of-logic",
        role: Role::AllowList,
        certainty: Certainty::Medium,
        says: "logic: it is a value that the code compares with",
        holds: |context| context.is_used_to_compare(),
        examples: [
            ("a.py", "OLD = 'gpt-4o'\nif model == OLD:\n    a()\n"),
            ("a.py", "OLD = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "body",
        role: Role::LiveCall,
        certainty: Certainty::Medium,
        says: "it stands in the body of a request",
        holds: |context| !context.is_whole && files::is_body(context.literal),
        examples: [
            ("a.py", "b = '{\"model\": \"gpt-4o\"}'\n"),
            ("a.py", "b = '{\"name\": \"gpt-4o\"}'\n"),
        ],
    },
    Rule {
        name: "settings-code",
        role: Role::Configuration,
        certainty: Certainty::Medium,
        says: "the file holds settings",
        holds: |context| context.folder.is_configuration_code() && context.keys().next().is_some(),
        examples: [
            ("a.config.ts", "export default { model: 'gpt-4o' };\n"),
            ("a.ts", "const model = 'gpt-4o';\n"),
        ],
    },
    Rule {
        name: "constant",
        role: Role::Default,
        certainty: Certainty::Medium,
        says: "a name is given it, and holds where nothing else is said",
        holds: |context| context.assigned().is_some() || is_returned(context),
        examples: [
            ("a.py", "MODEL = 'gpt-4o'\n"),
            ("a.yaml", "model: gpt-4o\n"),
        ],
    },
];

fn is_pattern_call(context: &Context<'_>) -> bool {
    let words = [
        "compile",
        "regex",
        "regexp",
        "mustcompile",
        "pattern",
        "globset",
        "fnmatch",
        "replace",
    ];
    let Some(Around::Argument { callee, .. }) = context.nearest() else {
        return false;
    };
    let whole = words::plain(callee);
    let last = words::plain(words::last(callee));
    let is_regex = whole.contains("regex") || whole.starts_with("re") && callee.starts_with("re.");
    words.contains(&last.as_str()) && (is_regex || last == "mustcompile" || last == "pattern")
        || callee.starts_with("re.")
        || whole.contains("regex")
}

fn is_lookup(context: &Context<'_>) -> bool {
    let Some(Around::Comparison { with }) = context.nearest() else {
        return false;
    };
    let is_given = matches!(
        context.place.around.get(1),
        Some(Around::Assignment { .. } | Around::Element { .. } | Around::Return)
    );
    let is_of_models = context.assigned().is_some_and(words::is_model_word);
    with.ends_with("[]") && is_given && is_of_models
}

fn is_choice(context: &Context<'_>) -> bool {
    let is_listed = context.is_listed() || context.is_text(Text::Key);
    let is_named = context.assigned().is_some_and(words::is_choice);
    let is_keyed = context.keys().next().is_some_and(words::is_choice);
    let is_searched = context.uses.iter().any(Context::asks);
    is_listed
        && !context.is_described()
        && (is_named || is_keyed || is_searched)
        && !context.folder.is_settings()
}

fn is_environment_default(context: &Context<'_>) -> bool {
    let mut own = context.statement();
    own.any(|around| match around {
        Around::Fallback { of } => {
            words::is_environment(of)
                || context.language == "Shell"
                || context.language == "Dockerfile"
        }
        Around::Argument {
            callee,
            position,
            name,
        } => {
            let is_default = *position > 0 || name.as_deref() == Some("default");
            let is_read = words::is_environment(callee);
            is_read && (is_default || words::is_lookup(callee) && callee.contains('.'))
        }
        _ => false,
    })
}

/// Tells whether the variable was just read from the environment, or is about to be, as languages
/// do that have no expression for what holds in a value's absence.
fn is_replaced_by_environment(context: &Context<'_>) -> bool {
    let Some(Around::Assignment { to }) = context.nearest() else {
        return false;
    };
    let (before, after) = context.near;
    let is_own = |line: &str| {
        let given = line.trim_start().strip_prefix(to.as_str());
        given.is_some_and(|rest| rest.trim_start().starts_with(['=', ':', ',']))
    };
    let was_read = before
        .lines()
        .any(|line| is_own(line) && words::is_environment(line));
    let mut following = after
        .lines()
        .skip_while(|line| !words::is_environment(line));
    let is_read = following.next().is_some_and(is_own) || following.any(is_own);
    was_read || is_read
}

fn is_default_by_provider(context: &Context<'_>) -> bool {
    let Some(Around::Pair { key }) = context.nearest() else {
        return false;
    };
    let is_called_default = context
        .assigned()
        .is_some_and(|to| to.to_lowercase().contains("default"));
    words::is_provider(key) && context.is_whole
        || is_called_default && context.is_whole && { !context.is_described() }
}

fn is_parameter_default(context: &Context<'_>) -> bool {
    match context.nearest() {
        Some(Around::ParameterDefault { .. }) => true,
        Some(Around::Pair { key }) if words::plain(key).starts_with("default") => true,
        Some(Around::Argument {
            callee,
            name,
            position,
        }) => {
            let named = name.as_deref().unwrap_or_default();
            let is_default = ["default", "default_value", "defaultValue"].contains(&named);
            is_default
                || words::is_lookup(callee)
                    && (*position > 0 || is_first(callee))
                    && named.is_empty()
        }
        _ => false,
    }
}

/// Tells whether what is called takes the default first.
fn is_first(callee: &str) -> bool {
    let word = words::plain(words::last(callee));
    let words = [
        "usestate",
        "unwrapor",
        "orelse",
        "default",
        "field",
        "useref",
        "defaultvalue",
    ];
    words.contains(&word.as_str())
}

fn is_fallback(context: &Context<'_>) -> bool {
    let mut own = context.statement();
    own.any(|around| match around {
        Around::Fallback { .. } => true,
        Around::Argument { callee, .. } => {
            let word = words::plain(words::last(callee));
            ["unwrapor", "unwraporelse", "orelse", "orelseget"].contains(&word.as_str())
        }
        _ => false,
    })
}

/// Tells whether a name is what a member of a list of models is written as.
fn is_spelling(context: &Context<'_>) -> bool {
    let words = [
        "serde",
        "strum",
        "serialname",
        "jsonproperty",
        "jsonvalue",
        "serializedname",
        "enummember",
        "jsonpropertyname",
        "jsonstringenummembername",
    ];
    let is_attribute = context
        .callees()
        .any(|callee| words.contains(&words::plain(callee).as_str()));
    let mut callees = context.callees().peekable();
    let is_described = callees.peek().is_some() && callees.all(words::is_description);
    let is_version = match context.nearest() {
        Some(Around::Element { .. }) => context.is_named("versions"),
        _ => false,
    };
    let namers = [
        "asstr", "fmt", "tostring", "name", "id", "value", "string", "asref", "modelid",
    ];
    let is_namer = match context.nearest() {
        Some(Around::Function { name }) => namers.contains(&words::plain(name).as_str()),
        _ => false,
    };
    is_attribute || is_namer || is_described || is_version || context.is_spelled()
}

fn is_catalogue(context: &Context<'_>) -> bool {
    let is_among = context.is_among(3) || context.is_listed() && context.is_among(2);
    let is_key = context.is_text(Text::Key) && context.is_among(2);
    let is_loop = context.is_listed() && context.is_used_in_call();
    (is_among || is_key) && !is_live(context) && !is_loop
}

/// Tells whether a call that may send a request is given the name.
fn is_live(context: &Context<'_>) -> bool {
    if context.is_text(Text::Key) {
        return false;
    }
    // A row that is keyed by its own name describes it.
    if context.is_whole && context.keys().any(|key| key == context.literal) {
        return false;
    }
    let mut is_beyond_pair = false;
    for around in context.statement() {
        match around {
            // What a description is handed to may be a request.
            Around::Argument { callee, .. } if words::is_description(callee) => {}
            Around::Argument { callee, .. } => {
                return !words::is_talk(callee) && !context.is_spelled_by(callee);
            }
            Around::Pair { key } => is_beyond_pair |= !words::is_model_word(key),
            Around::Type { .. } if !is_beyond_pair && !context.is_among(3) => {
                return matches!(context.nearest(), Some(Around::Pair { .. }));
            }
            Around::Element { .. } if context.is_among(3) => return false,
            Around::Element { .. } | Around::Fallback { .. } => {}
            _ => return false,
        }
    }
    false
}

fn is_field(context: &Context<'_>) -> bool {
    let mut around = context.place.around.iter();
    let Some(Around::Assignment { to }) = around.next() else {
        return false;
    };
    let is_variable = to.bytes().any(|byte| byte.is_ascii_lowercase());
    is_variable && matches!(around.next(), Some(Around::Type { .. }))
}

fn says_default(context: &Context<'_>) -> bool {
    context
        .assigned()
        .is_some_and(|to| to.to_ascii_lowercase().contains("default"))
}

fn is_returned(context: &Context<'_>) -> bool {
    context
        .statement()
        .any(|around| matches!(around, Around::Return))
}
