//! Azurite, Microsoft's storage emulator, as a process of its own with what it said of every request.

use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::super::product::Server;
use super::connection::Connection;
use super::python;
use crate::command::Run;
use crate::failure::Failure;
use crate::repository;

/// The account of every emulator and its key, published by its maker.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Longest wait for its start.
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A running emulator with an empty container; it ends with this value, and so does what it holds.
#[derive(Debug)]
pub(super) struct Azurite {
    pub(super) connection: Connection,
    said: Arc<Mutex<Vec<String>>>,
    _server: Server,
}

impl Azurite {
    pub(super) fn start() -> Result<Self, Failure> {
        let program = repository::azurite().join("node_modules/azurite/dist/src/blob/main.js");
        let mut server = Server::start(
            Run::new("node")
                .arg(program)
                .args(["--blobHost", "127.0.0.1", "--blobPort", "0"])
                .args(["--disableTelemetry", "--inMemoryPersistence"]),
        )?;
        let said = Arc::new(Mutex::new(Vec::new()));
        let begun = listen(&mut server, &said)?;
        let url = begun
            .recv_timeout(STARTS_WITHIN)
            .map_err(|_| Failure::new("Azurite did not say where it listens"))?;
        let connection = Connection::of(&format!("{url}/{ACCOUNT}"), ACCOUNT, KEY);
        python::client(&["make"], &connection, &[])
            .output()
            .map(drop)?;
        Ok(Self {
            connection,
            said,
            _server: server,
        })
    }

    /// The requests it answered so far, in their order: `"PUT /path?query HTTP/1.1" 201 -`.
    pub(super) fn answered(&self) -> Vec<String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.clone()
    }
}

/// Collects its lines, and sends the address on once it is known.
fn listen(
    server: &mut Server,
    said: &Arc<Mutex<Vec<String>>>,
) -> Result<Receiver<String>, Failure> {
    let output = server.take_output();
    let output = output.ok_or_else(|| Failure::new("Azurite's output is not to be had"))?;
    let (begun, address) = channel();
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if let Some((_, url)) = line.split_once("successfully listens on ") {
                // Nobody waits for it any more when this fails.
                let _ = begun.send(url.trim().to_owned());
            }
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push(line);
        }
    });
    Ok(address)
}
