//! One import as it says how far it is, to its end or to a kill.

use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::product::Server;
use crate::command::Run;
use crate::failure::Failure;

/// Longest wait for the part that a kill is meant for.
const BEGINS_WITHIN: Duration = Duration::from_mins(2);

/// A part of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Blocks are sent.
    Staging,
    /// The service is asked to import, and does.
    Import,
}

impl Part {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Import => "import",
        }
    }

    /// Its phases, and the one behind it.
    fn phases(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Staging => (&["stage_files"], "sign_addresses"),
            Self::Import => (&["import", "watch_import"], "compare"),
        }
    }

    /// Whether this phase is of it.
    pub(super) fn holds(self, phase: &str) -> bool {
        self.phases().0.contains(&phase)
    }
}

/// What an import said.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Its job, once there was one.
    pub(super) job: Option<String>,
    /// The last phase it said.
    pub(super) last: String,
    begun: Vec<(String, Instant)>,
}

impl Watched {
    /// Runs it to its end, which must be a good one.
    pub(super) fn to_its_end(import: Run) -> Result<Self, Failure> {
        let mut process = Server::start(import)?;
        let lines = lines(&mut process)?;
        let mut watched = Self::default();
        for (at, line) in lines {
            watched.hear(at, &line);
        }
        loop {
            match process.ended()? {
                Some(exit) if exit.success() => return Ok(watched),
                Some(exit) => return Err(Failure::new(format!("the import ended with {exit}"))),
                None => thread::yield_now(),
            }
        }
    }

    /// Kills it so long after this part began.
    pub(super) fn killed(import: Run, part: Part, after: Duration) -> Result<Self, Failure> {
        let mut process = Server::start(import)?;
        let lines = lines(&mut process)?;
        let mut watched = Self::default();
        let give_up_at = Instant::now() + BEGINS_WITHIN;
        while !part.holds(&watched.last) {
            let left = give_up_at.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok((at, line)) => watched.hear(at, &line),
                Err(_) => return Err(Failure::new(format!("no {} was begun", part.name()))),
            }
        }
        let begun = watched.begun.last().map_or_else(Instant::now, |one| one.1);
        thread::sleep((begun + after).saturating_duration_since(Instant::now()));
        // Ends the process by SIGKILL.
        drop(process);
        for (at, line) in lines {
            watched.hear(at, &line);
        }
        Ok(watched)
    }

    /// How long a part took.
    pub(super) fn lasts(&self, part: Part) -> Result<Duration, Failure> {
        let (phases, behind) = part.phases();
        let at = |name: &str| self.begun.iter().find(|(phase, _)| phase == name);
        let ends = at(phases[0]).zip(at(behind));
        ends.map(|(from, to)| to.1.saturating_duration_since(from.1))
            .ok_or_else(|| Failure::new(format!("the import said nothing of its {}", part.name())))
    }

    fn hear(&mut self, at: Instant, line: &Value) {
        let job = &line["job"];
        if let Some(id) = job["id"].as_str() {
            self.job = Some(id.to_owned());
        }
        if let Some(phase) = job["state"]["phase"].as_str() {
            phase.clone_into(&mut self.last);
            self.begun.push((phase.to_owned(), at));
        }
    }
}

/// Its lines and when each came, read beside it until it ends.
fn lines(process: &mut Server) -> Result<Receiver<(Instant, Value)>, Failure> {
    let output = process.take_output();
    let output = output.ok_or_else(|| Failure::new("the import's output is not to be had"))?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let Ok(line) = serde_json::from_str(&line) else {
                continue;
            };
            if sender.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_lasts_from_its_first_phase_to_the_one_behind_it() -> crate::failure::Done {
        let begin = Instant::now();
        let mut watched = Watched::default();
        for (seconds, phase) in [(1, "stage_files"), (4, "sign_addresses"), (5, "import")] {
            let line =
                json!({ "job": { "id": "7", "state": { "state": "running", "phase": phase } } });
            watched.hear(begin + Duration::from_secs(seconds), &line);
        }
        assert_eq!(watched.lasts(Part::Staging)?, Duration::from_secs(3));
        assert!(watched.lasts(Part::Import).is_err());
        assert_eq!(watched.job.as_deref(), Some("7"));
        assert!(Part::Import.holds(&watched.last));
        Ok(())
    }
}
