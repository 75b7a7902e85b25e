//! What can go wrong between this computer and a host, named by the layer that failed.
//!
//! An answer with an unwelcome status is no error here: the service's module judges it.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use crate::TlsFault;

/// Whether the other side may have received the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Certainly not: there was no connection, or the body was not handed over to its end.
    No,
    /// Nobody can tell; ask the other side before sending again.
    Perhaps,
}

/// A request without a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address is none.
    #[error("{address} is not an address: {why}")]
    InvalidAddress {
        /// What was given, redacted.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// The client cannot be built from these options.
    #[error("the connection settings cannot be used: {why}")]
    InvalidOptions {
        /// What is wrong with them.
        why: String,
    },
    /// The name server does not know the host.
    #[error("the name {host} is not known")]
    NameNotKnown {
        /// The host.
        host: String,
    },
    /// No connection came about.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// The host.
        host: String,
        /// The system's words.
        why: String,
    },
    /// The proxy is not there or refuses.
    #[error("the proxy {proxy} failed: {why}")]
    Proxy {
        /// The proxy, without its password.
        proxy: String,
        /// Its words.
        why: String,
    },
    /// The environment names a proxy for this host by something that is no address.
    #[error("the variable {variable} of the environment is not the address of a proxy")]
    ProxyUnusable {
        /// Which variable.
        variable: &'static str,
    },
    /// The proxy wants a user name and a password, or others than were given.
    #[error(
        "the proxy {proxy} refused {} (407)",
        if *gave_password { "the user name or the password it was given" } else { "access without a user name and a password" }
    )]
    ProxySignIn {
        /// The proxy, without its password.
        proxy: String,
        /// Whether it was given a user name.
        gave_password: bool,
        /// What it offers, when that is not what we can do.
        other_schemes: Option<String>,
    },
    /// The host's certificate or its TLS is not accepted.
    #[error("TLS with {host} failed: {why}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong, in words.
        why: String,
        /// Which kind of fault it is.
        fault: TlsFault,
    },
    /// The answer is compressed in a way that nobody asked for and that cannot be undone.
    #[error("the answer of {host} cannot be unpacked: {why}")]
    Coding {
        /// The host.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The host took no byte, or did not answer, for too long.
    #[error("{host} was silent for {} s", waited.as_secs())]
    Silent {
        /// The host.
        host: String,
        /// How long it was waited for.
        waited: Duration,
        /// Whether the request may have arrived.
        delivered: Delivered,
    },
    /// The connection broke.
    #[error("the connection to {host} broke: {why}")]
    Cut {
        /// The host.
        host: String,
        /// The system's words.
        why: String,
        /// Whether the request may have arrived.
        delivered: Delivered,
    },
    /// The answer is larger than any answer of such a service.
    #[error("the answer of {host} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit, bytes.
        limit_bytes: u64,
    },
    /// The answer is not JSON although it should be.
    #[error("{host} answered {status} with {kind}")]
    NotJson {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What it is instead: "a web page", "text/plain".
        kind: String,
    },
    /// Something on the way answered in the place of a host that had answered as itself before.
    #[error("a gateway on the way to {host} answered {status} with {kind}")]
    Gateway {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What came: "a web page".
        kind: String,
    },
    /// A sign-in at a proxy is asked for, and none was given to be used.
    #[error("{host} answered 407, which proxies answer, and the account names no proxy")]
    SignInUnasked {
        /// The host.
        host: String,
        /// What is offered, when it was said.
        schemes: Option<String>,
    },
    /// What came is no answer of HTTP.
    #[error("what answers at {host} does not speak HTTP: {why}")]
    NotHttp {
        /// The host.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The answer is JSON, but not what was asked for.
    #[error("{host} answered {status} with unexpected JSON: {why}")]
    OtherShape {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What is missing or wrong.
        why: String,
    },
    /// The body that was to be sent could not be read.
    #[error("the file could not be read while it was sent: {source}")]
    Body {
        /// The system's words.
        source: std::io::Error,
    },
    /// The address leads into this computer or its own network.
    #[error("{}", leads(host, address, kind))]
    AddressRefused {
        /// The host.
        host: String,
        /// Where it leads.
        address: String,
        /// What kind of address that is.
        kind: String,
    },
    /// A library asked for a host that its account does not name.
    #[error("{host} is no host of this account")]
    ForeignHost {
        /// The host.
        host: String,
    },
    /// A redirect that is not followed.
    #[error("{host} redirects {why}")]
    Redirect {
        /// The host.
        host: String,
        /// Why it is not followed.
        why: String,
    },
}

/// Where a host leads; an address in numbers leads to itself.
fn leads(host: &str, address: &str, kind: &str) -> String {
    if host == address {
        format!("{host} is {kind}")
    } else {
        format!("{host} leads to {address}, {kind}")
    }
}

impl NetError {
    /// The same failure of a host that had answered as itself before: what is no answer of it is a
    /// gateway's.
    #[must_use]
    pub fn after_own_answers(self) -> Self {
        match self {
            Self::NotJson { host, status, kind } => Self::Gateway { host, status, kind },
            Self::NotHttp { host, why } => Self::Cut {
                host,
                why: format!("what came is not HTTP: {why}"),
                delivered: Delivered::Perhaps,
            },
            other => other,
        }
    }

    /// Whether the other side may have acted on the request.
    pub fn delivered(&self) -> Delivered {
        match self {
            Self::Silent { delivered, .. } | Self::Cut { delivered, .. } => *delivered,
            Self::TooLarge { .. }
            | Self::NotJson { .. }
            | Self::Gateway { .. }
            | Self::NotHttp { .. }
            | Self::OtherShape { .. }
            | Self::Coding { .. } => Delivered::Perhaps,
            Self::InvalidAddress { .. }
            | Self::InvalidOptions { .. }
            | Self::NameNotKnown { .. }
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::ProxyUnusable { .. }
            | Self::ProxySignIn { .. }
            | Self::SignInUnasked { .. }
            | Self::Tls { .. }
            | Self::Body { .. }
            | Self::AddressRefused { .. }
            | Self::ForeignHost { .. }
            | Self::Redirect { .. } => Delivered::No,
        }
    }
}

impl Diagnose for NetError {
    fn diagnose(&self) -> Diagnosis {
        let what = sentence(&self.to_string());
        match self {
            Self::InvalidAddress { why, .. } => {
                Diagnosis::new(Code::AccountInvalid, what, sentence(why))
                    .remedy(Remedy::advice("Correct the address."))
            }
            Self::InvalidOptions { why } => Diagnosis::new(Code::AccountInvalid, what, sentence(why))
                .remedy(Remedy::advice("Correct proxy and certificate.")),
            Self::NameNotKnown { .. } => Diagnosis::new(
                Code::HostNotFound,
                what,
                "Probably this computer has no network, or the name is misspelt.",
            )
            .remedy(Remedy::advice("Check the network and the spelling of the host.")),
            Self::Unreachable { why, .. } => {
                Diagnosis::new(Code::HostUnreachable, what, sentence(why))
                    .remedy(Remedy::advice("Check the network, the port and the firewall."))
            }
            Self::Proxy { why, .. } => Diagnosis::new(Code::ProxyFailed, what, sentence(why))
                .titled("The proxy does not work")
                .remedy(Remedy::advice("Check whether the proxy runs, its address, and whether it lets this host through.")),
            Self::ProxyUnusable { variable } => proxy_unusable(what, variable),
            Self::ProxySignIn { gave_password, other_schemes, .. } => sign_in(what, *gave_password, other_schemes.as_deref()),
            Self::Tls { why, fault, .. } => by_tls(what, why, *fault),
            Self::Coding { .. } => packed(what),
            Self::Silent { .. } => Diagnosis::new(
                Code::ServiceTimeout,
                what,
                "Probably the line is dead or the service is overloaded.",
            )
            .remedy(Remedy::advice("Check the line, then try again.")),
            Self::Cut { why, .. } => {
                Diagnosis::new(Code::HostUnreachable, what, sentence(why))
                    .titled("The connection broke")
                    .remedy(Remedy::advice("Check the line, then try again."))
            }
            Self::TooLarge { .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                "No answer of this service is that long.",
            )
            .remedy(Remedy::advice("Check the host of the account.")),
            Self::NotJson { .. } => Diagnosis::new(
                Code::NotThisService,
                what,
                "Probably the address belongs to a web page, a sign-in page of the network, or a gateway.",
            )
            .remedy(Remedy::advice("Check the host of the account.")),
            Self::Gateway { .. } => by_a_gateway(what),
            Self::NotHttp { .. } => no_web_service(what),
            Self::SignInUnasked { schemes, .. } => unasked(what, schemes.as_deref()),
            Self::OtherShape { .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                "Probably it is another service, or a version of it that is not known.",
            )
            .remedy(Remedy::advice("Check the host of the account, or look for a newer Firmdrop.")),
            Self::Body { source } => {
                Diagnosis::new(Code::ReadFailed, what, sentence(&source.to_string()))
                    .remedy(Remedy::InspectAgain)
            }
            Self::AddressRefused { host, .. } => Diagnosis::new(
                Code::DownloadFailed,
                what,
                "An address that a page or a mail gives may not reach into your own network by itself.",
            )
            .remedy(Remedy::AllowHost { host: host.clone() }),
            Self::ForeignHost { .. } => Diagnosis::new(
                Code::AccountInvalid,
                what,
                "A secret is sent to the hosts that the account names, and to no other.",
            )
            .remedy(Remedy::advice("If the host is right, add it to the account.")),
            Self::Redirect { why, .. } => Diagnosis::new(Code::DownloadFailed, what, sentence(why))
                .remedy(Remedy::advice("Give the final address.")),
        }
    }
}

fn packed(what: String) -> Diagnosis {
    Diagnosis::new(
        Code::AnswerUnreadable,
        what,
        "Firmdrop asks for answers as they are (Accept-Encoding: identity).",
    )
    .remedy(Remedy::advice(
        "Ask whoever runs the proxy or gateway on the way not to compress answers.",
    ))
}

fn no_web_service(what: String) -> Diagnosis {
    Diagnosis::new(
        Code::NotThisService,
        what,
        "Probably another program listens at this port, or the port is one for https.",
    )
    .titled("What answers there is no web service")
    .remedy(Remedy::advice(
        "Check host and port, and whether the address begins with http:// or https://.",
    ))
}

fn proxy_unusable(what: String, variable: &str) -> Diagnosis {
    Diagnosis::new(
        Code::ProxyFailed,
        what,
        "Without it the request would go past the proxy that this computer is set to use.",
    )
    .titled("The proxy of the environment cannot be used")
    .remedy(Remedy::advice(format!(
        "Set {variable} to http://USER:PASSWORD@HOST:PORT, in the password %40 for @, %23 for # and %2F for /; or to nothing, where no proxy is needed."
    )))
}

fn by_tls(what: String, why: &str, fault: TlsFault) -> Diagnosis {
    let diagnosis = Diagnosis::new(Code::TlsFailed, what, sentence(why));
    let diagnosis = match fault {
        TlsFault::ClientCertificate => {
            diagnosis.titled("The host wants a certificate of the client")
        }
        TlsFault::NobodyTrusted => diagnosis.titled("This computer trusts no authority"),
        TlsFault::NotTls | TlsFault::BrokenOff | TlsFault::Other => {
            diagnosis.titled("No encrypted connection came about")
        }
        _ => diagnosis,
    };
    diagnosis.remedy(Remedy::advice(fault.help()))
}

fn by_a_gateway(what: String) -> Diagnosis {
    Diagnosis::new(
        Code::ServiceFailed,
        what,
        "The host answered as itself before, so its address is right. Probably it is being maintained, or a proxy or gateway before it has a problem.",
    )
    .titled("A gateway on the way answered")
    .remedy(Remedy::Wait { seconds: 30 })
}

fn unasked(what: String, schemes: Option<&str>) -> Diagnosis {
    let diagnosis = Diagnosis::new(
        Code::ProxyFailed,
        what,
        "A proxy that this computer's settings name, something on the way, or the host itself asks for a sign-in; which of them is not known.",
    )
    .titled("Something on the way wants a sign-in")
    .remedy(Remedy::advice(
        "If this network has a proxy, give its address to the account: http://USER:PASSWORD@HOST:PORT. If it has none, ask whoever runs the network or the host.",
    ));
    match schemes {
        Some(schemes) => diagnosis.detail("It offers", schemes),
        None => diagnosis,
    }
}

fn sign_in(what: String, gave_password: bool, other_schemes: Option<&str>) -> Diagnosis {
    let (why, help) = match (other_schemes, gave_password) {
        (Some(schemes), _) => (
            format!("It offers {schemes}; Firmdrop signs in with Basic only."),
            "Ask whoever runs the proxy for Basic sign-in, or for a way past it.",
        ),
        (None, true) => (
            "The user name or the password is wrong, or has expired.".to_owned(),
            "Give the proxy's address anew, with user name and password: http://USER:PASSWORD@HOST:PORT.",
        ),
        (None, false) => (
            "Its address was given without a user name and a password.".to_owned(),
            "Give the proxy's address with user name and password: http://USER:PASSWORD@HOST:PORT. The password is stored as a secret.",
        ),
    };
    Diagnosis::new(Code::ProxyFailed, what, why)
        .titled("The proxy wants a sign-in")
        .remedy(Remedy::advice(help))
}

/// The text as a sentence: first letter large, a full stop at its end.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}
