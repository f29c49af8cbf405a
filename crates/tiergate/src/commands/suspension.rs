//! What `release suspend` and `release restore` take and how a suspension is told. It must not
//! decide whom one cuts: the gateway's release side does.

use clap::Args;
use domain::Timestamp;
use serde_json::{Map, Value, json};

use crate::arguments::{instant, pair};
use crate::exit::Fault;

/// Whom it is about: those who meet every condition given.
#[derive(Args)]
pub struct Group {
    /// Callers of this team; may be repeated
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    /// Requests of this use case; may be repeated
    #[arg(long = "use-case", value_name = "USE_CASE")]
    use_cases: Vec<String>,
    /// Callers with this attribute, such as region=eu; may be repeated, and then each must hold
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
}

/// What a suspension is ordered with.
#[derive(Args)]
pub struct Ordered {
    #[command(flatten)]
    group: Group,
    /// Everybody, evaluation keys included
    #[arg(long, conflicts_with_all = ["teams", "use_cases", "attributes"])]
    everybody: bool,
    /// Why, for the ledger
    #[arg(long)]
    reason: String,
    /// The outside order behind it, as its issuer names it
    #[arg(long)]
    order: Option<String>,
    /// When it is to be looked at again, such as 2027-03-01; it does not end then
    #[arg(long, value_name = "DAY", value_parser = instant)]
    until: Option<Timestamp>,
}

/// What a suspension is undone with.
#[derive(Args)]
pub struct Restored {
    #[command(flatten)]
    group: Group,
    /// The suspension's number, as `release show` tells it; needed where there are several
    #[arg(long, value_name = "NUMBER")]
    suspension: Option<u64>,
    /// Why, for the ledger
    #[arg(long)]
    reason: String,
}

impl Group {
    fn is_everybody(&self) -> bool {
        self.teams.is_empty() && self.use_cases.is_empty() && self.attributes.is_empty()
    }

    fn body(&self) -> Value {
        let pairs = self.attributes.iter();
        let attributes: Map<String, Value> = pairs
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        json!({ "teams": self.teams, "use_cases": self.use_cases, "attributes": attributes })
    }
}

impl Ordered {
    /// Makes the body of the command. That everybody is meant has to be said.
    pub fn body(&self) -> Result<Value, Fault> {
        if self.group.is_everybody() && !self.everybody {
            return Err(Fault::new(
                "it is not said whom to suspend it for",
                "name them with --team, --use-case or --attribute, or say --everybody",
            ));
        }
        Ok(json!({
            "reason": self.reason,
            "order": self.order,
            "until": self.until,
            "scope": self.group.body(),
        }))
    }
}

impl Restored {
    /// Makes the body of the command; without a group everybody has it back.
    pub fn body(&self) -> Value {
        let group = (!self.group.is_everybody()).then(|| self.group.body());
        json!({ "reason": self.reason, "suspension": self.suspension, "group": group })
    }
}

/// Tells a condition in words.
pub fn condition(condition: &Value) -> String {
    let word = |field: &str| condition[field].as_str().unwrap_or("-");
    let by = format!("by {}: {}", word("by"), word("reason"));
    match word("condition") {
        "suspended" => {
            let mut text = format!("suspension {} {by}", condition["number"]);
            if let Some(order) = condition["order"].as_str() {
                text.push_str(&format!(" (order {order})"));
            }
            text.push_str(&format!("; cuts {}", group(&condition["scope"])));
            for restored in condition["restored"].as_array().into_iter().flatten() {
                text.push_str(&format!("; restored to {}", group(restored)));
            }
            if let Some(until) = condition["until"].as_i64() {
                text.push_str(&format!("; to be looked at on {}", Timestamp(until).date()));
            }
            text
        }
        "retired" => {
            let day = condition["on"].as_i64().map(|on| Timestamp(on).date());
            let day = day.map_or_else(|| "-".to_owned(), |day| day.to_string());
            format!("retires on {day} {by} (candidate {})", word("digest"))
        }
        "withdrawn" => format!("withdrawn {by} (candidate {})", word("digest")),
        other => format!("{other} {by}"),
    }
}

/// Tells a group in words.
fn group(group: &Value) -> String {
    let list = |field: &str| {
        let names = group[field].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        names.join(" or ")
    };
    let mut parts = Vec::new();
    for (field, word) in [("teams", "team"), ("use_cases", "use case")] {
        let names = list(field);
        if !names.is_empty() {
            parts.push(format!("{word} {names}"));
        }
    }
    for (name, value) in group["attributes"].as_object().into_iter().flatten() {
        parts.push(format!("{name}={}", value.as_str().unwrap_or("-")));
    }
    if parts.is_empty() {
        return "everybody".to_owned();
    }
    parts.join(" and ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::condition;

    #[test]
    fn a_condition_is_told_in_words() {
        let held = json!({ "condition": "held", "by": "ada", "reason": "look closer" });
        assert_eq!(condition(&held), "held by ada: look closer");
        let suspended = json!({
            "condition": "suspended", "number": 4, "by": "ada", "reason": "an order",
            "order": "X-1", "until": 1_772_323_200_000_i64,
            "scope": { "teams": ["red", "blue"], "attributes": { "region": "eu" } },
            "restored": [{ "use_cases": ["triage"] }],
        });
        assert_eq!(
            condition(&suspended),
            "suspension 4 by ada: an order (order X-1); cuts team red or blue and region=eu; \
             restored to use case triage; to be looked at on 2026-03-01"
        );
        let all = json!({
            "condition": "suspended", "number": 5, "by": "ada", "reason": "an order", "scope": {},
        });
        assert_eq!(
            condition(&all),
            "suspension 5 by ada: an order; cuts everybody"
        );
    }
}
