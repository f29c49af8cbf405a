//! Traffic and pipelines as sections of a page of HTML, with the classes that the page has. It must
//! not let a name out unescaped.

use std::fmt::Write as _;

use crate::escape::markup;
use crate::pipeline::{Origin, Pipeline};
use crate::shown::words::{counted, lead, left_out, often, unplaced};
use crate::traffic::{CallerTraffic, Comes, Habit, Traffic};

/// Writes the sections; nothing where there is neither traffic nor a pipeline.
#[must_use]
pub fn traffic_page(traffic: Option<&Traffic>, pipelines: &[Pipeline]) -> String {
    let mut page = String::new();
    if let Some(traffic) = traffic {
        section(&mut page, traffic);
    }
    if !pipelines.is_empty() {
        page.push_str("<section aria-labelledby=\"steps\"><h2 id=\"steps\">Steps of agents</h2>");
        for pipeline in pipelines {
            drawn(&mut page, pipeline);
        }
        page.push_str("</section>");
    }
    page
}

// Writing to a String cannot fail, here and below.
fn section(page: &mut String, traffic: &Traffic) {
    page.push_str("<section aria-labelledby=\"traffic\"><h2 id=\"traffic\">Traffic</h2>");
    let _ = write!(page, "<p>{}.</p>", markup(&lead(traffic)));
    for caller in &traffic.callers {
        of_caller(page, caller);
    }
    for line in left_out(traffic) {
        let _ = write!(page, "<p class=\"quiet\">{}</p>", markup(&line));
    }
    page.push_str("</section>");
}

fn of_caller(page: &mut String, caller: &CallerTraffic) {
    let class = match caller.verdict {
        Comes::Breaks => "error",
        Comes::MayBreak | Comes::Unknown => "silent",
        Comes::Changes => "cost",
        Comes::NoKnownBreak => "quiet",
    };
    let _ = write!(
        page,
        "<article class=\"site\"><h4>{} <span class=\"word {class}\">{}</span></h4>\
         <p class=\"quiet\">{}, {} end in an error, {} may; {} of them by a tier that adapts \
         them.</p>",
        markup(&caller.caller),
        caller.verdict.as_str(),
        counted(caller.requests, "request"),
        caller.breaking,
        caller.may_break,
        caller.adapted,
    );
    let lists = [
        (&caller.breaks, ""),
        (&caller.expected, "any request: "),
        (&caller.standing, "today already: "),
        (&caller.unknown, "unknown: "),
    ];
    if lists.iter().any(|(list, _)| !list.is_empty()) {
        page.push_str("<ul>");
        for (list, word) in lists {
            list.iter().for_each(|habit| item(page, habit, word));
        }
        page.push_str("</ul>");
    }
    if let Some(line) = unplaced(caller) {
        let _ = write!(page, "<p class=\"quiet\">unknown: {line}</p>");
    }
    page.push_str("</article>");
}

fn item(page: &mut String, habit: &Habit, word: &str) {
    let what = &habit.what;
    let _ = write!(
        page,
        "<li>{word}<span class=\"word {effect}\">{effect}</span> <code>{}</code>: {} \
         <span class=\"quiet\">({}; {})</span><br>{}",
        markup(&what.rule),
        markup(&what.says),
        markup(&what.because),
        markup(&often(habit)),
        markup(&what.remedy),
        effect = what.effect,
    );
    for source in &what.sources {
        let url = markup(&source.url);
        let _ = write!(
            page,
            "<br><span class=\"quiet\">{}, <a href=\"{url}\" rel=\"noreferrer\">{url}</a> (read on \
             {})</span>",
            what.confidence, source.read_on
        );
    }
    page.push_str("</li>");
}

fn drawn(page: &mut String, pipeline: &Pipeline) {
    let origin = match pipeline.origin {
        Origin::Traffic => "as its requests name them",
        Origin::Code => "as its functions call a model",
    };
    let _ = write!(
        page,
        "<h3>{}</h3><p class=\"quiet\">{origin}</p><div class=\"wide\">{}</div>",
        markup(&pipeline.name),
        pipeline.svg(),
    );
    if !pipeline.findings.is_empty() {
        page.push_str("<ul>");
        for odd in &pipeline.findings {
            let _ = write!(page, "<li>{}</li>", markup(&odd.says));
        }
        page.push_str("</ul>");
    }
    rows(page, pipeline);
    page.push_str("<details><summary>As Mermaid</summary><pre>");
    for line in pipeline.mermaid.lines() {
        let _ = writeln!(page, "{}", markup(line));
    }
    page.push_str("</pre></details>");
}

fn rows(page: &mut String, pipeline: &Pipeline) {
    if pipeline.origin == Origin::Code {
        return;
    }
    page.push_str(
        "<div class=\"wide\"><table><thead><tr><th>Step</th><th>Uses</th><th>Requests</th>\
         <th>Answered</th><th>Refused</th><th>Cut</th><th>Failed</th><th>Cost, USD</th>\
         <th>Reported</th><th>Success, %</th></tr></thead><tbody>",
    );
    for step in &pipeline.steps {
        let Some(sums) = &step.traffic else { continue };
        let success = sums.success_percent;
        let success = success.map_or_else(|| "-".to_owned(), |percent| percent.to_string());
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{success}</td></tr>",
            markup(&step.name),
            markup(&step.uses()),
            sums.requests,
            sums.answered,
            sums.refused,
            sums.cut,
            sums.failed,
            sums.cost_usd,
            sums.reported,
        );
    }
    page.push_str("</tbody></table></div>");
}
