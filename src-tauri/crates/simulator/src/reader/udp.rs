//! Serves a pretend reader on a UDP port of the loopback interface.

use std::{io, net::SocketAddr};

use tokio::{net::UdpSocket, sync::mpsc, task::JoinHandle};

use super::{SimulatedReader, serve};

/// Largest datagram that is taken, bytes: what UDP can carry.
const LARGEST_DATAGRAM_BYTES: usize = 65_535;

/// A reader on the network. Dropping it takes the reader off.
#[derive(Debug)]
pub struct UdpServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl UdpServer {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for UdpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves the reader on a free port of 127.0.0.1. While the reader is away, nobody listens there.
pub async fn serve_udp(reader: SimulatedReader) -> io::Result<UdpServer> {
    serve_udp_at(reader, SocketAddr::from(([127, 0, 0, 1], 0))).await
}

/// The same at an address of one's own choice, for programs that know one port only.
pub async fn serve_udp_at(reader: SimulatedReader, address: SocketAddr) -> io::Result<UdpServer> {
    let mut socket = UdpSocket::bind(address).await?;
    let address = socket.local_addr()?;
    let task = tokio::spawn(async move {
        loop {
            serve(&reader, &socket).await;
            drop(socket);
            serve::here(&reader).await;
            match UdpSocket::bind(address).await {
                Ok(again) => socket = again,
                // Another program took the port meanwhile: this reader stays away.
                Err(_) => return,
            }
        }
    });
    Ok(UdpServer { address, task })
}

async fn serve(reader: &SimulatedReader, socket: &UdpSocket) {
    let (buffers, requests) = serve::buffers(reader);
    let (answers, mut outgoing) = mpsc::unbounded_channel::<serve::Outgoing<SocketAddr>>();
    let receive = async {
        let mut datagram = vec![0; LARGEST_DATAGRAM_BYTES];
        loop {
            // A failure only repeats that an earlier answer found nobody.
            if let Ok((count, from)) = socket.recv_from(&mut datagram).await {
                let packet = datagram.get(..count).unwrap_or(&[]);
                if count <= reader.settings().buffer_bytes {
                    buffers.hold(reader, packet.to_vec(), from);
                }
            }
        }
    };
    let transmit = async {
        while let Some(answer) = outgoing.recv().await {
            let _ = socket.send_to(&answer.packet, answer.to).await;
            serve::sent(reader, &answer);
        }
    };
    tokio::select! {
        () = receive => {}
        () = serve::work(reader, requests, answers) => {}
        () = transmit => {}
        () = serve::broken(reader) => {}
    }
}
