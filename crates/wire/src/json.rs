//! Reading and writing JSON without a tree, so that bytes can be edited in place. It must not know
//! any field's name.

pub(crate) mod cursor;
pub(crate) mod fields;
pub(crate) mod write;

#[cfg(test)]
mod tests;
