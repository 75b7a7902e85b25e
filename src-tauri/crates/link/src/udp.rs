//! SMP and other datagram protocols over UDP.
//!
//! Readers on a network do not announce themselves, so discovery lists none: the address is given.

use async_trait::async_trait;
use tokio::net::UdpSocket;

use crate::{DatagramLink, Link, LinkAddress, LinkError, OPEN_DEADLINE, Provider, Reader};

/// Largest datagram that crosses Ethernet in one piece, bytes: 1500 (RFC 894) less the 40 of an
/// IPv6 header (RFC 8200) and the 8 of UDP (RFC 768).
const LARGEST_DATAGRAM_BYTES: usize = 1500 - 40 - 8;

/// Opens links to UDP peers.
#[derive(Debug, Clone, Copy, Default)]
pub struct UdpPeers;

#[async_trait]
impl Provider for UdpPeers {
    fn serves(&self, address: &LinkAddress) -> bool {
        matches!(address, LinkAddress::Udp { .. })
    }

    async fn readers(&self) -> Vec<Reader> {
        Vec::new()
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let place = address.to_string();
        let LinkAddress::Udp { host, port } = address else {
            return Err(LinkError::NotFound { place });
        };
        match tokio::time::timeout(OPEN_DEADLINE, connect(host, *port)).await {
            Ok(Ok(socket)) => Ok(Link::Datagram(Box::new(UdpLink { socket, place }))),
            Ok(Err(source)) => Err(LinkError::from_io(&place, source)),
            Err(_) => Err(LinkError::Timeout { place }),
        }
    }
}

/// A socket that sends to, and hears from, the first address of the host that the system can reach.
async fn connect(host: &str, port: u16) -> std::io::Result<UdpSocket> {
    let mut failure = std::io::Error::new(
        std::io::ErrorKind::NotFound,
        "the name of the host is not known",
    );
    for peer in tokio::net::lookup_host((host, port)).await? {
        let own = if peer.is_ipv6() {
            "[::]:0"
        } else {
            "0.0.0.0:0"
        };
        let socket = UdpSocket::bind(own).await?;
        match socket.connect(peer).await {
            Ok(()) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A connected socket. The system tells it when the peer's computer answers that nobody listens.
#[derive(Debug)]
struct UdpLink {
    socket: UdpSocket,
    place: String,
}

#[async_trait]
impl DatagramLink for UdpLink {
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError> {
        let sent = self.socket.send(datagram).await;
        sent.map(drop)
            .map_err(|source| LinkError::from_io(&self.place, source))
    }

    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError> {
        let received = self.socket.recv(buffer).await;
        received.map_err(|source| LinkError::from_io(&self.place, source))
    }

    fn largest_bytes(&self) -> usize {
        LARGEST_DATAGRAM_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(port: u16) -> Box<dyn DatagramLink> {
        let address = LinkAddress::Udp {
            host: "127.0.0.1".into(),
            port,
        };
        match UdpPeers.open(&address).await.unwrap() {
            Link::Datagram(link) => link,
            Link::Stream(_) => panic!("UDP carries datagrams"),
        }
    }

    #[tokio::test]
    async fn a_datagram_goes_there_and_back() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let link = open(peer.local_addr().unwrap().port()).await;
        link.send(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        let (count, from) = peer.recv_from(&mut buffer).await.unwrap();
        peer.send_to(&buffer[..count], from).await.unwrap();
        let count = link.receive(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"hello");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_port_where_nobody_listens_is_not_found() {
        let free = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let link = open(port).await;
        link.send(b"hello").await.unwrap();
        let answer = link.receive(&mut [0; 16]).await;
        assert!(
            matches!(answer, Err(LinkError::NotFound { .. })),
            "{answer:?}"
        );
    }
}
