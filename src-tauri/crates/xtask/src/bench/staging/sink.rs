//! A storage that forgets the bytes it takes: `blob-storage` of the simulator.

use serde_json::Value;

use super::super::product::{Server, release};
use super::connection::{CONTAINER, Connection};
use crate::command::Run;
use crate::failure::Failure;

/// The running storage; it ends with this value.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) connection: Connection,
    _server: Server,
}

impl Sink {
    /// At this port, started by `within`.
    pub(super) fn start(within: &[&str], port: u16) -> Result<Self, Failure> {
        let program = release("blob-storage");
        let run = match within.split_first() {
            None => Run::new(program),
            Some((first, rest)) => Run::new(first).args(rest).arg(program),
        };
        let run = run.args(["--port", &port.to_string(), "--container", CONTAINER]);
        let mut server = Server::start(run)?;
        let served = server.line()?;
        let text = |key: &str| match &served[key] {
            Value::String(text) => Ok(text.clone()),
            _ => Err(Failure::new(format!(
                "blob-storage did not report its {key}"
            ))),
        };
        let connection = Connection::of(&text("endpoint")?, &text("account")?, &text("key")?);
        Ok(Self {
            connection,
            _server: server,
        })
    }
}
