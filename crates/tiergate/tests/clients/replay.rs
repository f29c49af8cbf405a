//! Recorded exchanges with real providers, replayed through the real binary: byte for byte where
//! caller and provider speak one dialect, and as the official SDKs see it where they do not. It
//! must not know any recording by its name.

mod across;
mod answers;
mod compare;
mod faces;
mod forms;
mod oracle;
mod same;
mod scene;
mod shapes;
mod table;
mod views;
