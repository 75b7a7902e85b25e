//! What the client of the Pelion service puts on the wire, and what it makes of the answers: against a
//! host that only records, so that no simulated service can share its misunderstandings.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod blast_radius;
mod count;
mod fleet;
mod operations;
mod recorder;
mod refusals;
mod tls;
