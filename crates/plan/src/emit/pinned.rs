//! The engines that layouts are written for, by version and image. It must not know their options.

use serde::Deserialize;

const SHIPPED: &str = include_str!("../../facts/engines.toml");

/// Describes an engine of one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Its name.
    pub name: String,
    /// The package whose options are known.
    pub package: String,
    /// The version of it.
    pub version: String,
    image: String,
}

/// Holds the engines that are known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engines {
    /// Where versions and images stand.
    pub source: String,
    /// The day on which they were read.
    pub read_on: String,
    engines: Vec<Engine>,
}

impl Engines {
    /// Reads those that ship.
    ///
    /// # Errors
    /// Fails when the file is malformed, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(SHIPPED)
    }

    /// Lists them.
    #[must_use]
    pub fn all(&self) -> &[Engine] {
        &self.engines
    }

    /// Tells the image of an engine, or of one that runs another.
    #[must_use]
    pub fn image(&self, name: &str, runs: &str) -> String {
        let found = self.engines.iter().find(|engine| engine.name == name);
        let image = found.map_or(name, |engine| engine.image.as_str());
        image.replace("{engine}", runs)
    }
}
