//! Routes that only look: metrics, the policy in force, and why a decision falls as it does. It
//! must not change anything.

use domain::{Ask, KeyId, explain as explained};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::schema;
use crate::control::Control;
use crate::reply::Reply;

pub(super) fn metrics(control: &Control, _asked: &Asked<'_>) -> Reply {
    Reply::text((control.hooks.metrics)())
}

pub(super) fn policy(control: &Control, _asked: &Asked<'_>) -> Reply {
    let declared = control.declared();
    let generation = control.status().generation;
    Reply::ok(&json!({ "policy": declared.policy.digest, "generation": generation }))
}

/// What is to be explained: what a key would get for a name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The key's id.
    #[schemars(with = "String")]
    key: KeyId,
    /// The tier or alias that it would ask for.
    name: String,
    #[serde(default)]
    use_case: Option<String>,
    #[serde(default)]
    conversation: Option<String>,
}

pub(super) fn explain_body() -> Value {
    schema::of::<Wanted>()
}

pub(super) fn explain(control: &Control, asked: &Asked<'_>) -> Reply {
    match asked.read() {
        Ok(wanted) => explain_to(control, asked, &wanted),
        Err(reply) => reply,
    }
}

fn explain_to(control: &Control, asked: &Asked<'_>, wanted: &Wanted) -> Reply {
    let key = &wanted.key;
    let known = match control.store.key(key) {
        Ok(known) => known,
        Err(error) => return Reply::broken(&error),
    };
    let Some(caller) = known.as_ref().and_then(|key| key.caller()) else {
        let what = format!("there is no caller's key with the id `{key}`");
        let mend = "see the ids with `tiergate key list`";
        return Reply::fault(StatusCode::NOT_FOUND, "no_such_key", &what, mend);
    };
    let declared = control.declared();
    let status = control.status();
    let used_today = |release: &domain::ReleaseName| {
        // A count that cannot be read closes: the quota counts as used up.
        control
            .store
            .tokens_today(release, asked.now)
            .unwrap_or(u64::MAX)
    };
    let ask = Ask {
        caller,
        name: &wanted.name,
        use_case: wanted.use_case.as_deref(),
        conversation: wanted.conversation.as_deref().unwrap_or_default(),
        now: asked.now,
        used_today: &used_today,
    };
    let explanation = explained(&declared.policy, &status, &ask);
    let outcome = match &explanation.outcome {
        Ok(found) => json!({
            "tier": found.tier.name,
            "models": found.models().map(|model| model.name.to_string()).collect::<Vec<_>>(),
            "release": found.release.map(|release| release.plan.name.to_string()),
            "stage": found.release.map(|release| release.stage),
        }),
        Err(denial) => json!({ "denied": denial.to_string() }),
    };
    let steps = &explanation.steps;
    Reply::ok(&json!({ "steps": steps, "outcome": outcome, "generation": status.generation }))
}
