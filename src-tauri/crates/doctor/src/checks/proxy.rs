//! Does something answer where the environment names a proxy? A connection is opened, and nothing is sent.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use crate::finding::{Finding, FindingState};

const ID: &str = "proxy";
/// A proxy stands in the own network.
const DEADLINE: Duration = Duration::from_secs(3);

pub(super) fn check(proxies: &[(String, String)]) -> Finding {
    let mut checked: Vec<(String, String, Option<String>)> = Vec::new();
    for (variable, value) in proxies {
        // Several variables usually have one value.
        let known = checked.iter().find(|(_, other, _)| other == value);
        let wrong = known.map_or_else(|| fault(value), |(.., wrong)| wrong.clone());
        checked.push((variable.clone(), value.clone(), wrong));
    }
    let wrong: Vec<_> = checked
        .iter()
        .filter_map(|(variable, _, wrong)| Some((variable, wrong.as_ref()?)))
        .collect();
    let Some((variable, why)) = wrong.first() else {
        let what = match checked.first() {
            None => "No proxy is set in the environment.".to_owned(),
            Some((variable, value, _)) => format!(
                "The proxy {} that {variable} names accepts connections.",
                Proxy::of(value).map_or_else(String::new, |proxy| proxy.shown())
            ),
        };
        return Finding::new(ID, FindingState::Fine, what);
    };
    Finding::new(
        ID,
        FindingState::Problem,
        format!("The environment names a proxy that cannot be used: {variable}."),
    )
    .why((*why).clone())
    .advice(format!(
        "Correct {variable}, or remove it where the network needs no proxy (unset {variable})."
    ))
}

/// A proxy, without the name and password in its address.
#[derive(Debug, PartialEq, Eq)]
struct Proxy {
    host: String,
    port: u16,
}

impl Proxy {
    /// `[SCHEME://][NAME:PASSWORD@]HOST[:PORT][/]`; the usual port of the scheme.
    fn of(value: &str) -> Option<Self> {
        let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
        let usual = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            "socks4" | "socks4a" | "socks5" | "socks5h" => 1080,
            _ => return None,
        };
        let place = rest.split(['/', '?', '#']).next()?;
        let place = place.rsplit('@').next()?;
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']')?;
                (host, rest.strip_prefix(':'))
            }
            None => match place.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = port.map_or(Some(usual), |port| port.parse().ok())?;
        (!host.is_empty()).then(|| Self {
            host: host.to_owned(),
            port,
        })
    }

    fn shown(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Why it cannot be used.
fn fault(value: &str) -> Option<String> {
    let Some(proxy) = Proxy::of(value) else {
        return Some(
            "Its value is no address of a proxy, such as http://proxy.example.com:3128.".into(),
        );
    };
    let shown = proxy.shown();
    let (sender, receiver) = mpsc::channel();
    // A name server that is silent holds the thread, not the check.
    std::thread::spawn(move || {
        // Whoever asked may have left.
        let _ = sender.send(connect(&proxy));
    });
    match receiver.recv_timeout(DEADLINE * 2) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{shown}: {error}")),
        Err(_) => Some(format!("{shown} does not answer.")),
    }
}

fn connect(proxy: &Proxy) -> std::io::Result<()> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in (proxy.host.as_str(), proxy.port).to_socket_addrs()?.take(4) {
        match TcpStream::connect_timeout(&address, DEADLINE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_proxy_is_read_in_all_its_forms_and_its_password_is_not_shown() {
        let shown = |value: &str| Proxy::of(value).map(|proxy| proxy.shown());
        for (value, expected) in [
            ("http://proxy.example.com:3128/", "proxy.example.com:3128"),
            ("proxy.example.com:3128", "proxy.example.com:3128"),
            (
                "https://anna:p@ss@proxy.example.com",
                "proxy.example.com:443",
            ),
            ("socks5h://[::1]", "[::1]:1080"),
            ("HTTP://127.0.0.1", "127.0.0.1:80"),
        ] {
            assert_eq!(shown(value).as_deref(), Some(expected), "{value}");
        }
        for value in [
            "",
            "ftp://x:1",
            "http://:80",
            "http://x:port",
            "http://[::1",
        ] {
            assert_eq!(shown(value), None, "{value}");
        }
    }

    #[test]
    fn a_proxy_is_used_where_somebody_listens_and_a_problem_where_nobody_does() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let variables = |address: String| {
            let names = ["http_proxy", "https_proxy"];
            names.map(|name| (name.to_owned(), address.clone()))
        };
        let there = check(&variables(format!("http://anna:secret@127.0.0.1:{port}")));
        assert_eq!(there.state, FindingState::Fine);
        assert!(!there.what.contains("secret"), "{}", there.what);
        drop(listener);
        let gone = check(&variables(format!("http://anna:secret@127.0.0.1:{port}")));
        assert_eq!(gone.state, FindingState::Problem);
        assert!(
            gone.what.contains("http_proxy") && !gone.why.contains("secret"),
            "{gone:?}"
        );
        assert_eq!(check(&[]).state, FindingState::Fine);
    }
}
