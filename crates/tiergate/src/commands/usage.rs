//! `tiergate usage`: sums what was asked, by whom, at what cost, and which features callers use.
//! It must not show content: none is kept.

use clap::{ArgMatches, Args, FromArgMatches, ValueEnum};
use domain::{MS_PER_DAY, Timestamp};
use serde_json::{Map, Value, json};
use store::{Access, CallerFeatures, Group, Outcome as Ended, Store, UsageQuery, UsageTotals};

use super::command::{Command, Runs};
use crate::environment;
use crate::exit::{Exit, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "usage",
    about: "Sum requests, tokens, cost and outcomes; or the features that callers use",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
};

#[derive(Args)]
struct Options {
    /// Group by these, in order; may be repeated
    #[arg(long = "by", value_enum, default_values = ["tier", "caller"])]
    groups: Vec<By>,
    /// How many days back to look
    #[arg(long, default_value_t = 30)]
    days: u16,
    /// Show which features each caller's requests use, instead of sums
    #[arg(long)]
    features: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Tier,
    Caller,
    UseCase,
    Step,
    Model,
    Team,
}

impl By {
    fn group(self) -> Group {
        match self {
            Self::Tier => Group::Tier,
            Self::Caller => Group::Caller,
            Self::UseCase => Group::UseCase,
            Self::Step => Group::Step,
            Self::Model => Group::Model,
            Self::Team => Group::Team,
        }
    }
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    let settings = home::settings(common);
    let store = Home::of(common).store(settings.as_ref(), Access::Read)?;
    let now = environment::now();
    let since = Timestamp(now.0.saturating_sub(i64::from(options.days) * MS_PER_DAY));
    if options.features {
        features(&store, since, common)
    } else {
        let groups: Vec<Group> = options.groups.iter().map(|by| by.group()).collect();
        let until = Timestamp(now.0.saturating_add(1));
        totals(
            &store,
            &UsageQuery {
                since,
                until,
                groups,
            },
            common,
        )
    }
}

fn totals(store: &Store, query: &UsageQuery, common: &Common) -> Outcome {
    let totals = store.usage(query)?;
    if common.json {
        output::json(
            &totals
                .iter()
                .map(|row| view(query, row))
                .collect::<Vec<_>>(),
        );
        return Ok(Exit::Done);
    }
    let mut header: Vec<&str> = query.groups.iter().map(|group| group.as_str()).collect();
    header.extend([
        "requests", "ok", "not ok", "input", "output", "usd", "unpriced",
    ]);
    let rows: Vec<Vec<String>> = totals.iter().map(row).collect();
    output::table(&header, &rows);
    Ok(Exit::Done)
}

fn row(total: &UsageTotals) -> Vec<String> {
    let groups = total
        .groups
        .iter()
        .map(|group| group.clone().unwrap_or_else(|| "-".to_owned()));
    let ok = total.outcomes.count(Ended::Success);
    let counts = [
        total.requests.to_string(),
        ok.to_string(),
        total.requests.saturating_sub(ok).to_string(),
        total.tokens.input.to_string(),
        total.tokens.output.to_string(),
        total.cost.to_string(),
        total.unpriced.to_string(),
    ];
    groups.chain(counts).collect()
}

fn view(query: &UsageQuery, total: &UsageTotals) -> Value {
    let mut view = Map::new();
    for (group, value) in query.groups.iter().zip(&total.groups) {
        view.insert(group.as_str().to_owned(), json!(value));
    }
    let outcomes: Map<String, Value> = Ended::ALL
        .iter()
        .map(|ended| {
            (
                ended.as_str().to_owned(),
                json!(total.outcomes.count(*ended)),
            )
        })
        .collect();
    view.insert("requests".to_owned(), json!(total.requests));
    view.insert("outcomes".to_owned(), Value::Object(outcomes));
    view.insert("tokens".to_owned(), json!(total.tokens));
    view.insert("cost_usd".to_owned(), json!(total.cost.to_string()));
    view.insert("unpriced_requests".to_owned(), json!(total.unpriced));
    Value::Object(view)
}

fn features(store: &Store, since: Timestamp, common: &Common) -> Outcome {
    let callers = store.features_by_caller(since)?;
    if common.json {
        output::json(&callers.iter().map(caller_view).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    for caller in &callers {
        for feature in &caller.features {
            rows.push(vec![
                caller.name.clone(),
                feature.feature.clone(),
                feature.value.clone().unwrap_or_else(|| "-".to_owned()),
                feature.requests.to_string(),
                caller.requests.to_string(),
            ]);
        }
    }
    output::table(&["caller", "feature", "value", "requests", "of"], &rows);
    Ok(Exit::Done)
}

fn caller_view(caller: &CallerFeatures) -> Value {
    let features: Vec<Value> = caller
        .features
        .iter()
        .map(|row| json!({ "feature": row.feature, "value": row.value, "requests": row.requests }))
        .collect();
    json!({
        "key": caller.key,
        "caller": caller.name,
        "requests": caller.requests,
        "features": features,
    })
}
