//! Killed in mid-transfer: the next run sends what is missing and nothing else; clean-up leaves
//! nothing.

use firmdrop_cloud::azure::staging::{Removal, StagingError, StagingState, remove_staged, stage};
use firmdrop_core::{MIB, NoteKind};
use firmdrop_test_support::gateway::{Act, Gateway};
use tokio_util::sync::CancellationToken;

use crate::world::{Azurite, Journal, pattern, request, store_at};

fn blocks_sent(gateway: &Gateway) -> usize {
    let lines = gateway.lines();
    lines
        .iter()
        .filter(|line| line.contains("blockid="))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_mid_transfer_only_missing_blocks_are_sent() {
    let azurite = Azurite::start(&[]).await;
    azurite.container().await;
    let request = request(vec![pattern("firmware.swu", 100 * MIB + 5)]);
    // Of 8 MiB, and shorter ones towards the end.
    let blocks = 26;
    let first = Journal::default();
    let store = store_at(&azurite.url);
    let cancel = CancellationToken::new();
    let begin = StagingState::default();
    let run = stage(&store, &request, &begin, &first, &first, &cancel);
    // Dropping the future in mid-transfer is what a kill does.
    tokio::select! {
        _ = run => unreachable!("it was to be killed"),
        () = first.until_blocks(4) => {}
    }
    drop(store);
    let gateway = Gateway::start(&azurite.url, |_| Act::Pass).await;
    let store = store_at(&gateway.url());
    let second = Journal::after(first.state());
    let staged = stage(&store, &request, &first.state(), &second, &second, &cancel).await;
    let noted = second.noted(NoteKind::Resumed);
    let found: usize = noted[0].split(' ').next().unwrap().parse().unwrap();
    assert!(found >= 4, "{noted:?}");
    assert_eq!(
        blocks_sent(&gateway),
        blocks - found,
        "{:?}",
        gateway.lines()
    );
    assert_eq!(second.blocks(), u32::try_from(blocks).unwrap());
    assert_eq!(staged.unwrap().len(), 1);
    // A third run finds the file, and sends no block.
    let third = Journal::after(second.state());
    let before = blocks_sent(&gateway);
    let again = stage(&store, &request, &second.state(), &third, &third, &cancel).await;
    assert_eq!(again.unwrap().len(), 1);
    assert_eq!(blocks_sent(&gateway), before);
    let removed = remove_staged(&store, &third.state(), &third, &cancel).await;
    assert_eq!(removed[0].1, Removal::Removed);
    assert!(azurite.listed().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_stop_the_clean_up_leaves_neither_blob_nor_block() {
    let azurite = Azurite::start(&[]).await;
    let store = azurite.container().await;
    let request = request(vec![
        pattern("small.bin", 100),
        pattern("large.bin", 64 * MIB),
        pattern("never.bin", 7),
    ]);
    let journal = Journal::default();
    let cancel = CancellationToken::new();
    let begin = StagingState::default();
    let (ended, ()) = tokio::join!(
        stage(&store, &request, &begin, &journal, &journal, &cancel),
        async {
            journal.until_blocks(3).await;
            cancel.cancel();
        }
    );
    assert!(matches!(ended, Err(StagingError::Stopped { held }) if held.files == 1));
    assert_eq!(azurite.listed().await.len(), 2);
    let cancel = CancellationToken::new();
    let state = journal.state();
    let removals = || async {
        let removed = remove_staged(&store, &state, &journal, &cancel).await;
        removed
            .into_iter()
            .map(|(_, removal)| removal)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        removals().await,
        [Removal::Removed, Removal::Removed, Removal::WasNotThere]
    );
    assert!(azurite.listed().await.is_empty());
    assert_eq!(removals().await, vec![Removal::WasNotThere; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_256_mib_is_staged() {
    let azurite = Azurite::start(&[]).await;
    let store = azurite.container().await;
    let request = request(vec![pattern("firmware.swu", 256 * MIB)]);
    let journal = Journal::default();
    let cancel = CancellationToken::new();
    let begin = StagingState::default();
    let staged = stage(&store, &request, &begin, &journal, &journal, &cancel).await;
    assert_eq!(staged.unwrap()[0].size_bytes, 256 * MIB);
    // 25 of 8 MiB, and 20 shorter ones towards the end.
    assert_eq!(journal.blocks(), 45);
    let progress = journal.progress();
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
    assert!(progress.iter().any(|progress| progress.in_flight_bytes > 0));
}
