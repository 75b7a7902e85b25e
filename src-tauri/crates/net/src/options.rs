//! How a client reaches its host, and how long it waits.
//!
//! No secrets: they travel with each request, never with the client.

use std::time::Duration;

/// How to reach a host.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Address of a proxy, `http://proxy:3128` or `socks5h://…`. `None` takes the system's proxy
    /// settings, except for a host on this computer, which is always reached directly.
    pub proxy: Option<String>,
    /// Certificates (PEM) that are trusted besides those of the system.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// What the client calls itself.
    pub user_agent: String,
    /// How long it waits.
    pub deadlines: Deadlines,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            proxy: None,
            extra_ca_pem: None,
            user_agent: concat!("Firmdrop/", env!("CARGO_PKG_VERSION")).to_owned(),
            deadlines: Deadlines::default(),
        }
    }
}

/// How long each part of an exchange may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, connection and TLS handshake together.
    pub connect: Duration,
    /// Longest time in which the line takes no byte of a body.
    pub stall: Duration,
    /// Longest wait for the answer once the body has been handed over. A body that took longer
    /// than this to hand over is given as much again: its last bytes still wait in the system.
    pub answer: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            answer: Duration::from_mins(1),
        }
    }
}
