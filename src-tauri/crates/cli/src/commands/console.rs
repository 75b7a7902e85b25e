//! `console`: what a reader on a serial port prints, line by line, and lines that are sent to it.

use std::fs::File;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use firmdrop_api::{Code, ConsoleEvent, ConsoleState, Diagnosis, Moment, Remedy};
use tokio::sync::mpsc;

use crate::arguments::Console;
use crate::context::Context;
use crate::exit::Exit;
use crate::progress::interrupted;
use crate::{failure, print};

/// Typed lines that may wait.
const BACKLOG: usize = 256;
/// Text that may wait for a terminal that takes nothing, bytes. What comes beyond is left out, and that is said.
const MOST_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How long a line without an end waits: a prompt has none, and is shown all the same.
const PROMPT: Duration = Duration::from_millis(200);
/// Longest line that is put together before it is shown, bytes.
const LONGEST_LINE: usize = 4096;

pub(super) async fn run(context: &Context, command: &Console) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    let reader = firmdrop.meant_reader(&command.device).await?;
    let log = command.log.as_deref().map(Log::open).transpose()?;
    let mut shown = Shown {
        json: context.json,
        timestamps: command.timestamps,
        log,
        line: None,
    };
    let (events, mut received) = mpsc::unbounded_channel();
    let waiting = Arc::new(Waiting::default());
    let its = Arc::clone(&waiting);
    let on_event = move |event| {
        if its.takes(&event) {
            let _ = events.send(event);
        }
    };
    let opening = firmdrop.open_console(&reader.destination, command.baud, on_event);
    opening.await?;
    let mut typed = typed();
    let mut interrupted = std::pin::pin!(interrupted());
    let ended = loop {
        tokio::select! {
            biased;
            // It has no end of its own: being stopped is how it ends.
            () = &mut interrupted => break Ok(Exit::Done),
            event = received.recv() => {
                let Some(event) = event else { break Ok(Exit::Done) };
                if waiting.left(&event) {
                    print::line_to_error("-- Text was left out here: it came faster than it was taken");
                }
                if let Err(diagnosis) = shown.event(&event) {
                    break Err(diagnosis);
                }
            }
            () = tokio::time::sleep(PROMPT), if shown.has_begun() => shown.prompt(),
            Some(line) = typed.recv() => {
                let mut bytes = line.into_bytes();
                bytes.extend_from_slice(command.line_ending.bytes());
                if let Err(refused) = firmdrop.write_console(&reader.destination, bytes) {
                    failure::show(&refused, context.json);
                }
            }
        }
    };
    shown.end_line()?;
    firmdrop.close_console(&reader.destination)?;
    ended
}

/// Lines from standard input. The thread ends with the program: a read cannot be stopped.
fn typed() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(BACKLOG);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// How much text waits to be shown.
#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    was_left_out: AtomicBool,
}

impl Waiting {
    /// Whether there is room for what happened. States are few, and always taken.
    fn takes(&self, event: &ConsoleEvent) -> bool {
        let bytes = text_bytes(event);
        let has_room =
            bytes == 0 || self.bytes.load(Ordering::SeqCst) + bytes <= MOST_WAITING_BYTES;
        if has_room {
            self.bytes.fetch_add(bytes, Ordering::SeqCst);
        } else {
            self.was_left_out.store(true, Ordering::SeqCst);
        }
        has_room
    }

    /// It waits no more. Whether text was left out since the last one.
    fn left(&self, event: &ConsoleEvent) -> bool {
        self.bytes.fetch_sub(text_bytes(event), Ordering::SeqCst);
        self.was_left_out.swap(false, Ordering::SeqCst)
    }
}

fn text_bytes(event: &ConsoleEvent) -> usize {
    match event {
        ConsoleEvent::Text { text, .. } => text.len(),
        ConsoleEvent::State { .. } => 0,
    }
}

/// What was shown so far.
struct Shown {
    json: bool,
    timestamps: bool,
    log: Option<Log>,
    line: Option<Line>,
}

/// A line that has not ended.
struct Line {
    text: String,
    /// So many bytes of it are on the screen.
    shown: usize,
}

impl Shown {
    fn event(&mut self, event: &ConsoleEvent) -> Result<(), Diagnosis> {
        match event {
            ConsoleEvent::Text { at, text } => self.text(*at, text),
            ConsoleEvent::State { state } => {
                let words = match state {
                    ConsoleState::Open => "Connected",
                    ConsoleState::Paused { why } | ConsoleState::Away { why } => why,
                };
                // Beside the text, which is what a script reads.
                if !self.json {
                    print::line_to_error(&format!("-- {words}"));
                }
                if let Some(log) = &mut self.log {
                    log.line(&format!("-- {words}"))?;
                }
                Ok(())
            }
        }?;
        if self.json {
            print::json_line(event);
        }
        Ok(())
    }

    fn text(&mut self, at: Moment, text: &str) -> Result<(), Diagnosis> {
        for part in text.split_inclusive('\n') {
            let line = self.line.get_or_insert_with(|| Line {
                text: if self.timestamps {
                    format!("{at} ")
                } else {
                    String::new()
                },
                shown: 0,
            });
            line.text.push_str(part);
            if part.ends_with('\n') || line.text.len() >= LONGEST_LINE {
                self.end_line()?;
            }
        }
        Ok(())
    }

    /// Whether something waits for the end of its line.
    fn has_begun(&self) -> bool {
        let line = self.line.as_ref();
        !self.json && line.is_some_and(|line| line.shown < line.text.len())
    }

    /// Shows a line that does not end.
    fn prompt(&mut self) {
        if let Some(line) = &mut self.line {
            print::part(line.text.get(line.shown..).unwrap_or_default());
            line.shown = line.text.len();
        }
    }

    fn end_line(&mut self) -> Result<(), Diagnosis> {
        let Some(mut line) = self.line.take() else {
            return Ok(());
        };
        if !line.text.ends_with('\n') {
            line.text.push('\n');
        }
        if !self.json {
            print::part(line.text.get(line.shown..).unwrap_or_default());
        }
        let text = line.text.trim_end_matches('\n');
        self.log.as_mut().map_or(Ok(()), |log| log.line(text))
    }
}

/// A file that is appended to.
struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    fn open(path: &Path) -> Result<Self, Diagnosis> {
        let opened = File::options().append(true).create(true).open(path);
        Ok(Self {
            file: opened.map_err(|error| not_written(path, &error))?,
            path: path.to_owned(),
        })
    }

    fn line(&mut self, line: &str) -> Result<(), Diagnosis> {
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| not_written(&self.path, &error))
    }
}

fn not_written(path: &Path, error: &std::io::Error) -> Diagnosis {
    let what = format!("The file {} was not written.", path.display());
    Diagnosis::new(Code::FileNotWritten, what, error.to_string())
        .state("The console was closed.")
        .remedy(Remedy::advice("Name another file, or make room."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> ConsoleEvent {
        ConsoleEvent::Text {
            at: Moment::from_millisecond(0),
            text: "x".repeat(bytes),
        }
    }

    #[test]
    fn text_that_nobody_takes_is_bounded_and_its_loss_is_said_once() {
        let waiting = Waiting::default();
        assert!(waiting.takes(&text(MOST_WAITING_BYTES)));
        assert!(!waiting.takes(&text(1)));
        let state = ConsoleEvent::State {
            state: ConsoleState::Open,
        };
        assert!(waiting.takes(&state), "a state is never left out");
        assert!(waiting.left(&text(MOST_WAITING_BYTES)));
        assert!(!waiting.left(&state));
        assert!(waiting.takes(&text(1)));
    }
}
