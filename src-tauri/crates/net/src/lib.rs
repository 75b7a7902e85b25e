//! The only HTTP client of the program: TLS, proxies, own certificate authorities, deadlines, the
//! retry table, the address guard and redaction.
//!
//! It knows no service: what an answer means is decided by whoever asked. It never repeats a
//! request by itself; [`retry`] says what may be repeated, the caller does it.

mod classify;
mod coding;
mod error;
#[cfg(test)]
mod error_tests;
pub mod fetch;
mod guard;
mod host_dates;
mod http;
mod method;
mod options;
mod outgoing;
pub mod probe;
mod redact;
mod request;
mod resolver;
mod response;
pub mod retry;
mod route;
mod scrub;
mod send_buffer;
mod tls;
mod tls_fault;
mod transport;

pub use error::{Delivered, NetError};
pub use guard::{AddressKind, address_kind};
pub use host_dates::{HostDate, host_dates};
pub use http::Http;
pub use method::Method;
pub use options::{Deadlines, HttpOptions};
pub use redact::shown_url;
pub use request::{Field, FilePart, PieceStream, Request, StreamedBody};
pub use reqwest::Url;
pub use response::{BodyTiming, Response};
pub use scrub::Scrub;
/// A secret that does not print and is wiped when dropped.
pub use secrecy::SecretString as Secret;
pub use tls_fault::TlsFault;
pub use transport::{
    ResponseStream, Transport, TransportBody, TransportRequest, TransportResponse,
};
