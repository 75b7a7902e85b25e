//! A gateway in front of the simulated service: it gives requests up and lets them through later,
//! and it hides for a while what was just created. Later means: after so many further questions.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It passes.
    Pass,
    /// The answer is the gateway's page with this status; the request passes after so many
    /// further questions.
    Late(u16, u32),
    /// The answer has this status, in the service's form; the request passes after so many further
    /// questions.
    RefusedAndLate(u16, u32),
    /// There is no answer; the request passes after so many further questions.
    Held(u32),
    /// The answer has this status, in the service's form; the request never passes.
    Refused(u16),
    /// The answer is the gateway's page with this status; the request never passes.
    Page(u16),
}

/// A request's line: `POST /v3/firmware-images`.
type Judge = dyn Fn(&str) -> Act + Send + Sync;

/// What a request or the body of an answer becomes: the request's line, and what there is.
pub type Rewriting = dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync;

/// Leaves everything as it is.
pub fn unchanged(_: &str, bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

struct Shared {
    upstream: SocketAddr,
    judge: Box<Judge>,
    requests: Box<Rewriting>,
    answers: Box<Rewriting>,
    held: Mutex<Option<(Vec<u8>, u32)>>,
    seen: Mutex<Vec<String>>,
    holds: Notify,
}

/// The gateway.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Gateway {
    /// In front of this service. `judge` sees each request's line.
    pub async fn start(service: &str, judge: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::rewriting(service, judge, unchanged, unchanged).await
    }

    /// The same, and what passes is changed on the way: requests whole, of the same length, and the
    /// bodies of answers.
    pub async fn rewriting(
        service: &str,
        judge: impl Fn(&str) -> Act + Send + Sync + 'static,
        requests: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
        answers: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = service.trim_start_matches("http://").trim_end_matches('/');
        let shared = Arc::new(Shared {
            upstream: upstream.parse().unwrap(),
            judge: Box::new(judge),
            requests: Box::new(requests),
            answers: Box::new(answers),
            held: Mutex::default(),
            seen: Mutex::default(),
            holds: Notify::new(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Self { address, shared }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The line of each request, in order.
    pub fn lines(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How many requests had this beginning.
    pub fn count(&self, beginning: &str) -> usize {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter()
            .filter(|line| line.starts_with(beginning))
            .count()
    }

    /// Waits until a request is held.
    pub async fn holds(&self) {
        self.shared.holds.notified().await;
    }
}

async fn serve(mut client: TcpStream, shared: Arc<Shared>) {
    loop {
        let Some((line, request)) = read(&mut client).await else {
            return;
        };
        shared.seen.lock().unwrap().push(line.clone());
        let act = (shared.judge)(&line);
        let request = (shared.requests)(&line, request);
        if line.starts_with("GET ") {
            release(&shared).await;
        }
        let answer = match act {
            Act::Pass => {
                let answer = pass(shared.upstream, &request).await;
                with_body(answer, |body| (shared.answers)(&line, body))
            }
            Act::Late(status, questions) => {
                *shared.held.lock().unwrap() = Some((request, questions));
                page(status, "text/html", "<html>Gateway</html>")
            }
            Act::RefusedAndLate(status, questions) => {
                *shared.held.lock().unwrap() = Some((request, questions));
                refusal(status)
            }
            Act::Held(questions) => {
                *shared.held.lock().unwrap() = Some((request, questions));
                shared.holds.notify_one();
                return std::future::pending().await;
            }
            Act::Page(status) => page(status, "text/html", "<html>Gateway</html>"),
            Act::Refused(status) => refusal(status),
        };
        if client.write_all(&answer).await.is_err() || act == Act::Pass {
            return;
        }
    }
}

/// Lets the held request through when enough was asked.
async fn release(shared: &Shared) {
    let due = {
        let mut held = shared.held.lock().unwrap();
        match &mut *held {
            Some((_, 0)) => held.take(),
            Some((_, questions)) => {
                *questions -= 1;
                None
            }
            None => None,
        }
    };
    if let Some((request, _)) = due {
        pass(shared.upstream, &request).await;
    }
}

/// The answer with another body, and with its length.
fn with_body(answer: Vec<u8>, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return answer;
    };
    let (head, body) = answer.split_at(end + 4);
    let changed = change(body.to_vec());
    if changed == body {
        return answer;
    }
    let head = String::from_utf8_lossy(head).into_owned();
    let headers: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("content-length"))
        .collect();
    let length = changed.len();
    let head = format!(
        "{}\r\nContent-Length: {length}\r\n\r\n",
        headers.join("\r\n")
    );
    [head.into_bytes(), changed].concat()
}

/// A refusal in the service's form.
fn refusal(status: u16) -> Vec<u8> {
    let body =
        format!(r#"{{"object":"error","code":{status},"type":"refused","message":"Not now."}}"#);
    page(status, "application/json", &body)
}

fn page(status: u16, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let location = match status {
        300..400 => "Location: /maintenance.html\r\n",
        _ => "",
    };
    format!("HTTP/1.1 {status} X\r\n{location}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// One request with its body, or `None` when the connection ended before it did.
async fn read(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut request = Vec::new();
    let head = loop {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end + 4;
        }
        if client.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |text| text.trim().parse().unwrap());
    while request.len() < head + length {
        if client.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let line = String::from_utf8_lossy(&request).into_owned();
    let line: Vec<&str> = line.lines().next()?.split(' ').take(2).collect();
    Some((line.join(" "), request))
}

/// The service's answer; the connection behind it is used once.
async fn pass(upstream: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut service = TcpStream::connect(upstream).await.unwrap();
    let at = request.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (line, rest) = request.split_at(at);
    let whole = [line, b"Connection: close\r\n", rest].concat();
    service.write_all(&whole).await.unwrap();
    let mut answer = Vec::new();
    service.read_to_end(&mut answer).await.unwrap();
    answer
}
