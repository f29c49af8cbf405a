//! An object's fields with their places, and edits of them that leave every other byte: values
//! replaced, fields taken out with their comma, put in or renamed. It must not know what a field
//! means.

use std::ops::Range;

use bytes::Bytes;

use crate::fault::BadRequest;
use crate::json::cursor::{Broken, Cursor, Kind, Scan};
use crate::json::write::quote;
use crate::splice::{Patch, apply};

/// Tells whether the object at a path is looked into.
pub(crate) type Leads<'l> = &'l dyn Fn(&[String]) -> bool;

/// Holds a body and the edits that it is to get.
pub(crate) struct Editor<'b> {
    body: &'b Bytes,
    root: Object,
}

/// Holds an object's fields, as far as they are looked into.
#[derive(Debug, Default)]
struct Object {
    /// Right behind its brace.
    open: usize,
    fields: Vec<Field>,
    /// Fields to be put in: key and value as JSON text.
    added: Vec<(String, String)>,
}

#[derive(Debug)]
struct Field {
    key: String,
    /// The end of the field before it, or the object's brace: its comma is behind that.
    from: usize,
    value: Range<usize>,
    inner: Option<Object>,
    is_removed: bool,
    /// What stands in the place of its value.
    new_value: Option<String>,
    /// What stands in the place of its key, without quotation marks.
    new_key: Option<String>,
}

impl<'b> Editor<'b> {
    /// Reads a body.
    pub(crate) fn read(body: &'b Bytes, leads: Leads<'_>) -> Result<Self, BadRequest> {
        let read = || {
            let mut cursor = Cursor::new(body)?;
            let root = Object::read(&mut cursor, &mut Vec::new(), leads)?;
            cursor.end()?;
            Ok(root)
        };
        let root = read().map_err(|broken: Box<Broken>| broken.to_bad_request(body))?;
        Ok(Self { body, root })
    }

    fn text(&self, span: &Range<usize>) -> &str {
        let bytes = self.body.get(span.clone()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Shows a field's value as JSON text; one that is null counts as absent.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&str> {
        let mut found = None;
        self.root
            .visit(path, &mut |field| found = Some(field.value.clone()));
        found
            .map(|span| self.text(&span))
            .filter(|text| *text != "null")
    }

    /// Replaces a field's value, in each of the places where it stands; the last word counts.
    pub(super) fn replace(&mut self, path: &[&str], json: &str) {
        let see = &mut |field: &mut Field| field.new_value = Some(json.to_owned());
        self.root.visit_mut(path, see);
    }

    /// Takes a field out.
    pub(super) fn remove(&mut self, path: &[&str]) {
        self.root
            .visit_mut(path, &mut |field| field.is_removed = true);
    }

    /// Sets a field: its value where it is there, else the field where it belongs.
    pub(super) fn set(&mut self, path: &[&str], json: &str) {
        let mut is_there = false;
        self.root.visit(path, &mut |_| is_there = true);
        if is_there {
            return self.replace(path, json);
        }
        let Some((key, outer)) = path.split_last() else {
            return;
        };
        if outer.is_empty() {
            return self.root.add(key, json);
        }
        let mut is_in = false;
        self.root.visit_mut(outer, &mut |parent| {
            if let Some(inner) = &mut parent.inner
                && !std::mem::replace(&mut is_in, true)
            {
                inner.add(key, json);
            }
        });
        if !is_in {
            self.set(outer, &format!("{{{}:{json}}}", quoted(key)));
        }
    }

    /// Gives a field another name.
    pub(super) fn rename(&mut self, path: &[&str], key: &str) {
        let see = &mut |field: &mut Field| field.new_key = Some(key.to_owned());
        self.root.visit_mut(path, see);
    }

    /// Gives the body with its edits.
    pub(super) fn finish(self) -> Bytes {
        let mut patches = Vec::new();
        self.root.patch(self.body, &mut patches);
        if patches.is_empty() {
            return self.body.clone();
        }
        apply(self.body, patches)
    }
}

impl Object {
    fn read<'a>(cursor: &mut Cursor<'a>, path: &mut Vec<String>, leads: Leads<'_>) -> Scan<Self> {
        cursor.kind()?;
        let mut object = Self {
            open: cursor.at() + 1,
            ..Self::default()
        };
        let mut from = object.open;
        cursor.object(|cursor, key| {
            path.push(key.into_owned());
            let is_object = cursor.kind()? == Kind::Object;
            let start = cursor.at();
            let inner = if is_object && leads(path) {
                Some(Self::read(cursor, path, leads)?)
            } else {
                cursor.pass()?;
                None
            };
            object.fields.push(Field {
                key: path.pop().unwrap_or_default(),
                from,
                value: start..cursor.at(),
                inner,
                is_removed: false,
                new_value: None,
                new_key: None,
            });
            from = cursor.at();
            Ok(())
        })?;
        Ok(object)
    }

    fn add(&mut self, key: &str, json: &str) {
        self.added.retain(|(other, _)| other != key);
        self.added.push((key.to_owned(), json.to_owned()));
    }

    /// Shows each field at the path: a name may stand in an object twice.
    fn visit(&self, path: &[&str], see: &mut dyn FnMut(&Field)) {
        let Some((key, rest)) = path.split_first() else {
            return;
        };
        for field in self.fields.iter().filter(|field| field.key == *key) {
            match (&field.inner, rest.is_empty()) {
                (_, true) => see(field),
                (Some(inner), false) => inner.visit(rest, see),
                (None, false) => {}
            }
        }
    }

    fn visit_mut(&mut self, path: &[&str], see: &mut dyn FnMut(&mut Field)) {
        let Some((key, rest)) = path.split_first() else {
            return;
        };
        for field in self.fields.iter_mut().filter(|field| field.key == *key) {
            match (&mut field.inner, rest.is_empty()) {
                (_, true) => see(field),
                (Some(inner), false) => inner.visit_mut(rest, see),
                (None, false) => {}
            }
        }
    }

    /// Makes patches of what is put in and taken out.
    fn patch(&self, body: &[u8], patches: &mut Vec<Patch>) {
        let stays = |field: &&Field| !field.is_removed;
        let first = self.fields.iter().find(stays);
        if !self.added.is_empty() {
            let comma = if first.is_some() { "," } else { "" };
            let fields = self.added.iter();
            let fields = fields.map(|(key, json)| format!("{}:{json}", quoted(key)));
            let text = format!("{}{comma}", fields.collect::<Vec<_>>().join(","));
            patches.push(Patch::new(self.open..self.open, text));
        }
        for field in &self.fields {
            if field.is_removed {
                patches.push(Patch::new(field.from..field.value.end, ""));
            } else {
                field.patch(body, patches);
            }
        }
        // The first that stays has nothing to be parted from any more.
        if let Some(first) = first.filter(|first| first.from > self.open) {
            let before = body.get(first.from..first.value.start).unwrap_or_default();
            if let Some(comma) = memchr::memchr(b',', before) {
                let at = first.from + comma;
                patches.push(Patch::new(at..at + 1, ""));
            }
        }
    }
}

impl Field {
    fn patch(&self, body: &[u8], patches: &mut Vec<Patch>) {
        if let Some(key) = &self.new_key {
            let before = body.get(self.from..self.value.start).unwrap_or_default();
            let ends = (memchr::memchr(b'"', before), memchr::memrchr(b'"', before));
            if let (Some(start), Some(end)) = ends {
                let span = self.from + start..self.from + end + 1;
                patches.push(Patch::new(span, quoted(key)));
            }
        }
        match (&self.new_value, &self.inner) {
            (Some(json), _) => patches.push(Patch::new(self.value.clone(), json.as_str())),
            (None, Some(inner)) => inner.patch(body, patches),
            (None, None) => {}
        }
    }
}

/// Writes a string as JSON text.
pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    quote(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
