//! The embedded models' files: where they are kept and how they come there. It must not run one.

mod about;
mod directory;
mod fetch;
mod index;
mod pull;
mod wheel;

pub use about::{download_bytes, megabytes, say_what};
pub use directory::{Directory, Kept};
pub use pull::{Network, from_file, pull};
