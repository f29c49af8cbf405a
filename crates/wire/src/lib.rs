//! Dialects to the canonical form and back, and event-stream framing; pure.
