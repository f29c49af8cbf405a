//! What was found as text for people: by service and role, with the line that it stands in, what
//! breaks there and what to do. It must not let a file's text command the terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::finding::{Break, Finding, Fix, Retirement, Safety, SourceRead};
use crate::report::render::{RenderFault, Report, Written};
use crate::report::retires::leaves;
use crate::report::survey::{Listed, Paint, Survey};
use crate::role::Role;
use crate::shown::traffic_text;

/// How many findings of a role that asks no model are told, a service and role; JSON has all.
const QUIET_MOST: usize = 12;

pub(super) const REPORT: Report = Report {
    name: "terminal",
    about: "text for people, by service and role",
    written: Written::ToScreen,
    render: |survey| -> Result<String, RenderFault> { Ok(Page::of(survey)) },
};

/// Is how a piece of text looks, as the terminal's own code.
#[derive(Clone, Copy)]
enum Style {
    Bold = 1,
    Quiet = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}

/// Gathers the text.
struct Page<'s> {
    survey: &'s Survey,
    text: String,
    /// The rules whose remedy and sources have been told.
    told: BTreeSet<&'s str>,
}

impl<'s> Page<'s> {
    fn of(survey: &'s Survey) -> String {
        let mut page = Self {
            survey,
            text: String::new(),
            told: BTreeSet::new(),
        };
        for (service, roles) in survey.by_service() {
            page.service(service, roles.values().flatten().copied());
            for role in Role::ALL {
                if let Some(found) = roles.get(&role) {
                    page.role(role, found);
                }
            }
            page.line("");
        }
        page.expected();
        let (traffic, pipelines) = (survey.traffic.as_ref(), &survey.pipelines);
        page.text.push_str(&traffic_text(traffic, pipelines));
        page.leaving();
        page.readiness();
        page.summary();
        if survey.is_verbose {
            page.listed();
        }
        page.text
    }

    fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        match self.survey.paint {
            Paint::Plain => text.to_owned(),
            Paint::Colours => format!("\u{1b}[{}m{text}\u{1b}[0m", style as u8),
        }
    }

    fn service(&mut self, service: &str, found: impl Iterator<Item = &'s Listed>) {
        let (mut sites, mut live, mut broken) = (0_usize, 0_usize, 0_usize);
        for one in found {
            sites += 1;
            live += usize::from(one.is_open());
            broken += usize::from(one.is_open() && one.has_effect("error"));
        }
        let name = plain(self.survey.name_of(service));
        let name = self.paint(Style::Bold, &name);
        let counts = format!("{}, {live} live, {broken} break", counted(sites, "finding"));
        let counts = self.paint(Style::Quiet, &counts);
        self.line(format!("{name}  {counts}"));
    }

    fn role(&mut self, role: Role, found: &[&'s Listed]) {
        let title = role.as_str().replace('_', " ");
        let title = self.paint(Style::Cyan, &title);
        self.line(format!("  {title}"));
        if role.is_live() {
            for one in found {
                self.live(one);
            }
            return;
        }
        for one in found.iter().take(QUIET_MOST) {
            self.quiet(&one.finding);
        }
        if let Some(more) = found.len().checked_sub(QUIET_MOST).filter(|more| *more > 0) {
            let more = format!("    and {more} more, told by --json");
            let more = self.paint(Style::Quiet, &more);
            self.line(more);
        }
    }

    /// Tells a finding that breaks nothing: a line.
    fn quiet(&mut self, finding: &Finding) {
        let site = &finding.site;
        let place = place(finding);
        let what = if site.names > 1 {
            format!("{} names, {} first", site.names, plain(&site.model.id))
        } else {
            plain(&site.model.id)
        };
        self.line(format!("    {place}  {what}"));
    }

    fn live(&mut self, found: &'s Listed) {
        let finding = &found.finding;
        let site = &finding.site;
        let mut head = format!("    {}  ", self.paint(Style::Bold, &place(finding)));
        head.push_str(&plain(&site.model.id));
        if let Some(platform) = &site.model.platform {
            let _ = write!(head, " on {}", plain(platform));
        }
        if let Some(traffic) = &found.traffic {
            let heat = format!("  {} in {}", traffic.heat.as_str(), plain(&traffic.caller));
            head.push_str(&self.paint(Style::Cyan, &heat));
        }
        if found.is_accepted {
            head.push_str(&self.paint(Style::Quiet, "  accepted by the baseline"));
        }
        self.line(head);
        self.excerpt(finding);
        if !site.model.resolved_from.is_empty() {
            let from = plain(&site.model.resolved_from.join(", "));
            self.note(&format!("resolved from {from}"));
        }
        for one in found.seen() {
            self.breaks(one);
        }
        for one in finding.standing.iter().filter(|one| one.seen) {
            let rule = &one.rule;
            let says = format!("{} today already: {rule}: {}", one.effect, one.says);
            self.note(&says);
        }
        for why in &finding.unknown {
            let mark = self.paint(Style::Yellow, "unknown");
            self.line(format!("      {mark}  {}", plain(why)));
        }
        if let Some(retirement) = &finding.retirement {
            self.retirement(retirement);
        }
        if let Some(fix) = &finding.fix {
            self.fix(fix);
        }
        if !finding.owners.is_empty() {
            let owners = plain(&finding.owners.join(" "));
            self.note(&format!("owned by {owners}"));
        }
    }

    /// Shows the line with a mark below the name.
    fn excerpt(&mut self, finding: &Finding) {
        let site = &finding.site;
        let number = site.span.line.to_string();
        let text = plain(site.excerpt.trim_end());
        let written = plain(&site.model.written);
        let indent = text.len() - text.trim_start().len();
        let text = text.get(indent..).unwrap_or_default();
        let gutter = self.paint(Style::Quiet, &format!("{number:>8} |"));
        self.line(format!("{gutter} {text}"));
        let Some(at) = text.find(&written) else {
            return;
        };
        let before: String = text
            .chars()
            .scan(0, |bytes, c| {
                let here = *bytes;
                *bytes += c.len_utf8();
                (here < at).then_some(if c == '\t' { '\t' } else { ' ' })
            })
            .collect();
        let carets = "^".repeat(written.chars().count());
        let gutter = self.paint(Style::Quiet, &format!("{:>8} |", ""));
        let carets = self.paint(Style::Yellow, &carets);
        self.line(format!("{gutter} {before}{carets}"));
    }

    fn breaks(&mut self, one: &'s Break) {
        let style = match one.effect {
            "error" => Style::Red,
            "silent" => Style::Yellow,
            _ => Style::Cyan,
        };
        let effect = self.paint(style, one.effect);
        let (rule, says) = (plain(&one.rule), plain(&one.says));
        let line = one
            .line
            .map_or_else(String::new, |line| format!(", line {line}"));
        self.line(format!("      {effect}  {rule}{line}: {says}"));
        let because = plain(&one.because);
        if !because.is_empty() {
            self.note(&format!("because {because}"));
        }
        if !self.told.insert(&one.rule) {
            return;
        }
        if !one.remedy.is_empty() {
            self.line(format!("        do: {}", plain(&one.remedy)));
        }
        self.note(&said(one));
    }

    fn note(&mut self, text: &str) {
        let text = self.paint(Style::Quiet, &format!("        {}", plain(text)));
        self.line(text);
    }

    fn retirement(&mut self, retirement: &Retirement) {
        let says = plain(&leaves(retirement));
        let is_gone = retirement.days_left.is_some_and(|days| days < 0);
        let is_sure = retirement.retires_on.is_some();
        let text = match (is_gone, is_sure) {
            (true, _) => self.paint(Style::Red, &says),
            (false, true) => self.paint(Style::Yellow, &says),
            (false, false) => self.paint(Style::Quiet, &says),
        };
        self.line(format!("      {text}"));
        if !is_sure {
            // "Retirements" lists what has a day; what has none is sourced here.
            self.retirement_basis(retirement);
        }
    }

    fn retirement_basis(&mut self, retirement: &Retirement) {
        let (sources, disputed) = (&retirement.sources, retirement.disputed.as_deref());
        self.note(&based(retirement.confidence, sources, disputed));
    }

    fn fix(&mut self, fix: &Fix) {
        let word = match fix.safety {
            Safety::Safe => self.paint(Style::Green, "fix"),
            Safety::Suggest => self.paint(Style::Quiet, "suggestion"),
        };
        self.line(format!("      {word}  {}", plain(&fix.says)));
    }

    /// Tells once what holds for any request to the target.
    fn expected(&mut self) {
        let survey = self.survey;
        let expected = survey.expected();
        if expected.is_empty() {
            return;
        }
        let whom = match &survey.target {
            Some(target) => format!("{} on {}", target.id, target.platform),
            None => "the models that are named".to_owned(),
        };
        let title = format!("What any request to {} has to expect", plain(&whom));
        let title = self.paint(Style::Bold, &title);
        self.line(title);
        for (one, findings) in expected {
            let findings = counted(findings, "finding");
            let (rule, says) = (plain(&one.rule), plain(&one.says));
            self.line(format!("  {}  {rule}, {findings}: {says}", one.effect));
            self.note(&said(one));
        }
        self.line("");
    }

    fn leaving(&mut self) {
        let survey = self.survey;
        let leaving = survey.leaving();
        if leaving.is_empty() {
            return;
        }
        let title = self.paint(Style::Bold, "Retirements");
        self.line(title);
        for one in leaving {
            let findings = counted(one.at.len(), "live finding");
            let says = plain(&leaves(one.retirement));
            self.line(format!("  {says}; {findings}"));
            self.retirement_basis(one.retirement);
        }
        self.line("");
    }

    fn readiness(&mut self) {
        let survey = self.survey;
        if survey.readiness.is_empty() {
            return;
        }
        let title = self.paint(Style::Bold, "Readiness");
        self.line(title);
        for one in &survey.readiness {
            let (name, score) = (plain(survey.name_of(&one.service)), one.score);
            let arithmetic = self.paint(Style::Quiet, &one.arithmetic);
            self.line(format!("  {score:>3}  {name}  {arithmetic}"));
        }
        if let Some(cost) = &survey.cost {
            self.line(format!(
                "  the move: {} points, {}",
                cost.points, cost.arithmetic
            ));
        }
        if let Some(lock_in) = &survey.lock_in {
            let (percent, model) = (lock_in.percent, plain(&lock_in.model));
            self.line(format!(
                "  {percent} % of the places hang on one model, {model}"
            ));
        }
        self.line("");
    }

    /// Lists the files that were left out, and those that were not understood.
    fn listed(&mut self) {
        let files = &self.survey.files;
        for one in &files.skipped {
            self.line(format!("  {}  {}", plain(&one.reason), plain(&one.path)));
        }
        for path in &files.as_words {
            self.line(format!("  read as plain words  {}", plain(path)));
        }
    }

    fn summary(&mut self) {
        let summary = self.survey.summary();
        if summary.findings == 0 {
            self.line("no file names a model");
            self.files();
            return;
        }
        let (findings, names) = (summary.findings, summary.names);
        let mut text = counted(findings, "finding");
        if names > findings {
            let _ = write!(text, " ({names} names)");
        }
        let files = counted(summary.files, "file");
        let models = counted(summary.models, "model");
        let _ = write!(text, " in {files} name {models}; {} live", summary.live);
        let text = self.paint(Style::Bold, &text);
        self.line(text);
        if let Some(target) = &self.survey.target {
            let (id, platform) = (plain(&target.id), plain(&target.platform));
            let (error, silent) = (summary.error, summary.silent);
            let unknown = summary.unknown;
            self.line(format!(
                "on {id} ({platform}): {error} break, {silent} change silently, {unknown} cannot \
                 be judged wholly"
            ));
        }
        let (gone, near) = (summary.retired, summary.retiring);
        let day = self.survey.day;
        self.line(format!(
            "as of {day}: {gone} name a model that is gone, {near} one that goes within 90 days"
        ));
        if self.survey.has_baseline {
            self.line(format!("{} accepted by the baseline", summary.accepted));
        }
        if summary.fixable > 0 {
            self.line(format!("{} can be mended by --fix", summary.fixable));
        }
        self.files();
    }

    fn files(&mut self) {
        let files = &self.survey.files;
        let mut text = format!("{} read", counted(files.read, "file"));
        let skipped = self.survey.skipped();
        if !skipped.is_empty() {
            let reasons: Vec<String> = skipped
                .iter()
                .map(|(reason, count)| format!("{count} {}", plain(reason)))
                .collect();
            let _ = write!(
                text,
                ", {} skipped: {}",
                files.skipped.len(),
                reasons.join(", ")
            );
        }
        if !files.as_words.is_empty() {
            let count = files.as_words.len();
            let _ = write!(
                text,
                "; {count} with faults of syntax, read as plain words there"
            );
        }
        let text = self.paint(Style::Quiet, &text);
        self.line(text);
    }
}

fn place(finding: &Finding) -> String {
    let (site, span) = (&finding.site, finding.site.span);
    format!("{}:{}:{}", plain(&site.path), span.line, span.column)
}

/// Says who says so.
fn said(one: &Break) -> String {
    based(one.confidence, &one.sources, one.disputed.as_deref())
}

fn based(confidence: &str, sources: &[SourceRead], disputed: Option<&str>) -> String {
    let mut text = confidence.to_owned();
    for source in sources {
        let _ = write!(text, ", {} (read {})", source.url, source.read_on);
    }
    if let Some(other) = disputed {
        let _ = write!(text, "; disputed: {other}");
    }
    text
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Takes out what would command a terminal.
fn plain(text: &str) -> String {
    let is_command = |c: char| c.is_control() && c != '\t';
    text.replace(is_command, "\u{fffd}")
}
