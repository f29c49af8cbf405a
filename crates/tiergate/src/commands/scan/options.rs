//! The arguments of `tiergate scan` and their values. It must not act on them.

use std::path::PathBuf;

use clap::Args;
use domain::Date;
use scan::Role;

use super::request::RequestOptions;
use super::traffic::TrafficOptions;

/// What the options say.
#[derive(Args)]
pub(super) struct Options {
    /// Folders and files to scan; what `.gitignore` leaves out is left out. Paths in reports are
    /// relative to the folder, or to the working directory where there are several
    #[arg(required_unless_present_any = ["traffic", "request"], value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Say what breaks on this model: an id, an id behind its platform (bedrock/ID), or a tier or
    /// model of the configuration
    #[arg(long, value_name = "TIER|PLATFORM/ID|ID")]
    pub(super) target: Option<String>,
    /// Make a patch of the safe fixes: to the gateway's tier (tier=NAME), or to the target, else
    /// the model that the vendor recommends (model). Without a file it goes to standard output
    #[arg(
        long,
        value_name = "tier=NAME|model",
        num_args = 0..=1,
        default_missing_value = "model",
        value_parser = fix,
    )]
    pub(super) fix: Option<Fix>,
    /// End with 1 where live code breaks on the target (breaks), names a model that is gone
    /// (retired) or one that goes within so many days (days=90)
    #[arg(
        long,
        value_name = "breaks|retired|days=N",
        value_delimiter = ',',
        value_parser = fail_on,
    )]
    pub(super) fail_on: Vec<FailOn>,
    /// Accept what stands in this file, as long as it stays what it was
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all findings to a file that `--baseline` takes
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Only findings with this role, such as live_call; may be repeated
    #[arg(long, value_name = "ROLE", value_delimiter = ',', value_parser = role)]
    pub(super) role: Vec<Role>,
    /// Only files that this pattern takes, written as in `.gitignore`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(super) include: Vec<String>,
    /// No files that this pattern takes, written as in `.gitignore`; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(super) exclude: Vec<String>,
    /// Judge as of this day, such as 2027-03-01 [default: today]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) on: Option<Date>,
    /// List the files that were left out
    #[arg(long)]
    pub(super) verbose: bool,
    /// Look at traffic.
    #[command(flatten)]
    pub(super) traffic: TrafficOptions,
    /// Look at recorded requests.
    #[command(flatten)]
    pub(super) request: RequestOptions,
}

/// Says what a fix puts in a name's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fix {
    /// A tier of the gateway.
    Tier(String),
    /// A model.
    Model,
}

/// Says what ends a scan with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailOn {
    /// Live code that breaks.
    Breaks,
    /// Live code that names a model that is gone.
    Retired,
    /// Live code that names a model that goes within so many days, or is gone.
    Days(i64),
}

fn fix(text: &str) -> Result<Fix, String> {
    match text.split_once('=') {
        None if text == "model" => Ok(Fix::Model),
        Some(("tier", name)) if !name.is_empty() => Ok(Fix::Tier(name.to_owned())),
        _ => Err("write `tier=NAME` or `model`, and paths before `--fix`".to_owned()),
    }
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    let wrong = || "write `breaks`, `retired` or `days=90`".to_owned();
    match text.split_once('=') {
        None if text == "breaks" => Ok(FailOn::Breaks),
        None if text == "retired" => Ok(FailOn::Retired),
        Some(("days", days)) => {
            let days: u32 = days.parse().map_err(|_| wrong())?;
            Ok(FailOn::Days(i64::from(days)))
        }
        _ => Err(wrong()),
    }
}

fn role(text: &str) -> Result<Role, String> {
    let role = Role::ALL.into_iter().find(|role| role.as_str() == text);
    role.ok_or_else(|| {
        let names = Role::ALL.map(Role::as_str);
        format!("write one of {}", names.join(", "))
    })
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|error: domain::NotATime| error.to_string())
}
