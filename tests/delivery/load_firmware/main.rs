//! Loading firmware by a request: each message of the contract from each of its causes, what is left behind,
//! and what becomes of the transfer.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bench;
mod device;
mod ends;
mod events;
mod local;
mod remote;
mod request;
