//! Sends the chunks, strictly one after the other, each at most once unless the service says that
//! it does not have it.

use firmdrop_core::{MIB, Md5, Note, NoteKind, Sha256Hasher};
use firmdrop_net::{
    BodyTiming,
    retry::{Idempotency, RetryVerdict},
};
use tokio::time::Instant;

use super::{
    ChunkPlan, ChunkReceipt, UploadError,
    body::{Handover, body},
    find,
    finish::image_of,
    hash_ahead::HashAhead,
    hash_prefix::hash_prefix,
    phases,
    run::{Run, Stored, agrees, states_an_md5},
};
use crate::pelion::{Chunk, PelionError};
use crate::session::Failure as _;

/// How often a chunk that arrived damaged is sent again.
const DAMAGED_AGAIN: u32 = 3;

/// How sending ended.
pub(super) enum Sent {
    /// The service holds every chunk.
    All,
    /// Somebody finished the upload job already; it became this image.
    AlreadyFinished(String),
}

/// What became of one try.
enum Attempt {
    /// The service holds the chunk; the timing is known when it answered itself.
    Confirmed(Option<BodyTiming>),
    /// The service does not hold it. Wait, then send it again.
    Missing(PelionError),
    /// It arrived damaged.
    Damaged(PelionError),
    /// The body is too large for something on the way.
    TooLarge(PelionError),
    /// The upload job is finished.
    Finished,
}

/// The chunk that goes out.
struct Piece {
    receipt: ChunkReceipt,
    /// Hash of the file up to its end.
    sha256: Sha256Hasher,
}

struct Sending<'a> {
    job_id: &'a str,
    plan: ChunkPlan,
    stored: Stored,
    /// Hashes from the end of what is stored.
    ahead: HashAhead,
    /// Hashes behind the piece that goes out, once its length is settled.
    following: Option<HashAhead>,
}

/// Begins to hash the first chunk while the upload job is still being created: its digest stands
/// before its bytes, so that nothing of it could be sent without.
pub(super) fn hash_first_chunk(run: &Run<'_>) -> HashAhead {
    let first_bytes = plan_of(run).next_length(0, 0);
    let source = &run.request.source;
    HashAhead::begin(source, 0, Sha256Hasher::default(), first_bytes)
}

fn plan_of(run: &Run<'_>) -> ChunkPlan {
    let size_bytes = run.request.expected.size_bytes;
    let mut plan = ChunkPlan::new(size_bytes, run.request.chunking);
    if run.whole_file_refused {
        plan.refused(size_bytes);
    }
    plan
}

/// Sends everything behind `stored`. `first` holds the hashes of the first chunk, if they were begun.
pub(super) async fn send_chunks(
    run: &mut Run<'_>,
    job_id: &str,
    stored: Stored,
    first: Option<HashAhead>,
) -> Result<Sent, UploadError> {
    run.phase(phases::SEND_CHUNKS);
    run.show(0);
    let expected = run.request.expected;
    let plan = plan_of(run);
    let ahead = first.filter(|_| stored.bytes == 0).unwrap_or_else(|| {
        let source = &run.request.source;
        let longest = plan.longest_next();
        HashAhead::begin(source, stored.bytes, stored.sha256.clone(), longest)
    });
    let mut sending = Sending {
        job_id,
        plan,
        stored,
        ahead,
        following: None,
    };
    while sending.stored.bytes < expected.size_bytes {
        if !Box::pin(sending.next_chunk(run)).await? {
            let image_id = image_of(run, job_id).await?;
            return Ok(Sent::AlreadyFinished(image_id));
        }
    }
    if sending.stored.sha256.finish() == expected.sha256 {
        return Ok(Sent::All);
    }
    Err(UploadError::FileChanged {
        held: run.held.clone(),
    })
}

impl Sending<'_> {
    /// Brings one chunk over, in as many tries as it takes. False when the upload job turned out
    /// to be finished.
    async fn next_chunk(&mut self, run: &mut Run<'_>) -> Result<bool, UploadError> {
        let (mut tries, mut damaged) = (0, 0);
        loop {
            let piece = self.prepare(run).await?;
            let receipt = piece.receipt;
            if tries > 0 {
                let text = format!("Sending chunk {} again", receipt.number);
                run.events
                    .note(Note::new(NoteKind::Retry, text).piece(receipt.number));
            }
            run.written(
                run.record
                    .sending_chunk(receipt.number, receipt.offset_bytes, receipt.length_bytes)
                    .await,
            )?;
            let began = Instant::now();
            tries += 1;
            match self.try_once(run, &receipt).await? {
                Attempt::Confirmed(timing) => {
                    run.written(run.record.chunk_confirmed(&receipt, tries > 1).await)?;
                    self.confirm(run, piece, timing);
                    return Ok(true);
                }
                Attempt::Finished => return Ok(false),
                Attempt::Missing(error) => {
                    // Refused before a byte of it was looked at.
                    if !matches!(error.status(), Some(404 | 410 | 429)) {
                        self.plan.broke(receipt.length_bytes, began.elapsed());
                    }
                    run.show(0);
                    let turned_away = is_turned_away(&error);
                    run.pause(error).await?;
                    // Whoever turned it away may have done so after it was handed on.
                    if turned_away && self.listed(run, &receipt).await? {
                        run.written(run.record.chunk_confirmed(&receipt, tries > 1).await)?;
                        self.confirm(run, piece, None);
                        return Ok(true);
                    }
                }
                Attempt::TooLarge(error) => self.shorten(run, &receipt, error)?,
                Attempt::Damaged(error) => {
                    damaged += 1;
                    if damaged > DAMAGED_AGAIN {
                        return Err(UploadError::ChunkDamaged {
                            number: receipt.number,
                            times: damaged,
                            source: Box::new(error),
                            held: run.held.clone(),
                        });
                    }
                    self.ensure_unchanged(run, &receipt).await?;
                }
            }
        }
    }

    /// Something on the way took no chunk of this length: the next try is shorter, or there is none.
    fn shorten(
        &mut self,
        run: &Run<'_>,
        receipt: &ChunkReceipt,
        error: PelionError,
    ) -> Result<(), UploadError> {
        let refused = receipt.length_bytes;
        self.plan.refused(refused);
        let next = self
            .plan
            .next_length(receipt.offset_bytes, u64::from(self.stored.chunks));
        if next >= refused {
            return Err(UploadError::ShortestRefused {
                length_bytes: refused,
                source: Box::new(error),
                held: run.held.clone(),
            });
        }
        let text = format!(
            "A chunk of {} MiB was refused as too large; continuing with {} MiB",
            refused.div_ceil(MIB),
            next.div_ceil(MIB)
        );
        run.events
            .note(Note::new(NoteKind::Warning, text).piece(receipt.number));
        run.show(0);
        Ok(())
    }

    /// Settles the next chunk's length and begins to hash what comes behind it.
    async fn prepare(&mut self, run: &Run<'_>) -> Result<Piece, UploadError> {
        let expected = run.request.expected;
        let offset = self.stored.bytes;
        let length = self.plan.next_length(offset, u64::from(self.stored.chunks));
        let source = &run.request.source;
        if !self.ahead.covers(length) {
            self.ahead = HashAhead::begin(source, offset, self.stored.sha256.clone(), length);
        }
        let digest = run.unless_stopped(self.ahead.digest(length)).await?;
        let (md5, sha256) = digest.map_err(|error| run.unread(error))?;
        let end = offset + length;
        if end == expected.size_bytes && sha256.clone().finish() != expected.sha256 {
            return Err(UploadError::FileChanged {
                held: run.held.clone(),
            });
        }
        let longest = self.plan.longest_next();
        self.following = Some(HashAhead::begin(source, end, sha256.clone(), longest));
        Ok(Piece {
            receipt: ChunkReceipt {
                number: self.stored.chunks + 1,
                offset_bytes: offset,
                length_bytes: length,
                md5,
            },
            sha256,
        })
    }

    fn confirm(&mut self, run: &mut Run<'_>, piece: Piece, timing: Option<BodyTiming>) {
        let receipt = piece.receipt;
        if let Some(timing) = timing {
            self.plan
                .arrived(receipt.length_bytes, timing.handover, timing.wait);
        }
        self.stored = Stored {
            chunks: receipt.number,
            bytes: receipt.offset_bytes + receipt.length_bytes,
            sha256: piece.sha256,
        };
        if let Some(following) = self.following.take() {
            self.ahead = following;
        }
        run.holds(self.job_id, &self.stored);
        run.progressed();
        run.show(0);
    }

    async fn try_once(
        &self,
        run: &mut Run<'_>,
        receipt: &ChunkReceipt,
    ) -> Result<Attempt, UploadError> {
        let handover = Handover::default();
        let (offset, length) = (receipt.offset_bytes, receipt.length_bytes);
        let bytes = body(&run.request.source, offset, length, &handover);
        let appending = run.pelion.append_chunk(self.job_id, bytes, receipt.md5);
        let error = match Box::pin(run.watched(appending, &handover, length)).await? {
            Ok((chunk, timing)) => {
                run.answered();
                if is(&chunk, receipt) && states_an_md5(&chunk.hash) {
                    return Ok(Attempt::Confirmed(Some(timing)));
                }
                return self.answer_differs(run, &chunk, receipt).await;
            }
            Err(error) => error,
        };
        match error.verdict(Idempotency::Once) {
            RetryVerdict::Again => Ok(Attempt::Missing(error)),
            RetryVerdict::AskFirst => self.look(run, receipt, error).await,
            RetryVerdict::Final => self.after_refusal(run, receipt, error).await,
        }
    }

    /// The answer does not describe our chunk: the chunk list has the last word.
    async fn answer_differs(
        &self,
        run: &mut Run<'_>,
        answer: &Chunk,
        receipt: &ChunkReceipt,
    ) -> Result<Attempt, UploadError> {
        if self.listed(run, receipt).await? {
            let text = format!(
                "The answer to chunk {} was wrong, the chunk is right",
                receipt.number
            );
            run.events
                .note(Note::new(NoteKind::Warning, text).piece(receipt.number));
            return Ok(Attempt::Confirmed(None));
        }
        Err(run.poisoned(
            self.job_id,
            format!(
                "chunk {} was answered as chunk {} of {} bytes with the MD5 {}",
                receipt.number, answer.id, answer.length, answer.hash
            ),
        ))
    }

    /// After an unknown answer: does the service hold the chunk? Before it is said to be missing, the whole
    /// list is read: a service that lists the newest first shows nothing behind the one that is named.
    async fn look(
        &self,
        run: &mut Run<'_>,
        receipt: &ChunkReceipt,
        error: PelionError,
    ) -> Result<Attempt, UploadError> {
        run.held.uncertain = true;
        let mut checks = run.checks_after(&error, receipt.length_bytes);
        while run.wait_for_next_check(&mut checks).await? {
            if find::job(run, self.job_id).await?.is_completed() {
                return Ok(Attempt::Finished);
            }
            if self.listed(run, receipt).await? {
                return Ok(was_kept(run, receipt));
            }
        }
        let whole = self.behind(run, 0).await?;
        if self.is_there(run, receipt, &whole)? {
            return Ok(was_kept(run, receipt));
        }
        run.held.uncertain = false;
        Ok(Attempt::Missing(error))
    }

    /// Whether the chunk list shows our chunk behind the stored ones; anything else there means
    /// that the upload job is lost.
    async fn listed(&self, run: &mut Run<'_>, receipt: &ChunkReceipt) -> Result<bool, UploadError> {
        let behind = self.behind(run, self.stored.chunks).await?;
        self.is_there(run, receipt, &behind)
    }

    /// The chunks that lie behind the stored ones, of those that are listed behind this number.
    async fn behind(&self, run: &mut Run<'_>, number: u32) -> Result<Vec<Chunk>, UploadError> {
        let job_id = self.job_id;
        let listed = run.query_named(|pelion| pelion.chunks_after(job_id, number));
        let listed = listed.await?;
        let mut chunks = listed.map_err(|_| find::gone(run, job_id))?;
        chunks.retain(|chunk| chunk.id > self.stored.chunks);
        Ok(chunks)
    }

    /// Whether the chunks behind the stored ones are ours alone, or none.
    fn is_there(
        &self,
        run: &Run<'_>,
        receipt: &ChunkReceipt,
        behind: &[Chunk],
    ) -> Result<bool, UploadError> {
        let (job_id, stored) = (self.job_id, self.stored.chunks);
        let copies = behind.iter().filter(|chunk| has_bytes_of(chunk, receipt));
        match behind {
            [] => Ok(false),
            [chunk] if is(chunk, receipt) => Ok(true),
            all if copies.count() == all.len() => Err(run.poisoned(
                job_id,
                format!(
                    "chunk {} is stored {} times, because a request that had failed was carried out after all",
                    receipt.number,
                    all.len()
                ),
            )),
            [chunk, ..] => Err(run.poisoned(
                job_id,
                format!(
                    "{} chunks lie behind chunk {stored}, the first with {} bytes and the MD5 {}",
                    behind.len(),
                    chunk.length,
                    chunk.hash
                ),
            )),
        }
    }

    async fn after_refusal(
        &self,
        run: &mut Run<'_>,
        receipt: &ChunkReceipt,
        error: PelionError,
    ) -> Result<Attempt, UploadError> {
        match error.status() {
            // The job was not shown for a moment, unless it is gone.
            Some(404 | 410) => {
                if find::job(run, self.job_id).await?.is_completed() {
                    return Ok(Attempt::Finished);
                }
                // Nor did a gateway lose the answer on its way back.
                if self.listed(run, receipt).await? {
                    return Ok(Attempt::Confirmed(None));
                }
                Ok(Attempt::Missing(error))
            }
            Some(413) => Ok(Attempt::TooLarge(error)),
            Some(400) => {
                if find::job(run, self.job_id).await?.is_completed() {
                    return Ok(Attempt::Finished);
                }
                if self.listed(run, receipt).await? {
                    return Ok(Attempt::Confirmed(None));
                }
                if speaks_of_damage(&error) {
                    return Ok(Attempt::Damaged(error));
                }
                self.refused(run, error).await
            }
            // Whoever may not send may not ask either.
            Some(401 | 403) => self.refused(run, error).await,
            Some(_) => {
                if self.listed(run, receipt).await? {
                    return Ok(Attempt::Confirmed(None));
                }
                self.refused(run, error).await
            }
            None => Err(run.failed(error)),
        }
    }

    /// The service refused the chunk, and does not hold it.
    async fn refused(&self, run: &Run<'_>, error: PelionError) -> Result<Attempt, UploadError> {
        run.written(run.record.refused().await)?;
        Err(run.failed(error))
    }

    /// A damaged chunk may be a file that changed between hashing and sending.
    async fn ensure_unchanged(
        &self,
        run: &Run<'_>,
        receipt: &ChunkReceipt,
    ) -> Result<(), UploadError> {
        let range = [receipt.offset_bytes, receipt.length_bytes];
        let lengths = range.into_iter().filter(|length| *length > 0).collect();
        let hashing = hash_prefix(&run.request.source, lengths);
        let hashed = run.unless_stopped(hashing).await?;
        let (digests, _) = hashed.map_err(|error| run.unread(error))?;
        if digests.last() == Some(&receipt.md5) {
            return Ok(());
        }
        Err(UploadError::FileChanged {
            held: run.held.clone(),
        })
    }
}

/// Whether an answer says that nothing was begun: too many requests, too early, locked.
fn is_turned_away(error: &PelionError) -> bool {
    error.is_answer() && error.verdict(Idempotency::Once) == RetryVerdict::Again
}

/// The service holds a chunk whose answer was lost.
fn was_kept(run: &Run<'_>, receipt: &ChunkReceipt) -> Attempt {
    let text = format!("The answer was lost, chunk {} was not", receipt.number);
    run.events
        .note(Note::new(NoteKind::Kept, text).piece(receipt.number));
    Attempt::Confirmed(None)
}

fn is(chunk: &Chunk, receipt: &ChunkReceipt) -> bool {
    let md5: &Md5 = &receipt.md5;
    chunk.id == receipt.number && chunk.length == receipt.length_bytes && agrees(&chunk.hash, md5)
}

/// Whether the chunk is a copy of ours, wherever it lies.
fn has_bytes_of(chunk: &Chunk, receipt: &ChunkReceipt) -> bool {
    let has_length = chunk.length == receipt.length_bytes;
    has_length && states_an_md5(&chunk.hash) && agrees(&chunk.hash, &receipt.md5)
}

/// No document says how the service words a Content-MD5 that does not match.
fn speaks_of_damage(error: &PelionError) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    ["md5", "digest", "checksum", "hash", "integrity"]
        .iter()
        .any(|word| text.contains(word))
}
