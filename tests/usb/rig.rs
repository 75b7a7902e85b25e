//! What the tests below the bed share: providers over libusb, loads, images.

use std::sync::Arc;
use std::time::{Duration, Instant};

use firmdrop_core::{
    DeliveryEvents, Durable, ExpectedFile, Note, Outcome, Progress, ProgressSink, Sha256,
};
use firmdrop_image::{MemorySource, Source, inspect};
use firmdrop_link::{Link, Providers, Usb, UsbDevices};
use firmdrop_loader::{DfuLoader, DfuTiming, LoadContext, LoadError, Loader, Options};
use tokio_util::sync::CancellationToken;

/// Receives what a load reports, and forgets it.
#[derive(Debug)]
struct Deaf;

impl ProgressSink for Deaf {
    fn progress(&self, _: Progress) {}
}

impl DeliveryEvents for Deaf {
    fn phase(&self, _: &str) {}
    fn note(&self, _: Note) {}
    fn durable(&self) -> Durable<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

pub(crate) fn providers() -> Providers {
    Providers::default().with(Arc::new(UsbDevices::default()))
}

/// Runs an asynchronous test with the real clock.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test)
}

pub(crate) async fn open(providers: &Providers, address: &str) -> Box<dyn Usb> {
    let address = providers.parse(address).unwrap();
    match providers.open(&address).await.unwrap() {
        Link::Usb(usb) => usb,
        other => panic!("{other:?}"),
    }
}

/// Waits until something is there.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A bootloader without an application is not asked to start one, and not looked at for 3 s then.
pub(crate) const STAYS: &[(&str, &str)] = &[("leave", "no")];

/// The proof of a load that ended in *Verified*.
#[track_caller]
pub(crate) fn verified(outcome: Outcome) -> String {
    match outcome {
        Outcome::Verified { proof } => proof.statement,
        Outcome::Sent { reason } => panic!("sent: {reason}"),
    }
}

/// Why a load that nothing confirms is not *Verified*.
#[track_caller]
pub(crate) fn sent(outcome: Outcome) -> String {
    match outcome {
        Outcome::Sent { reason } => reason,
        Outcome::Verified { proof } => panic!("verified: {}", proof.statement),
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

pub(crate) async fn load(
    providers: &Providers,
    address: &str,
    image: &[u8],
    options: &[(&str, &str)],
) -> Result<Outcome, LoadError> {
    load_in(DfuTiming::default(), providers, address, image, options).await
}

pub(crate) async fn load_in(
    timing: DfuTiming,
    providers: &Providers,
    address: &str,
    image: &[u8],
    options: &[(&str, &str)],
) -> Result<Outcome, LoadError> {
    let source = Arc::new(MemorySource::new(image)) as Arc<dyn Source>;
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()));
    let context = LoadContext {
        providers: providers.clone(),
        address: providers.parse(address).unwrap(),
        inspection: inspect(&*source).unwrap(),
        source,
        expected: ExpectedFile {
            size_bytes: image.len() as u64,
            sha256: Sha256::of(image),
        },
        events: Arc::new(Deaf),
        options: options.collect::<Options>(),
        answered: false,
        planned: None,
        save_as: None,
        began: Vec::new(),
        cancel: CancellationToken::new(),
    };
    DfuLoader::with_timing(timing).load(&context).await
}
