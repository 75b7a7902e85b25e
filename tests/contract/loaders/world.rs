//! One pretend reader, the way to it, and a record of what a load tells.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use firmdrop_core::{
    DeliveryEvents, Durable, ExpectedFile, Note, NoteKind, Outcome, Progress, ProgressSink, Sha256,
};
use firmdrop_image::{
    Check, CheckResult, Format, Identity, Inspection, MemorySource, Signature, Source,
};
use firmdrop_link::{LinkAddress, LinkError, Providers};
use firmdrop_loader::{
    LoadContext, LoadError, Loader, Options, ProbeContext, SmpLoader, SmpTiming,
};
use firmdrop_simulator::reader::{
    PtyServer, Settings, SimulatedReader, SimulatedReaders, UdpServer, demo_image, serve_pty,
    serve_udp,
};
use tokio_util::sync::CancellationToken;

/// The ways to a reader that every case runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Pipe,
    Port,
    Network,
}

/// Times that suit a reader without flash; a lost answer costs little.
pub(crate) fn quick() -> SmpTiming {
    SmpTiming {
        answer: Duration::from_millis(250),
        first_answer: Duration::from_millis(400),
        reconnect: Duration::from_secs(5),
        settle: Duration::from_millis(5),
        look_again: Duration::from_millis(5),
        restart: Duration::from_secs(20),
        start: Duration::from_secs(2),
        restart_again: Duration::from_millis(200),
    }
}

pub(crate) struct World {
    pub(crate) reader: SimulatedReader,
    providers: Providers,
    address: LinkAddress,
    pub(crate) timing: SmpTiming,
    _port: Option<PtyServer>,
    _network: Option<UdpServer>,
}

impl World {
    pub(crate) async fn new(way: Way) -> Self {
        Self::with(way, Settings::default()).await
    }

    pub(crate) async fn with(way: Way, settings: Settings) -> Self {
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
        let pipes = SimulatedReaders::default().with("reader-1", &reader);
        let providers = firmdrop_link::all().with(Arc::new(pipes));
        let port = (way == Way::Port).then(|| serve_pty(reader.clone()).unwrap());
        let network = match way {
            Way::Network => Some(serve_udp(reader.clone()).await.unwrap()),
            Way::Pipe | Way::Port => None,
        };
        let address = match (&port, &network) {
            (Some(port), _) => format!("serial:{}", port.path().display()),
            (_, Some(network)) => format!("udp:{}", network.address()),
            _ => "sim:reader-1".into(),
        };
        Self {
            reader,
            providers,
            address: address.parse().unwrap(),
            timing: quick(),
            _port: port,
            _network: network,
        }
    }

    pub(crate) fn loader(&self) -> SmpLoader {
        SmpLoader::with_timing(self.timing)
    }

    pub(crate) async fn open(&self) -> Result<firmdrop_link::Link, LinkError> {
        self.providers.open(&self.address).await
    }

    pub(crate) fn context(&self, image: &[u8], record: &Arc<Record>) -> LoadContext {
        LoadContext {
            providers: self.providers.clone(),
            address: self.address.clone(),
            source: Arc::new(MemorySource::new(image)) as Arc<dyn Source>,
            inspection: inspection(image),
            expected: ExpectedFile {
                size_bytes: image.len() as u64,
                sha256: Sha256::of(image),
            },
            events: Arc::clone(record) as Arc<dyn DeliveryEvents>,
            options: record.options.clone(),
            began: record.began.clone(),
            cancel: record.cancel.clone(),
        }
    }

    pub(crate) async fn load(&self, image: &[u8]) -> Result<Outcome, LoadError> {
        self.load_into(image, &Arc::default()).await
    }

    /// Loads one of several images.
    pub(crate) async fn load_image(
        &self,
        image: &[u8],
        number: Option<u32>,
    ) -> Result<Outcome, LoadError> {
        self.load_into(image, &Record::of_image(number)).await
    }

    pub(crate) fn probe_context(&self) -> ProbeContext {
        ProbeContext {
            providers: self.providers.clone(),
            address: self.address.clone(),
        }
    }

    pub(crate) async fn load_into(
        &self,
        image: &[u8],
        record: &Arc<Record>,
    ) -> Result<Outcome, LoadError> {
        self.loader().load(&self.context(image, record)).await
    }

    /// Loads until the reader, which may be restarting, is there. What a person does who presses
    /// Resume again. A restarting reader on a network is silent; at a port it is gone.
    pub(crate) async fn load_when_back(&self, image: &[u8]) -> Outcome {
        for _ in 0..100_000 {
            match self.load(image).await {
                Err(LoadError::Link {
                    source:
                        LinkError::NotFound { .. } | LinkError::Lost { .. } | LinkError::Timeout { .. },
                    ..
                }) => tokio::task::yield_now().await,
                other => return other.unwrap(),
            }
        }
        panic!("the reader stayed away");
    }
}

/// An image of so many bytes of code that the reader does not run yet.
pub(crate) fn new_image(code_bytes: u32) -> Vec<u8> {
    demo_image((2, 0, 0), code_bytes)
}

/// What an inspection says about a demo image; its hash is its last entry.
pub(crate) fn inspection(image: &[u8]) -> Inspection {
    let hash = image.last_chunk::<32>().copied().map(Sha256::from_bytes);
    Inspection {
        format: Format::Mcuboot,
        summary: "MCUboot image".into(),
        size_bytes: image.len() as u64,
        identity: Identity {
            version: Some("2.0.0".into()),
            ..Identity::default()
        },
        segments: Vec::new(),
        signature: Signature::Absent,
        checks: vec![Check {
            name: "Hash inside the image".into(),
            result: CheckResult::Passed,
            explanation: "SHA-256 over header and code".into(),
        }],
        facts: Vec::new(),
        image_hash: hash,
    }
}

/// What a load told, and the wish to stop it at some point.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) phases: Mutex<Vec<String>>,
    pub(crate) notes: Mutex<Vec<Note>>,
    pub(crate) progress: Mutex<Vec<Progress>>,
    pub(crate) cancel: CancellationToken,
    pub(crate) began: Vec<String>,
    pub(crate) options: Options,
    stop: Option<Stop>,
}

#[derive(Debug)]
pub(crate) enum Stop {
    AtPhase(&'static str),
    AtByte(u64),
}

impl Record {
    pub(crate) fn stopping(stop: Stop) -> Arc<Self> {
        Arc::new(Self {
            stop: Some(stop),
            ..Self::default()
        })
    }

    /// Of a load that resumes after these phases began.
    pub(crate) fn after(began: &[String]) -> Arc<Self> {
        Arc::new(Self {
            began: began.to_vec(),
            ..Self::default()
        })
    }

    /// Of a load of one of several images.
    pub(crate) fn of_image(number: Option<u32>) -> Arc<Self> {
        let options = number.map(|number| ("image".to_owned(), number.into()));
        Arc::new(Self {
            options: options.into_iter().collect(),
            ..Self::default()
        })
    }

    pub(crate) fn has_note(&self, kind: NoteKind) -> bool {
        self.notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.kind == kind)
    }
}

impl ProgressSink for Record {
    fn progress(&self, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
        if let Some(Stop::AtByte(byte)) = self.stop
            && progress.confirmed_bytes >= byte
        {
            self.cancel.cancel();
        }
    }
}

impl DeliveryEvents for Record {
    fn phase(&self, key: &str) {
        self.phases.lock().unwrap().push(key.into());
        if let Some(Stop::AtPhase(phase)) = self.stop
            && phase == key
        {
            self.cancel.cancel();
        }
    }

    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }

    fn durable(&self) -> Durable<'_> {
        Box::pin(async { Ok(()) })
    }
}
