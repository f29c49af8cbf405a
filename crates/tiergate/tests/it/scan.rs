//! `tiergate scan` on small repositories of ours: what is found, what is left out, how it ends,
//! what is written. It must not know how names are found.

mod answers;
mod files;
mod patches;
mod repository;
mod written;
