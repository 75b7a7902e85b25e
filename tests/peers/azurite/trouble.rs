//! Trouble on the way and with the storage: what is lost is asked about, what is refused is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use firmdrop_cloud::azure::staging::{
    BlobStore, StagingError, StagingState, StorageAccess, StoragePlace, StoreOptions, stage,
};
use firmdrop_core::{Code, ConnectionReport, Diagnose as _, Diagnosis, MIB, NoteKind, StepResult};
use firmdrop_image::Source;
use firmdrop_test_support::gateway::{Act, Gateway};
use tokio_util::sync::CancellationToken;

use crate::world::{
    ACCOUNT, Azurite, CONTAINER, Journal, Pattern, file, pattern, request, store_at,
};

async fn staged(
    store: &BlobStore,
    files: &[(&str, u64)],
) -> (Result<usize, StagingError>, Journal) {
    let files = files.iter().map(|(name, length)| pattern(name, *length));
    let (request, journal) = (request(files.collect()), Journal::default());
    let (begin, cancel) = (StagingState::default(), CancellationToken::new());
    let staged = stage(store, &request, &begin, &journal, &journal, &cancel).await;
    (staged.map(|staged| staged.len()), journal)
}

fn commits(gateway: &Gateway) -> usize {
    let lines = gateway.lines();
    let commits = lines
        .iter()
        .filter(|line| line.starts_with("PUT ") && line.contains("comp=blocklist"));
    commits.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lost_answer_to_a_commit_is_settled_by_asking() {
    let azurite = Azurite::start(&[]).await;
    azurite.container().await;
    // The commit is carried out while its blocks are asked for: the answer was 504.
    let gateway = Gateway::start(&azurite.url, |line| {
        if line.starts_with("PUT ") && line.contains("comp=blocklist") {
            Act::Late(504, 0)
        } else {
            Act::Pass
        }
    });
    let gateway = gateway.await;
    let (ended, journal) = staged(&store_at(&gateway.url()), &[("a.bin", 3 * MIB)]).await;
    assert_eq!(ended.unwrap(), 1);
    assert_eq!(commits(&gateway), 1);
    let noted = journal.noted(NoteKind::Kept);
    assert_eq!(noted, ["The answer was lost, the file was not"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_carried_out_after_it_was_sent_again_changes_nothing() {
    let azurite = Azurite::start(&[]).await;
    azurite.container().await;
    let first = AtomicBool::new(true);
    // The first commit passes only with the second question, when the second one is on its way.
    let gateway = Gateway::start(&azurite.url, move |line| {
        let is_commit = line.starts_with("PUT ") && line.contains("comp=blocklist");
        if is_commit && first.swap(false, Ordering::Relaxed) {
            Act::Late(504, 1)
        } else {
            Act::Pass
        }
    });
    let gateway = gateway.await;
    let (ended, _) = staged(&store_at(&gateway.url()), &[("a.bin", 3 * MIB)]).await;
    assert_eq!(ended.unwrap(), 1);
    assert_eq!(commits(&gateway), 2);
    assert_eq!(azurite.listed().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_storage_gets_the_refused_blocks_again_and_no_other() {
    let azurite = Azurite::start(&[]).await;
    azurite.container().await;
    let refused = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&refused);
    let gateway = Gateway::start(&azurite.url, move |line| {
        let is_block = line.contains("blockid=");
        if is_block && count.fetch_add(1, Ordering::Relaxed) < 3 {
            Act::Refused(503)
        } else {
            Act::Pass
        }
    });
    let gateway = gateway.await;
    let (ended, journal) = staged(&store_at(&gateway.url()), &[("a.bin", 48 * MIB)]).await;
    assert_eq!(ended.unwrap(), 1);
    assert_eq!(refused.load(Ordering::Relaxed), 19 + 3);
    assert_eq!(journal.blocks(), 19);
}

async fn refused(store: &BlobStore) -> Diagnosis {
    let (ended, _) = staged(store, &[("a.bin", 100)]).await;
    let diagnosis = ended.unwrap_err().diagnose();
    assert!(!diagnosis.remedies.is_empty());
    assert!(
        diagnosis.state_now.contains("confirmed nothing"),
        "{diagnosis:?}"
    );
    diagnosis
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_named_by_what_is_wrong() {
    let azurite = Azurite::start(&[]).await;
    let missing = refused(&store_at(&azurite.url)).await;
    assert_eq!(missing.code, Code::ObjectGone);
    assert_eq!(missing.title, "The container does not exist");
    azurite.container().await;
    let endpoint = format!("{}/{ACCOUNT}", azurite.url);
    let place = StoragePlace::at(&endpoint, CONTAINER).unwrap();
    let wrong = StorageAccess::AccountKey("TUFSS0VSTUFSS0VS".to_owned().into());
    let store = BlobStore::new(place, wrong, StoreOptions::of("azurite")).unwrap();
    let wrong = refused(&store).await;
    // Azurite says AuthorizationFailure where the service says AuthenticationFailed.
    assert!(
        [Code::KeyForbidden, Code::KeyRefused].contains(&wrong.code),
        "{wrong:?}"
    );
    assert!(!format!("{wrong:?}").contains("TUFSS0VS"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_test_names_the_step_and_leaves_nothing() {
    let azurite = Azurite::start(&[]).await;
    let result = |report: &ConnectionReport, key: &str| {
        let step = report.steps.iter().find(|step| step.key == key);
        step.unwrap().result
    };
    let report = store_at(&azurite.url).test().await;
    assert_eq!(result(&report, "access"), StepResult::Passed, "{report:?}");
    assert_eq!(result(&report, "container"), StepResult::Failed);
    assert_eq!(result(&report, "write"), StepResult::NotMade);
    let store = azurite.container().await;
    let report = store.test().await;
    assert!(report.is_usable(), "{report:?}");
    for key in ["name", "connect", "write", "read", "remove"] {
        assert_eq!(result(&report, key), StepResult::Passed, "{report:?}");
    }
    assert!(azurite.listed().await.is_empty());
}

/// A file that another program writes after the first pass over its beginning.
struct Changing {
    pattern: Pattern,
    changed: AtomicBool,
}

impl Source for Changing {
    fn len(&self) -> u64 {
        self.pattern.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.pattern.read_at(offset, buffer)?;
        if self.changed.load(Ordering::Relaxed) && offset < MIB {
            buffer[0] ^= 1;
        }
        Ok(read)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changed_since_it_was_planned_is_never_put_together() {
    let azurite = Azurite::start(&[]).await;
    let store = azurite.container().await;
    let source = Arc::new(Changing {
        pattern: Pattern {
            length: 20 * MIB,
            seed: 3,
        },
        changed: AtomicBool::new(false),
    });
    let request = request(vec![file("a.bin", Arc::<Changing>::clone(&source))]);
    source.changed.store(true, Ordering::Relaxed);
    let journal = Journal::default();
    let (begin, cancel) = (StagingState::default(), CancellationToken::new());
    let ended = stage(&store, &request, &begin, &journal, &journal, &cancel).await;
    let diagnosis = ended.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::FileChanged);
    assert!(!journal.state().files[0].committing);
}
