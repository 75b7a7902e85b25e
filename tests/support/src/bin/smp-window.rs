//! Loads a reader with pieces that stay as they are, for benches: `smp-window LINK WIDTH PACKET_BYTES FILE`.
//!
//! The loader and the channel are those of the product, which fits its pieces to the reader.

use std::error::Error;
use std::sync::Arc;

use firmdrop_core::{
    DeliveryEvents, Durable, ExpectedFile, Note, Outcome, Progress, ProgressSink, Sha256,
};
use firmdrop_image::{MemorySource, Source, inspect};
use firmdrop_loader::{LoadContext, Loader as _, Options, SmpFixedPieces, SmpLoader, SmpTiming};
use tokio_util::sync::CancellationToken;

const USAGE: &str = "usage: smp-window LINK WIDTH PACKET_BYTES FILE";

// As many threads as the command line has.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [link, width, packet_bytes, file] = &arguments[..] else {
        return Err(USAGE.into());
    };
    let loader = SmpLoader::with_timing(SmpTiming::default()).with_fixed_pieces(SmpFixedPieces {
        packet_bytes: packet_bytes.parse()?,
        width: width.parse()?,
    });
    let image = std::fs::read(file)?;
    let source = Arc::new(MemorySource::new(image.as_slice())) as Arc<dyn Source>;
    let providers = firmdrop_link::all();
    let context = LoadContext {
        address: providers.parse(link)?,
        providers,
        inspection: inspect(&*source)?,
        source,
        expected: ExpectedFile {
            size_bytes: image.len() as u64,
            sha256: Sha256::of(&image),
        },
        events: Arc::new(Nobody),
        options: Options::new(),
        answered: false,
        planned: None,
        save_as: None,
        began: Vec::new(),
        cancel: CancellationToken::new(),
    };
    match loader.load(&context).await? {
        Outcome::Verified { .. } => Ok(()),
        Outcome::Sent { reason } => Err(format!("sent without proof: {reason}").into()),
    }
}

/// Nobody looks on.
#[derive(Debug)]
struct Nobody;

impl ProgressSink for Nobody {
    fn progress(&self, _: Progress) {}
}

impl DeliveryEvents for Nobody {
    fn phase(&self, _: &str) {}

    fn note(&self, _: Note) {}

    fn durable(&self) -> Durable<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}
