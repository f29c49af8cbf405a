//! `tiergate scan`: says where code names a model, what breaks when that changes and when it
//! retires, and writes the patch. It works without configuration, data directory or network, and
//! must not change a file that it scans.

mod base;
mod baseline;
mod fail;
mod lodgings;
mod options;
mod outputs;
mod owners;
mod request;
mod target;
mod traffic;
mod walk;

use std::error::Error;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use domain::Facts;
use scan::{
    Judge, Listed, Mend, Paint, Scanner, Services, Survey, lock_in, readiness, switching_cost,
};

use self::base::Base;
use self::baseline::Baseline;
use self::options::{Fix, Options};
use self::outputs::Outputs;
use self::owners::Owners;
pub(super) use self::target::platform;
pub(super) use self::traffic::{Span, heard, lineup};
use self::walk::{Gathered, Taken, Task};
use super::command::{Command, Runs};
use crate::environment;
use crate::exit::Outcome;
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "scan",
    about: "Find where code names a model, what breaks when it changes, and when it retires",
    arguments: |command| outputs::augment(Options::augment_args(command)),
    run: Runs::Alone(run),
};

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    let outputs = outputs::asked(arguments, &options, common)?;
    let baseline = options
        .baseline
        .as_deref()
        .map(Baseline::read)
        .transpose()?;
    let facts = Facts::shipped()?;
    if let (Some(file), Some(asked)) = (&options.request.request, &options.target) {
        let aim = target::aim(asked, &facts, common)?;
        let dialect = options.request.dialect.as_deref();
        return Ok(request::run(file, dialect, &aim, (&facts, common))?);
    }
    let base = Base::of(&options.paths)?;
    let judge = judge(&options, (&facts, common))?;
    let task = Task {
        scanner: Scanner::new(&facts)?,
        judge: judge.judge,
        taken: Taken::of(&options.include, &options.exclude)?.without(own(&options, &outputs)),
        roles: options.role.clone(),
    };
    let gathered = walk::gather(&base, &task);
    let mut survey = survey(gathered, &base, &task.judge);
    survey.target = judge.aim;
    if options.traffic.traffic {
        traffic::listen(&options.traffic, &mut survey, (&facts, common))?;
    }
    if let Some(baseline) = &baseline {
        baseline.accept(&mut survey);
    }
    survey.is_verbose = options.verbose;
    if options.fix.is_none() && !outputs.has_patch() {
        survey.patch.clear();
    }
    survey.paint = paint();
    outputs.write(&survey)?;
    if let Some(path) = &options.write_baseline {
        baseline::write(path, &survey)?;
    }
    Ok(fail::judge(&options.fail_on, &survey))
}

/// Lists the files that the scan reads or writes for itself: they name models and are no code.
fn own(options: &Options, outputs: &Outputs) -> Vec<PathBuf> {
    let baselines = [&options.baseline, &options.write_baseline].into_iter();
    let all = baselines.flatten().map(PathBuf::as_path);
    let all = all.chain(outputs.paths());
    all.filter_map(|path| fs::canonicalize(path).ok()).collect()
}

/// Is how findings are judged, and the model as it was asked for.
struct Judged<'f> {
    judge: Judge<'f>,
    aim: Option<scan::Aim>,
}

/// Says what fixes put in a name's place. Reports tell a fix whether or not a patch is written.
fn mend(options: &Options) -> Mend {
    match &options.fix {
        Some(Fix::Tier(tier)) => Mend::Tier(tier.clone()),
        Some(Fix::Model) | None => Mend::Model,
    }
}

fn judge<'f>(
    options: &Options,
    (facts, common): (&'f Facts, &Common),
) -> Result<Judged<'f>, Box<dyn Error + Send + Sync>> {
    let mend = mend(options);
    let aim = match (&options.target, &mend) {
        (Some(asked), _) => Some(target::aim(asked, facts, common)?),
        // What is moved to a tier meets the model behind it, where the configuration says which.
        (None, Mend::Tier(tier)) => target::behind_tier(tier, facts, common)?,
        (None, Mend::Model) => None,
    };
    let day = options.on.unwrap_or_else(|| environment::now().date());
    let target = aim
        .as_ref()
        .map(|aim| scan::Target::new(&aim.platform, &aim.id));
    Ok(Judged {
        judge: Judge {
            facts,
            day,
            target,
            mend: Some(mend),
        },
        aim,
    })
}

fn survey(gathered: Gathered, base: &Base, judge: &Judge<'_>) -> Survey {
    let services = Services::of(gathered.manifests.iter().map(String::as_str));
    let owners = Owners::find(base.folder());
    let mut findings = gathered.findings;
    for finding in &mut findings {
        finding.owners = owners.of(&finding.site.path);
    }
    let now = judge.day.start();
    let cost = judge.target.as_ref();
    let cost = cost.map(|target| switching_cost(judge.facts, &findings, target, now));
    let name_of = |path: &str| services.service(path).to_owned();
    Survey {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: base.name().to_owned(),
        at: environment::now(),
        day: judge.day,
        target: None,
        readiness: readiness(&findings, name_of),
        lock_in: lock_in(&findings),
        cost,
        found: findings
            .into_iter()
            .map(|finding| Listed {
                service: name_of(&finding.site.path),
                finding,
                is_accepted: false,
                traffic: None,
            })
            .collect(),
        files: gathered.files,
        has_baseline: false,
        is_verbose: false,
        patch: gathered.patch,
        paint: Paint::Plain,
        traffic: None,
        pipelines: gathered.pipelines,
    }
}

fn paint() -> Paint {
    let is_refused = environment::variable("NO_COLOR").is_some();
    let is_dumb = environment::variable("TERM").is_some_and(|term| term == "dumb");
    if io::stdout().is_terminal() && !is_refused && !is_dumb {
        Paint::Colours
    } else {
        Paint::Plain
    }
}
