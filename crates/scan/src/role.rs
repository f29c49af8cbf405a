//! What a place in a repository uses a model's name for. It must not know how a role is told.

use std::fmt;

use serde::Serialize;

/// Says what a model's name is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An argument of a request that is made there.
    LiveCall,
    /// What holds where nothing else is said: a constant, a parameter's or a field's default.
    Default,
    /// A setting in a file that the program reads.
    Configuration,
    /// What holds where a variable of the environment is not set.
    EnvironmentDefault,
    /// A row of a list that describes models: names, prices, limits.
    Catalogue,
    /// Code that tells models apart by their names: a list, a comparison, a pattern.
    AllowList,
    /// A test, or what a test reads.
    TestFixture,
    /// Prose for people, and examples in it.
    Documentation,
    /// A comment in code.
    Comment,
    /// A workflow of continuous integration.
    CiWorkflow,
    /// A cell of a notebook.
    Notebook,
    /// What sets machines up: containers, charts, Terraform.
    Infrastructure,
}

impl Role {
    /// Lists the roles, the most live first.
    pub const ALL: [Self; 12] = [
        Self::LiveCall,
        Self::Default,
        Self::EnvironmentDefault,
        Self::Configuration,
        Self::Infrastructure,
        Self::CiWorkflow,
        Self::Notebook,
        Self::AllowList,
        Self::Catalogue,
        Self::TestFixture,
        Self::Documentation,
        Self::Comment,
    ];

    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LiveCall => "live_call",
            Self::Default => "default",
            Self::Configuration => "configuration",
            Self::EnvironmentDefault => "environment_default",
            Self::Catalogue => "catalogue",
            Self::AllowList => "allow_list",
            Self::TestFixture => "test_fixture",
            Self::Documentation => "documentation",
            Self::Comment => "comment",
            Self::CiWorkflow => "ci_workflow",
            Self::Notebook => "notebook",
            Self::Infrastructure => "infrastructure",
        }
    }

    /// Says whether a request may go to the model because of this place: only such places break
    /// when the model goes.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::LiveCall
                | Self::Default
                | Self::EnvironmentDefault
                | Self::Configuration
                | Self::Infrastructure
                | Self::CiWorkflow
                | Self::Notebook
        )
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
