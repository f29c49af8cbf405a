//! The small parts: the error table, the day's counts, the metrics. It must not start a server.

use std::collections::BTreeSet;

use domain::{ReleaseName, Timestamp};

use crate::{Class, Metrics, Today};

#[test]
fn every_class_has_a_code_of_its_own_and_a_remedy() {
    let codes: BTreeSet<_> = Class::ALL.iter().map(|class| class.row().code).collect();
    assert_eq!(codes.len(), Class::ALL.len());
    for class in Class::ALL {
        let row = class.row();
        assert!((400..600).contains(&row.status), "{class:?}");
        assert!(!row.says.is_empty() && !row.remedy.is_empty(), "{class:?}");
        assert!(
            !row.says.ends_with('.') && !row.remedy.ends_with('.'),
            "{class:?}"
        );
    }
}

#[test]
fn a_days_tokens_start_again_at_midnight() {
    let noon = Timestamp(1_795_521_600_000);
    let mythos = ReleaseName::new("mythos");
    let other = ReleaseName::new("other");
    let today = Today::starting(noon, [(mythos.clone(), 40)]);
    today.add(&mythos, noon, 2);
    today.add(&other, noon, 7);
    assert_eq!(
        (today.used(&mythos, noon), today.used(&other, noon)),
        (42, 0)
    );
    let carried = today.carried(noon, [&mythos, &other]);
    carried.add(&other, noon, 7);
    assert_eq!(
        (carried.used(&mythos, noon), carried.used(&other, noon)),
        (42, 7)
    );
    let tomorrow = noon.plus_days(1);
    assert_eq!(carried.used(&mythos, tomorrow), 0);
    carried.add(&mythos, tomorrow, 5);
    assert_eq!(carried.used(&mythos, tomorrow), 5);
}

#[tokio::test]
async fn metrics_count_what_the_rows_say() {
    let bench = super::Bench::start().await;
    assert_eq!(bench.chat("haiku", true).await.head.status, 200);
    assert_eq!(bench.chat("absent", false).await.head.status, 404);
    let metrics = Metrics::new();
    metrics.on_batch(&bench.rows(2).await);
    let text = metrics.render(bench.gateway.accounts());
    let requests = |labels: &str, end: &str| {
        format!(r#"tiergate_requests_total{{{labels},dialect="openai-chat",{end}}} 1"#)
    };
    let answered = r#"outcome="success",status="200""#;
    let denied = r#"outcome="denied",status="404""#;
    for line in [
        requests(r#"tier="haiku",model="plain""#, answered).as_str(),
        requests(r#"tier="none",model="none""#, denied).as_str(),
        "tiergate_requests_in_flight 0",
        "tiergate_usage_rows_lost 0",
        r#"tiergate_first_output_seconds_count{tier="haiku",model="plain"} 1"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
