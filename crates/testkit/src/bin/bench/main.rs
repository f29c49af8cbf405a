//! Measures the gateway beside a bare proxy: processor time, latency, memory, start, instructions.
//!
//! It must not know the gateway's code: only its command line, its configuration and its ports.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "progress on standard error, the result on standard output"
)]

mod asked;
mod bed;
mod fault;
mod options;
mod report;
mod section;
mod sections;

use std::process::ExitCode;

use clap::Parser;

use crate::bed::Bench;
use crate::fault::BenchError;
use crate::options::Options;
use crate::report::{Report, Table};
use crate::sections::SECTIONS;

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", testkit::chain(&error));
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> Result<(), BenchError> {
    let is_known = |name: &String| SECTIONS.iter().any(|section| section.name == name);
    if let Some(unknown) = options.sections.iter().find(|name| !is_known(name)) {
        let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
        return Err(BenchError::NoSection(unknown.clone(), names.join(", ")));
    }
    let is_wanted = |name: &str| {
        let wanted = &options.sections;
        wanted.is_empty() || wanted.iter().any(|section| section == name)
    };
    let mut bench = Bench::new(options.clone())?;
    let mut tables: Vec<Table> = Vec::new();
    for section in SECTIONS.iter().filter(|section| is_wanted(section.name)) {
        eprintln!("{}: {}", section.name, section.about);
        let table = (section.measure)(&mut bench)?;
        for line in table.summary() {
            eprintln!("  {line}");
        }
        tables.push(table);
    }
    let report = Report::new(tables);
    if options.json {
        println!("{}", report.json());
    }
    report.write(&options.out)?;
    eprintln!("written: {}", options.out.display());
    Ok(())
}
