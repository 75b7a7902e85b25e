//! Serves a reader over a stream of bytes or over datagrams.
//!
//! Receives, works and answers at the same time, as firmware with interrupts does; holds no more
//! requests than the reader has buffers.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::Instant,
};

use super::{
    SimulatedReader,
    commands::Then,
    console::{self, Assembly},
    pace::{self, Lane},
    shell::{self, Shell},
};

/// Bytes taken from a line at a time; at 921,600 baud they take 1.4 ms.
const READ_BYTES: usize = 128;

/// Bytes that are there so soon after they were asked for had been waiting.
const AT_ONCE: Duration = Duration::from_micros(200);

/// A request in one of the reader's buffers, and whom the answer goes to.
pub(super) struct Held<To> {
    packet: Vec<u8>,
    to: To,
    _buffer: OwnedSemaphorePermit,
    _bytes: Option<OwnedSemaphorePermit>,
}

/// A packet on its way out.
pub(super) struct Outgoing<To> {
    pub(super) packet: Vec<u8>,
    pub(super) to: To,
    ready: Instant,
    restarts: bool,
}

impl<To> Outgoing<To> {
    /// When it was ready to be sent.
    pub(super) fn ready(&self) -> Instant {
        self.ready
    }
}

/// The reader's buffers.
pub(super) struct Buffers<To> {
    free: Arc<Semaphore>,
    /// Bytes of frames that may still come in.
    room: Option<Arc<Semaphore>>,
    queue: mpsc::UnboundedSender<Held<To>>,
}

/// Buffers, and where their requests come out. The queue is bounded by the buffers.
pub(super) fn buffers<To>(
    reader: &SimulatedReader,
) -> (Buffers<To>, mpsc::UnboundedReceiver<Held<To>>) {
    let (queue, requests) = mpsc::unbounded_channel();
    let free = Arc::new(Semaphore::new(reader.settings().buffers));
    let bytes = reader.settings().receives_bytes;
    let room = bytes.map(|bytes| Arc::new(Semaphore::new(bytes)));
    (Buffers { free, room, queue }, requests)
}

impl<To> Buffers<To> {
    /// Puts a request into a buffer, or drops it when all are full.
    pub(super) fn hold(&self, reader: &SimulatedReader, packet: Vec<u8>, to: To) {
        let frame = u32::try_from(packet.len() + console::AROUND_BYTES).unwrap_or(u32::MAX);
        let room = |room: &Arc<Semaphore>| Arc::clone(room).try_acquire_many_owned(frame);
        let bytes = self.room.as_ref().map(room).transpose();
        match (Arc::clone(&self.free).try_acquire_owned(), bytes) {
            (Ok(buffer), Ok(bytes)) => {
                let _ = self.queue.send(Held {
                    packet,
                    to,
                    _buffer: buffer,
                    _bytes: bytes,
                });
            }
            _ => reader.state().counters.dropped += 1,
        }
    }
}

/// Works off one request after the other.
pub(super) async fn work<To>(
    reader: &SimulatedReader,
    mut requests: mpsc::UnboundedReceiver<Held<To>>,
    answers: mpsc::UnboundedSender<Outgoing<To>>,
) {
    while let Some(held) = requests.recv().await {
        let reaction = reader.react(&held.packet);
        if !reaction.work.is_zero() {
            pace::until(Instant::now() + reaction.work, reader.settings().exact).await;
        }
        let (packet, restarts) = match reaction.then {
            Then::Nothing => continue,
            Then::Cut => {
                reader.cut();
                continue;
            }
            Then::Leave(time) => {
                reader.leave_for(time);
                continue;
            }
            Then::Answer(packet) => (packet, false),
            Then::AnswerAndRestart(packet) => (packet, true),
        };
        let _ = answers.send(Outgoing {
            packet,
            to: held.to,
            ready: Instant::now(),
            restarts,
        });
    }
}

/// Waits until the link that was there when `presence` was taken breaks.
pub(super) async fn broken(reader: &SimulatedReader) {
    let mut presence = reader.presence();
    let before = presence.borrow_and_update().breaks;
    let _ = presence
        .wait_for(|now| now.breaks != before || !now.here)
        .await;
}

/// Waits until the reader can be reached.
pub(super) async fn here(reader: &SimulatedReader) {
    let _ = reader.presence().wait_for(|now| now.here).await;
}

/// What follows the sending of an answer.
pub(super) fn sent<To>(reader: &SimulatedReader, answer: &Outgoing<To>) {
    if answer.restarts {
        reader.restart();
    }
}

/// Serves the reader over a stream until the link breaks or the other end closes.
pub async fn stream(reader: &SimulatedReader, stream: impl AsyncRead + AsyncWrite) {
    let (read, write) = tokio::io::split(stream);
    let (buffers, requests) = buffers(reader);
    let (answers, outgoing) = mpsc::unbounded_channel();
    let (prints, printed) = mpsc::unbounded_channel();
    if reader.settings().shell {
        let _ = prints.send(shell::banner(&reader.settings().name));
    }
    tokio::select! {
        () = receive(reader, read, buffers, prints) => {}
        () = work(reader, requests, answers) => {}
        () = transmit(reader, write, outgoing, printed) => {}
        () = broken(reader) => {}
    }
}

async fn receive(
    reader: &SimulatedReader,
    mut stream: impl AsyncRead + Unpin,
    buffers: Buffers<()>,
    prints: mpsc::UnboundedSender<Vec<u8>>,
) {
    let mut shell = Shell::default();
    let mut lane = Lane::new(reader.settings().line);
    let mut assembly = Assembly::default();
    let mut bytes = [0; READ_BYTES];
    loop {
        let asked = Instant::now();
        let count = match stream.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        if lane.is_slow() {
            let now = Instant::now();
            // Bytes that lay there when they were asked for had been waiting for the line.
            let crossed = if now - asked < AT_ONCE {
                lane.crossed_at_once(count)
            } else {
                lane.crossed(now, count)
            };
            pace::until(crossed, reader.settings().exact).await;
        }
        reader.state().counters.line_bytes += count as u64;
        if reader.settings().shell {
            let _ = prints.send(shell.take(bytes.get(..count).unwrap_or(&[])));
        }
        // A frame holds its length and its sum besides the packet.
        let largest_bytes = reader.settings().buffer_bytes;
        for packet in assembly.take(bytes.get(..count).unwrap_or(&[]), largest_bytes) {
            buffers.hold(reader, packet, ());
        }
    }
}

async fn transmit(
    reader: &SimulatedReader,
    mut stream: impl AsyncWrite + Unpin,
    mut answers: mpsc::UnboundedReceiver<Outgoing<()>>,
    mut prints: mpsc::UnboundedReceiver<Vec<u8>>,
) {
    let line = reader.settings().line;
    let mut lane = Lane::new(line);
    loop {
        let answer = tokio::select! {
            Some(text) = prints.recv() => {
                if stream.write_all(&text).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
                continue;
            }
            answer = answers.recv() => match answer {
                Some(answer) => answer,
                None => return,
            },
        };
        let text = console_text(reader, &answer.packet);
        if let Some(line) = line {
            let crossed = lane.crossed(answer.ready, text.len()) + line.latency;
            pace::until(crossed, reader.settings().exact).await;
        }
        if stream.write_all(&text).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        sent(reader, &answer);
    }
}

/// The lines of an answer, with what the fault dial adds to them.
fn console_text(reader: &SimulatedReader, packet: &[u8]) -> Vec<u8> {
    let mut text = console::lines(packet);
    let mut state = reader.state();
    let damaged = state.faults.damaged_answers_per_mille;
    let noisy = state.faults.noisy_answers_per_mille;
    if state.dice.hits(damaged) {
        let middle = text.len() / 2;
        if let Some(byte) = text.get_mut(middle) {
            *byte = if *byte == b'A' { b'B' } else { b'A' };
        }
    }
    if state.dice.hits(noisy) {
        text.splice(0..0, *b"[00:00:01.000] <inf> app: \xffstill alive\r\n");
    }
    text
}
