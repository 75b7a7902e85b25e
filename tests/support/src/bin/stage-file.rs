//! Stages one file for benches: `stage-file CONNECTION_STRING CONTAINER FILE SHA256 [STATE]`.
//!
//! The file goes into the container as an import would stage it, and is put together there. STATE is
//! the record of the run: one that was ended is resumed by the next one with the same STATE. Prints the
//! seconds and the blob as JSON. It imports nothing.
#![expect(clippy::print_stdout, reason = "the figure is for whoever asked")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use firmdrop_cloud::azure::staging::{
    BlobStore, FileState, RecordError, StagingFile, StagingRecord, StagingRequest, StagingState,
    StorageAccess, StoreOptions, stage,
};
use firmdrop_core::{DeliveryEvents, Durable, ExpectedFile, Note, Progress, ProgressSink};
use firmdrop_engine::FileSource;
use firmdrop_image::Source as _;
use tokio_util::sync::CancellationToken;

const USAGE: &str = "usage: stage-file CONNECTION_STRING CONTAINER FILE SHA256 [STATE]";

// As many threads as the command line has.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (connection, container, file, sha256, state) = match &arguments[..] {
        [connection, container, file, sha256] => (connection, container, file, sha256, None),
        [connection, container, file, sha256, state] => {
            (connection, container, file, sha256, Some(state))
        }
        _ => return Err(USAGE.into()),
    };
    let begun = Instant::now();
    let connection = connection.clone().into();
    let (place, access) = StorageAccess::from_connection_string(&connection, container)?;
    let store = BlobStore::new(place, access, StoreOptions::of("bench"))?;
    let source = FileSource::open(Path::new(file)).map_err(|error| error.what_happened)?;
    let request = StagingRequest::new(vec![StagingFile {
        update: ["Firmdrop", "Bench", "1.0"].map(str::to_owned),
        file_name: "bench.bin".to_owned(),
        expected: ExpectedFile {
            size_bytes: source.len(),
            sha256: sha256.parse()?,
        },
        source: Arc::new(source),
    }]);
    let record = Record(state.map(PathBuf::from));
    let staged = stage(
        &store,
        &request,
        &record.read()?,
        &record,
        &Nobody,
        &CancellationToken::new(),
    )
    .await?;
    for file in staged {
        let seconds = begun.elapsed().as_secs_f64();
        println!("{{\"seconds\": {seconds}, \"blob\": {:?}}}", file.blob);
    }
    Ok(())
}

/// The names of the blobs, in a file if there is one.
#[derive(Debug)]
struct Record(Option<PathBuf>);

impl Record {
    fn read(&self) -> Result<StagingState, Box<dyn Error>> {
        Ok(match self.0.as_ref().filter(|path| path.exists()) {
            Some(path) => serde_json::from_slice(&fs::read(path)?)?,
            None => StagingState::default(),
        })
    }

    fn write(&self, files: &[FileState]) -> Result<(), RecordError> {
        let Some(path) = &self.0 else {
            return Ok(());
        };
        let failed = |error: std::io::Error| RecordError(error.to_string());
        let state = StagingState {
            files: files.to_vec(),
        };
        let text = serde_json::to_vec(&state).map_err(|error| RecordError(error.to_string()))?;
        let beside = path.with_extension("new");
        fs::write(&beside, text).map_err(failed)?;
        fs::rename(beside, path).map_err(failed)
    }
}

#[async_trait]
impl StagingRecord for Record {
    async fn named(&self, files: &[FileState]) -> Result<(), RecordError> {
        self.write(files)
    }

    async fn committing(&self, _file: usize) -> Result<(), RecordError> {
        Ok(())
    }

    async fn staged(&self, _file: usize) -> Result<(), RecordError> {
        Ok(())
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
        Box::pin(async { Ok(()) })
    }
}
