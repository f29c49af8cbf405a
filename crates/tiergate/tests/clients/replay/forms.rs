//! Streamed and whole answers of one content, seen alike by every SDK from every dialect behind
//! the gateway. It must not know how an answer is written.

use serde_json::{Value, json};
use testkit::{Form, Library};

use super::faces::FACES;
use super::oracle;
use super::scene::{Asked, Scene};
use super::shapes::{SHAPES, exchanges};
use crate::environment::skip;

#[test]
fn streamed_and_whole_answers_agree() {
    let scenario = "streamed and whole answers";
    if let Some(why) = FACES.iter().find_map(|face| oracle::script(face).err()) {
        return skip(scenario, &why);
    }
    let scene = Scene::over(exchanges(), Asked::ByName);
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for face in FACES {
        let all = scene.library.exchanges().iter().enumerate();
        let jobs: Vec<Value> = all
            .map(|(at, exchange)| {
                json!({
                    "base_url": format!("http://{}{}", scene.gateway.address, face.base),
                    "key": scene.gateway.key, "model": Library::name(at),
                    "stream": exchange.form == Form::Stream, "request": null, "strict": true,
                })
            })
            .collect();
        let told = oracle::run(face, &scene.gateway, &jobs);
        let both = scene.library.exchanges().chunks(2).zip(told.chunks(2));
        for (exchanges, told) in both {
            let [whole, streamed] = told else {
                panic!("answers come in pairs");
            };
            pairs += 1;
            let (whole, streamed) = (shown(&whole.result), shown(&streamed.result));
            if whole != streamed || whole["parts"].is_null() {
                let name = &exchanges[0].name;
                let seen = format!("whole {whole}\n    streamed {streamed}");
                wrong.push(format!("{name} for {}:\n    {seen}", face.dialect));
            }
        }
    }
    assert_eq!(pairs, FACES.len() * FACES.len() * SHAPES.len());
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Leaves out what an SDK holds beside the neutral form.
fn shown(seen: &Value) -> Value {
    let mut seen = seen.clone();
    if let Some(fields) = seen.as_object_mut() {
        fields.remove("dump");
    }
    seen
}
