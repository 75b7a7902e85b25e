//! One pretend drive and the loader for it.

use std::{sync::Arc, time::Duration};

use firmdrop_core::{DeliveryEvents, ExpectedFile, Outcome, Sha256};
use firmdrop_image::{MemorySource, Source, inspect};
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{LoadContext, LoadError, Loader, ProbeContext, VolumeLoader, VolumeTiming};
use firmdrop_simulator::volume::{
    DriveFaults, DriveKind, SimulatedDrive, SimulatedDrives, uf2_file,
};

use crate::{harness::Harness, record::Record};

/// Times that suit a drive that comes back after three looks.
pub(crate) fn quick() -> VolumeTiming {
    VolumeTiming {
        uf2_leaves: Duration::from_millis(50),
        uf2_returns: Duration::from_millis(200),
        daplink_leaves: Duration::from_millis(50),
        daplink_returns: Duration::from_millis(200),
        poll_every: Duration::from_millis(2),
    }
}

pub(crate) struct World {
    pub(crate) drive: SimulatedDrive,
    providers: Providers,
    address: LinkAddress,
}

impl World {
    #[expect(
        clippy::unused_async,
        reason = "the suite awaits the making of every world"
    )]
    pub(crate) async fn new() -> Self {
        Self::of(DriveKind::Uf2)
    }

    pub(crate) fn of(kind: DriveKind) -> Self {
        let drive = SimulatedDrive::new(kind, "/media/user/READER");
        let drives = SimulatedDrives::default().with(&drive);
        let providers = Providers::default().with(Arc::new(drives));
        Self {
            drive,
            address: providers.parse("volume:/media/user/READER").unwrap(),
            providers,
        }
    }

    pub(crate) fn with(kind: DriveKind, faults: DriveFaults) -> Self {
        let world = Self::of(kind);
        world.drive.set_faults(faults);
        world
    }

    /// Another drive is plugged in beside it.
    pub(crate) fn beside(mut self, other: &SimulatedDrive) -> Self {
        let drives = SimulatedDrives::default().with(&self.drive).with(other);
        self.providers = Providers::default().with(Arc::new(drives));
        self
    }

    pub(crate) async fn load(&self, image: &[u8]) -> Result<Outcome, LoadError> {
        self.load_into(image, &Arc::default()).await
    }

    pub(crate) async fn load_into(
        &self,
        image: &[u8],
        record: &Arc<Record>,
    ) -> Result<Outcome, LoadError> {
        self.loader().load(&self.context(image, record)).await
    }
}

/// Everything a load of this file over these providers needs.
pub(crate) fn context(
    providers: &Providers,
    address: &LinkAddress,
    image: &[u8],
    record: &Arc<Record>,
) -> LoadContext {
    let source = Arc::new(MemorySource::new(image)) as Arc<dyn Source>;
    LoadContext {
        providers: providers.clone(),
        address: address.clone(),
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
        save_as: None,
        began: record.began.clone(),
        cancel: record.cancel.clone(),
    }
}

/// A UF2 file with so many bytes of code.
pub(crate) fn uf2(code_bytes: u32) -> Vec<u8> {
    let code: Vec<u8> = (0..code_bytes)
        .map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1])
        .collect();
    uf2_file(&code)
}

pub(crate) fn sent(outcome: Outcome) -> String {
    match outcome {
        Outcome::Sent { reason } => reason,
        Outcome::Verified { proof } => panic!("verified: {proof:?}"),
    }
}

pub(crate) fn assert_verified(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Verified { .. }), "{outcome:?}");
}

impl Harness for World {
    fn loader(&self) -> Box<dyn Loader> {
        Box::new(VolumeLoader::with_timing(quick()))
    }

    fn context(&self, image: &[u8], record: &Arc<Record>) -> LoadContext {
        context(&self.providers, &self.address, image, record)
    }

    fn probe_context(&self) -> ProbeContext {
        ProbeContext {
            providers: self.providers.clone(),
            address: self.address.clone(),
        }
    }

    fn image(&self, size_bytes: u32) -> Vec<u8> {
        uf2(size_bytes / 2)
    }

    fn runs(&self) -> Vec<u8> {
        self.drive.memory()
    }

    fn received_bytes(&self) -> u64 {
        self.drive.received_bytes()
    }

    fn is_untouched(&self) -> bool {
        self.drive.is_untouched()
    }

    fn break_at(&self, byte: u64) {
        self.drive.set_faults(DriveFaults {
            cut_at: Some(byte),
            ..DriveFaults::default()
        });
    }

    fn damage(&self) {
        self.drive.set_faults(DriveFaults {
            damages_flash: true,
            ..DriveFaults::default()
        });
    }

    fn leave(&self) {
        self.drive.unplug();
    }

    fn come_back(&self) {
        self.drive.plug_in();
    }

    fn exchange(&self) {
        self.drive
            .exchange("0240000032044e45002570099997b00386781000097969901");
    }

    /// A drive does not say how much it took: its piece is the file.
    fn piece_bytes(&self) -> u64 {
        self.image(20_000).len() as u64
    }
}
