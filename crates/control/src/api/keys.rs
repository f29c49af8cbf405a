//! Routes of keys. It must not show a secret twice.

use domain::{Attributes, KeyId, Timestamp, UseCaseName};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use store::{Holder, NewKey, NewKeyKind};

use super::asked::Asked;
use crate::control::Control;
use crate::reply::Reply;

#[derive(Deserialize)]
struct Wanted {
    name: String,
    #[serde(flatten)]
    kind: WantedKind,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WantedKind {
    Caller {
        #[serde(default)]
        team: Option<String>,
        #[serde(default)]
        attributes: Attributes,
        #[serde(default)]
        use_cases: Vec<UseCaseName>,
    },
    Evaluator {
        release: domain::ReleaseName,
    },
    Operator {
        person: domain::PersonName,
    },
}

pub(super) fn list(control: &Control, _asked: &Asked<'_>) -> Reply {
    let keys = match control.store.list_keys() {
        Ok(keys) => keys,
        Err(error) => return Reply::broken(&error),
    };
    let view = |key: &std::sync::Arc<store::Key>| {
        let kind = match &key.holder {
            Holder::Operator { .. } => "operator",
            Holder::Caller(caller) => match caller.kind {
                domain::CallerKind::Application => "caller",
                domain::CallerKind::Evaluator { .. } => "evaluator",
            },
        };
        json!({
            "id": key.id,
            "name": key.name,
            "kind": kind,
            "person": key.operator(),
            "issuer": key.issuer,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        })
    };
    Reply::ok(&keys.iter().map(view).collect::<Vec<_>>())
}

pub(super) fn create(control: &Control, asked: &Asked<'_>) -> Reply {
    let wanted = match Wanted::deserialize(asked.body) {
        Ok(wanted) => wanted,
        Err(error) => {
            let what = format!("the key does not read: {error}");
            let mend = "send name, kind, and what that kind needs";
            return Reply::fault(StatusCode::BAD_REQUEST, "bad_key", &what, mend);
        }
    };
    let kind = match wanted.kind {
        WantedKind::Caller {
            team,
            attributes,
            use_cases,
        } => NewKeyKind::Caller {
            team,
            attributes,
            use_cases,
        },
        WantedKind::Evaluator { release } => NewKeyKind::Evaluator { release },
        WantedKind::Operator { person } => NewKeyKind::Operator { person },
    };
    let issuer = Some(asked.operator.person.clone());
    let new = NewKey {
        name: wanted.name,
        kind,
        expires_at: wanted.expires_at,
        issuer,
    };
    let (id, secret) = match control.store.create_key(&new, asked.now) {
        Ok(made) => made,
        Err(error) => return Reply::broken(&error),
    };
    match control.catch_up() {
        Ok(()) => Reply::ok(&json!({ "id": id, "key": secret.reveal() })),
        Err(error) => Reply::broken(&error),
    }
}

pub(super) fn revoke(control: &Control, asked: &Asked<'_>) -> Reply {
    match control
        .store
        .revoke_key(&KeyId::new(asked.part()), asked.now)
    {
        Ok(true) => match control.catch_up() {
            Ok(()) => Reply::ok(&json!({ "revoked": asked.part() })),
            Err(error) => Reply::broken(&error),
        },
        Ok(false) => Reply::fault(
            StatusCode::NOT_FOUND,
            "no_such_key",
            &format!("there is no key `{}` in force", asked.part()),
            "see the ids in GET /api/v1/keys",
        ),
        Err(error) => Reply::broken(&error),
    }
}
