//! Loads a made image over any link and prints how it ended: `smp-load ADDRESS CODE_BYTES`.
//!
//! For benches and for a look at a reader without the app around it.
#![expect(
    clippy::print_stdout,
    reason = "a program that is read by other programs"
)]

use std::{error::Error, sync::Arc, time::Instant};

use firmdrop_core::{
    DeliveryEvents, Durable, ExpectedFile, ImageHash, Note, Progress, ProgressSink, Sha256,
};
use firmdrop_image::{Format, Identity, Inspection, MemorySource, Signature};
use firmdrop_link::LinkAddress;
use firmdrop_loader::{LoadContext, Loader, SmpLoader};
use firmdrop_simulator::reader::demo_image;

/// Prints what is worth reading, and no progress.
#[derive(Debug)]
struct Print;

impl ProgressSink for Print {
    fn progress(&self, _: Progress) {}
}

impl DeliveryEvents for Print {
    fn phase(&self, key: &str) {
        println!("phase {key}");
    }

    fn note(&self, note: Note) {
        println!("note {}", note.text);
    }

    fn durable(&self) -> Durable<'_> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "smp-load ADDRESS CODE_BYTES";
    let address: LinkAddress = arguments.next().ok_or(usage)?.parse()?;
    let image = demo_image((9, 0, 0), arguments.next().ok_or(usage)?.parse()?);
    let context = LoadContext {
        providers: firmdrop_link::all(),
        address,
        inspection: inspection(&image),
        expected: ExpectedFile {
            size_bytes: image.len() as u64,
            sha256: Sha256::of(&image),
        },
        source: Arc::new(MemorySource::new(image)),
        events: Arc::new(Print),
        options: firmdrop_loader::Options::new(),
        answered: false,
        planned: None,
        save_as: None,
        began: Vec::new(),
        cancel: tokio_util::sync::CancellationToken::new(),
    };
    let began = Instant::now();
    let outcome = SmpLoader::default().load(&context).await?;
    println!("{outcome:?} after {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn inspection(image: &[u8]) -> Inspection {
    Inspection {
        format: Format::Mcuboot,
        summary: "made image".into(),
        size_bytes: image.len() as u64,
        identity: Identity::default(),
        segments: Vec::new(),
        signature: Signature::Absent,
        checks: Vec::new(),
        facts: Vec::new(),
        // The hash is the last entry of the made image's trailer.
        parts: Vec::new(),
        image_hash: image
            .last_chunk::<32>()
            .and_then(|hash| ImageHash::from_bytes(hash)),
    }
}
