//! Which addresses a foreign URL may lead to.
//!
//! It guards downloads of URLs that a user pasted; accounts name their hosts themselves and are
//! not judged here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// Anybody's internet.
    Public,
    /// This computer.
    Loopback,
    /// The own network: RFC 1918, RFC 4193, carrier-grade NAT (RFC 6598).
    Private,
    /// The own cable, where clouds keep their metadata services (169.254.169.254).
    LinkLocal,
    /// Unspecified, multicast, broadcast, documentation, reserved.
    Special,
}

impl AddressKind {
    /// In plain words: "an address of this computer".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Loopback => "an address of this computer",
            Self::Private => "an address of a private network",
            Self::LinkLocal => "an address of the local link",
            Self::Special => "a reserved address",
        }
    }
}

/// What kind of place this address is. IPv4 addresses inside IPv6 ones (mapped, 6to4, NAT64, ISATAP) are
/// judged as what they lead to.
pub fn address_kind(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(address) => v4_kind(address),
        IpAddr::V6(address) => v6_kind(address),
    }
}

fn v4_kind(address: Ipv4Addr) -> AddressKind {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, _, _) => AddressKind::Loopback,
        (10, _, _) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => AddressKind::Private,
        (169, 254, _) => AddressKind::LinkLocal,
        (0 | 224..=255, _, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113) => AddressKind::Special,
        _ => AddressKind::Public,
    }
}

fn v6_kind(address: Ipv6Addr) -> AddressKind {
    if let Some(inner) = embedded_v4(address) {
        return v4_kind(inner);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        [first, ..] if first & 0xfe00 == 0xfc00 => AddressKind::Private,
        [first, ..] if first & 0xffc0 == 0xfe80 || first & 0xffc0 == 0xfec0 => {
            AddressKind::LinkLocal
        }
        // IETF assignments, RFC 2928: Teredo, benchmarking, ORCHID and their like; and documentation,
        // RFC 3849 and RFC 9637.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressKind::Special,
        // Global unicast is 2000::/3; everything else is reserved or multicast.
        [first, ..] if first & 0xe000 == 0x2000 => AddressKind::Public,
        _ => AddressKind::Special,
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        // ::1 and :: are themselves, not old IPv4-compatible addresses.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] // mapped, compatible
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] // NAT64, RFC 6052
        | [0x2002, high, low, ..] // 6to4, RFC 3056
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(join(high, low)), // ISATAP, RFC 5214
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let cases = [
            ("8.8.8.8", AddressKind::Public),
            ("172.32.0.1", AddressKind::Public),
            ("100.128.0.1", AddressKind::Public),
            ("2606:4700::1111", AddressKind::Public),
            ("127.0.0.1", AddressKind::Loopback),
            ("127.255.0.9", AddressKind::Loopback),
            ("::1", AddressKind::Loopback),
            ("::ffff:127.0.0.1", AddressKind::Loopback),
            ("64:ff9b::7f00:1", AddressKind::Loopback),
            ("10.1.2.3", AddressKind::Private),
            ("172.16.0.1", AddressKind::Private),
            ("172.31.255.255", AddressKind::Private),
            ("192.168.1.1", AddressKind::Private),
            ("100.64.0.1", AddressKind::Private),
            ("100.127.255.255", AddressKind::Private),
            ("fd00::1", AddressKind::Private),
            ("::ffff:192.168.0.1", AddressKind::Private),
            ("2002:c0a8:1::", AddressKind::Private),
            ("169.254.169.254", AddressKind::LinkLocal),
            ("fe80::1", AddressKind::LinkLocal),
            ("::ffff:169.254.169.254", AddressKind::LinkLocal),
            ("0.0.0.0", AddressKind::Special),
            ("::", AddressKind::Special),
            ("255.255.255.255", AddressKind::Special),
            ("224.0.0.1", AddressKind::Special),
            ("ff02::1", AddressKind::Special),
            ("192.0.2.1", AddressKind::Special),
            ("198.18.0.1", AddressKind::Special),
            ("203.0.113.7", AddressKind::Special),
            ("2001:db8::1", AddressKind::Special),
            // Teredo, benchmarking, ORCHIDv2, newer documentation, local NAT64, SRv6.
            ("2001::1", AddressKind::Special),
            ("2001:0:7f00:1::1", AddressKind::Special),
            ("2001:2::1", AddressKind::Special),
            ("2001:20::1", AddressKind::Special),
            ("2001:2f::1", AddressKind::Special),
            ("3fff::1", AddressKind::Special),
            ("3fff:fff::1", AddressKind::Special),
            ("64:ff9b:1::7f00:1", AddressKind::Special),
            ("5f00::1", AddressKind::Special),
            ("2001:200::1", AddressKind::Public),
            ("2001:4860:4860::8888", AddressKind::Public),
            ("3fff:1000::1", AddressKind::Public),
            // NAT64 and ISATAP of private places.
            ("64:ff9b::a01:203", AddressKind::Private),
            ("64:ff9b::a9fe:a9fe", AddressKind::LinkLocal),
            ("2607:f8b0::5efe:c0a8:101", AddressKind::Private),
            ("2607:f8b0::200:5efe:7f00:1", AddressKind::Loopback),
            ("2607:f8b0::5efe:808:808", AddressKind::Public),
        ];
        for (text, kind) in cases {
            assert_eq!(address_kind(text.parse().unwrap()), kind, "{text}");
        }
    }
}
