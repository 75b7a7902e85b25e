//! A host that writes down what it is asked and answers by a script. It knows no service.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use firmdrop_cloud::azure::{
    AccessToken, ApiVersion, AzureAccount, DeviceUpdate, Resource, TokenError, TokenSource,
};
use firmdrop_core::Moment;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: String,
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
}

/// An answer that is whatever a client asks for: a page, an update, a file, a deployment, an operation.
pub(crate) const ANYTHING: &str = r#"{"value":[],"updateId":{"provider":"p","name":"n","version":"1.0"},
    "fileName":"f","deploymentId":"d","status":"Running"}"#;

/// An answer: status, headers, body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

type Answers = dyn Fn(&Recorded, usize) -> Answer + Send + Sync;

/// The host.
pub(crate) struct Recorder {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    pub(crate) tokens: Arc<Tokens>,
}

/// A new token after each refusal, numbered.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    refusals: AtomicUsize,
}

impl Tokens {
    pub(crate) fn refusals(&self) -> usize {
        self.refusals.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenSource for Tokens {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        assert_eq!(resource, Resource::DeviceUpdate);
        Ok(AccessToken {
            secret: format!("token-secret-{}", self.refusals()).into(),
            expires: Moment::from_millisecond(4_000_000_000_000),
        })
    }

    fn refused(&self, _: Resource) {
        self.refusals.fetch_add(1, Ordering::SeqCst);
    }
}

impl Recorder {
    /// Answers by the request and its number.
    pub(crate) async fn start(
        answers: impl Fn(&Recorded, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (held, answers): (_, Arc<Answers>) = (Arc::clone(&requests), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&held), Arc::clone(&answers)));
            }
        });
        Self {
            address,
            requests,
            tokens: Arc::default(),
        }
    }

    /// The same answer to everything.
    pub(crate) async fn says(status: u16, body: &str) -> Self {
        let answer = Answer::new(status, body);
        Self::start(move |_, _| answer.clone()).await
    }

    pub(crate) fn client(&self) -> DeviceUpdate {
        self.client_of(ApiVersion::default())
    }

    pub(crate) fn client_of(&self, version: ApiVersion) -> DeviceUpdate {
        let account = AzureAccount {
            name: "contoso".to_owned(),
            service: self.origin(),
            instance: "blue".to_owned(),
            api_version: version,
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        DeviceUpdate::new(&account, Arc::clone(&self.tokens) as _).unwrap()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::line).collect()
    }

    pub(crate) fn last(&self) -> Recorded {
        self.requests().pop().unwrap()
    }
}

async fn serve(mut stream: TcpStream, held: Arc<Mutex<Vec<Recorded>>>, answers: Arc<Answers>) {
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
    let number = {
        let mut held = held.lock().unwrap();
        held.push(recorded.clone());
        held.len() - 1
    };
    let answer = answers(&recorded, number);
    let kind = if answer.body.starts_with('<') {
        "text/html"
    } else {
        "application/json"
    };
    let mut text = format!(
        "HTTP/1.1 {} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        for part in [*name, ": ", value, "\r\n"] {
            text.push_str(part);
        }
    }
    text.push_str("\r\n");
    text.push_str(&answer.body);
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
