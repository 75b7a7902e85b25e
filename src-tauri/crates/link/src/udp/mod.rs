//! Datagrams over UDP.
//!
//! Readers on a network do not announce themselves, so discovery lists none: the address is given.

mod address;
mod peers;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;

pub(crate) use self::address::KNOWN;
use self::address::{CHANNEL, parse};
use self::peers::UdpLink;
use crate::{Link, LinkAddress, LinkError, OPEN_DEADLINE, Place, Provider, Reader, Watch};

/// Addresses of one host that are tried. A name with more is a service of many computers.
const MOST_PEERS: usize = 8;

/// Opens links to UDP peers.
#[derive(Debug, Clone, Copy, Default)]
pub struct UdpPeers;

#[async_trait]
impl Provider for UdpPeers {
    fn channel(&self) -> &'static str {
        CHANNEL
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        Ok(Vec::new())
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::silent()
    }

    /// Every address the host has now, so that a name and its address are one place.
    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let peers = resolve(address).await?;
        let mut keys = peers.iter().map(|peer| format!("udp:{}", plain(*peer)));
        let first = keys.next().unwrap_or_else(|| address.to_string());
        Ok(keys.fold(Place::new(first), Place::and))
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let peers = resolve(address).await?;
        let opened = UdpLink::open(&peers, address.to_string()).await;
        opened.map(|link| Link::Datagram(Box::new(link)))
    }
}

/// The addresses of the host that an address names, at least one.
async fn resolve(address: &LinkAddress) -> Result<Vec<SocketAddr>, LinkError> {
    let place = || address.to_string();
    let io = |kind: std::io::ErrorKind, why: String| LinkError::Io {
        place: place(),
        source: std::io::Error::new(kind, why),
    };
    let invalid = |why| io(std::io::ErrorKind::InvalidInput, why);
    let peer = parse(address.on_channel()).map_err(invalid)?;
    let port = peer
        .port
        .ok_or_else(|| invalid("no port is named".to_owned()))?;
    let unknown = |why: String| LinkError::NameUnknown {
        place: place(),
        why,
    };
    let looks_numeric = |host: &str| host.chars().all(|one| one.is_ascii_digit() || one == '.');
    if looks_numeric(peer.host) && peer.host.parse::<Ipv4Addr>().is_err() {
        return Err(unknown(
            "It is no IPv4 address, and no name has only digits.".into(),
        ));
    }
    let looking = tokio::net::lookup_host((peer.host, port));
    match tokio::time::timeout(OPEN_DEADLINE, looking).await {
        Ok(Ok(found)) => {
            let mut peers: Vec<SocketAddr> = Vec::new();
            for peer in found.take(MOST_PEERS) {
                if !peers.contains(&peer) {
                    peers.push(peer);
                }
            }
            if peers.is_empty() {
                return Err(LinkError::NotFound { place: place() });
            }
            Ok(peers)
        }
        Ok(Err(source)) if is_of_no_such_name(&source) => Err(unknown(source.to_string())),
        Ok(Err(source)) => Err(LinkError::from_io(&place(), source)),
        Err(_) => Err(LinkError::Timeout { place: place() }),
    }
}

/// Whether the system knows that nobody has the name; a name server that does not answer does not know it. By its
/// words for `EAI_NONAME` and `EAI_NODATA` (glibc, musl, macOS, Windows), which come without a number.
fn is_of_no_such_name(error: &std::io::Error) -> bool {
    let words = error.to_string();
    [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "nodename nor servname provided",
        "No such host is known",
    ]
    .iter()
    .any(|known| words.contains(known))
}

/// An IPv4 address in IPv6 clothing (RFC 4291, 2.5.5.2) is the IPv4 address.
fn plain(mut peer: SocketAddr) -> SocketAddr {
    peer.set_ip(peer.ip().to_canonical());
    peer
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn place(text: &str) -> Place {
        UdpPeers.place(&text.parse().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_name_its_address_and_its_mapped_address_are_one_place() {
        let address = place("udp:127.0.0.1:1337").await;
        assert_eq!(address.to_string(), "udp:127.0.0.1:1337");
        assert!(address.overlaps(&place("udp:localhost:1337").await));
        assert!(address.overlaps(&place("udp:[::ffff:127.0.0.1]:1337").await));
        assert!(!address.overlaps(&place("udp:127.0.0.2:1337").await));
        assert!(!address.overlaps(&place("udp:127.0.0.1:1338").await));
    }

    #[tokio::test]
    async fn digits_that_are_no_address_are_no_name_either() {
        let opened = UdpPeers.open(&"udp:256.1.1.1:1337".parse().unwrap()).await;
        assert!(
            matches!(opened, Err(LinkError::NameUnknown { .. })),
            "{opened:?}"
        );
    }

    #[test]
    fn a_name_server_that_is_silent_does_not_make_a_name_unknown() {
        let says = |words: &str| {
            let text = format!("failed to lookup address information: {words}");
            is_of_no_such_name(&std::io::Error::other(text))
        };
        assert!(says("Name or service not known"));
        assert!(!says("Temporary failure in name resolution"));
    }

    #[tokio::test]
    async fn an_address_without_a_port_is_not_opened() {
        let address = "udp:127.0.0.1".parse().unwrap();
        let opened = UdpPeers.open(&address).await;
        assert!(matches!(opened, Err(LinkError::Io { .. })), "{opened:?}");
    }
}
