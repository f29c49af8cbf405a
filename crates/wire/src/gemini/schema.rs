//! The API's own schemas, a subset of OpenAPI's, into JSON schemas, which every other API takes.
//! It must not judge a schema, nor be used where the request already holds a JSON schema.

use std::borrow::Cow;

use crate::gemini::names::camel;
use crate::json::cursor::{Cursor, Kind};
use crate::json::write::Writer;

/// Rewrites a schema; what is no object stays as it is.
pub(super) fn rewrite(schema: &str) -> String {
    let mut out = Writer::new();
    write(schema, &mut out);
    String::from_utf8(out.finish()).unwrap_or_default()
}

/// Lists an object's fields under the names of the API's documents.
fn fields(object: &str) -> Vec<(Cow<'_, str>, &str)> {
    let mut fields = Vec::new();
    let mut cursor = Cursor::over(object);
    let walked = cursor.object_or_skip(|cursor, key| {
        cursor.kind()?;
        let span = cursor.skip()?;
        fields.push((key, cursor.slice(span)));
        Ok(())
    });
    debug_assert!(walked.is_ok(), "a schema in a body that was read is whole");
    fields
}

fn elements(array: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let mut cursor = Cursor::over(array);
    let walked = cursor.array_or_skip(|cursor| {
        cursor.kind()?;
        let span = cursor.skip()?;
        elements.push(cursor.slice(span));
        Ok(())
    });
    debug_assert!(walked.is_ok(), "a schema in a body that was read is whole");
    elements
}

fn write(schema: &str, out: &mut Writer) {
    if Cursor::over(schema).kind() != Ok(Kind::Object) {
        out.raw(schema);
        return;
    }
    let fields = fields(schema);
    let find = |name: &str| {
        let found = fields.iter().find(|(key, _)| camel(key) == name);
        found.map(|(_, value)| *value)
    };
    let may_be_null = find("nullable") == Some("true");
    let order = find("propertyOrdering").map(elements).unwrap_or_default();
    let is_typed = find("type").is_some();
    out.object(|out| {
        for (key, value) in &fields {
            let key = camel(key);
            match &*key {
                "nullable" | "propertyOrdering" => {}
                "type" => write_type(value, may_be_null, out),
                "format" if *value == "\"enum\"" => {}
                "enum" if may_be_null => write_with(value, "null", out.key("enum")),
                "anyOf" if may_be_null && !is_typed => out.key("anyOf").array(|out| {
                    elements(value).into_iter().for_each(|one| write(one, out));
                    out.raw(r#"{"type":"null"}"#);
                }),
                "anyOf" | "prefixItems" => out
                    .key(&key)
                    .array(|out| elements(value).into_iter().for_each(|one| write(one, out))),
                "items" | "additionalProperties" => write(value, out.key(&key)),
                "properties" => write_properties(value, &order, out.key(&key)),
                "defs" => write_properties(value, &[], out.key("$defs")),
                "ref" => out.key("$ref").raw(value),
                "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties"
                | "maxProperties" => out.key(&key).raw(value.trim_matches('"')),
                key => out.key(key).raw(value),
            }
        }
    });
}

/// Writes a type in small letters; one that says nothing is left out.
fn write_type(value: &str, may_be_null: bool, out: &mut Writer) {
    if !value.starts_with('"') {
        out.key("type").raw(value);
        return;
    }
    let word = value.trim_matches('"').to_ascii_lowercase();
    if word == "type_unspecified" {
        return;
    }
    let out = out.key("type");
    if may_be_null && word != "null" {
        out.array(|out| {
            out.string(&word);
            out.string("null");
        });
    } else {
        out.string(&word);
    }
}

fn write_with(array: &str, more: &str, out: &mut Writer) {
    out.array(|out| {
        let values = elements(array);
        values.iter().for_each(|value| out.raw(value));
        if !values.contains(&more) {
            out.raw(more);
        }
    });
}

/// Writes properties in the order asked for: models write them in the order of the schema. Their
/// names are the application's own and stay as they are.
fn write_properties(object: &str, order: &[&str], out: &mut Writer) {
    let mut properties = fields(object);
    let rank = |name: &str| {
        let is_it = |wanted: &&str| {
            let wanted = Cursor::over(wanted).string();
            wanted.is_ok_and(|wanted| wanted == name)
        };
        order.iter().position(is_it).unwrap_or(order.len())
    };
    properties.sort_by_key(|(name, _)| rank(name));
    out.object(|out| {
        for (name, schema) in properties {
            write(schema, out.key(&name));
        }
    });
}
