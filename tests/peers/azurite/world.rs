//! Azurite as a process of its own, a container in it, and files of any size that lie nowhere.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use firmdrop_cloud::azure::staging::{
    BlobStore, BlockReceipt, FileState, RecordError, StagingFile, StagingRecord, StagingRequest,
    StagingState, StorageAccess, StoreOptions,
};
use firmdrop_core::{
    DeliveryEvents, Durable, ExpectedFile, Note, NoteKind, Progress, ProgressSink, Sha256Hasher,
};
use firmdrop_image::Source;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::Notify;

pub(crate) const CONTAINER: &str = "updates";
pub(crate) const ACCOUNT: &str = "devstoreaccount1";
/// The key of every emulator, published by its maker.
pub(crate) const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// The running emulator. It ends with this value.
pub(crate) struct Azurite {
    pub(crate) url: String,
    _process: Child,
    _output: Lines<BufReader<ChildStdout>>,
}

impl Azurite {
    /// On a free port, in memory, talking to nobody.
    pub(crate) async fn start(more: &[&str]) -> Self {
        let program = "tests/peers/azurite/node_modules/azurite/dist/src/blob/main.js";
        let program = repository().join(program);
        assert!(
            program.exists(),
            "cargo xtask test installs {}",
            program.display()
        );
        let mut process = Command::new("node")
            .arg(program)
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0"])
            .args(["--silent", "--disableTelemetry", "--inMemoryPersistence"])
            .args(more)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = output.next_line().await.unwrap().expect("Azurite ended");
            if let Some((_, url)) = line.split_once("successfully listens on ") {
                break url.trim().to_owned();
            }
        };
        Self {
            url,
            _process: process,
            _output: output,
        }
    }

    pub(crate) fn connection_string(&self) -> String {
        connection_string(&self.url)
    }

    /// The container, made.
    pub(crate) async fn container(&self) -> BlobStore {
        let store = store_at(&self.url);
        assert!(store.create_container().await.unwrap());
        store
    }

    /// What Microsoft's Python client lists in the container, also what was never put together.
    pub(crate) async fn listed(&self) -> Vec<String> {
        let script = "import sys\n\
            from azure.storage.blob import ContainerClient as C\n\
            c = C.from_connection_string(sys.argv[1], sys.argv[2], api_version='2023-11-03')\n\
            for b in c.list_blobs(include=['uncommittedblobs']): print(b.name)\n";
        let listing = Command::new(repository().join(".venv-azure/bin/python"))
            .args(["-c", script, &self.connection_string(), CONTAINER])
            .output();
        let listed = listing.await.unwrap();
        let errors = String::from_utf8_lossy(&listed.stderr);
        assert!(listed.status.success(), "{errors}");
        let text = String::from_utf8(listed.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn connection_string(url: &str) -> String {
    format!("AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={url}/{ACCOUNT}")
}

/// The container behind this address, opened by the account's key.
pub(crate) fn store_at(url: &str) -> BlobStore {
    let text = connection_string(url).into();
    let (place, access) = StorageAccess::from_connection_string(&text, CONTAINER).unwrap();
    BlobStore::new(place, access, StoreOptions::of("azurite")).unwrap()
}

/// Bytes that follow from their place, so that a file of any size takes no room.
pub(crate) struct Pattern {
    pub(crate) length: u64,
    pub(crate) seed: u64,
}

impl Source for Pattern {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.length.saturating_sub(offset);
        let count = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut at = offset;
        let mut rest = &mut buffer[..count];
        while !rest.is_empty() {
            let word = (at / 8 + self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let bytes = word.to_le_bytes();
            let inside = &bytes[usize::try_from(at % 8).unwrap()..];
            let step = inside.len().min(rest.len());
            rest[..step].copy_from_slice(&inside[..step]);
            rest = &mut rest[step..];
            at += step as u64;
        }
        Ok(count)
    }
}

/// A file of this name as it is planned.
pub(crate) fn file(name: &str, source: Arc<dyn Source>) -> StagingFile {
    let mut sha256 = Sha256Hasher::default();
    let mut buffer = vec![0; 1024 * 1024];
    let mut at = 0;
    while at < source.len() {
        let read = source.read_at(at, &mut buffer).unwrap();
        sha256.update(&buffer[..read]);
        at += read as u64;
    }
    StagingFile {
        update: ["Contoso", "Toaster", "1.0"].map(str::to_owned),
        file_name: name.to_owned(),
        expected: ExpectedFile {
            size_bytes: source.len(),
            sha256: sha256.finish(),
        },
        source,
    }
}

pub(crate) fn pattern(name: &str, length: u64) -> StagingFile {
    file(
        name,
        Arc::new(Pattern {
            length,
            seed: length,
        }),
    )
}

pub(crate) fn request(files: Vec<StagingFile>) -> StagingRequest {
    StagingRequest {
        prefix: "a b/50%/#é".to_owned(),
        ..StagingRequest::new(files)
    }
}

/// The journal, and whoever watches.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    state: Mutex<StagingState>,
    notes: Mutex<Vec<Note>>,
    progress: Mutex<Vec<Progress>>,
    blocks: Mutex<u32>,
    confirmed: Notify,
}

impl Journal {
    /// What a later run would know.
    pub(crate) fn state(&self) -> StagingState {
        self.state.lock().unwrap().clone()
    }

    pub(crate) fn after(state: StagingState) -> Self {
        Self {
            state: Mutex::new(state),
            ..Self::default()
        }
    }

    /// Blocks that were confirmed by this run.
    pub(crate) fn blocks(&self) -> u32 {
        *self.blocks.lock().unwrap()
    }

    pub(crate) async fn until_blocks(&self, blocks: u32) {
        while self.blocks() < blocks {
            self.confirmed.notified().await;
        }
    }

    pub(crate) fn noted(&self, kind: NoteKind) -> Vec<String> {
        let notes = self.notes.lock().unwrap();
        let notes = notes.iter().filter(|note| note.kind == kind);
        notes.map(|note| note.text.clone()).collect()
    }

    pub(crate) fn progress(&self) -> Vec<Progress> {
        self.progress.lock().unwrap().clone()
    }
}

#[async_trait]
impl StagingRecord for Journal {
    async fn named(&self, files: &[FileState]) -> Result<(), RecordError> {
        self.state.lock().unwrap().files = files.to_vec();
        Ok(())
    }

    async fn block_confirmed(
        &self,
        file: usize,
        receipt: &BlockReceipt,
    ) -> Result<(), RecordError> {
        self.state.lock().unwrap().files[file].confirmed_bytes += receipt.length_bytes;
        *self.blocks.lock().unwrap() += 1;
        self.confirmed.notify_one();
        Ok(())
    }

    async fn committing(&self, file: usize) -> Result<(), RecordError> {
        self.state.lock().unwrap().files[file].committing = true;
        Ok(())
    }

    async fn staged(&self, file: usize) -> Result<(), RecordError> {
        self.state.lock().unwrap().files[file].staged = true;
        Ok(())
    }
}

impl ProgressSink for Journal {
    fn progress(&self, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
    }
}

impl DeliveryEvents for Journal {
    fn phase(&self, _: &str) {}

    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }

    fn durable(&self) -> Durable<'_> {
        Box::pin(async { Ok(()) })
    }
}
