//! Which model a plan is about: one that ships, a `config.json`, or a sketch. It must not guess
//! one.

use std::path::{Path, PathBuf};

use clap::Args;
use plan::model::Model;
use plan::models::{Models, config, sketch};
use serde::Serialize;
use serde_json::Value;

use crate::exit::Fault;
use crate::input::{self, Mends};
use crate::options::Common;

/// Names a model.
#[derive(Args)]
pub struct Named {
    /// A model that ships, by name, or the path of a Hugging Face config.json; `--config FILE.json`
    /// is taken as the latter, too
    model: Option<String>,
    /// A model that exists as a size alone, such as "10T, 0.8T active, 128 experts"
    #[arg(long, value_name = "TEXT", conflicts_with = "model")]
    sketch: Option<String>,
}

/// Holds a model and what its shape rests on.
#[derive(Debug)]
pub struct Chosen {
    /// The model.
    pub model: Model,
    /// What it rests on.
    pub basis: Basis,
    /// The models on whose outputs its maker trained it, as far as that is known.
    pub teachers: Vec<String>,
}

/// Says what a model's shape rests on.
#[derive(Clone, Debug, Serialize)]
pub struct Basis {
    /// `fact`, or `assumption` of a sketch.
    pub kind: &'static str,
    /// Where it stands.
    pub source: String,
    /// The day on which it was read.
    pub read_on: String,
}

/// Most bytes of a configuration.
const MOST_BYTES: u64 = 1 << 24;

impl Named {
    /// Finds the model.
    ///
    /// # Errors
    /// Fails when there is none of that name, or its description does not read.
    pub fn choose(&self, common: &Common) -> Result<Chosen, Fault> {
        if let Some(text) = &self.sketch {
            return sketched(text);
        }
        if let Some(path) = self
            .path()
            .or_else(|| is_json(&common.config).then(|| common.config.clone()))
        {
            return configured(&path);
        }
        let models = Models::shipped().map_err(super::faults::broken)?;
        let Some(name) = &self.model else {
            let what = "no model is named";
            let known: Vec<&str> = models.all().map(|model| model.name.as_str()).collect();
            let known = known.join(", ");
            let mend = format!("name a config.json, give --sketch, or name one of {known}");
            return Err(Fault::new(what, mend));
        };
        let found = models.find(name).map_err(|error| {
            let mend = "name one of these, a config.json, or give --sketch \"10T, 0.8T active, \
                        128 experts\"";
            Fault::new(error.to_string(), mend)
        })?;
        Ok(Chosen {
            model: found.clone(),
            basis: Basis {
                kind: "fact",
                source: models.source_of(name).to_owned(),
                read_on: models.read_on.clone(),
            },
            teachers: models
                .teachers(name)
                .iter()
                .map(|teacher| teacher.name.clone())
                .collect(),
        })
    }

    /// Tells the file that the name is, if it is one.
    fn path(&self) -> Option<PathBuf> {
        path_of(self.model.as_ref()?)
    }
}

fn path_of(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    if path.is_dir() {
        return Some(path.join("config.json"));
    }
    is_json(path).then(|| path.to_owned())
}

/// Finds teachers, each by a name, the path of its config.json, or a size.
///
/// # Errors
/// Fails when one is none of these, or does not read.
pub fn teachers(names: &[String]) -> Result<Vec<Model>, Fault> {
    let models = Models::shipped().map_err(super::faults::broken)?;
    let find = |name: &String| {
        if let Some(path) = path_of(name) {
            return Ok(configured(&path)?.model);
        }
        let known = models.find(name).cloned();
        known.or_else(|error| {
            let mend = "name one of these as --teacher, a config.json, or a size such as 70B";
            sketch::read(name).map_err(|_| Fault::new(error.to_string(), mend))
        })
    };
    names.iter().map(find).collect()
}

/// Says whether a file is a model's configuration by its name; the gateway's own, which a plan does
/// not read, is TOML.
fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}

fn sketched(text: &str) -> Result<Chosen, Fault> {
    let model = sketch::read(text).map_err(|error| {
        let what = format!("`{text}` is no sketch of a model");
        Fault::because(error, what, "give a size, and for experts what is active")
    })?;
    let source = "a sketch: the shape that a model of that size would have".to_owned();
    let basis = Basis {
        kind: "assumption",
        source,
        read_on: "-".to_owned(),
    };
    Ok(Chosen {
        model,
        basis,
        teachers: Vec::new(),
    })
}

fn configured(path: &Path) -> Result<Chosen, Fault> {
    let shown = path.display();
    let mend = "name the config.json of a Hugging Face model, or give --sketch";
    let mends = Mends {
        large: "name the config.json of a Hugging Face model, which is smaller, or give --sketch",
        unread: mend,
    };
    let text = input::text(path, MOST_BYTES, mends)?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| Fault::because(error, format!("{shown} is not JSON"), mend))?;
    let named = value.get("_name_or_path").and_then(Value::as_str);
    let folder = path.parent().and_then(Path::file_name);
    let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
    let name = named.filter(|name| !name.is_empty()).map(str::to_owned);
    let name = name.or(folder).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| shown.to_string());
    let model = config::read(&name, &value).map_err(|error| {
        let what = format!("{shown} describes no model that can be costed");
        Fault::because(error, what, mend)
    })?;
    let basis = Basis {
        kind: "fact",
        source: shown.to_string(),
        read_on: "-".to_owned(),
    };
    Ok(Chosen {
        model,
        basis,
        teachers: Vec::new(),
    })
}
