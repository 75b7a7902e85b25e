//! The pretended readers for other programs: on a serial port of their own and on UDP.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use firmdrop_simulator::reader::{PtyServer, UdpServer, serve_pty, serve_udp};
use serde::Serialize;

use crate::DemoReaders;

/// A pretended reader that other programs can reach, as long as this value lives.
#[derive(Debug, Serialize)]
pub struct ServedReader {
    /// Its id in the demo world.
    pub id: String,
    /// What users call it.
    pub name: String,
    /// Its serial port.
    pub serial: PathBuf,
    /// Its UDP address.
    pub udp: SocketAddr,
    #[serde(skip)]
    _servers: (PtyServer, UdpServer),
}

/// Serves every reader of the pretended bench on a pseudo-terminal and on UDP of 127.0.0.1.
pub async fn serve_readers(readers: &DemoReaders) -> io::Result<Vec<ServedReader>> {
    let mut served = Vec::new();
    for (id, reader) in readers.all() {
        let pty = serve_pty(reader.clone())?;
        let udp = serve_udp(reader.clone()).await?;
        served.push(ServedReader {
            id,
            name: reader.settings().name.clone(),
            serial: pty.path().to_owned(),
            udp: udp.address(),
            _servers: (pty, udp),
        });
    }
    Ok(served)
}
