//! Traffic and pipelines as text for people, and as a part of a page. It must not count.

mod page;
mod text;
mod words;

pub use page::traffic_page;
pub use text::traffic_text;

#[cfg(test)]
mod tests;
