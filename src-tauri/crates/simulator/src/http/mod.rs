//! The HTTP server that all simulated services share: listener, connections, bodies, middleware,
//! the record of requests and the paths that control the simulator.
//!
//! Knows no service. What a path means, who may use it and how an error is written is the part of a
//! [`Service`].

mod connection;
mod control;
mod date;
mod intake;
mod line;
mod listener;
mod middleware;
mod record;
mod server;
mod service;

pub(crate) use date::http_date;
pub use record::{Ended, RequestEntry};
pub(crate) use record::{Recorder, Requests};
pub(crate) use server::{HttpServer, Port, ServerOptions};
pub(crate) use service::Service;
