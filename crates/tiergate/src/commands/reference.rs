//! `tiergate reference`, hidden: writes the reference pages from the rows. It must not hold text
//! of its own that a row could hold.

mod facts;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};

use providers::{Absent, Field, Holds, Takes};

use super::command::{Command, Runs};
use crate::exit::{Exit, Outcome};
use crate::interface;

/// How wide the help of the page is.
const PAGE_WIDTH: usize = 100;
/// The options that stand on every command.
const EVERYWHERE: [&str; 4] = ["config", "data_dir", "operator_key", "json"];
const AFTER_COMMANDS: &str = "Every command takes `--config FILE`, `--data-dir DIR`, \
    `--operator-key FILE` and `--json`.\nExit codes: 0 done, 1 the answer is no, 2 it could not be \
    asked.";

const ABOUT_ERRORS: &str = "An error comes in the envelope of the dialect that asked, with the \
    header `tiergate-error: gateway` where it is ours and `provider` where the provider said it. \
    The status is the one of the table where the dialect has no other for the kind.";

/// What stands above the scorers.
const ABOUT_SCORERS: &str = "A suite is JSON Lines: one case a line, `{\"id\", \"input\", \
    \"expect\", \"scorer\"}`, with `system`, `options`, `cluster` and `max_tokens` where they are \
    wanted; a first line `{\"suite\": 1, \"about\", \"defaults\"}` may head it. A score is a \
    number from 0 to 1. Which of them an error rate is known of stands in `docs/judging.md`.";

const ABOUT_SOURCES: &str = "What `tiergate evidence import` reads. The source is recognised, or \
    named with `--source`; `docs/evidence.md` says how to run each tool.";

const ABOUT_PROVIDERS: &str = "A provider is a table `[providers.NAME]` with a `dialect`, the \
    `platform` that serves it where it is not the vendor's own, and what the two want. A secret is \
    never written in clear: it is `{ env = \"NAME\" }`, or `{ file = \"PATH\" }`, which is read \
    again when it changes. A redirect is never followed, and nothing in a request changes where it \
    goes.";

const ABOUT_AUTH: &str = "`api_key = SECRET` goes into the header that the dialect's vendor, or \
    the platform, takes a key in. Any other way is `auth = { KIND = … }`, for any dialect:";

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "reference",
    about: "Write the reference pages",
    arguments: |command| Options::augment_args(command.hide(true)),
    run: Runs::OverRows(run),
};

#[derive(Args)]
struct Options {
    /// The folder to write into
    #[arg(long)]
    out: PathBuf,
}

fn run(arguments: &ArgMatches, parser: clap::Command) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    fs::create_dir_all(&options.out)?;
    fs::write(options.out.join("gates.md"), gates()?)?;
    fs::write(options.out.join("scorers.md"), scorers()?)?;
    fs::write(options.out.join("sources.md"), sources()?)?;
    fs::write(options.out.join("providers.md"), providers()?)?;
    fs::write(options.out.join("routes.md"), routes()?)?;
    fs::write(options.out.join("commands.md"), commands(parser)?)?;
    fs::write(options.out.join("errors.md"), errors()?)?;
    let interfaces = [
        ("openapi-applications.json", interface::of_applications()),
        ("openapi-operators.json", interface::of_operators()),
    ];
    for (file, document) in interfaces {
        let text = serde_json::to_string_pretty(&document)?;
        fs::write(options.out.join(file), text + "\n")?;
    }
    fs::write(options.out.join("facts.md"), facts::page()?)?;
    Ok(Exit::Done)
}

fn gates() -> Result<String, std::fmt::Error> {
    let mut page = "# Gates\n".to_owned();
    for gate in release::GATES {
        writeln!(page, "\n## `{}`\n\n{}\n", gate.name(), gate.about())?;
        writeln!(page, "| Parameter | Default | Meaning |\n|---|---|---|")?;
        for one in gate.parameters() {
            let default = one.default.unwrap_or("must be written");
            writeln!(page, "| `{}` | {default} | {} |", one.name, one.about)?;
        }
    }
    Ok(page)
}

fn scorers() -> Result<String, std::fmt::Error> {
    let mut page = format!("# Scorers\n\n{ABOUT_SCORERS}\n");
    for scorer in evidence::SCORERS {
        let (name, version) = (scorer.name(), scorer.version());
        writeln!(
            page,
            "\n## `{name}`, version {version}\n\n{}",
            scorer.about()
        )?;
        if scorer.parameters().is_empty() {
            continue;
        }
        writeln!(page, "\n| Option | Default | Meaning |\n|---|---|---|")?;
        for one in scorer.parameters() {
            writeln!(page, "| `{}` | {} | {} |", one.name, one.default, one.about)?;
        }
    }
    Ok(page)
}

fn sources() -> Result<String, std::fmt::Error> {
    let mut page = format!("# Sources\n\n{ABOUT_SOURCES}\n");
    for source in evidence::SOURCES {
        writeln!(page, "\n## `{}`\n\n{}", source.name(), source.about())?;
    }
    Ok(page)
}

fn providers() -> Result<String, std::fmt::Error> {
    let mut page = format!("# Providers\n\n{ABOUT_PROVIDERS}\n");
    for adapter in providers::ADAPTERS {
        write!(page, "\n## `{}`", adapter.name())?;
        if let Some(platform) = adapter.platform() {
            write!(page, " on `{platform}`")?;
        }
        writeln!(page, "\n\n{}\n", adapter.about())?;
        settings(&mut page, adapter.place())?;
    }
    writeln!(page, "\n## Authorisation\n\n{ABOUT_AUTH}")?;
    for kind in providers::AUTH_KINDS {
        writeln!(page, "\n### `{}`\n\n{}\n", kind.name(), kind.about())?;
        match kind.takes() {
            Takes::Secret => writeln!(page, "`auth = {{ {} = SECRET }}`", kind.name())?,
            Takes::Table(fields) => settings(&mut page, fields)?,
        }
    }
    Ok(page)
}

fn settings(page: &mut String, fields: &[Field]) -> std::fmt::Result {
    writeln!(
        page,
        "| Setting | Holds | Absent | Meaning |\n|---|---|---|---|"
    )?;
    for field in fields {
        let holds = match field.holds {
            Holds::Secret => "a secret",
            Holds::Text => "a text",
        };
        let absent = match field.absent {
            Absent::Refused => "refused",
            Absent::Fine => "fine",
        };
        let (name, about) = (field.name, field.about);
        writeln!(page, "| `{name}` | {holds} | {absent} | {about} |")?;
    }
    Ok(())
}

fn routes() -> Result<String, std::fmt::Error> {
    let mut page = "# Routes\n\n## Applications\n\n".to_owned();
    writeln!(page, "| Method | Path | Who | What |\n|---|---|---|---|")?;
    for route in gateway::ROUTES {
        writeln!(
            page,
            "| {} | `{}` | {:?} | {} |",
            route.method,
            route.path,
            route.access,
            route.about()
        )?;
    }
    writeln!(
        page,
        "\n## Operators\n\n| Method | Path | Who | What |\n|---|---|---|---|"
    )?;
    for route in control::ROUTES {
        writeln!(
            page,
            "| {} | `{}` | {:?} | {} |",
            route.method, route.path, route.access, route.about
        )?;
    }
    Ok(page)
}

fn errors() -> Result<String, std::fmt::Error> {
    let mut page = "# Errors\n\n".to_owned();
    writeln!(page, "{ABOUT_ERRORS}\n")?;
    writeln!(
        page,
        "| Code | Status | What happened | Remedy |\n|---|---|---|---|"
    )?;
    for class in gateway::Class::ALL {
        let row = class.row();
        let (code, status) = (row.code, row.status);
        writeln!(
            page,
            "| `{code}` | {status} | {} | {} |",
            row.says, row.remedy
        )?;
    }
    Ok(page)
}

fn commands(parser: clap::Command) -> Result<String, std::fmt::Error> {
    let mut parser = parser.term_width(PAGE_WIDTH);
    parser.build();
    let mut page = "# Commands\n\n".to_owned();
    writeln!(page, "{AFTER_COMMANDS}")?;
    let shown = |command: &&mut clap::Command| !command.is_hide_set() && !is_help(command);
    for command in parser.get_subcommands_mut().filter(shown) {
        let name = command.get_name().to_owned();
        writeln!(
            page,
            "\n## `tiergate {name}`\n\n```text\n{}```",
            help(command)
        )?;
        for action in command.get_subcommands_mut().filter(shown) {
            let text = help(action);
            let action = action.get_name();
            writeln!(
                page,
                "\n### `tiergate {name} {action}`\n\n```text\n{text}```"
            )?;
        }
    }
    Ok(page)
}

fn is_help(command: &clap::Command) -> bool {
    command.get_name() == "help"
}

/// Renders a command's help without the options that stand on every command.
fn help(command: &clap::Command) -> String {
    let mut own = command.clone();
    for option in EVERYWHERE {
        own = own.mut_arg(option, |arg| arg.hide(true));
    }
    own.render_help().to_string()
}
