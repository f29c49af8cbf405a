//! Which service of a repository a file belongs to: by the nearest folder that is built on its own,
//! else by the folder's name. It must not read the manifests.

/// Files that say that a folder is built on its own.
const MANIFESTS: [&str; 14] = [
    "package.json",
    "pyproject.toml",
    "setup.py",
    "requirements.txt",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
    "Dockerfile",
    "serverless.yml",
    "Chart.yaml",
];

/// Folders whose own folders are services each.
const SHELVES: [&str; 14] = [
    "apps",
    "services",
    "packages",
    "crates",
    "cmd",
    "projects",
    "libs",
    "modules",
    "functions",
    "lambdas",
    "workers",
    "examples",
    "charts",
    "plugins",
];

/// Folders that are parts of a service and never one.
const PARTS: [&str; 14] = [
    "src", "lib", "test", "tests", "docs", "doc", "scripts", "config", "configs", "internal",
    "pkg", "app", "bin", "tools",
];

/// The service of what lies in no folder of its own.
const ROOT: &str = ".";

/// Holds the folders of a repository that are built on their own.
#[derive(Clone, Debug, Default)]
pub struct Services {
    folders: Vec<String>,
}

impl Services {
    /// Tells whether a file says that its folder is built on its own.
    #[must_use]
    pub fn is_manifest(path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        MANIFESTS.contains(&file)
    }

    /// Makes the list from the paths of a repository's files, with `/` between folders.
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let folder = |path: &str| {
            let (folder, file) = path.rsplit_once('/')?;
            MANIFESTS.contains(&file).then(|| folder.to_owned())
        };
        let mut folders: Vec<String> = paths.into_iter().filter_map(folder).collect();
        folders.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        folders.dedup();
        Self { folders }
    }

    /// Names the service of a file.
    #[must_use]
    pub fn service<'s>(&'s self, path: &'s str) -> &'s str {
        let holds = |folder: &&String| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let nearest = self.folders.iter().find(holds);
        nearest.map_or_else(|| service(path), String::as_str)
    }
}

/// Names the service of a file by its path alone.
#[must_use]
pub fn service(path: &str) -> &str {
    let Some((first, rest)) = path.split_once('/') else {
        return ROOT;
    };
    if SHELVES.contains(&first) {
        let second = rest.split_once('/').map(|(second, _)| second);
        let both = second.and_then(|second| path.get(..first.len() + 1 + second.len()));
        return both.unwrap_or(first);
    }
    if PARTS.contains(&first) || first.starts_with('.') {
        return ROOT;
    }
    first
}

#[cfg(test)]
mod tests;
