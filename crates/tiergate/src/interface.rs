//! The interface of either port as an OpenAPI document, made from the routes' rows. It must not
//! hold what a row could hold.

use serde_json::{Map, Value, json};

const VERSION: &str = "3.1.0";

/// Is a route as the document shows it.
struct Operation {
    method: &'static str,
    path: &'static str,
    about: String,
    is_open: bool,
    body: Option<Value>,
}

/// Describes the applications' port.
pub fn of_applications() -> Value {
    let operations = gateway::ROUTES.iter().map(|route| Operation {
        method: route.method,
        path: route.path,
        about: route.about(),
        is_open: route.access == gateway::Access::Open,
        body: route.body(),
    });
    document("Tiergate for applications", operations)
}

/// Describes the operators' port.
pub fn of_operators() -> Value {
    let operations = control::ROUTES.iter().map(|route| Operation {
        method: route.method,
        path: route.path,
        about: route.about.to_owned(),
        is_open: route.access == control::Access::Open,
        body: route.body.map(|schema| schema()),
    });
    document("Tiergate for operators", operations)
}

fn document(title: &str, operations: impl Iterator<Item = Operation>) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = described(&operation);
    }
    json!({
        "openapi": VERSION,
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION") },
        "components": { "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } } },
        "paths": paths,
    })
}

fn described(operation: &Operation) -> Value {
    let mut shown = json!({
        "summary": operation.about,
        "responses": {
            "200": { "description": "It was done." },
            "default": { "description": "It was not, and the body says why and how to mend it." },
        },
    });
    let parameters: Vec<Value> = braces(operation.path).map(parameter).collect();
    if !parameters.is_empty() {
        shown["parameters"] = Value::Array(parameters);
    }
    if !operation.is_open {
        shown["security"] = json!([{ "key": [] }]);
    }
    if let Some(schema) = &operation.body {
        let content = json!({ "application/json": { "schema": schema } });
        shown["requestBody"] = json!({ "required": true, "content": content });
    }
    shown
}

fn parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

/// Lists the names that stand in braces in a path.
fn braces(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
}
