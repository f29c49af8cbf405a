//! Which price holds when.

use super::{Peak, PricePeriod, Prices};
use crate::money::TokenPrices;
use crate::time::Timestamp;

fn prices(input: u64) -> TokenPrices {
    TokenPrices {
        input_usd_micros: input,
        output_usd_micros: 5 * input,
        ..TokenPrices::default()
    }
}

fn period(from: Option<&str>, input: u64, peak: Option<Peak>) -> PricePeriod {
    PricePeriod {
        from: from.map(|day| day.parse().unwrap()),
        prices: prices(input),
        peak,
        basis: "test".into(),
    }
}

fn check(prices: &Prices, at: &str, expected: Option<u64>) {
    let now: Timestamp = at.parse().unwrap();
    let found = prices.at(now).map(|found| found.prices.input_usd_micros);
    assert_eq!(found, expected, "{at}");
}

#[test]
fn a_price_holds_from_its_first_instant_until_the_next() {
    let dated = Prices::new(vec![
        period(Some("2026-12-01"), 4_000_000, None),
        period(Some("2026-10-13"), 2_000_000, None),
    ]);
    check(&dated, "2026-10-12T23:59:59.999Z", None);
    check(&dated, "2026-10-13T00:00:00Z", Some(2_000_000));
    check(&dated, "2026-11-30T23:59:59.999Z", Some(2_000_000));
    check(&dated, "2026-12-01T00:00:00Z", Some(4_000_000));
}

#[test]
fn an_hour_of_the_day_may_cost_more_but_not_on_days_off() {
    let peak = Peak {
        percent: 200,
        utc_hours: vec![[1, 4], [6, 10]],
        weekdays_only: true,
        days_off: vec!["2026-10-01".parse().unwrap()],
    };
    let daily = Prices::new(vec![period(None, 150_000, Some(peak))]);
    // 24 November 2026 is a Tuesday, 28 November a Saturday, 29 a Sunday, 1 October a Thursday.
    check(&daily, "2026-11-24T00:59:59.999Z", Some(150_000));
    check(&daily, "2026-11-24T01:00:00Z", Some(300_000));
    check(&daily, "2026-11-24T03:59:59.999Z", Some(300_000));
    check(&daily, "2026-11-24T04:00:00Z", Some(150_000));
    check(&daily, "2026-11-24T09:30:00Z", Some(300_000));
    check(&daily, "2026-11-28T09:30:00Z", Some(150_000));
    check(&daily, "2026-11-29T01:00:00Z", Some(150_000));
    check(&daily, "2026-10-01T01:00:00Z", Some(150_000));
    check(&daily, "2026-10-08T01:00:00Z", Some(300_000));
}
