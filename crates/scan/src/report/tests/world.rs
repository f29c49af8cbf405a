//! A survey with each kind of finding. It must not render.

use domain::{Date, Feature, Timestamp};

use crate::cost::{Effort, SwitchingCost};
use crate::finding::{Break, Edit, Finding, Fix, Retirement, Safety, SourceRead};
use crate::readiness::{lock_in, readiness};
use crate::report::{Aim, Files, Listed, Paint, Skipped, Survey};
use crate::role::Role;
use crate::site::{Certainty, Named, Parameter, Site, Span};

/// What a page must not take for markup.
pub(super) const MARKUP: &str = "<script>alert('a model')</script>";

pub(super) struct World {
    pub(super) survey: Survey,
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn span(line: u32, column: u32, length: u32) -> Span {
    Span {
        line,
        column,
        end_line: line,
        end_column: column + length,
        start: 200,
        end: 200 + length as usize,
    }
}

fn site(path: &str, line: u32, role: Role, id: &str) -> Site {
    Site {
        path: path.to_owned(),
        span: span(line, 12, u32::try_from(id.len()).unwrap()),
        language: "python",
        role,
        confidence: Certainty::High,
        reason: "it stands there.".to_owned(),
        model: Named {
            written: id.to_owned(),
            id: id.to_owned(),
            platform: Some("anthropic".to_owned()),
            known: None,
            resolved_from: Vec::new(),
        },
        parameters: Vec::new(),
        dialect: None,
        excerpt: format!("    model=\"{id}\","),
        names: 1,
        lines: vec![line],
    }
}

fn finding(site: Site) -> Finding {
    Finding {
        fingerprint: format!("{}-{}-{}", site.path, site.role, site.model.id),
        site,
        breaks: Vec::new(),
        standing: Vec::new(),
        unknown: Vec::new(),
        retirement: None,
        fix: None,
        owners: Vec::new(),
    }
}

fn refused() -> Break {
    Break {
        rule: "temperature-refused".to_owned(),
        effect: "error",
        says: "a temperature is refused".to_owned(),
        remedy: "leave it out".to_owned(),
        confidence: "documented",
        sources: vec![SourceRead {
            url: "https://example.com/temperature".to_owned(),
            read_on: day("2026-11-25"),
        }],
        disputed: Some("a forum says 1 is taken".to_owned()),
        line: Some(14),
        seen: true,
        certainty: Certainty::High,
        because: "temperature is 0.2 there".to_owned(),
        by: vec![0],
    }
}

fn unseen() -> Break {
    Break {
        rule: "thinking-on".to_owned(),
        effect: "silent",
        says: "thinking is on unless it is switched off".to_owned(),
        remedy: "raise max_tokens".to_owned(),
        disputed: None,
        line: None,
        seen: false,
        because: String::new(),
        ..refused()
    }
}

fn call() -> Finding {
    let mut site = site("api/agent.py", 12, Role::LiveCall, "claude-opus-4-5");
    site.parameters = vec![Parameter {
        feature: Feature::Temperature,
        value: Some("0.2".to_owned()),
        line: 14,
        span: span(14, 9, 15),
    }];
    site.model.known = Some("Claude Opus 4.5".to_owned());
    let edit = Edit {
        span: site.span,
        text: "opus".to_owned(),
    };
    Finding {
        breaks: vec![refused(), unseen()],
        retirement: Some(Retirement {
            model: "Claude Opus 4.5".to_owned(),
            platform: "anthropic".to_owned(),
            retires_on: Some(day("2026-11-24")),
            days_left: Some(-3),
            not_before: None,
            replacement: Some("claude-opus-5-5, twice; as \\n".to_owned()),
            confidence: "documented",
            sources: refused().sources,
            disputed: None,
        }),
        fix: Some(Fix {
            safety: Safety::Safe,
            says: "name the tier `opus`".to_owned(),
            edits: vec![edit],
        }),
        owners: vec!["@platform".to_owned(), "@ai".to_owned()],
        ..finding(site)
    }
}

/// A default whose model has an earliest day alone.
fn default() -> Finding {
    let mut site = site("web/src/ü x.ts", 3, Role::Default, "claude-sonnet-4-6");
    site.model.resolved_from = vec!["constant MODEL, line 1".to_owned()];
    site.excerpt = "const α = MODEL;".to_owned();
    Finding {
        breaks: vec![unseen()],
        standing: vec![refused()],
        unknown: vec!["what `options` holds is not written there".to_owned()],
        retirement: Some(Retirement {
            model: "Claude Sonnet 4.6".to_owned(),
            platform: "anthropic".to_owned(),
            retires_on: None,
            days_left: None,
            not_before: Some(day("2027-02-17")),
            replacement: None,
            confidence: "reported",
            sources: refused().sources,
            disputed: Some("a list says otherwise".to_owned()),
        }),
        fix: Some(Fix {
            safety: Safety::Suggest,
            says: "name claude-sonnet-5-5".to_owned(),
            edits: Vec::new(),
        }),
        ..finding(site)
    }
}

fn catalogue() -> Finding {
    let mut site = site("api/prices.py", 3, Role::Catalogue, "claude-opus-4-5");
    (site.names, site.lines) = (3, vec![3, 4, 9]);
    finding(site)
}

fn strange() -> Finding {
    let mut site = site("README.md", 1, Role::Documentation, MARKUP);
    site.model.platform = None;
    finding(site)
}

impl World {
    pub(super) fn told() -> Self {
        let documented = site("README.md", 8, Role::Documentation, "claude-opus-4-5");
        let workflow = site(".github/w.yml", 8, Role::CiWorkflow, "gpt-4o");
        let found = [
            ("api", call()),
            ("api", catalogue()),
            (".", strange()),
            (".", finding(documented)),
            (".", finding(workflow)),
            ("web", default()),
        ];
        let mut world = Self::empty();
        world.survey.found = found
            .into_iter()
            .map(|(service, finding)| Listed {
                finding,
                service: service.to_owned(),
                is_accepted: false,
                traffic: None,
            })
            .collect();
        world.survey.files = Files {
            read: 1,
            bytes: 10,
            as_words: vec!["api/broken.py".to_owned()],
            skipped: vec![Skipped {
                reason: "binary".to_owned(),
                path: "logo.png".to_owned(),
            }],
        };
        let findings = || world.survey.found.iter().map(|found| &found.finding);
        let (ready, locked) = (
            readiness(findings(), |_| "api".to_owned()),
            lock_in(findings()),
        );
        (world.survey.readiness, world.survey.lock_in) = (ready, locked);
        world.survey.cost = Some(SwitchingCost {
            places: vec![(Effort::Name, 1)],
            points: 1,
            arithmetic: "1 × 1 name = 1".to_owned(),
            prices: Vec::new(),
        });
        world.survey.target = Some(Aim {
            asked: "capybara".to_owned(),
            platform: "anthropic".to_owned(),
            id: "claude-opus-5-5".to_owned(),
        });
        world
    }

    pub(super) fn empty() -> Self {
        let at: Timestamp = "2026-11-27T08:30:00Z".parse().unwrap();
        Self {
            survey: Survey {
                version: "0.1.0".to_owned(),
                name: "shop".to_owned(),
                at,
                day: at.date(),
                target: None,
                found: Vec::new(),
                files: Files::default(),
                has_baseline: false,
                is_verbose: false,
                readiness: Vec::new(),
                lock_in: None,
                cost: None,
                patch: Vec::new(),
                paint: Paint::Plain,
                traffic: None,
                pipelines: Vec::new(),
            },
        }
    }
}
