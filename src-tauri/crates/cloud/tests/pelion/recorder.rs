//! A host that writes down what it is asked and answers as instructed. It knows no service.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use firmdrop_cloud::pelion::{Pelion, PelionAccount};
use firmdrop_net::{Deadlines, retry::RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What is asked for behind `name=`, as it stands on the wire.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|pair| pair.0 == name).map(|pair| pair.1)
    }
}

type Answers = dyn Fn(&Recorded) -> (u16, String) + Send + Sync;

/// A header of the answers beside those that every answer has.
type Header = Option<&'static str>;

/// The host.
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    forgotten: usize,
}

impl Recorder {
    pub(crate) async fn start(
        answers: impl Fn(&Recorded) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(None, answers).await
    }

    /// The same answer to everything, with this header.
    pub(crate) async fn says_with(header: &'static str, status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::start_with(Some(header), move |_| (status, body.clone())).await
    }

    async fn start_with(
        header: Header,
        answers: impl Fn(&Recorded) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (held, answers): (_, Arc<Answers>) = (Arc::clone(&requests), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (held, answers) = (Arc::clone(&held), Arc::clone(&answers));
                tokio::spawn(serve(stream, held, answers, header));
            }
        });
        Self {
            address,
            requests,
            forgotten: 0,
        }
    }

    /// The same answer to everything.
    pub(crate) async fn says(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_| (status, body.clone())).await
    }

    pub(crate) fn pelion(&self) -> Pelion {
        let account = PelionAccount {
            name: "demo".to_owned(),
            host: format!("http://{}", self.address),
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        let second = std::time::Duration::from_secs(1);
        Pelion::new(&account, "ak_secret".to_owned().into())
            .unwrap()
            .with_retry(RetryPolicy {
                first_wait: second / 1000,
                longest_wait: second / 100,
                give_up_after: second,
            })
            .with_deadlines(Deadlines {
                connect: second * 5,
                stall: second * 5,
                answer: second * 10,
            })
            .unwrap()
    }

    /// The same host; what it was asked before is forgotten.
    pub(crate) fn anew(&self) -> Self {
        Self {
            address: self.address,
            requests: Arc::clone(&self.requests),
            forgotten: self.requests.lock().unwrap().len(),
        }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap()[self.forgotten..].to_vec()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::line).collect()
    }

    pub(crate) fn last(&self) -> Recorded {
        self.requests().pop().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    held: Arc<Mutex<Vec<Recorded>>>,
    answers: Arc<Answers>,
    header: Header,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    let mut words = line.split(' ');
    let mut recorded = Recorded {
        method: words.next().unwrap().to_owned(),
        target: words.next().unwrap().to_owned(),
        headers: headers.to_owned(),
        body: Vec::new(),
    };
    let length = recorded
        .header("content-length")
        .map_or(0, |text| text.parse().unwrap());
    recorded.body = vec![0; length];
    stream.read_exact(&mut recorded.body).await.unwrap();
    let (status, body) = answers(&recorded);
    held.lock().unwrap().push(recorded);
    let kind = if body.starts_with('<') {
        "text/html"
    } else {
        "application/json"
    };
    let header = header.map_or_else(String::new, |header| format!("{header}\r\n"));
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nX-Request-ID: 00005c63\r\n{header}Connection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
