//! Tells from a file's path what kind of file it is. It must not know what stands in it.

/// Says what a path tells of a file.
#[derive(Debug)]
pub(crate) struct Folder {
    folders: Vec<String>,
    name: String,
}

const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testing",
    "spec",
    "specs",
    "e2e",
    "fixtures",
    "__fixtures__",
    "fixture",
    "testdata",
    "test_data",
    "test-data",
    "mocks",
    "__mocks__",
    "cassettes",
    "snapshots",
    "__snapshots__",
    "recordings",
    "stories",
    "integration_tests",
    "unit_tests",
    "testutil",
    "testutils",
    "shared_test",
    "benchmark_results",
    "seeds",
    "seed",
];

const INFRA_FOLDERS: &[&str] = &[
    "infra",
    "infrastructure",
    "terraform",
    "charts",
    "helm",
    "k8s",
    "kubernetes",
    "kustomize",
    "cloudformation",
    "cdk",
    "pulumi",
    "bicep",
    "ansible",
    "iac",
];

const DOC_FOLDERS: &[&str] = &[
    "docs",
    "doc",
    "documentation",
    "website",
    "blog",
    "cookbook",
];

/// Forms that people fill in where they report something.
const FORMS: &[&str] = &["issue_template", "discussion_template"];

const PIPELINES: &[&str] = &[
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".travis.yml",
    "azure-pipelines.yml",
    "jenkinsfile",
    "bitbucket-pipelines.yml",
    "action.yml",
    "action.yaml",
    ".drone.yml",
    "cloudbuild.yaml",
    "buildspec.yml",
    "appveyor.yml",
];

const MACHINES: &[&str] = &[
    "serverless.yml",
    "serverless.yaml",
    "template.yaml",
    "fly.toml",
    "render.yaml",
    "app.yaml",
    "skaffold.yaml",
    "heroku.yml",
    "vercel.json",
    "wrangler.toml",
    "azure.yaml",
    "samconfig.toml",
];

/// Ends of names of files that hold data.
const ROWS: &[&str] = &[
    "json", "jsonl", "ndjson", "yaml", "yml", "toml", "csv", "tsv", "xml",
];

impl Folder {
    /// Reads a path.
    pub(crate) fn new(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let name = parts.pop().unwrap_or_default();
        Self {
            folders: parts,
            name,
        }
    }

    fn is_in(&self, folders: &[&str]) -> bool {
        self.folders
            .iter()
            .any(|folder| folders.contains(&folder.as_str()))
    }

    fn is_called(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    fn stem(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    fn extension(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension)
    }

    fn has(&self, extensions: &[&str]) -> bool {
        extensions.contains(&self.extension())
    }

    pub(super) fn is_notebook(&self) -> bool {
        self.has(&["ipynb"])
    }

    pub(super) fn is_workflow(&self) -> bool {
        let is_in_github = self.folders.iter().any(|folder| folder == ".github");
        let is_form = self.is_in(FORMS);
        let is_pipeline = self.is_in(&[".circleci", ".buildkite", ".woodpecker"]);
        is_in_github && !is_form && self.has(&["yml", "yaml"])
            || is_pipeline
            || self.is_called(PIPELINES)
    }

    pub(super) fn is_test(&self) -> bool {
        let stem = self.stem();
        let says = stem.starts_with("test_")
            || ["conftest", "test", "tests", "seed", "seeds"].contains(&stem)
            || stem.starts_with("test-")
            || ["_test", "_tests", "-test", "_spec", ".test"]
                .iter()
                .any(|end| stem.ends_with(end));
        let middle = [
            ".test.",
            ".tests.",
            ".spec.",
            ".stories.",
            ".cy.",
            ".e2e.",
            ".mock.",
        ];
        let is_class = self.has(&["java", "kt", "cs", "scala", "groovy", "php", "swift"])
            && ["test", "tests"].iter().any(|end| stem.ends_with(end));
        let is_snapshot = self.has(&["snap", "hurl"]);
        let is_marked = middle.iter().any(|part| self.name.contains(part));
        let is_suite = self.folders.iter().any(|folder| {
            ["_test", "_tests", "-test", "-tests"]
                .iter()
                .any(|end| folder.ends_with(end))
        });
        says || is_suite
            || is_marked
            || is_class
            || is_snapshot
            || self.is_in(TEST_FOLDERS)
            || self.is_record()
    }

    /// Tells whether a file holds what was measured or recorded.
    fn is_record(&self) -> bool {
        let words = ["output", "result", "recording", "transcript", "benchmark"];
        let is_kept = ["evals", "eval", "benchmarks", "benchmark", "results"];
        let is_said = words.iter().any(|word| self.name.contains(word)) || self.is_in(&["logs"]);
        self.has(ROWS) && is_said && self.is_in(&is_kept)
    }

    pub(super) fn is_machines(&self) -> bool {
        let is_container = self.name.starts_with("dockerfile")
            || self.name.ends_with(".dockerfile")
            || self.name.starts_with("containerfile");
        let is_compose = self.has(&["yml", "yaml"])
            && (self.name.starts_with("docker-compose") || self.name.starts_with("compose"));
        let is_script = self.has(&["sh", "ps1", "bash"]) && self.name.starts_with("deploy");
        let is_language = self.has(&["tf", "tfvars", "hcl", "bicep", "bicepparam", "nomad"]);
        let is_in = self.is_in(INFRA_FOLDERS) && !self.has(&["rs", "go", "java", "tsx", "jsx"]);
        is_container || is_compose || is_script || is_language || is_in || self.is_called(MACHINES)
    }

    pub(super) fn is_documents(&self) -> bool {
        let is_text = self.has(&[
            "md", "mdx", "mdc", "markdown", "rst", "adoc", "tex", "html", "htm",
        ]);
        let is_plain = self.has(&["txt", "org"]) || self.stem() == "changelog";
        let is_log = self.is_called(&["readme", "license", "notice"]);
        is_text || is_plain || is_log || self.is_in(DOC_FOLDERS) || self.is_in(FORMS)
    }

    /// Tells whether each line of a file is a row of data.
    pub(super) fn is_rows(&self) -> bool {
        self.has(&["jsonl", "ndjson", "csv", "tsv"])
    }

    /// Tells whether a file holds requests that are sent by hand.
    pub(super) fn is_requests(&self) -> bool {
        self.has(&["http", "rest"])
    }

    pub(super) fn is_settings(&self) -> bool {
        self.has(&[
            "yaml", "yml", "toml", "json", "jsonc", "json5", "ini", "cfg", "conf", "env", "prompt",
        ]) || self.has(&["properties", "xml", "plist"])
            || self.name.starts_with(".env")
            || self.name.contains(".env.")
    }

    /// Tells whether a file is called after a list of models or of their prices.
    pub(super) fn is_list(&self) -> bool {
        let words = [
            "model",
            "pric",
            "cost",
            "catalog",
            "capabilit",
            "registry",
            "provider",
        ];
        words.iter().any(|word| self.stem().contains(word))
    }

    pub(super) fn is_configuration_code(&self) -> bool {
        let is_called = ["config", "settings", "configuration"].contains(&self.stem());
        is_called || self.name.contains(".config.")
    }
}
