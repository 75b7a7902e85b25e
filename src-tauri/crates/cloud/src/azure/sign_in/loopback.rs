//! The end of an interactive sign-in on this computer: a listener that takes one answer of the
//! issuer, on the loopback, at a port of the system's choice.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::error::failed;
use crate::azure::TokenError;

/// Longest head of a request.
const HEAD_BYTES: usize = 16 * 1024;

/// Longest time for one.
const HEAD_TIME: Duration = Duration::from_secs(5);

/// Most requests that are not the answer: browsers ask for icons, other programs for anything.
const OTHERS: usize = 64;

/// What the issuer sent along with the browser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Returned {
    /// A code for a token.
    Code(String),
    /// Why there is none: word and sentence.
    Refused(String, String),
}

/// The listener.
#[derive(Debug)]
pub(super) struct Loopback {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
}

impl Loopback {
    /// At the loopback addresses of both families: `localhost` may be either.
    pub(super) async fn open() -> Result<Self, TokenError> {
        let cannot = |error: std::io::Error| {
            failed(
                &format!("No port of this computer could be opened for the sign-in: {error}."),
                "The browser hands the result over at such a port.",
                "Sign in with a code instead.",
            )
        };
        let v4 = TcpListener::bind("127.0.0.1:0").await.map_err(cannot)?;
        let port = v4.local_addr().map_err(cannot)?.port();
        let v6 = TcpListener::bind(("::1", port)).await.ok();
        Ok(Self { v4, v6, port })
    }

    /// Where the issuer sends the browser. Entra ignores the port of a registered `http://localhost`.
    pub(super) fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for the answer that has this state. Anything else is turned away and not taken for it.
    pub(super) async fn answer(self, state: &str) -> Result<Returned, TokenError> {
        for _ in 0..OTHERS {
            let accepted = match &self.v6 {
                Some(v6) => tokio::select! {
                    accepted = self.v4.accept() => accepted,
                    accepted = v6.accept() => accepted,
                },
                None => self.v4.accept().await,
            };
            let Ok((mut stream, _)) = accepted else {
                continue;
            };
            let head = timeout(HEAD_TIME, head(&mut stream)).await.ok().flatten();
            let returned = head.as_deref().and_then(|head| returned(head, state));
            let page = match &returned {
                Some(Returned::Code(_)) => page(
                    200,
                    "Signed in. You can close this page and return to Firmdrop.",
                ),
                Some(Returned::Refused(..)) => {
                    page(200, "The sign-in did not succeed. Firmdrop says why.")
                }
                None => page(404, "There is nothing here."),
            };
            let _ = timeout(HEAD_TIME, reply(&mut stream, &page)).await;
            if let Some(returned) = returned {
                return Ok(returned);
            }
        }
        Err(failed(
            "The sign-in was given up: too many requests came that were not its answer.",
            "Another program of this computer seems to ask every port.",
            "Sign in again, or with a code.",
        ))
    }
}

async fn reply(stream: &mut TcpStream, page: &str) -> std::io::Result<()> {
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await
}

/// The first line of a request; the rest is read up to its end and dropped.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = stream.read(&mut piece).await.ok()?;
        if length == 0 || head.len() + length > HEAD_BYTES {
            return None;
        }
        head.extend_from_slice(piece.get(..length)?);
    }
    let text = String::from_utf8(head).ok()?;
    text.lines().next().map(str::to_owned)
}

/// The answer in a request line, when it has the state.
fn returned(line: &str, state: &str) -> Option<Returned> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method != "GET" {
        return None;
    }
    let (path, query) = target.split_once('?')?;
    if path != "/" {
        return None;
    }
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let mut take = |name: &str| {
        let at = pairs.iter().position(|(key, _)| key == name)?;
        Some(pairs.swap_remove(at).1)
    };
    if take("state")? != state {
        return None;
    }
    if let Some(error) = take("error") {
        return Some(Returned::Refused(
            error,
            take("error_description").unwrap_or_default(),
        ));
    }
    take("code")
        .filter(|code| !code.is_empty())
        .map(Returned::Code)
}

/// A page without a script, that nobody stores. Nothing of the request is in it.
fn page(status: u16, text: &str) -> String {
    let body =
        format!("<!doctype html><meta charset=\"utf-8\"><title>Firmdrop</title><p>{text}</p>");
    let word = if status == 200 { "OK" } else { "Not Found" };
    format!(
        "HTTP/1.1 {status} {word}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_the_state_is_none() {
        let of = |line: &str| returned(line, "S");
        assert_eq!(
            of("GET /?code=a%2Fb&state=S HTTP/1.1"),
            Some(Returned::Code("a/b".to_owned()))
        );
        let refused = Returned::Refused("access_denied".to_owned(), "AADSTS65004: no".to_owned());
        assert_eq!(
            of("GET /?error=access_denied&error_description=AADSTS65004%3a+no&state=S HTTP/1.1"),
            Some(refused)
        );
        for line in [
            "GET /?code=a HTTP/1.1",
            "GET /?code=a&state=T HTTP/1.1",
            "GET /?state=S HTTP/1.1",
            "GET /?code=&state=S HTTP/1.1",
            "GET /favicon.ico HTTP/1.1",
            "GET /x?code=a&state=S HTTP/1.1",
            "POST /?code=a&state=S HTTP/1.1",
            "",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    async fn ask(port: u16, line: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream
            .write_all(format!("{line}\r\nHost: localhost\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_listener_takes_one_answer_and_is_gone() {
        let loopback = Loopback::open().await.unwrap();
        let port = loopback.port;
        let waiting = tokio::spawn(loopback.answer("S"));
        assert!(
            ask(port, "GET /favicon.ico HTTP/1.1")
                .await
                .starts_with("HTTP/1.1 404")
        );
        assert!(
            ask(port, "GET /?code=evil&state=guess HTTP/1.1")
                .await
                .starts_with("HTTP/1.1 404")
        );
        let page = ask(port, "GET /?code=c0de&state=S HTTP/1.1").await;
        assert!(
            page.starts_with("HTTP/1.1 200") && !page.contains("c0de"),
            "{page}"
        );
        assert_eq!(
            waiting.await.unwrap().unwrap(),
            Returned::Code("c0de".to_owned())
        );
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}
