//! One pretend USB device and the loader for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{sync::Arc, time::Duration};

use firmdrop_core::{DeliveryEvents, ExpectedFile, Outcome, Sha256};
use firmdrop_image::{MemorySource, Source, inspect};
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{
    DfuLoader, DfuTiming, LoadContext, LoadError, Loader, Options, ProbeContext,
};
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, Dialect, SimulatedDfu, SimulatedUsb};

use crate::{harness::Harness, record::Record};

/// Times that suit a device that comes back after three tries.
pub(crate) fn quick() -> DfuTiming {
    DfuTiming {
        transfer: Duration::from_millis(50),
        busy: Duration::from_millis(500),
        stores: Duration::from_millis(200),
        stuck: Duration::from_millis(100),
        returns: Duration::from_secs(1),
        leaves: Duration::from_millis(100),
        poll_every: Duration::from_millis(1),
    }
}

pub(crate) struct World {
    pub(crate) device: SimulatedDfu,
    pub(crate) providers: Providers,
    pub(crate) address: LinkAddress,
    pub(crate) timing: DfuTiming,
    /// Where what the device held may be stored.
    pub(crate) save_as: Option<std::path::PathBuf>,
    dialect: Dialect,
    image_bytes: AtomicUsize,
}

impl World {
    #[expect(
        clippy::unused_async,
        reason = "the suite awaits the making of every world"
    )]
    pub(crate) async fn new(settings: DfuSettings) -> Self {
        Self::of(settings)
    }

    pub(crate) fn of(settings: DfuSettings) -> Self {
        let dialect = settings.dialect;
        let address = format!("usb:{}", settings.port_chain);
        let device = SimulatedDfu::new(settings);
        let providers = Providers::default().with(Arc::new(SimulatedUsb::default().with(&device)));
        Self {
            address: providers.parse(&address).unwrap(),
            device,
            providers,
            timing: quick(),
            save_as: None,
            dialect,
            image_bytes: AtomicUsize::new(0),
        }
    }

    pub(crate) fn with(settings: DfuSettings, faults: DfuFaults) -> Self {
        let world = Self::of(settings);
        world.device.set_faults(faults);
        world
    }

    pub(crate) fn at(mut self, address: &str) -> Self {
        self.address = self.providers.parse(address).unwrap();
        self
    }

    pub(crate) async fn load(&self, image: &[u8]) -> Result<Outcome, LoadError> {
        self.load_into(image, &Arc::default()).await
    }

    pub(crate) async fn load_with(
        &self,
        image: &[u8],
        options: &[(&str, &str)],
    ) -> Result<Outcome, LoadError> {
        let mut context = self.context(image, &Arc::default());
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()));
        context.options = options.collect::<Options>();
        self.loader().load(&context).await
    }

    pub(crate) async fn load_into(
        &self,
        image: &[u8],
        record: &Arc<Record>,
    ) -> Result<Outcome, LoadError> {
        self.loader().load(&self.context(image, record)).await
    }

    /// Loads until the device, which may be coming back, is there.
    pub(crate) async fn load_when_back(&self, image: &[u8]) -> Outcome {
        for _ in 0..1000 {
            match self.load(image).await {
                Err(LoadError::Link { .. }) => tokio::task::yield_now().await,
                ended => return ended.unwrap(),
            }
        }
        panic!("the device stayed away");
    }
}

/// So many bytes that are no known format.
pub(crate) fn bytes(count: u32) -> Vec<u8> {
    (0..count)
        .map(|at| {
            let [a, b, c, _] = at.wrapping_mul(0x9E37_79B1).to_le_bytes();
            (a ^ b ^ c) & 0x7E | 1
        })
        .collect()
}

pub(crate) fn sent(outcome: Outcome) -> String {
    match outcome {
        Outcome::Sent { reason } => reason,
        Outcome::Verified { proof } => panic!("verified: {proof:?}"),
    }
}

pub(crate) fn verified(outcome: Outcome) -> String {
    match outcome {
        Outcome::Verified { proof } => proof.statement,
        Outcome::Sent { reason } => panic!("sent: {reason}"),
    }
}

impl Harness for World {
    fn loader(&self) -> Box<dyn Loader> {
        Box::new(DfuLoader::with_timing(self.timing))
    }

    fn context(&self, image: &[u8], record: &Arc<Record>) -> LoadContext {
        let source = Arc::new(MemorySource::new(image)) as Arc<dyn Source>;
        LoadContext {
            providers: self.providers.clone(),
            address: self.address.clone(),
            inspection: inspect(&*source).unwrap(),
            source,
            expected: ExpectedFile {
                size_bytes: image.len() as u64,
                sha256: Sha256::of(image),
            },
            events: Arc::clone(record) as Arc<dyn DeliveryEvents>,
            options: record.options.clone(),
            answered: false,
            planned: record.planned.clone(),
            save_as: self.save_as.clone(),
            began: record.began.clone(),
            cancel: record.cancel.clone(),
        }
    }

    fn probe_context(&self) -> ProbeContext {
        ProbeContext {
            providers: self.providers.clone(),
            address: self.address.clone(),
        }
    }

    fn image(&self, size_bytes: u32) -> Vec<u8> {
        self.image_bytes
            .store(size_bytes as usize, Ordering::Relaxed);
        bytes(size_bytes)
    }

    fn runs(&self) -> Vec<u8> {
        self.device.memory(self.image_bytes.load(Ordering::Relaxed))
    }

    fn received_bytes(&self) -> u64 {
        self.device.received_bytes()
    }

    fn is_untouched(&self) -> bool {
        self.device.is_untouched()
    }

    fn break_at(&self, byte: u64) {
        self.device.set_faults(DfuFaults {
            cut_at_byte: Some(byte),
            ..DfuFaults::default()
        });
    }

    fn damage(&self) {
        self.device.set_faults(DfuFaults {
            damages_flash: true,
            ..DfuFaults::default()
        });
    }

    fn leave(&self) {
        self.device.unplug();
    }

    fn come_back(&self) {
        self.device.plug_in();
    }

    fn exchange(&self) {
        self.device.exchange("0002");
    }

    /// A sector; without addresses, the whole file.
    fn piece_bytes(&self) -> u64 {
        match self.dialect {
            Dialect::St => 16 * 1024,
            Dialect::Plain => 20_000,
        }
    }
}
