//! Commands as a script sees them: exit codes, and faults that name file and line. It must not
//! test what a command does when all is well.

use std::fs;

use testkit::Script;

use crate::bench::{Bench, fake, standard};
use crate::home::{Ended, Home};

/// A folder with the standard configuration and nothing running.
fn home() -> Home {
    Home::new(&standard(&fake(Script::new())))
}

/// Asserts that a command could not be asked, and said what and how to mend it.
fn could_not(ended: Ended, what: &str) {
    let ended = ended.is(2);
    assert!(ended.err.contains(what), "{what}: {}", ended.err);
    assert_eq!(ended.out, "", "{what}");
}

#[test]
fn check_names_the_line_of_each_fault() {
    let home = home();
    home.run(&["check"]).is(0);
    let good = fs::read_to_string(home.config()).unwrap();
    for (written, instead, what) in [
        ("serves = [\"plain\"]", "serves = [\"plane\"]", "plane"),
        ("serves = [\"claude\"]", "serve = [\"claude\"]", "serve"),
        ("provider = \"claudes\"", "provider = \"nobody\"", "nobody"),
        ("owner = \"platform-lead\"", "owner = \"nobody\"", "nobody"),
        ("stage = \"early_access\"", "stage = \"soon\"", "soon"),
        ("gate = \"approval\"", "gate = \"luck\"", "luck"),
        ("candidate = \"hidden\"", "candidate = \"hiden\"", "hiden"),
        (
            "listen = \"127.0.0.1:0\"",
            "listen = \"0.0.0.0:4000\"",
            "insecure",
        ),
        (
            "dialect = \"openai-chat\"",
            "dialect = \"telepathy\"",
            "telepathy",
        ),
        ("[tiers.opus]", "[tiers.opus", "toml.io"),
    ] {
        let line = 1 + good
            .lines()
            .position(|line| line.contains(written))
            .unwrap();
        home.write(&good.replacen(written, instead, 1));
        let told = home.run(&["check"]);
        let place = format!("tiergate.toml:{line}");
        assert_eq!(told.code, 2, "{instead}: {}", told.err);
        assert!(
            told.err.contains(&place),
            "{instead} in line {line}: {}",
            told.err
        );
        assert!(told.err.contains(what), "{instead}: {}", told.err);
        could_not(home.run(&["serve", "--json"]), &place);
    }
}

#[test]
fn help_ends_with_0_and_wrong_arguments_with_2() {
    let home = home();
    for help in [
        &["--help"][..],
        &["--version"],
        &["serve", "--help"],
        &["release", "--help"],
    ] {
        assert!(!home.run(help).is(0).out.is_empty());
    }
    for wrong in [
        &["sing"][..],
        &["serve", "--loudly"],
        &["release"],
        &["release", "promote"],
        &["key", "create"],
        &["key", "create", "--name", "n", "--kind", "king"],
        &["key", "create", "--name", "n", "--kind", "operator"],
        &["key", "create", "--name", "n", "--expires", "tomorrow"],
        &["key", "create", "--name", "n", "--expires", "2001-01-01"],
        &["usage", "--by", "mood"],
        &["explain", "haiku"],
    ] {
        let ended = home.run(wrong);
        assert_eq!(ended.code, 2, "{wrong:?}: {}", ended.err);
        assert!(!ended.err.is_empty(), "{wrong:?}");
    }
}

#[test]
fn what_cannot_be_asked_ends_with_2_and_its_remedy() {
    let home = home();
    could_not(home.run(&["ledger", "verify"]), "");
    could_not(home.run(&["ledger", "show"]), "");
    could_not(home.run(&["usage"]), "");
    could_not(home.run(&["release", "list"]), "operator key");
    could_not(
        home.run(&["eval", "run", "hidden", "--suite", "none"]),
        "no suite `none`",
    );
    let operator = home.operator("platform-lead", "operator");
    could_not(
        home.run_as(&operator, &["release", "list"]),
        "tiergate serve",
    );
    could_not(home.run(&["exposure"]), "start the gateway first");
    could_not(home.run(&["key", "revoke", "nobody"]), "tiergate key list");
    fs::remove_file(home.config()).unwrap();
    could_not(home.run(&["check"]), "--config");
    could_not(home.run(&["serve"]), "tiergate up");
}

#[test]
fn what_a_running_gateway_refuses_ends_with_1_or_2() {
    let mut bench = Bench::start();
    let operator = bench.home.operator("platform-lead", "operator");
    assert!(bench.gateway.stop().success());
    bench.gateway = bench.home.serve();
    let run = |arguments: &[&str]| bench.home.run_as(&operator, arguments);
    run(&["release", "show", "hidden"]).is(0);
    // The answer is no.
    assert!(
        run(&["release", "promote", "hidden"])
            .is(1)
            .out
            .contains("no: ")
    );
    run(&["release", "resume", "hidden"]).is(1);
    run(&["release", "rollback", "hidden"]).is(1);
    run(&["release", "hold", "hidden", "--generation", "99"]).is(1);
    // It could not be asked.
    could_not(run(&["release", "show", "nothing"]), "no release `nothing`");
    could_not(
        run(&["release", "rollback", "hidden", "--to", "heaven"]),
        "is no stage",
    );
    could_not(
        run(&["explain", "haiku", "--key", "nobody"]),
        "tiergate key list",
    );
    let stranger = bench.home.caller("stranger", &[]);
    let file = bench.home.path().join("stranger.key");
    fs::write(&file, stranger.key).unwrap();
    let named = ["--operator-key", file.to_str().unwrap()];
    let command = ["release", "list", named[0], named[1]];
    could_not(bench.home.run(&command), "operator key");
}

#[test]
fn serve_refuses_what_it_must_not_do() {
    let mut bench = Bench::start();
    let listen = bench.gateway.listen.to_string();
    let second = Home::new(&standard(&bench.fake));
    could_not(
        second.run(&["serve", "--listen", &listen]),
        "choose another port",
    );
    could_not(
        second.run(&["serve", "--listen", "0.0.0.0:0"]),
        "insecure = true",
    );
    // One data directory has one writer.
    could_not(bench.home.run(&["serve", "--json"]), "");
    assert!(bench.chat("haiku").to(bench.gateway.listen).status == 200);
    assert!(bench.gateway.stop().success());
    // It writes no configuration, and mints nothing.
    let config = fs::read_to_string(bench.home.config()).unwrap();
    assert_eq!(config, standard(&bench.fake));
    assert!(!bench.home.kept().join("operator.key").exists());
    assert!(!bench.home.kept().join("running.json").exists());
}

#[test]
fn a_database_of_a_newer_format_is_refused_with_a_clear_message() {
    let home = home();
    home.caller("app", &[]);
    let database = rusqlite::Connection::open(home.kept().join("tiergate.db")).unwrap();
    database.pragma_update(None, "user_version", 9_999).unwrap();
    drop(database);
    let refused = home.run(&["serve", "--json"]).is(2);
    assert!(refused.err.contains("newer"), "{}", refused.err);
}
