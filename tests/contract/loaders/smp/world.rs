//! One pretend reader, the way to it, for the cases of every loader and its own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{harness::Harness, record::Record};
use async_trait::async_trait;
use firmdrop_core::{DeliveryEvents, ExpectedFile, Outcome, Sha256};
use firmdrop_image::{
    Check, CheckResult, Format, Identity, Inspection, MemorySource, Signature, Source,
};
use firmdrop_link::{Link, LinkAddress, LinkError, Provider, Providers, Reader, Watch};
use firmdrop_loader::{LoadContext, LoadError, Loader, ProbeContext, SmpLoader, SmpTiming};
use firmdrop_simulator::reader::{
    Cut, Faults, PtyServer, Radio, Settings, SimulatedReader, SimulatedReaders, UdpServer,
    demo_image, serve_pty, serve_udp,
};
use tokio::time::Instant;

/// The ways to a reader that every case runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Pipe,
    Port,
    Network,
    Radio,
}

/// A port that may not be opened for a while after its reader restarted.
#[derive(Debug)]
struct Closed {
    reader: SimulatedReader,
    port: Arc<SimulatedReaders>,
    for_long: Duration,
    error: fn(String) -> LinkError,
    first_refused: Mutex<Option<Instant>>,
}

#[async_trait]
impl Provider for Closed {
    fn channel(&self) -> &'static str {
        self.port.channel()
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::silent()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        self.port.discover().await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        if self.reader.counters().restarts > 0 && self.reader.is_reachable() {
            let mut first = self.first_refused.lock().unwrap();
            if first.get_or_insert_with(Instant::now).elapsed() < self.for_long {
                return Err((self.error)(address.to_string()));
            }
        }
        self.port.open(address).await
    }
}

/// More than any image of the promises.
const WHOLE_BYTES: u64 = 30_000;

/// Times that suit a reader without flash; a lost answer costs little.
pub(crate) fn quick() -> SmpTiming {
    SmpTiming {
        answer: Duration::from_millis(250),
        first_answer: Duration::from_millis(400),
        silence: Duration::from_secs(5),
        reconnect: Duration::from_secs(5),
        settle: Duration::from_millis(5),
        poll_every: Duration::from_millis(5),
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
        Self::over(way, reader, Radio::default()).await
    }

    /// Over this radio, when the way is one.
    pub(crate) async fn over(way: Way, reader: SimulatedReader, radio: Radio) -> Self {
        let pipes = SimulatedReaders::default();
        let pipes = match way {
            Way::Radio => pipes.with_radio("reader-1", &reader, radio),
            Way::Pipe | Way::Port | Way::Network => pipes.with("reader-1", &reader),
        };
        let providers = firmdrop_link::all().with(Arc::new(pipes));
        let port = (way == Way::Port).then(|| serve_pty(reader.clone()).unwrap());
        let network = match way {
            Way::Network => Some(serve_udp(reader.clone()).await.unwrap()),
            Way::Pipe | Way::Port | Way::Radio => None,
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

    /// The same reader, reached through these at this address.
    pub(crate) fn behind(mut self, providers: Providers, address: &str) -> Self {
        self.providers = providers;
        self.address = address.parse().unwrap();
        self
    }

    /// A pipe to a reader that is pulled out of its port once its link broke, for `next`.
    pub(crate) async fn exchanged(settings: Settings, next: &SimulatedReader) -> Self {
        let mut world = Self::with(Way::Pipe, settings).await;
        let pipes = SimulatedReaders::default().with_next("reader-1", &world.reader, next);
        world.providers = firmdrop_link::all().with(Arc::new(pipes));
        world
    }

    /// Whose port the system refuses with this error for so long after each restart.
    pub(crate) async fn closed_after_restart(
        settings: Settings,
        for_long: Duration,
        error: fn(String) -> LinkError,
    ) -> Self {
        let mut world = Self::with(Way::Pipe, settings).await;
        let closed = Closed {
            reader: world.reader.clone(),
            port: Arc::new(SimulatedReaders::default().with("reader-1", &world.reader)),
            for_long,
            error,
            first_refused: Mutex::new(None),
        };
        world.providers = Providers::default().with(Arc::new(closed));
        world.timing = SmpTiming::default();
        world
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
            answered: record.answered,
            planned: record.planned.clone(),
            save_as: None,
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
                        LinkError::NotFound { .. }
                        | LinkError::Lost { .. }
                        | LinkError::Timeout { .. }
                        | LinkError::Unanswered { .. },
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

/// What an inspection says about a demo image.
pub(crate) fn inspection(image: &[u8]) -> Inspection {
    let found = firmdrop_image::inspect(&MemorySource::new(image)).ok();
    let version = found
        .as_ref()
        .and_then(|found| found.identity.version.clone());
    Inspection {
        format: Format::Mcuboot,
        summary: "MCUboot image".into(),
        size_bytes: image.len() as u64,
        identity: Identity {
            version,
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
        image_hash: found.and_then(|found| found.image_hash),
        parts: Vec::new(),
    }
}

impl Harness for World {
    fn loader(&self) -> Box<dyn Loader> {
        Box::new(SmpLoader::with_timing(self.timing))
    }

    fn context(&self, image: &[u8], record: &Arc<Record>) -> LoadContext {
        Self::context(self, image, record)
    }

    fn probe_context(&self) -> ProbeContext {
        Self::probe_context(self)
    }

    fn image(&self, size_bytes: u32) -> Vec<u8> {
        new_image(size_bytes)
    }

    fn runs(&self) -> Vec<u8> {
        self.reader.running()
    }

    fn received_bytes(&self) -> u64 {
        self.reader.counters().upload_bytes
    }

    fn is_untouched(&self) -> bool {
        self.reader.counters().changed_nothing()
    }

    fn break_at(&self, byte: u64) {
        self.reader.set_faults(Faults {
            cut: Some(Cut::AtByte(byte)),
            ..Faults::default()
        });
    }

    fn damage(&self) {
        self.reader.set_faults(Faults {
            damages_flash: true,
            ..Faults::default()
        });
    }

    fn leave(&self) {
        self.reader.pull_the_plug();
    }

    fn come_back(&self) {
        self.reader.plug_in();
    }

    fn exchange(&self) {
        self.reader.store(0, 0, demo_image((1, 5, 0), 4000));
    }

    fn piece_bytes(&self) -> u64 {
        // Recovery knows no interrupted upload: the image goes again from its start.
        match self.reader.settings().recovery {
            Some(_) => WHOLE_BYTES,
            None => super::loaded::PIECE_BYTES,
        }
    }
}
