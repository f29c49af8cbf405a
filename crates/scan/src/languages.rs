//! Lists the languages that are read, and finds the one of a file. It must not look into files.

mod containerfile;
mod go;
mod hcl;
mod java;
mod json;
mod other;
mod python;
mod rust;
mod shell;
mod toml;
mod typescript;
mod yaml;

use crate::language::Language;

/// The languages, one file and one row each. The first that knows a file's name has it.
const LANGUAGES: &[&Language] = &[
    &python::PYTHON,
    &typescript::TYPESCRIPT,
    &typescript::JAVASCRIPT,
    &go::GO,
    &rust::RUST,
    &java::JAVA,
    &other::NOTEBOOK,
    &other::SETTINGS,
    &other::PROSE,
    &containerfile::CONTAINERFILE,
    &yaml::YAML,
    &json::JSON,
    &toml::TOML,
    &shell::SHELL,
    &hcl::HCL,
];

/// Finds the language of a file by its name; one that is read line by line for all others.
pub(crate) fn language(path: &str) -> &'static Language {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let by_name = |row: &&&Language| row.files.iter().any(|pattern| matches(pattern, &name));
    if let Some(row) = LANGUAGES.iter().find(by_name) {
        return row;
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let by_extension =
        |row: &&&Language| extension.is_some_and(|extension| row.extensions.contains(&extension));
    let found = LANGUAGES.iter().find(by_extension);
    found.copied().unwrap_or(&other::OTHER)
}

/// Finds a language by how reports name it.
pub(crate) fn named(name: &str) -> &'static Language {
    let found = LANGUAGES.iter().find(|row| row.name == name);
    found.copied().unwrap_or(&other::OTHER)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((front, back)) => {
            let is_long_enough = name.len() >= front.len() + back.len();
            is_long_enough && name.starts_with(front) && name.ends_with(back)
        }
        None => pattern == name,
    }
}
