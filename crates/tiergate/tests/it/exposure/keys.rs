//! Keys on ports and for purposes that are not theirs. It must not test names or headers.

use super::scene::{Scene, in_both_dialects, reveals_nothing};
use crate::client::Ask;

#[test]
fn a_callers_and_an_evaluators_key_open_nothing_on_the_admin_port() {
    let scene = Scene::start();
    for route in control::ROUTES {
        if route.access == control::Access::Open {
            continue;
        }
        let path = route.path.replace(['{', '}'], "");
        for key in [&scene.bench.caller, &scene.helper, &scene.evaluator] {
            let ask = Ask::new(route.method, &path);
            for ask in [
                ask.clone().bearer(&key.key),
                ask.with("x-api-key", &key.key),
            ] {
                let answer = ask.to(scene.bench.gateway.admin);
                assert_eq!(answer.status, 401, "{path}: {}", answer.text());
                reveals_nothing(&answer, "\u{0}");
            }
        }
    }
}

#[test]
fn an_operators_key_asks_no_model() {
    let scene = Scene::start();
    let key = &scene.operator.key;
    for name in ["haiku", "mythos", "release/mythos/candidate"] {
        for ask in in_both_dialects(name, key) {
            assert_eq!(scene.ask(&ask).status, 401, "{name}");
        }
    }
    let list = Ask::get("/v1/models").bearer(&key.key);
    assert_eq!(scene.ask(&list).status, 401);
    assert!(scene.bench.fake.requests().is_empty());
}

#[test]
fn an_evaluators_key_reaches_the_arms_of_its_release_and_nothing_else() {
    let scene = Scene::start();
    let key = &scene.evaluator;
    for (arm, model) in [("candidate", "successor"), ("incumbent", "plain")] {
        for ask in in_both_dialects(&format!("release/successor/{arm}"), key) {
            assert_eq!(scene.ask(&ask).is(200).model(), Some(model));
        }
    }
    for name in [
        "haiku",
        "opus",
        "plain",
        "successor",
        "mythos",
        "capybara",
        "gpt-4o",
        "release/mythos/candidate",
        "release/successor",
        "release/successor/",
        "release/successor/candidate/",
        "release/successor/Candidate",
        "release/successor/judge",
        "release/successor/../mythos/candidate",
        "Release/successor/candidate",
        "release//successor/candidate",
    ] {
        for ask in in_both_dialects(name, key) {
            let answer = scene.ask(&ask);
            assert_eq!(answer.status, 404, "{name}: {}", answer.text());
        }
    }
    let list = Ask::get("/v1/models").bearer(&key.key);
    let listed = scene.ask(&list).is(200).text();
    assert!(
        !listed.contains("mythos") && !listed.contains("capybara"),
        "{listed}"
    );
}

#[test]
fn a_key_that_is_revoked_expired_or_misspelt_opens_nothing() {
    let scene = Scene::start();
    let (home, listen) = (&scene.bench.home, scene.bench.gateway.listen);
    let spare = home.caller("spare", &[]);
    let ask = |key: &str| Ask::chat("haiku").bearer(key).to(listen);
    crate::patience::eventually("the key made beside the gateway is known", || {
        (ask(&spare.key).status == 200).then_some(())
    });
    home.run(&["key", "revoke", &spare.id]).is(0);
    crate::patience::eventually("the revoked key is refused", || {
        (ask(&spare.key).status == 401).then_some(())
    });
    let good = &scene.helper.key;
    for wrong in [
        &good[..good.len() - 1],
        &good.to_uppercase(),
        &format!("{good}a"),
        &good.replacen("tg_", "tg-", 1),
        &format!("{}{}", &good[..18], &spare.key[18..]),
        "",
        "null",
    ] {
        assert_eq!(ask(wrong).status, 401, "{wrong}");
    }
    ask(good).is(200);
}
