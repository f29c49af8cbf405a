//! `up` with a provider's key in the environment: an unmodified client names its usual model and
//! is answered by that provider. It must not leave this machine.

use std::fs;

use serde_json::{Value, json};
use testkit::Script;

use crate::bench::fake;
use crate::client::Ask;
use crate::gateway::Gateway;
use crate::home::Home;

const LOCAL: [&str; 4] = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];

/// Runs `up` with these variables.
fn up(home: &Home, variables: &[(&str, &str)]) -> Gateway {
    let mut command = home.command(&["up", "--json"]);
    command.args(LOCAL).envs(variables.iter().copied());
    Gateway::start(command)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Runs `up` with one provider's key, brings that provider onto this machine, and asks for names.
fn answered(variable: &str, vendor_url: &str, names: &[(&str, &str, &str)]) {
    let provider = fake(Script::new());
    let home = Home::empty();
    let gateway = up(&home, &[(variable, "o-secret")]);
    let starter = fs::read_to_string(home.config()).unwrap();
    assert!(!starter.contains("secret"), "{starter}");
    let here = match variable {
        "OPENAI_API_KEY" => provider.openai_base_url(),
        _ => provider.anthropic_base_url(),
    };
    let nearer = starter.replace(vendor_url, &here);
    assert_ne!(starter, nearer);
    home.write(&nearer);
    gateway.await_said("was taken up", 1);
    let key = text(&gateway.ready["key"]);
    for (name, tier, model) in names {
        for ask in [Ask::chat(name), Ask::messages(name)] {
            let answer = ask.bearer(&key).to(gateway.listen).is(200);
            assert_eq!(answer.header("tiergate-tier"), Some(*tier), "{name}");
            assert_eq!(answer.model(), Some(*model), "{name}");
        }
    }
    let received = provider.requests();
    assert_eq!(received.len(), 2 * names.len());
    assert!(
        !home.path().join(".cache").exists(),
        "nothing is downloaded"
    );
}

#[test]
fn openais_usual_names_are_answered_by_openai() {
    let names = [
        ("gpt-4o-mini", "haiku", "gpt-luna"),
        ("gpt-4o", "opus", "gpt-sol"),
        ("gpt-5-mini-2025-08-07", "sonnet", "gpt-terra"),
    ];
    answered("OPENAI_API_KEY", "https://api.openai.com/v1", &names);
}

#[test]
fn anthropics_usual_names_are_answered_by_anthropic() {
    let names = [
        ("claude-haiku-4-5", "haiku", "claude-haiku"),
        ("claude-opus-4-8", "opus", "claude-opus"),
        ("claude-3-5-sonnet-20241022", "sonnet", "claude-sonnet"),
    ];
    answered("ANTHROPIC_API_KEY", "https://api.anthropic.com", &names);
}

#[test]
fn the_first_keys_are_shown_once_and_kept_from_others() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::empty();
    let variables = [("OPENAI_API_KEY", "o-secret")];
    let mut gateway = up(&home, &variables);
    let (caller, operator) = (
        text(&gateway.ready["key"]),
        text(&gateway.ready["operator_key"]),
    );
    let kept = home.kept().join("operator.key");
    assert_eq!(fs::read_to_string(&kept).unwrap(), operator);
    assert_eq!(
        fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(gateway.stop().success());
    let starter = fs::read_to_string(home.config()).unwrap();
    let again = up(&home, &variables);
    assert_eq!(again.ready["key"], json!(null), "shown once");
    assert_eq!(again.ready["operator_key"], json!(null), "shown once");
    assert_eq!(
        fs::read_to_string(home.config()).unwrap(),
        starter,
        "not written again"
    );
    let listed = Ask::get("/v1/models").bearer(&caller);
    listed.to(again.listen).is(200);
}

#[test]
fn serve_writes_nothing_and_says_what_is_missing() {
    let home = Home::empty();
    let ended = home.run(&["serve"]).is(2);
    assert!(ended.err.contains("tiergate.toml"), "{}", ended.err);
    assert!(ended.err.contains("tiergate up"), "{}", ended.err);
    assert!(!home.config().exists());
}
