//! The sections of the bench: one file and one row each. It must not measure anything itself.

mod cpu;
mod embedded;
mod instructions;
mod latency;
mod rss;
mod start;

use crate::section::Section;

/// Lists every section in the order of the document.
pub const SECTIONS: &[Section] = &[
    cpu::SECTION,
    cpu::SECTION_20K,
    cpu::SECTION_94K,
    cpu::SECTION_CROSS,
    cpu::SECTION_FULL,
    cpu::SECTION_PACED,
    instructions::SECTION,
    latency::SECTION,
    rss::SECTION,
    start::SECTION,
    embedded::SECTION,
];
