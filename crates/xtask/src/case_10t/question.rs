//! What the page asks: sizes, accelerators, a load and an aim. It must not hold a number of an
//! answer.

use crate::case_10t::ask::{Answer, Asker};
use crate::shell::Fault;

/// The size without experts.
pub const DENSE: &str = "10T";
/// The size with them.
pub const SPARSE: &str = "10T, 0.8T active, 128 experts";
/// The accelerators that are compared.
pub const PARTS: [&str; 7] = ["gb300", "gb200", "b300", "b200", "h200", "mi325x", "mi300x"];
/// The one on which a single thing is changed at a time.
pub const ONE_PART: &str = "gb300";

/// Asks what serving takes.
#[derive(Clone)]
pub struct Question {
    /// The size.
    pub size: String,
    /// The accelerators, with commas between.
    pub on: String,
    /// The format of the weights.
    pub format: String,
    /// Tokens of a request.
    pub input: String,
    /// Tokens of an answer.
    pub output: String,
    /// The longest time to a first token.
    pub first: String,
    /// The longest time of each after it.
    pub each: String,
    /// What is said beside.
    pub more: Vec<String>,
}

/// Is one thing that may be otherwise.
pub struct Change {
    /// What it is.
    pub what: &'static str,
    /// Changes the question.
    pub to: fn(&mut Question),
}

/// What is changed, one at a time.
pub const CHANGES: &[Change] = &[
    Change {
        what: "as asked",
        to: |_| {},
    },
    Change {
        what: "an hour for 3 USD",
        to: |asked| asked.say(&["--gpu-hour", "3"]),
    },
    Change {
        what: "the load is there at all hours",
        to: |asked| asked.say(&["--set", "busy=1"]),
    },
    Change {
        what: "weights in four bits",
        to: |asked| "fp4".clone_into(&mut asked.format),
    },
    Change {
        what: "half of each request cached",
        to: |asked| asked.say(&["--cached", "0.5"]),
    },
    Change {
        what: "three tokens guessed ahead, 2.5 of a step kept",
        to: |asked| asked.say(&["--set", "guessed=3", "--set", "kept=2.5"]),
    },
    Change {
        what: "50 ms a token",
        to: |asked| "50ms".clone_into(&mut asked.each),
    },
    Change {
        what: "a first token within 2 s",
        to: |asked| "2s".clone_into(&mut asked.first),
    },
    Change {
        what: "requests of 32,768 tokens, within 60 s",
        to: |asked| {
            "32768".clone_into(&mut asked.input);
            "60s".clone_into(&mut asked.first);
        },
    },
    Change {
        what: "0.4T active, in 256 experts",
        to: |asked| "10T, 0.4T active, 256 experts".clone_into(&mut asked.size),
    },
    Change {
        what: "1.2T active",
        to: |asked| "10T, 1.2T active, 128 experts".clone_into(&mut asked.size),
    },
    Change {
        what: "512 experts",
        to: |asked| "10T, 0.8T active, 512 experts".clone_into(&mut asked.size),
    },
];

impl Question {
    /// Asks for a size in a format on all accelerators.
    pub fn of(size: &str, format: &str) -> Self {
        Self {
            size: size.to_owned(),
            on: PARTS.join(","),
            format: format.to_owned(),
            input: "4096".to_owned(),
            output: "1024".to_owned(),
            first: "10s".to_owned(),
            each: "100ms".to_owned(),
            more: Vec::new(),
        }
    }

    /// Says more.
    pub fn say(&mut self, more: &[&str]) {
        self.more.extend(more.iter().map(|one| (*one).to_owned()));
    }

    /// Describes a request.
    pub fn traffic(&self) -> String {
        format!("{} tokens in, {} out", self.input, self.output)
    }

    /// Describes the aim.
    pub fn aim(&self) -> String {
        format!(
            "{} to the first token and {} for each after it",
            self.first, self.each
        )
    }

    /// Asks it.
    pub fn ask(&self, asker: Asker<'_>) -> Result<Answer, Fault> {
        let aim = ["--ttft", &self.first, "--tpot", &self.each];
        self.asked(asker, &aim)
    }

    /// Asks which layouts hold the weights, however late they answer.
    pub fn ask_memory(&self, asker: Asker<'_>) -> Result<Answer, Fault> {
        let all = ["--pools", "together", "--engine", "vllm", "--top", "1000"];
        self.asked(asker, &all)
    }

    fn asked(&self, asker: Asker<'_>, more: &[&str]) -> Result<Answer, Fault> {
        let own = self.more.iter().map(String::as_str);
        let fixed = [
            "serve",
            "--sketch",
            &self.size,
            "--on",
            &self.on,
            "--precision",
            &self.format,
            "--isl",
            &self.input,
            "--osl",
            &self.output,
        ];
        let line: Vec<&str> = fixed
            .into_iter()
            .chain(more.iter().copied())
            .chain(own)
            .collect();
        asker.plan(&line)
    }
}
