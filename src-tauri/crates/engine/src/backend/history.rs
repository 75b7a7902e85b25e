//! What a job's journal says that its backend has to know.

use firmdrop_core::Moment;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::journal::Event;
use crate::{JobState, PieceRecord};

/// A job's history, the oldest line first.
#[derive(Debug, Clone, Default)]
pub struct History(Vec<(Moment, Event)>);

/// One line of a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry<'a> {
    /// Something the backend wrote down.
    Fact(&'a Value),
    /// A piece that was sent, or that the other side confirmed.
    Piece(&'a PieceRecord),
    /// A phase began.
    PhaseBegan(&'a str),
}

impl History {
    pub(crate) fn new(lines: Vec<(Moment, Event)>) -> Self {
        Self(lines)
    }

    /// The lines, in order, and when each was written. Those that were written before the job went to
    /// another address are left out: nothing of them is there.
    pub fn timed_entries(&self) -> impl DoubleEndedIterator<Item = (Moment, Entry<'_>)> {
        let is_move = |(_, event): &(Moment, Event)| moved_to(event).is_some();
        let begin = self.0.iter().rposition(is_move).map_or(0, |at| at + 1);
        self.0.iter().skip(begin).filter_map(|(at, event)| {
            let entry = match event {
                Event::Fact { body, .. } => Entry::Fact(body),
                Event::Piece { piece } => Entry::Piece(piece),
                Event::PhaseBegan { key } => Entry::PhaseBegan(key),
                _ => return None,
            };
            Some((*at, entry))
        })
    }

    /// The lines, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        self.timed_entries().map(|(_, entry)| entry)
    }

    /// Whether anything was done at the other side, or was about to be.
    pub fn has_acts(&self) -> bool {
        let is_act = |entry| matches!(entry, Entry::Fact(_) | Entry::Piece(_));
        self.entries().any(is_act)
    }

    /// The address that the job went to after it was planned for another one.
    pub(crate) fn moved_to(&self) -> Option<&str> {
        let mut moves = self.0.iter().filter_map(|(_, event)| moved_to(event));
        moves.next_back()
    }

    /// The facts of this form, in order. A fact of another form is passed over.
    pub fn facts<T: DeserializeOwned>(&self) -> impl DoubleEndedIterator<Item = T> {
        self.entries().filter_map(|entry| match entry {
            Entry::Fact(body) => T::deserialize(body).ok(),
            Entry::Piece(_) | Entry::PhaseBegan(_) => None,
        })
    }

    /// Keys of the phases that began, in order, over all runs.
    pub fn phases_begun(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.entries().filter_map(|entry| match entry {
            Entry::PhaseBegan(key) => Some(key),
            Entry::Fact(_) | Entry::Piece(_) => None,
        })
    }

    /// When the last run that ended after `at` wrote its end down. `None` when none did: the process
    /// died, or the run is this one.
    pub fn run_ended_after(&self, at: Moment) -> Option<Moment> {
        let ends = |event: &Event| {
            matches!(event, Event::State { state } if !matches!(state,
                JobState::Queued | JobState::Running { .. } | JobState::Cancelling))
        };
        let (ended, _) = self.0.iter().rev().find(|(_, event)| ends(event))?;
        (*ended >= at).then_some(*ended)
    }

    pub(crate) fn lines(&self) -> &[(Moment, Event)] {
        &self.0
    }
}

/// Names the address in the fact that a job goes to another one.
const MOVED_TO: &str = "account_address";

/// The line that says that a job of this scheme goes to another address from here on.
pub(crate) fn moving_to(scheme: &str, address: &str) -> Event {
    Event::Fact {
        scheme: scheme.to_owned(),
        body: serde_json::json!({ MOVED_TO: address }),
    }
}

fn moved_to(event: &Event) -> Option<&str> {
    match event {
        Event::Fact { body, .. } => body.get(MOVED_TO)?.as_str(),
        _ => None,
    }
}

/// For tests of backends.
impl History {
    /// The same with a run that was paused then.
    #[must_use]
    pub fn paused_at(mut self, at: Moment) -> Self {
        let state = JobState::Paused;
        self.0.push((at, Event::State { state }));
        self
    }
}

/// For tests of backends: a history of facts, pieces and phases, all written at the moment 0.
impl<'a> FromIterator<Entry<'a>> for History {
    fn from_iter<I: IntoIterator<Item = Entry<'a>>>(entries: I) -> Self {
        let event = |entry| match entry {
            Entry::Fact(body) => Event::Fact {
                scheme: String::new(),
                body: body.clone(),
            },
            Entry::Piece(piece) => Event::Piece {
                piece: piece.clone(),
            },
            Entry::PhaseBegan(key) => Event::PhaseBegan { key: key.into() },
        };
        let at = Moment::from_millisecond(0);
        Self(
            entries
                .into_iter()
                .map(|entry| (at, event(entry)))
                .collect(),
        )
    }
}
