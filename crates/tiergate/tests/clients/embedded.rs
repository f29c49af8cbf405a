//! The same scripts against the real embedded model: real answers, nothing behind the gateway.
//! It must not know what a script holds.

use std::env;
use std::path::PathBuf;

use crate::environment::{CURRENT, Environment, OLDER, skip};
use crate::gateway::{self, Gateway};
use crate::script::Script;

/// The file that `tiergate models pull smollm2-135m` makes.
const MODEL: &str = "smollm2-135m.gguf";
/// Where the models are; the program reads the same.
const PLACE: &str = "TIERGATE_MODELS_DIR";

const CONFIGURATION: &str = r#"
tiers_order = ["haiku"]
[server]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
[providers.local]
dialect = "embedded"
[models.plain]
provider = "local"
id = "smollm2-135m"
params = { temperature = 0 }
[tiers.haiku]
serves = ["plain"]
aliases = ["claude-haiku-*", "gpt-4o-mini*"]
"#;

/// Finds the folder of the model's file, or says why there is none to ask.
fn models() -> Result<PathBuf, String> {
    if !gateway::has_command("models") {
        return Err("this build has no embedded model".to_owned());
    }
    let folder = variable(PLACE)
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("tiergate/models")))
        .or_else(|| env::home_dir().map(|home| home.join(".cache/tiergate/models")))
        .unwrap_or_default();
    if folder.join(MODEL).is_file() {
        return Ok(folder);
    }
    let why = "is not there; `tiergate models pull smollm2-135m` fetches it";
    Err(format!("{MODEL} {why}"))
}

fn variable(name: &str) -> Option<PathBuf> {
    let set = env::var_os(name).filter(|value| !value.is_empty());
    set.map(PathBuf::from)
}

fn answers(environment: &Environment, name: &str) {
    let found = environment.command(name).and_then(|it| Ok((it, models()?)));
    let (command, models) = match found {
        Ok(found) => found,
        Err(why) => return skip(&format!("{name} with the embedded model"), &why),
    };
    let gateway = Gateway::start(CONFIGURATION, &[(PLACE, models)]);
    let script = Script {
        name,
        command,
        gateway: &gateway,
        upstream: "embedded",
    };
    script.run();
}

#[test]
fn openai_answers() {
    answers(&CURRENT, "openai_answers");
}

#[test]
fn openai_async_answers() {
    answers(&CURRENT, "openai_async");
}

#[test]
fn openai_helpers() {
    answers(&CURRENT, "openai_helpers");
}

#[test]
fn openai_lists_models() {
    answers(&CURRENT, "openai_models");
}

#[test]
fn anthropic_answers() {
    answers(&CURRENT, "anthropic_answers");
}

#[test]
fn anthropic_async_answers() {
    answers(&CURRENT, "anthropic_async");
}

#[test]
fn anthropic_helpers() {
    answers(&CURRENT, "anthropic_helpers");
}

#[test]
fn anthropic_lists_models() {
    answers(&CURRENT, "anthropic_models");
}

#[test]
fn anthropic_versions_and_credentials() {
    answers(&CURRENT, "anthropic_versions");
}

#[test]
fn older_openai_answers() {
    answers(&OLDER, "openai_answers");
}

#[test]
fn older_anthropic_answers() {
    answers(&OLDER, "anthropic_answers");
}
