//! An open way to a UDP peer that may have several addresses.
//!
//! UDP does not say whether anybody is there, so the address that answers first is found by trying:
//! the next one is used when the system reports that nobody listens at the present one, or when a
//! datagram is sent again although the last one was not answered. After the first answer the peer
//! stays the same. No datagram is sent to two addresses at once.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::{Datagram, LinkError};

/// Largest datagram that crosses Ethernet in one piece, bytes: 1500 (RFC 894) less the 40 of an
/// IPv6 header (RFC 8200) and the 8 of UDP (RFC 768).
const LARGEST_DATAGRAM_BYTES: usize = 1500 - 40 - 8;

/// Connected sockets. The system reports when the peer's computer answers that nobody listens.
#[derive(Debug)]
pub(super) struct UdpLink {
    sockets: Vec<UdpSocket>,
    place: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Index of the socket in use.
    current: usize,
    /// Somebody answered there.
    answered: bool,
    /// Sockets where the system said that nobody listens.
    refused: usize,
    /// The last datagram that nobody answered yet; not needed with one address.
    unanswered: Option<Vec<u8>>,
}

impl UdpLink {
    /// Sockets to those addresses that the system has a way to.
    pub(super) async fn open(peers: &[SocketAddr], place: String) -> Result<Self, LinkError> {
        let mut sockets = Vec::new();
        let mut failure = std::io::Error::from(std::io::ErrorKind::NotFound);
        for peer in peers {
            match connect(*peer).await {
                Ok(socket) => sockets.push(socket),
                Err(error) => failure = error,
            }
        }
        if sockets.is_empty() {
            return Err(LinkError::from_io(&place, failure));
        }
        Ok(Self {
            sockets,
            place,
            state: Mutex::default(),
        })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: std::io::Error) -> LinkError {
        LinkError::from_io(&self.place, source)
    }

    fn socket(&self, index: usize) -> Result<&UdpSocket, LinkError> {
        let none = || LinkError::Lost {
            place: self.place.clone(),
        };
        self.sockets.get(index).ok_or_else(none)
    }

    /// The socket a new datagram goes to; the next one when the last datagram was not answered.
    fn choose(&self, datagram: &[u8]) -> usize {
        let mut state = self.state();
        if self.sockets.len() > 1 && !state.answered {
            if state.unanswered.is_some() {
                state.current = (state.current + 1) % self.sockets.len();
            }
            state.unanswered = Some(datagram.to_vec());
        }
        state.current
    }

    /// Another address to try, with the datagram that was not answered, when nobody listens at the
    /// present one.
    fn after_refusal(&self) -> Option<(usize, Vec<u8>)> {
        let mut state = self.state();
        if state.answered {
            return None;
        }
        state.refused += 1;
        if state.refused >= self.sockets.len() {
            state.refused = 0;
            return None;
        }
        state.current = (state.current + 1) % self.sockets.len();
        let datagram = state.unanswered.clone()?;
        Some((state.current, datagram))
    }
}

/// A socket of the peer's family.
async fn bound(peer: SocketAddr) -> std::io::Result<UdpSocket> {
    let own = if peer.is_ipv6() {
        "[::]:0"
    } else {
        "0.0.0.0:0"
    };
    UdpSocket::bind(own).await
}

async fn connect(peer: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = bound(peer).await?;
    socket.connect(peer).await?;
    Ok(socket)
}

#[async_trait]
impl Datagram for UdpLink {
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError> {
        let index = self.choose(datagram);
        let sent = self.socket(index)?.send(datagram).await;
        sent.map(drop).map_err(|source| self.failed(source))
    }

    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError> {
        loop {
            let index = self.state().current;
            match self.socket(index)?.recv(buffer).await {
                Ok(count) => {
                    let mut state = self.state();
                    state.answered = true;
                    state.unanswered = None;
                    return Ok(count);
                }
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                    let Some((next, datagram)) = self.after_refusal() else {
                        return Err(self.failed(error));
                    };
                    let sent = self.socket(next)?.send(&datagram).await;
                    sent.map_err(|source| self.failed(source))?;
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// A connected socket takes nothing from other addresses: this is asked over one of its own.
    async fn answers_elsewhere(&self, datagram: &[u8], within: Duration) -> Option<String> {
        let index = self.state().current;
        let peer = self.sockets.get(index)?.peer_addr().ok()?;
        let socket = bound(peer).await.ok()?;
        socket.send_to(datagram, peer).await.ok()?;
        // Windows takes a datagram that is longer than its room for a failure.
        let mut unread = [0; LARGEST_DATAGRAM_BYTES];
        let answer = timeout(within, socket.recv_from(&mut unread)).await;
        let (_, from) = answer.ok()?.ok()?;
        (from != peer).then(|| from.to_string())
    }

    fn largest_bytes(&self) -> usize {
        LARGEST_DATAGRAM_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Link, LinkAddress, Provider, UdpPeers};

    async fn open(port: u16) -> Box<dyn Datagram> {
        match UdpPeers
            .open(&LinkAddress::udp("127.0.0.1", port))
            .await
            .unwrap()
        {
            Link::Datagram(link) => link,
            other => panic!("{other:?}"),
        }
    }

    async fn answer(peer: &UdpSocket) {
        let mut buffer = [0; 16];
        let (count, from) = peer.recv_from(&mut buffer).await.unwrap();
        peer.send_to(&buffer[..count], from).await.unwrap();
    }

    #[tokio::test]
    async fn a_datagram_goes_there_and_back() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let link = open(peer.local_addr().unwrap().port()).await;
        link.send(b"hello").await.unwrap();
        answer(&peer).await;
        let mut buffer = [0; 16];
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

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn of_a_host_with_two_addresses_the_one_that_answers_is_used() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let there = peer.local_addr().unwrap();
        let free = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let nobody = free.local_addr().unwrap();
        drop(free);
        let link = UdpLink::open(&[nobody, there], "p".into()).await.unwrap();
        link.send(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        let (count, ()) = tokio::join!(link.receive(&mut buffer), answer(&peer));
        assert_eq!(&buffer[..count.unwrap()], b"hello");
        link.send(b"again").await.unwrap();
        let (count, ()) = tokio::join!(link.receive(&mut buffer), answer(&peer));
        assert_eq!(&buffer[..count.unwrap()], b"again");
    }

    #[tokio::test]
    async fn who_answers_from_another_address_is_named_and_the_peer_itself_is_not() {
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let link = open(peer.local_addr().unwrap().port()).await;
        let asking = || link.answers_elsewhere(b"hello", Duration::from_secs(5));
        let answer_from = async |socket: &UdpSocket| {
            let (_, from) = peer.recv_from(&mut [0; 16]).await.unwrap();
            socket.send_to(&[7; 1000], from).await.unwrap();
        };
        let (named, ()) = tokio::join!(asking(), answer_from(&other));
        assert_eq!(named, Some(other.local_addr().unwrap().to_string()));
        let (named, ()) = tokio::join!(asking(), answer_from(&peer));
        assert_eq!(named, None);
        let silent = link.answers_elsewhere(b"hello", Duration::ZERO).await;
        assert_eq!(silent, None);
    }

    #[tokio::test]
    async fn a_silent_address_gives_way_when_the_datagram_is_sent_again() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addresses = [silent.local_addr().unwrap(), peer.local_addr().unwrap()];
        let link = UdpLink::open(&addresses, "p".into()).await.unwrap();
        link.send(b"hello").await.unwrap();
        let mut buffer = [0; 16];
        // What a protocol does when its time is over.
        let nothing = tokio::time::timeout(Duration::ZERO, link.receive(&mut buffer)).await;
        assert!(nothing.is_err());
        link.send(b"hello").await.unwrap();
        let (count, ()) = tokio::join!(link.receive(&mut buffer), answer(&peer));
        assert_eq!(&buffer[..count.unwrap()], b"hello");
    }
}
