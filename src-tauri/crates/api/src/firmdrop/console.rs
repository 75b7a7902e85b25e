//! Consoles: one for each reader, whose port stands aside while Firmdrop uses the reader for something else.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_backend::reader::ConsolePort;
use firmdrop_core::{Code, Diagnosis, Moment, Remedy, grouped};
use firmdrop_engine::{Destination, Engine, JobState, JobSummary, Observation};
use firmdrop_link::Stream;
use firmdrop_loader::TextFilter;
use tokio::io::AsyncReadExt as _;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::console_sending::Sending;
use super::open_console::OpenConsole;
use super::{Firmdrop, hold};
use crate::console::PlainText;
use crate::{ConsoleEvent, ConsoleState};

/// Bytes that are read at a time.
const READ_BYTES: usize = 4096;
/// Text that is collected before it is handed on, bytes, and how long: a fast line is no flood of events.
const TOGETHER_BYTES: usize = 16 * 1024;
const TOGETHER: Duration = Duration::from_millis(40);
/// Pause before a port that could not be opened is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// How long a port is waited for that has yet to send what was typed: while somebody waits for the reader, who waits
/// for 3 s, and at the end.
const SENT_WHEN_WANTED: Duration = Duration::from_secs(1);
const SENT_AT_THE_END: Duration = Duration::from_secs(5);
/// Most bytes that are sent at a time.
const MOST_SENT_BYTES: usize = 64 * 1024;
/// Requests to send that may wait.
const BACKLOG: usize = 16;
/// Consoles of a process: one for each reader of a bench.
const MOST_CONSOLES: usize = 32;

impl Firmdrop {
    /// Opens the console of a reader on a serial port and hands on what happens there until
    /// [`Self::close_console`]; one that this process has open is closed before. Sends nothing.
    ///
    /// The port is closed as long as a job, or an act of any Firmdrop on this computer, has the reader, and is opened
    /// again afterwards, also under another name at the same place. Fails with [`Code::LinkBusy`] when another console has
    /// the reader, and with what the system says when the port cannot be opened.
    pub async fn open_console(
        &self,
        destination: &str,
        baud: Option<u32>,
        on_event: impl Fn(ConsoleEvent) + Send + Sync + 'static,
    ) -> Result<(), Diagnosis> {
        let destination = self.inner.engine.destination(destination)?;
        let key = destination.to_string();
        hold(&self.inner.consoles).remove(&key);
        if hold(&self.inner.consoles).len() >= MOST_CONSOLES {
            return Err(not_open(
                &key,
                format!("{MOST_CONSOLES} consoles are open."),
            ));
        }
        let view = self.reader_view(&destination).await?;
        let (port, filter) = self.inner.readers.console_port(&destination, baud)?;
        let (send, sent) = mpsc::channel(BACKLOG);
        let (states, state) = watch::channel(ConsoleState::Away { why: String::new() });
        let mut console = Console {
            engine: self.inner.engine.clone(),
            destination,
            simulated: view.reader.simulated,
            port,
            filter,
            plain: PlainText::default(),
            states,
            on_event: Arc::new(on_event),
        };
        // The first time a port that cannot be opened is an error: it may be the wrong one.
        let first = if console.is_wanted().await {
            None
        } else {
            Some(console.open().await?)
        };
        let task = tokio::spawn(console.run(first, sent)).abort_handle();
        let open = OpenConsole { send, state, task };
        hold(&self.inner.consoles).insert(key, open);
        Ok(())
    }

    /// Sends bytes to a reader whose console is open, as they are. Does not wait until the port has sent them.
    pub fn write_console(&self, destination: &str, bytes: Vec<u8>) -> Result<(), Diagnosis> {
        let key = self.inner.engine.destination(destination)?.to_string();
        if bytes.len() > MOST_SENT_BYTES {
            let why = format!(
                "At most {} bytes are sent at a time.",
                grouped(MOST_SENT_BYTES)
            );
            let mut refused = not_sent(&key, why);
            refused.remedies = vec![Remedy::advice("Send it in shorter parts.")];
            return Err(refused);
        }
        let send = {
            let consoles = hold(&self.inner.consoles);
            let open = consoles.get(&key);
            let open = open.ok_or_else(|| not_sent(&key, "Its console is not open.".to_owned()))?;
            match &*open.state.borrow() {
                ConsoleState::Open => open.send.clone(),
                ConsoleState::Paused { why } | ConsoleState::Away { why } => {
                    return Err(not_sent(&key, format!("{}.", why.trim_end_matches('.'))));
                }
            }
        };
        let sent = send.try_send(bytes);
        sent.map_err(|_| not_sent(&key, "The port takes nothing.".to_owned()))
    }

    /// Closes the console of a reader, if one is open.
    pub fn close_console(&self, destination: &str) -> Result<(), Diagnosis> {
        let key = self.inner.engine.destination(destination)?.to_string();
        hold(&self.inner.consoles).remove(&key);
        Ok(())
    }
}

/// One console at work.
struct Console {
    engine: Engine,
    destination: Destination,
    simulated: bool,
    port: ConsolePort,
    filter: Box<dyn TextFilter>,
    plain: PlainText,
    states: watch::Sender<ConsoleState>,
    on_event: Arc<dyn Fn(ConsoleEvent) + Send + Sync>,
}

/// The port while it is open; whoever takes the place waits until this is dropped.
struct Opened {
    stream: Box<dyn Stream>,
    _observation: Observation,
}

/// Why a port is closed again.
enum Closing {
    /// Somebody wants the reader, and so many bytes that were typed were not sent.
    Wanted { unsent: usize },
    /// The port broke.
    Broken(std::io::Error),
    /// Nobody listens any more.
    Over,
}

impl Console {
    async fn run(mut self, mut opened: Option<Opened>, mut sent: mpsc::Receiver<Vec<u8>>) {
        let mut unsent = 0;
        loop {
            if let Some(opened) = opened.take() {
                self.show(ConsoleState::Open);
                unsent = 0;
                match self.read_along(opened, &mut sent).await {
                    Closing::Wanted { unsent: bytes } => unsent = bytes,
                    Closing::Broken(error) => self.show(ConsoleState::Away {
                        why: format!("The port went away: {error}"),
                    }),
                    Closing::Over => return,
                }
            }
            if self.is_wanted().await {
                let why = self.why_paused(unsent);
                self.show(ConsoleState::Paused { why });
                tokio::time::sleep(Engine::OBSERVERS_LOOK).await;
                continue;
            }
            match self.open().await {
                Ok(open) => opened = Some(open),
                Err(diagnosis) => {
                    self.show(ConsoleState::Away {
                        why: diagnosis.what_happened,
                    });
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    /// Opens the port, unless somebody has the reader.
    async fn open(&mut self) -> Result<Opened, Diagnosis> {
        let key = self.destination.to_string();
        let observing = self.engine.observe(&self.destination, self.simulated);
        let observation = observing
            .await?
            .ok_or_else(|| not_open(&key, "Another console has it.".to_owned()))?;
        // Somebody may have taken the place while nobody observed it: then the port is not opened.
        if self.is_wanted().await {
            return Err(not_open(&key, "A job has the reader.".to_owned()));
        }
        let stream = self.port.open().await?;
        Ok(Opened {
            stream,
            _observation: observation,
        })
    }

    async fn read_along(&mut self, opened: Opened, sent: &mut mpsc::Receiver<Vec<u8>>) -> Closing {
        let mut ticks = tokio::time::interval(Engine::OBSERVERS_LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut bytes = [0; READ_BYTES];
        let mut together = TextBatch::default();
        let mut sending = Sending::default();
        // The port is closed before whoever waits for that goes on.
        let Opened {
            stream,
            _observation,
        } = opened;
        let (mut reading, mut writing) = tokio::io::split(stream);
        let closing = loop {
            tokio::select! {
                read = reading.read(&mut bytes) => match read {
                    Ok(0) => break Closing::Broken(std::io::ErrorKind::UnexpectedEof.into()),
                    Ok(count) => {
                        let mut text = Vec::new();
                        self.filter.take(bytes.get(..count).unwrap_or_default(), &mut text);
                        together.add(&self.plain.take(&text), self.engine.now());
                    }
                    Err(error) => break Closing::Broken(error),
                },
                () = together.is_due() => {}
                step = sending.step(&mut writing) => if let Err(error) = step {
                    break Closing::Broken(error);
                },
                asked = sent.recv(), if sending.left() == 0 => match asked {
                    Some(bytes) => sending = Sending::of(bytes),
                    None => break Closing::Over,
                },
                _ = ticks.tick() => if self.is_wanted().await {
                    let mut unsent = sending.left();
                    while let Ok(bytes) = sent.try_recv() {
                        unsent += bytes.len();
                    }
                    break Closing::Wanted { unsent };
                },
            }
            if together.is_ready() {
                self.hand_on(&mut together);
            }
        };
        self.hand_on(&mut together);
        let mut stream = reading.unsplit(writing);
        let longest = match closing {
            Closing::Wanted { unsent: 0 } => SENT_WHEN_WANTED,
            Closing::Over => SENT_AT_THE_END,
            Closing::Wanted { .. } | Closing::Broken(_) => return closing,
        };
        // What is not on the line by then is dropped with the port.
        let unsent = match stream.line() {
            Some(line) => line.sent(longest).await.unwrap_or(0),
            None => 0,
        };
        match closing {
            Closing::Wanted { .. } => Closing::Wanted { unsent },
            closing => closing,
        }
    }

    fn hand_on(&self, together: &mut TextBatch) {
        if let Some((at, text)) = together.take() {
            (self.on_event)(ConsoleEvent::Text { at, text });
        }
    }

    /// Whether a job or an act has the reader. What cannot be looked at holds nothing up.
    async fn is_wanted(&self) -> bool {
        let looking = self.engine.is_in_use(&self.destination, self.simulated);
        looking.await.unwrap_or(false)
    }

    /// What the reader is used for, as far as the journal says, and what was not sent.
    fn why_paused(&self, unsent: usize) -> String {
        let destination = self.destination.to_string();
        let jobs = self.engine.unfinished().unwrap_or_default();
        let loads = |job: &JobSummary| {
            job.destination == destination
                && matches!(
                    job.state,
                    JobState::Queued | JobState::Running { .. } | JobState::Cancelling
                )
        };
        let why = if jobs.iter().any(loads) {
            "Paused while firmware is loaded"
        } else {
            "Paused while Firmdrop uses the reader"
        };
        match unsent {
            0 => why.to_owned(),
            1 => format!("{why}. At least 1 byte that was typed was not sent"),
            bytes => format!(
                "{why}. At least {} bytes that were typed were not sent",
                grouped(bytes as u64)
            ),
        }
    }

    fn show(&self, state: ConsoleState) {
        let is_new = self.states.send_if_modified(|shown| {
            let is_new = *shown != state;
            shown.clone_from(&state);
            is_new
        });
        if is_new {
            (self.on_event)(ConsoleEvent::State { state });
        }
    }
}

/// Text that is handed on together.
#[derive(Debug, Default)]
struct TextBatch {
    text: String,
    since: Option<(Moment, Instant)>,
}

impl TextBatch {
    fn add(&mut self, text: &str, now: Moment) {
        if text.is_empty() {
            return;
        }
        self.since.get_or_insert_with(|| (now, Instant::now()));
        self.text.push_str(text);
    }

    /// Returns once what is there has waited long enough; never while nothing is there.
    async fn is_due(&self) {
        match self.since {
            Some((_, since)) => tokio::time::sleep_until(since + TOGETHER).await,
            None => std::future::pending().await,
        }
    }

    fn is_ready(&self) -> bool {
        let is_old = self
            .since
            .is_some_and(|(_, since)| since.elapsed() >= TOGETHER);
        is_old || self.text.len() >= TOGETHER_BYTES
    }

    fn take(&mut self) -> Option<(Moment, String)> {
        let (at, _) = self.since.take()?;
        Some((at, std::mem::take(&mut self.text)))
    }
}

fn not_open(reader: &str, why: String) -> Diagnosis {
    Diagnosis::new(
        Code::LinkBusy,
        format!("The console of {reader} was not opened."),
        why,
    )
    .titled("The console is not available")
    .state("Nothing was sent.")
    .remedy(Remedy::CloseOtherProgram)
}

fn not_sent(reader: &str, why: String) -> Diagnosis {
    Diagnosis::new(
        Code::LinkBusy,
        format!("Nothing was sent to {reader}."),
        why,
    )
    .titled("Nothing was sent")
    .state("Nothing was sent.")
    .remedy(Remedy::advice(
        "Wait until the console is open, then send it again.",
    ))
}
