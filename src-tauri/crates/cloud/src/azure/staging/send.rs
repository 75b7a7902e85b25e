//! Sends the blocks of one file, several at a time, each unless the storage holds it already.
//!
//! A block may be sent again at any time: its id says which bytes it has, so a second copy takes the
//! place of the first. All blocks share one time and one pause.

use std::collections::{BTreeMap, HashMap, VecDeque};

use firmdrop_core::NoteKind;
use firmdrop_net::retry::{Idempotency, RetryVerdict};
use tokio::{
    task::JoinSet,
    time::{Duration, Instant},
};

use super::{
    BlockReceipt, StagingError, StorageError,
    block_id::{BlockId, IN_FLIGHT_BYTES},
    body::{BlockBody, Taken},
    hash::{Block, Blocks, crc64_now},
    run::Run,
    store::BlockLists,
};
use crate::session::Failure as _;

/// Blocks under way together, each over a connection of its own. Over 100 Mbit/s at 150 ms, 128 MiB took 13.4 s by
/// four, 13.2 s by six and 13.3 s by eight (medians of six, nine and three runs): more begin with more bytes, and
/// share the line less evenly.
const AT_ONCE: usize = 6;

/// How often a block that arrived damaged is sent again.
const DAMAGED_AGAIN: u32 = 3;

/// How often the bytes in flight are shown while nothing else happens.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// How one block came back.
type Landed = (Block, Result<(), StorageError>);

struct Sending {
    at: usize,
    blob: String,
    /// Length of each block that the storage holds, by its id.
    held: HashMap<Vec<u8>, u64>,
    found: u32,
    ids: Vec<BlockId>,
    under_way: JoinSet<Landed>,
    taken: BTreeMap<u32, Taken>,
    again: VecDeque<Block>,
    damaged: BTreeMap<u32, u32>,
    at_once: usize,
    /// Until then nothing new is sent.
    pause: Option<Instant>,
}

/// What happens next.
enum Next {
    Stopped,
    Landed(Landed),
    Rested,
    Hashed(Option<Block>),
    Show,
}

/// Sends what is missing of the file at this place. Answers with the ids of all its blocks, in order,
/// once the storage holds them and the file's hash is the planned one.
pub(super) async fn send_blocks(
    run: &mut Run<'_>,
    at: usize,
    held: BlockLists,
) -> Result<Vec<BlockId>, StagingError> {
    let (file, state) = run.file(at)?;
    let block_bytes = state.block_bytes.max(1);
    let mut blocks = Blocks::of(&file.source, state.division());
    let most = usize::try_from(IN_FLIGHT_BYTES / block_bytes).unwrap_or(AT_ONCE);
    let held = held.uncommitted.into_iter();
    let mut sending = Sending {
        at,
        blob: state.blob.clone(),
        held: held.map(|block| (block.id, block.length_bytes)).collect(),
        found: 0,
        ids: Vec::new(),
        under_way: JoinSet::new(),
        taken: BTreeMap::new(),
        again: VecDeque::new(),
        damaged: BTreeMap::new(),
        at_once: most.clamp(1, AT_ONCE),
        pause: None,
    };
    run.change(at, |file| file.confirmed_bytes = 0);
    sending.all(run, &mut blocks).await?;
    let whole = run.unless_stopped(blocks.whole()).await?;
    let whole = whole.map_err(|error| run.unread(at, error))?;
    if whole != file.expected.sha256 || file.source.len() != file.expected.size_bytes {
        return Err(run.changed(at));
    }
    if sending.found > 0 {
        let text = format!("{} blocks were there already", sending.found);
        run.note(NoteKind::Resumed, text);
    }
    Ok(sending.ids)
}

impl Sending {
    async fn all(&mut self, run: &mut Run<'_>, blocks: &mut Blocks) -> Result<(), StagingError> {
        let mut tick = tokio::time::interval(SHOW_EVERY);
        let mut hashed_all = false;
        loop {
            self.send_again(run)?;
            if hashed_all && self.under_way.is_empty() && self.again.is_empty() {
                return Ok(());
            }
            let takes_more = self.takes_more() && !hashed_all;
            let pause = self.pause;
            let rest = async {
                match pause {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            let next = tokio::select! {
                biased;
                () = run.cancelled() => Next::Stopped,
                Some(landed) = self.under_way.join_next() => match landed {
                    Ok(landed) => Next::Landed(landed),
                    // A block whose task ended in another way is hashed and sent by the next run.
                    Err(_) => Next::Stopped,
                },
                () = rest => Next::Rested,
                block = blocks.next(), if takes_more => Next::Hashed(block),
                _ = tick.tick() => Next::Show,
            };
            match next {
                Next::Stopped => return Err(run.stopped()),
                Next::Landed((block, result)) => {
                    self.taken.remove(&block.index);
                    match result {
                        Ok(()) => self.confirm(run, &block, true).await?,
                        Err(error) => self.failed(run, block, error).await?,
                    }
                }
                Next::Rested => self.pause = None,
                Next::Hashed(Some(block)) => self.begin(run, block).await?,
                Next::Hashed(None) => hashed_all = true,
                Next::Show => self.show(run),
            }
        }
    }

    fn takes_more(&self) -> bool {
        self.pause.is_none() && self.again.is_empty() && self.under_way.len() < self.at_once
    }

    /// A block was hashed: it goes out unless the storage holds it.
    async fn begin(&mut self, run: &mut Run<'_>, block: Block) -> Result<(), StagingError> {
        self.ids.push(block.id());
        if self.held.get(block.id().as_bytes()) == Some(&block.length_bytes) {
            self.found += 1;
            return self.confirm(run, &block, false).await;
        }
        self.send(run, block)
    }

    fn send_again(&mut self, run: &Run<'_>) -> Result<(), StagingError> {
        while self.pause.is_none() && self.under_way.len() < self.at_once {
            let Some(block) = self.again.pop_front() else {
                break;
            };
            self.send(run, block)?;
        }
        Ok(())
    }

    fn send(&mut self, run: &Run<'_>, block: Block) -> Result<(), StagingError> {
        let (file, _) = run.file(self.at)?;
        let taken = Taken::default();
        self.taken.insert(block.index, taken.clone());
        let (store, blob) = (run.store.clone(), self.blob.clone());
        let source = std::sync::Arc::clone(&file.source);
        self.under_way.spawn(async move {
            let (offset, length) = (block.offset_bytes, block.length_bytes);
            let body = BlockBody::new(&source, offset, length, &taken);
            let sent = store.put_block(&blob, &block.id(), block.crc64, body).await;
            (block, sent)
        });
        Ok(())
    }

    /// A block is there: sent by this run, or found.
    async fn confirm(
        &mut self,
        run: &mut Run<'_>,
        block: &Block,
        is_sent: bool,
    ) -> Result<(), StagingError> {
        if is_sent {
            run.session.answered();
            run.session.progressed();
        }
        let receipt = BlockReceipt {
            number: block.index.saturating_add(1),
            offset_bytes: block.offset_bytes,
            length_bytes: block.length_bytes,
            crc64: block.crc64.to_string(),
        };
        run.change(self.at, |file| file.confirmed_bytes += block.length_bytes);
        run.written(run.record.block_confirmed(self.at, &receipt).await)?;
        self.show(run);
        Ok(())
    }

    async fn failed(
        &mut self,
        run: &mut Run<'_>,
        block: Block,
        error: StorageError,
    ) -> Result<(), StagingError> {
        if error.is_damage() {
            return self.damaged(run, block).await;
        }
        match error.verdict(Idempotency::Repeatable) {
            RetryVerdict::Final => return Err(run.failed_with(self.at, error)),
            RetryVerdict::Again | RetryVerdict::AskFirst => {}
        }
        // The blocks beside it fail for the same reason: that is one failure.
        if self.pause.is_none() {
            let wait = run.session.wait_after(error);
            let wait = wait.map_err(|error| run.failed_with(self.at, error))?;
            self.pause = Some(Instant::now() + wait);
        }
        self.again.push_back(block);
        self.show(run);
        Ok(())
    }

    /// It arrived damaged, or the file changed after it was hashed.
    async fn damaged(&mut self, run: &mut Run<'_>, block: Block) -> Result<(), StagingError> {
        let times = self.damaged.entry(block.index).or_default();
        *times += 1;
        let times = *times;
        let (file, _) = run.file(self.at)?;
        let now = run.unless_stopped(crc64_now(&file.source, block)).await?;
        if now.map_err(|error| run.unread(self.at, error))? != block.crc64 {
            return Err(run.changed(self.at));
        }
        if times > DAMAGED_AGAIN {
            return Err(StagingError::BlockDamaged {
                file: run.name(self.at),
                number: block.index.saturating_add(1),
                times,
                held: run.staged_so_far(),
            });
        }
        let text = format!("Block {} arrived damaged", block.index.saturating_add(1));
        run.note(NoteKind::Retry, text);
        self.again.push_back(block);
        Ok(())
    }

    fn show(&self, run: &mut Run<'_>) {
        run.show(self.taken.values().map(Taken::bytes).sum());
    }
}
