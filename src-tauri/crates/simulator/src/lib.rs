//! A pretend world: services and readers that behave like real ones, faults included.
//!
//! The demo and the tests use the same code. Nothing here shares a wire type with the code it
//! stands opposite to: sharing them would share their mistakes.

pub mod reader;
