//! Takes a caller's report on how one of its decisions turned out. It must not judge the report,
//! nor know whether a release waits for it.

use std::sync::Arc;
use std::time::Duration;

use domain::KeyId;
use http::HeaderMap;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::json;
use store::{DecisionId, OutcomeReport, Reported, Store, StoreError};
use wire::BadRequest;

use crate::account::Accounts;
use crate::config::Config;
use crate::decisions::now;
use crate::decode;
use crate::error::{Class, Error};
use crate::gateway::{Gateway, OnOutcome};

/// The longest report, in bytes; the longest that says something has some 100.
const MAX_BODY_BYTES: usize = 4 << 10;
/// How long a report waits for the row of a decision that was made just now.
const SETTLE_WITHIN: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    decision: String,
    success: Option<bool>,
    score: Option<f64>,
}

/// Takes a report and gives the answer's body.
///
/// # Errors
/// Fails when the body is no report, when no decision of this key has the id, when another report
/// stands, and when the report cannot be kept.
pub async fn take(
    gateway: &Gateway,
    key: &KeyId,
    headers: &HeaderMap,
    body: &mut Incoming,
) -> Result<Vec<u8>, Error> {
    let limits = Config {
        max_body_bytes: MAX_BODY_BYTES,
        ..gateway.config()
    };
    let bytes = decode::read(headers, body, &limits).await?;
    let (decision, report) = read(&bytes)?;
    let keeping = Keeping {
        store: Arc::clone(gateway.shared_store()),
        // Another process's row is in no queue of ours, and has to be durable already.
        accounts: { gateway.decisions().has_made(decision) }
            .then(|| Arc::clone(gateway.accounts())),
        key: key.clone(),
        decision,
        report,
        on_outcome: gateway.on_outcome().cloned(),
    };
    // The disk is waited for, which no thread that answers may do.
    let kept = tokio::task::spawn_blocking(move || keeping.run()).await;
    match kept {
        Ok(Ok(Reported::New(_) | Reported::Again)) => {
            let told = json!({ "decision": decision.to_string(), "kept": true });
            Ok(told.to_string().into_bytes())
        }
        Ok(Ok(Reported::Unknown)) => Err(Error::caller(Class::UnknownDecision)),
        Ok(Ok(Reported::Otherwise)) => Err(Error::caller(Class::AlreadyReported)),
        Ok(Err(fault)) => {
            tracing::error!(%fault, "an outcome could not be kept");
            Err(Error::of_ours(Class::NotKept))
        }
        Err(_) => Err(Error::of_ours(Class::NotKept)),
    }
}

fn read(bytes: &[u8]) -> Result<(DecisionId, OutcomeReport), Error> {
    let wrong = |field: &str, what: &str| Error::bad_request(BadRequest::of(field, what));
    let body: Body = serde_json::from_slice(bytes)
        .map_err(|fault| Error::caller(Class::BadRequest).detailed(fault.to_string()))?;
    let decision = body.decision.parse();
    let decision = decision.map_err(|fault: store::NotADecision| {
        let fault = fault.to_string();
        wrong("decision", &fault)
    })?;
    let report = OutcomeReport {
        success: body.success,
        score: body.score,
    };
    match (report.value(), report.score) {
        (Some(_), _) => Ok((decision, report)),
        (None, Some(_)) => Err(wrong("score", "must be from 0 to 1")),
        (None, None) => Err(wrong("success", "or `score` is required")),
    }
}

/// Keeps one report.
struct Keeping {
    store: Arc<Store>,
    /// Where the decision's row may still wait.
    accounts: Option<Arc<Accounts>>,
    key: KeyId,
    decision: DecisionId,
    report: OutcomeReport,
    on_outcome: Option<Arc<OnOutcome>>,
}

impl Keeping {
    fn run(&self) -> Result<Reported, StoreError> {
        let mut reported = self.try_once()?;
        if let (Reported::Unknown, Some(accounts)) = (&reported, &self.accounts) {
            // A row is handed on before the last of its answer is, and is durable after a flush.
            // What is late even then counts as unknown, and the caller may report again.
            accounts.settle(SETTLE_WITHIN);
            reported = self.try_once()?;
        }
        if let (Reported::New(Some(row)), Some(tell)) = (&reported, &self.on_outcome) {
            tell(row);
        }
        Ok(reported)
    }

    fn try_once(&self) -> Result<Reported, StoreError> {
        self.store
            .report_outcome(&self.key, &self.decision, self.report, now())
    }
}
