//! Serves a reader over one characteristic, as Zephyr does over Bluetooth: a request comes in as many writes as
//! it needs, an answer goes in as many notifications.
//!
//! Knows no radio: who has one carries the values. The link of this process is `pretend_radio`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::mpsc, task::AbortHandle, time::Instant};

use super::{SimulatedReader, pace, serve};

/// Bytes of an ATT packet that are no value: opcode and handle.
pub(super) const ATT_HEADER_BYTES: usize = 3;
/// Bytes of a request's header, whose third and fourth are the length of what follows.
const HEADER_BYTES: usize = 8;

/// What a reader's radio is like.
#[derive(Debug, Clone)]
pub struct Radio {
    /// ATT MTU in use. A write that is longer is not taken. Zephyr with data length extension: 247.
    pub mtu_bytes: usize,
    /// What a host says that it is.
    pub says_mtu_bytes: usize,
    /// Time for one way.
    pub one_way: Duration,
    /// Every value is notified twice, as some hosts do.
    pub notifies_twice: bool,
    /// Longest value of a notification, when it is shorter than what the MTU carries.
    pub notifies_bytes: Option<usize>,
}

impl Default for Radio {
    fn default() -> Self {
        Self {
            mtu_bytes: 247,
            says_mtu_bytes: 247,
            one_way: Duration::ZERO,
            notifies_twice: false,
            notifies_bytes: None,
        }
    }
}

/// A connection to a reader. Dropping it disconnects.
#[derive(Debug)]
pub struct GattConnection {
    notified: mpsc::UnboundedReceiver<Vec<u8>>,
    task: AbortHandle,
}

impl Drop for GattConnection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What writes to a connection. Clones are the same.
#[derive(Debug, Clone)]
pub struct GattWriter {
    writes: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    one_way: Duration,
    most_bytes: usize,
    unanswered: Unanswered,
}

/// Why a write was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// It is longer than the MTU carries.
    TooLong,
    /// The connection is gone.
    Disconnected,
}

/// Connects to a reader; `None` while it is away. Runs on the runtime of the caller.
pub fn connect(reader: &SimulatedReader, radio: &Radio) -> Option<(GattWriter, GattConnection)> {
    if !reader.is_here() {
        return None;
    }
    let (writes, incoming) = mpsc::unbounded_channel();
    let (values, notified) = mpsc::unbounded_channel();
    let unanswered = Unanswered::of(reader);
    let (reader, its_radio, answered) = (reader.clone(), radio.clone(), unanswered.clone());
    let task = tokio::spawn(async move {
        serve(&reader, &its_radio, incoming, &values, &answered).await;
    });
    let writer = GattWriter {
        writes,
        one_way: radio.one_way,
        most_bytes: radio.mtu_bytes.saturating_sub(ATT_HEADER_BYTES),
        unanswered,
    };
    Some((
        writer,
        GattConnection {
            notified,
            task: task.abort_handle(),
        },
    ))
}

impl GattWriter {
    /// Writes a value without response: its end means that the radio took it.
    pub fn write(&self, value: &[u8]) -> Result<(), NotTaken> {
        if value.len() > self.most_bytes {
            return Err(NotTaken::TooLong);
        }
        let arrives = Instant::now() + self.one_way;
        self.unanswered.wrote(value);
        let sent = self.writes.send((arrives, value.to_vec()));
        sent.map_err(|_| NotTaken::Disconnected)
    }
}

impl GattConnection {
    /// Waits for the next value it sends; `None` when it disconnected.
    pub async fn notified(&mut self) -> Option<Vec<u8>> {
        self.notified.recv().await
    }
}

async fn serve(
    reader: &SimulatedReader,
    radio: &Radio,
    mut incoming: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    values: &mpsc::UnboundedSender<Vec<u8>>,
    unanswered: &Unanswered,
) {
    let (buffers, requests) = serve::buffers(reader);
    let (answers, mut outgoing) = mpsc::unbounded_channel::<serve::Outgoing<()>>();
    let exact = reader.settings().exact;
    let receive = async {
        let mut assembly = Assembly::default();
        while let Some((arrives, value)) = incoming.recv().await {
            pace::until(arrives, exact).await;
            reader.state().counters.line_bytes += value.len() as u64;
            if let Some(packet) = assembly.take(&value, reader.settings().buffer_bytes) {
                buffers.hold(reader, packet, ());
            }
        }
        // Whoever wrote is gone.
    };
    let transmit = async {
        let mut on_their_way = VecDeque::new();
        loop {
            let next = async {
                match on_their_way.front() {
                    Some((arrives, _)) => pace::until(*arrives, exact).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                answer = outgoing.recv() => match answer {
                    Some(answer) => on_their_way.push_back((answer.ready() + radio.one_way, answer)),
                    None => return,
                },
                () = next => if let Some((_, answer)) = on_their_way.pop_front() {
                    unanswered.answered();
                    for value in notifications(&answer.packet, radio) {
                        if values.send(value).is_err() {
                            return;
                        }
                    }
                    serve::sent(reader, &answer);
                },
            }
        }
    };
    tokio::select! {
        () = receive => {}
        () = serve::work(reader, requests, answers) => {}
        () = transmit => {}
        () = serve::broken(reader) => {}
    }
}

/// An answer as the values that are notified.
fn notifications(packet: &[u8], radio: &Radio) -> Vec<Vec<u8>> {
    let carries = radio.mtu_bytes.saturating_sub(ATT_HEADER_BYTES).max(1);
    let most = radio
        .notifies_bytes
        .map_or(carries, |most| most.min(carries).max(1));
    let times = if radio.notifies_twice { 2 } else { 1 };
    let values = packet.chunks(most);
    let values = values.flat_map(|value| std::iter::repeat_n(value.to_vec(), times));
    values.collect()
}

/// Counts the requests that were written and whose answers did not come yet, as the host sees it.
#[derive(Debug, Clone)]
struct Unanswered {
    reader: SimulatedReader,
    counted: Arc<Mutex<(Assembly, u32)>>,
}

impl Unanswered {
    fn of(reader: &SimulatedReader) -> Self {
        Self {
            reader: reader.clone(),
            counted: Arc::default(),
        }
    }

    fn wrote(&self, value: &[u8]) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (assembly, count) = &mut *counted;
        let buffer_bytes = self.reader.settings().buffer_bytes;
        if assembly.take(value, buffer_bytes).is_some() {
            *count += 1;
            let most = &mut self.reader.state().counters.most_unanswered;
            *most = (*most).max(*count);
        }
    }

    fn answered(&self) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.1 = counted.1.saturating_sub(1);
    }
}

/// A request that is coming in: Zephyr, `CONFIG_MCUMGR_TRANSPORT_BT_REASSEMBLY`.
#[derive(Debug, Default)]
struct Assembly(Vec<u8>);

impl Assembly {
    fn take(&mut self, value: &[u8], largest_bytes: usize) -> Option<Vec<u8>> {
        self.0.extend_from_slice(value);
        let header = self.0.first_chunk::<HEADER_BYTES>()?;
        let wanted = HEADER_BYTES + usize::from(u16::from_be_bytes([header[2], header[3]]));
        if wanted > largest_bytes {
            // Its buffer has no room for it: what came is thrown away.
            self.0.clear();
            return None;
        }
        if self.0.len() < wanted {
            return None;
        }
        let mut packet = std::mem::take(&mut self.0);
        packet.truncate(wanted);
        Some(packet)
    }
}
