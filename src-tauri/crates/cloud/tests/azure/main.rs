//! What the client of Azure Device Update puts on the wire, and what it makes of the answers: against
//! a host that only records, so that no simulated service can share its misunderstandings.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod connection;
mod deleting;
mod each_class;
mod hostile;
mod import;
mod logs;
mod operations;
mod reach;
mod recorded;
mod recorder;
mod refusals;
mod requests;
mod sign_in;
