//! The words of the design as types, and the pure decisions over them.
