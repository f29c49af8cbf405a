//! Every route of both routers, in every spelling of its path and under every method: none answers
//! without a credential but the two that say that the process is alive, and none tells a sealed
//! name from an unknown one. It must not list a route itself.

use std::net::SocketAddr;

use super::scene::{Scene, UNKNOWN, reveals_nothing, without_ids};
use crate::client::{Answer, Ask};

/// One row of either table.
#[derive(Clone, Copy, Debug)]
struct Route {
    method: &'static str,
    path: &'static str,
    is_open: bool,
    port: Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    Applications,
    Operators,
}

fn routes() -> Vec<Route> {
    let applications = gateway::ROUTES.iter().map(|route| Route {
        method: route.method,
        path: route.path,
        is_open: route.access == gateway::Access::Open,
        port: Port::Applications,
    });
    let operators = control::ROUTES.iter().map(|route| Route {
        method: route.method,
        path: route.path,
        is_open: route.access == control::Access::Open,
        port: Port::Operators,
    });
    let routes: Vec<Route> = applications.chain(operators).collect();
    assert!(routes.len() > 20, "both tables are walked: {routes:?}");
    routes
}

impl Route {
    /// Writes its path with a name in the place of what is in braces.
    fn filled(self, name: &str) -> String {
        match (self.path.split_once('{'), self.path.split_once('}')) {
            (Some((before, _)), Some((_, after))) => format!("{before}{name}{after}"),
            _ => self.path.to_owned(),
        }
    }

    fn address(self, scene: &Scene) -> SocketAddr {
        match self.port {
            Port::Applications => scene.bench.gateway.listen,
            Port::Operators => scene.bench.gateway.admin,
        }
    }
}

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

fn is_alive_or_ready(route: Route) -> bool {
    route.method == "GET" && ["/healthz", "/readyz"].contains(&route.path)
}

/// Other spellings of a path; each must be as closed as the one that is meant.
fn spellings(path: &str) -> Vec<String> {
    let upper = path.to_uppercase();
    let spellings = [
        format!("{path}/"),
        format!("/{path}"),
        format!("/.{path}"),
        format!("/x/..{path}"),
        path.replacen('/', "//", 2),
        path.replacen("/v1", "/%76%31", 1),
        path.replacen("/v1", "/V1", 1),
        format!("{path};x=1"),
        format!("{path}%20"),
        format!("{path}%00"),
        format!("{path}%2f"),
        format!("{path}.json"),
        format!("{path}?model=mythos"),
        format!("http://localhost{path}"),
        upper,
    ];
    // Not every change finds something to change.
    let is_other = |spelling: &String| spelling != path;
    spellings.into_iter().filter(is_other).collect()
}

#[test]
fn only_two_routes_are_open_and_they_say_nothing() {
    let scene = Scene::start();
    for route in routes() {
        assert_eq!(route.is_open, is_alive_or_ready(route), "{route:?}");
        let ask = Ask::new(route.method, &route.filled("mythos"));
        let answer = ask.to(route.address(&scene));
        if route.is_open {
            let told = answer.is(200);
            assert!(told.body.len() < 16, "{route:?}: {}", told.text());
            assert!(told.header("tiergate-decision").is_none(), "{route:?}");
        } else {
            assert_eq!(answer.status, 401, "{route:?}: {}", answer.text());
            reveals_nothing(&answer, "\u{0}");
        }
    }
}

#[test]
fn no_method_and_no_spelling_answers_without_a_credential() {
    let scene = Scene::start();
    for route in routes() {
        let path = route.filled("mythos");
        for method in METHODS {
            let answer = Ask::new(method, &path).to(route.address(&scene));
            let is_meant = route.is_open && *method == "GET";
            let expected = if is_meant { 200 } else { 401 };
            assert_eq!(
                answer.status,
                expected,
                "{method} {path}: {}",
                answer.text()
            );
        }
        for spelling in spellings(&path) {
            let answer = Ask::new(route.method, &spelling).to(route.address(&scene));
            // A query and the absolute form name the same route; all else is another path.
            let is_same = ["?", "http://"].iter().any(|mark| spelling.contains(mark));
            let expected = if route.is_open && is_same { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{spelling}: {}", answer.text());
        }
    }
}

/// How many envelopes an error can come in: OpenAI's, Anthropic's and Google's.
const ENVELOPES: usize = 3;

#[test]
fn without_a_credential_a_route_that_is_there_and_one_that_is_not_say_the_same() {
    let scene = Scene::start();
    for port in [Port::Applications, Port::Operators] {
        let mut refusals: Vec<String> = routes()
            .into_iter()
            .filter(|route| route.port == port && !route.is_open)
            .map(|route| {
                // One dialect's envelope for all, as far as the path does not choose it.
                let ask = Ask::new(route.method, &route.filled("mythos"));
                let ask = ask.with("anthropic-version", "2023-06-01");
                (route, ask.to(route.address(&scene)))
            })
            .map(|(route, answer)| of_its_dialect(route, &answer))
            .collect();
        let route = Route {
            method: "GET",
            path: "/nothing",
            is_open: false,
            port,
        };
        let ask = Ask::get("/nothing").with("anthropic-version", "2023-06-01");
        refusals.push(of_its_dialect(route, &ask.to(route.address(&scene))));
        refusals.sort();
        refusals.dedup();
        assert!(refusals.len() <= ENVELOPES, "{refusals:#?}");
    }
}

/// Writes a refusal down without ids, marked with the envelope that its path chose.
fn of_its_dialect(route: Route, answer: &Answer) -> String {
    assert_eq!(answer.status, 401, "{route:?}");
    without_ids(answer, "\u{0}")
}

#[test]
fn with_a_callers_key_no_route_tells_a_sealed_name_from_an_unknown_one() {
    let scene = Scene::start();
    for route in routes().into_iter().filter(|route| !route.is_open) {
        for key in scene.callers() {
            let told = |name: &str| {
                let ask = Ask::new(route.method, &route.filled(name)).bearer(&key.key);
                let answer = ask.to(route.address(&scene));
                assert_eq!(
                    route.port == Port::Operators,
                    answer.status == 401,
                    "{route:?}"
                );
                reveals_nothing(&answer, name);
                without_ids(&answer, name)
            };
            assert_eq!(told("mythos"), told(UNKNOWN), "{route:?}");
            assert_eq!(
                told("mythos:generateContent"),
                told("mythes:generateContent")
            );
        }
    }
}

#[test]
fn with_a_callers_key_no_spelling_of_a_path_leads_elsewhere() {
    let scene = Scene::start();
    for route in routes() {
        for spelling in spellings(&route.filled("mythos")) {
            let ask = Ask::new(route.method, &spelling).bearer(&scene.helper.key);
            let answer = ask.to(route.address(&scene));
            // The name that a path ends with is said back as it is written, without the query.
            let asked = spelling.split('?').next().unwrap_or_default();
            reveals_nothing(&answer, asked.rsplit('/').next().unwrap_or_default());
            assert!(answer.status < 500, "{spelling}: {}", answer.text());
        }
    }
    scene.reached_nothing_sealed();
}

#[test]
fn the_exposure_command_finds_nothing_open() {
    let scene = Scene::start();
    let gateway = &scene.bench.gateway;
    let (listen, admin) = (gateway.listen.to_string(), gateway.admin.to_string());
    let command = ["exposure", "--listen", &listen, "--admin", &admin, "--json"];
    let told = scene.bench.home.run(&command).is(0).json();
    let rows = told.as_array().unwrap();
    assert_eq!(rows.len(), routes().len());
    for row in rows {
        let path = row["path"].as_str().unwrap();
        let is_open = ["/healthz", "/readyz"].contains(&path);
        assert_eq!(row["status"], if is_open { 200 } else { 401 }, "{row}");
        assert_eq!(row["exposed"], false, "{row}");
    }
}
