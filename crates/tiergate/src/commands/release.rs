//! `tiergate release`: shows releases and commands their moves, as the person whose operator key
//! is in use. It must not decide: the gateway's release side does.

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use domain::Timestamp;
use serde_json::{Value, json};

use super::command::{Command, Runs};
use super::simulate::{self, Script};
use super::suspension::{Ordered, Restored, condition as told};
use crate::admin::{Admin, Answer};
use crate::arguments::instant;
use crate::exit::{Exit, Outcome};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "release",
    about: "Show releases, approve, waive, promote, hold, roll back, suspend, restore, retire",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// List the releases
    List,
    /// Show one release and what its next gates say
    Show(Named),
    /// Approve the next stage, for exactly this candidate and plan
    Approve(Named),
    /// Answer for a criterion of the next stage that does not pass, for a while
    Waive(Waive),
    /// Go to the next share of the stage, else to the next stage
    Promote(Named),
    /// Let nothing move it forward
    Hold(Told),
    /// End a hold
    Resume(Named),
    /// Go back to an earlier stage
    Rollback(Back),
    /// Go back to the beginning for good: this candidate goes no further
    Withdraw(Told),
    /// Serve the candidate until a day, and no longer
    Retire(Retire),
    /// Record an incident with the candidate, which gates ask for
    Incident(Happened),
    /// Take the candidate away from a group of callers, at once
    Suspend(Suspend),
    /// Undo a suspension, for everybody or for a group
    Restore(Restore),
    /// Play a scripted history against the configuration, without a gateway
    Simulate(Script),
}

#[derive(Args)]
struct Named {
    /// The release
    release: String,
    /// Refuse unless the status is still at this generation
    #[arg(long)]
    generation: Option<u64>,
}

#[derive(Args)]
struct Told {
    #[command(flatten)]
    named: Named,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Args)]
struct Waive {
    #[command(flatten)]
    named: Named,
    /// The gate, as the next stage lists it
    #[arg(long)]
    gate: String,
    /// The gate's suite; needed where the stage has several criteria of that gate
    #[arg(long)]
    suite: Option<String>,
    /// Why, for the ledger
    #[arg(long)]
    reason: String,
    /// When it ends, such as 2027-03-01
    #[arg(long, value_name = "DAY", value_parser = instant)]
    until: Timestamp,
}

#[derive(Args)]
struct Retire {
    #[command(flatten)]
    named: Named,
    /// From when on nobody gets it, such as 2027-03-01; an earlier day may follow, a later one not
    #[arg(long, value_name = "DAY", value_parser = instant)]
    on: Timestamp,
    /// Why, for the ledger
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
struct Happened {
    /// The release
    release: String,
    /// What happened, for the ledger
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
struct Suspend {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    ordered: Ordered,
}

#[derive(Args)]
struct Restore {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    restored: Restored,
}

#[derive(Args)]
struct Back {
    #[command(flatten)]
    told: Told,
    /// The stage to go back to
    #[arg(long, default_value = "sealed")]
    to: String,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let admin = || Admin::find(common);
    let moved = |named: &Named, verb: &str, mut body: Value| {
        body["generation"] = json!(named.generation);
        let path = format!("/api/v1/releases/{}/{verb}", named.release);
        let answer = admin()?.post(&path, &body)?;
        tell(&answer, common)
    };
    match Action::from_arg_matches(arguments)? {
        Action::Simulate(script) => simulate::run(&script, common),
        Action::List => list(&admin()?.get("/api/v1/releases")?, common),
        Action::Show(named) => show(
            &admin()?.get(&format!("/api/v1/releases/{}", named.release))?,
            common,
        ),
        Action::Approve(named) => moved(&named, "approve", json!({})),
        Action::Waive(waive) => {
            let body = json!({
                "gate": waive.gate,
                "suite": waive.suite,
                "reason": waive.reason,
                "until": waive.until,
            });
            moved(&waive.named, "waive", body)
        }
        Action::Promote(named) => moved(&named, "promote", json!({})),
        Action::Hold(told) => moved(&told.named, "hold", json!({ "reason": told.reason })),
        Action::Resume(named) => moved(&named, "resume", json!({})),
        Action::Rollback(back) => {
            let body = json!({ "reason": back.told.reason, "to": back.to });
            moved(&back.told.named, "rollback", body)
        }
        Action::Withdraw(told) => moved(&told.named, "withdraw", json!({ "reason": told.reason })),
        Action::Retire(retire) => {
            let body = json!({ "reason": retire.reason, "on": retire.on });
            moved(&retire.named, "retire", body)
        }
        Action::Incident(happened) => {
            let path = format!("/api/v1/releases/{}/incident", happened.release);
            tell(
                &admin()?.post(&path, &json!({ "reason": happened.reason }))?,
                common,
            )
        }
        Action::Suspend(suspend) => moved(&suspend.named, "suspend", suspend.ordered.body()?),
        Action::Restore(restore) => moved(&restore.named, "restore", restore.restored.body()),
    }
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or("-")
}

fn list(answer: &Answer, common: &Common) -> Outcome {
    if common.json {
        output::json(&answer.body);
        return Ok(Exit::Done);
    }
    let row = |release: &Value| {
        let share = format!("{} %", release["share"]);
        let words = ["release", "tier", "candidate", "stage"].map(|field| text(release, field));
        words
            .iter()
            .map(|word| (*word).to_owned())
            .chain([share])
            .collect()
    };
    let rows: Vec<Vec<String>> = answer
        .body
        .as_array()
        .into_iter()
        .flatten()
        .map(row)
        .collect();
    output::table(&["release", "tier", "candidate", "stage", "share"], &rows);
    Ok(Exit::Done)
}

fn show(answer: &Answer, common: &Common) -> Outcome {
    let release = &answer.body;
    if common.json {
        output::json(release);
        return Ok(Exit::Done);
    }
    for field in ["release", "tier", "candidate", "digest", "stage"] {
        output::line(format!("{field:<11}{}", text(release, field)));
    }
    output::line(format!("{:<11}{} %", "share", release["share"]));
    output::line(format!("{:<11}{}", "generation", release["generation"]));
    for condition in release["conditions"].as_array().into_iter().flatten() {
        output::line(format!("{:<11}{}", "condition", told(condition)));
    }
    if let Some(silent) = release["unwatched_ms"].as_u64() {
        let seconds = silent / 1_000;
        output::line(format!(
            "unwatched  for {seconds} s: nothing goes forward, and it goes back in the end"
        ));
    }
    for erased in release["erased"].as_array().into_iter().flatten() {
        let day = Timestamp(erased["at"].as_i64().unwrap_or_default()).date();
        let words = ["evidence", "suite", "by", "reason"].map(|field| text(erased, field));
        let [id, suite, by, reason] = words;
        output::line(format!(
            "{:<11}evidence {id} of suite {suite}, on {day} by {by}: {reason}",
            "erased"
        ));
    }
    if release["standing"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
    {
        output::line("standing");
        gates(&release["standing"]);
    }
    if let Some(next) = release["next"].as_object() {
        output::line(format!(
            "next       {}",
            next.get("stage").unwrap_or(&Value::Null)
        ));
        gates(&release["gates"]);
        sensitivity(&release["sensitivity"]);
    }
    Ok(Exit::Done)
}

/// Tells how many conversations it takes to see which regression.
fn sensitivity(list: &Value) {
    for one in list.as_array().into_iter().flatten() {
        let (metric, share) = (text(one, "metric"), &one["share"]);
        let (base, candidate) = (&one["base"], &one["candidate"]);
        let seen = match one["conversations"].as_u64() {
            Some(count) => format!("is seen within {count} of its conversations, 9 times in 10"),
            None => "is never seen: nothing is beside it".to_owned(),
        };
        let line = format!("{metric} at {share} %: {candidate} wrong, {base} assumed beside it,");
        output::line(format!("  sees       {line} {seen}"));
    }
}

fn gates(verdicts: &Value) {
    for verdict in verdicts.as_array().into_iter().flatten() {
        let (gate, word) = (text(verdict, "gate"), text(verdict, "verdict"));
        output::line(format!("  {gate:<20}{word:<14}{}", text(verdict, "reason")));
        if let Some(until) = verdict["waived"]["until"].as_i64() {
            let (by, why) = (
                text(&verdict["waived"], "by"),
                text(&verdict["waived"], "reason"),
            );
            let until = Timestamp(until).date();
            output::line(format!("  {:<20}waived by {by} until {until}: {why}", ""));
        }
    }
}

fn tell(answer: &Answer, common: &Common) -> Outcome {
    let is_done = answer.status != 409;
    if common.json {
        output::json(&answer.body);
    } else if is_done {
        let word = |field| answer.body.get(field).and_then(Value::as_str);
        let by = text(&answer.body, "by");
        match (word("approved"), word("waived"), word("incident")) {
            (Some(stage), ..) => output::line(format!("{by} approved {stage}")),
            (None, None, Some(what)) => output::line(format!("{by} recorded an incident: {what}")),
            (None, Some(gate), _) => {
                output::line(format!(
                    "{by} waived {gate} of {}",
                    text(&answer.body, "stage")
                ));
            }
            (None, None, None) => {
                let (from, to) = (&answer.body["from"], &answer.body["to"]);
                output::line(format!(
                    "{}: {} {} % -> {} {} %",
                    text(&answer.body, "kind"),
                    text(from, "stage"),
                    from["share"],
                    text(to, "stage"),
                    to["share"]
                ));
            }
        }
        gates(&answer.body["verdicts"]);
    } else {
        output::line(format!("no: {}", text(&answer.body, "reason")));
        gates(&answer.body["gates"]);
    }
    Ok(if is_done { Exit::Done } else { Exit::No })
}
