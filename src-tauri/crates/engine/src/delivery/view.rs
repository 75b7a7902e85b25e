//! Jobs as faces see them, made from what the journal holds.

use std::collections::BTreeMap;

use firmdrop_core::{Diagnose as _, Moment, Progress, Sha256};

use crate::journal::{Event, JobRow, UnreadableRow, notes};
use crate::{
    Job, JobState, JobSummary, JournalError, Pace, PhaseResult, PhaseRun, Piece, PieceRecord,
    PieceState, Plan,
};

/// Whether somebody works on a job in this state.
pub(super) fn is_at_work(state: &JobState) -> bool {
    matches!(state, JobState::Running { .. } | JobState::Cancelling)
}

/// What a list shows of a row that cannot be read: that it is there, and why it cannot be read.
pub(super) fn unreadable(row: &UnreadableRow) -> JobSummary {
    let error = JournalError::UnreadableJob {
        id: row.id.to_string(),
        why: row.why.clone(),
    };
    JobSummary {
        id: row.id.clone(),
        image_name: "Unreadable job".into(),
        image_version: None,
        destination_name: row.destination.clone(),
        destination: row.destination.clone(),
        simulated: false,
        production: false,
        created: row.created,
        changed: row.changed,
        state: JobState::Failed {
            diagnosis: Box::new(error.diagnose()),
            resumable: Some(false),
        },
        phase_title: None,
        progress: Progress::default(),
        percent: 0,
        pace: Pace::default(),
        pieces_confirmed: None,
        broke_off: true,
        lane: None,
    }
}

/// What a list shows of a job; `live` is the progress when this process carries it out.
pub(super) fn summary(row: &JobRow, live: Option<(Progress, Pace)>) -> JobSummary {
    let plan = &row.plan;
    let phase = row
        .phase
        .as_deref()
        .and_then(|key| plan.phases.iter().find(|phase| phase.key == key));
    let total_bytes = phase.map_or(0, |phase| phase.bytes);
    let stored = Progress {
        confirmed_bytes: row.confirmed_bytes.min(total_bytes),
        in_flight_bytes: 0,
        total_bytes,
    };
    let (progress, pace) = live.unwrap_or((stored, Pace::default()));
    JobSummary {
        id: row.id.clone(),
        image_name: plan.image_name().to_owned(),
        image_version: plan.image().inspection.identity.version.clone(),
        destination_name: plan.destination_name.clone(),
        destination: plan.destination.to_string(),
        simulated: plan.simulated,
        production: plan.production,
        created: row.created,
        changed: row.changed,
        state: row.state.clone(),
        phase_title: phase.map(|phase| phase.title.clone()),
        progress,
        percent: percent(plan, row.phase.as_deref(), progress, &row.state),
        pace,
        pieces_confirmed: row.pieces,
        broke_off: row.state.broke_off(),
        lane: row.lane.clone(),
    }
}

/// Whole job, 0 to 100: the share of its bytes that the other side has confirmed; 100 only when it is
/// finished.
pub(super) fn percent(
    plan: &Plan,
    phase: Option<&str>,
    progress: Progress,
    state: &JobState,
) -> u8 {
    if matches!(state, JobState::Finished { .. }) {
        return 100;
    }
    let Some(at) = phase.and_then(|key| plan.phases.iter().position(|phase| phase.key == key))
    else {
        return 0;
    };
    let total = plan.total_bytes().max(1);
    let before: u64 = plan.phases.iter().take(at).map(|phase| phase.bytes).sum();
    let bytes = before.saturating_add(progress.confirmed_bytes).min(total);
    let share = u128::from(bytes) * 100 / u128::from(total);
    u8::try_from(share.min(99)).unwrap_or(99)
}

/// Everything that is known about a job, but for the names the other side gave.
pub(super) fn job(
    row: &JobRow,
    history: &[(Moment, Event)],
    live: Option<(Progress, Pace)>,
    ledger_entry: Option<Sha256>,
    now: Moment,
) -> Job {
    let resumed = history
        .iter()
        .filter(|(_, event)| matches!(event, Event::Resumed))
        .count();
    let again = |event: &Event| {
        matches!(
            event,
            Event::Piece { piece } if piece.sent_again
        )
    };
    let sent_again = history.iter().filter(|(_, event)| again(event)).count();
    Job {
        summary: summary(row, live),
        plan: row.plan.clone(),
        phases: phases(&row.plan, &row.state, history, now),
        pieces: pieces(history),
        notes: notes(history),
        resumed: u32::try_from(resumed).unwrap_or(u32::MAX),
        sent_again: u32::try_from(sent_again).unwrap_or(u32::MAX),
        remote: Vec::new(),
        ledger_entry,
    }
}

fn phases(
    plan: &Plan,
    state: &JobState,
    history: &[(Moment, Event)],
    now: Moment,
) -> Vec<PhaseRun> {
    let mut runs: Vec<PhaseRun> = plan
        .phases
        .iter()
        .map(|phase| PhaseRun {
            key: phase.key.clone(),
            seconds: 0.0,
            result: PhaseResult::Waiting,
        })
        .collect();
    let mut open: Option<(usize, Moment)> = None;
    let mut last_at = None;
    for (at, event) in history {
        match event {
            Event::PhaseBegan { key } => {
                open = runs
                    .iter()
                    .position(|run| run.key == *key)
                    .map(|index| (index, *at));
                if let Some(run) = open.and_then(|(index, _)| runs.get_mut(index)) {
                    run.result = PhaseResult::Running;
                }
            }
            Event::PhaseEnded { key, result } => {
                if let Some(run) = runs.iter_mut().find(|run| run.key == *key) {
                    run.result = *result;
                    run.seconds += open.take().map_or(0.0, |(_, began)| seconds(*at, began));
                }
            }
            Event::Resumed
            | Event::State {
                state: JobState::Interrupted { .. } | JobState::Paused | JobState::Cancelled { .. },
            } => {
                // What ran when the process ended has no end of its own: the last line counts, and
                // not when somebody found it.
                if let (Some((index, began)), Some(last)) = (open.take(), last_at)
                    && let Some(run) = runs.get_mut(index)
                {
                    run.seconds += seconds(last, began);
                    run.result = PhaseResult::Waiting;
                }
            }
            _ => {}
        }
        last_at = Some(*at);
    }
    if let Some((index, began)) = open
        && let Some(run) = runs.get_mut(index)
    {
        let until = if matches!(state, JobState::Running { .. } | JobState::Cancelling) {
            now
        } else {
            // Nobody works on it any more, and nobody wrote its end down.
            run.result = PhaseResult::Waiting;
            last_at.unwrap_or(now)
        };
        run.seconds += seconds(until, began);
    }
    runs
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a duration for a person needs no more than seven digits"
)]
fn seconds(later: Moment, earlier: Moment) -> f32 {
    later.seconds_since(earlier) as f32
}

fn pieces(history: &[(Moment, Event)]) -> Vec<Piece> {
    let mut pieces: BTreeMap<(u32, u32), Piece> = BTreeMap::new();
    for (at, event) in history {
        match event {
            Event::Piece { piece } => {
                let key = (piece.file, piece.number);
                let began = pieces.get(&key).and_then(|before| before.began);
                pieces.insert(key, seen(piece, *at, began));
            }
            Event::PiecesGone => pieces.clear(),
            _ => {}
        }
    }
    pieces.into_values().collect()
}

/// A piece as its last record says, with when that began and ended.
fn seen(piece: &PieceRecord, at: Moment, began: Option<Moment>) -> Piece {
    let (began, confirmed) = match piece.state {
        PieceState::Sending => (Some(at), None),
        PieceState::Confirmed => (began, Some(at)),
    };
    Piece {
        file: piece.file,
        number: piece.number,
        offset_bytes: piece.offset_bytes,
        length_bytes: piece.length_bytes,
        state: piece.state,
        began,
        confirmed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::test_plan as plan;

    fn began(key: &str) -> Event {
        Event::PhaseBegan { key: key.into() }
    }

    fn ended(key: &str, result: PhaseResult) -> Event {
        Event::PhaseEnded {
            key: key.into(),
            result,
        }
    }

    #[test]
    fn the_bar_of_a_run_never_goes_back_and_is_full_only_at_the_end() {
        let plan = plan();
        let mut last = 0;
        for phase in &plan.phases {
            let state = JobState::Running {
                phase: phase.key.clone(),
            };
            for tenth in 0..=10 {
                let progress = Progress {
                    confirmed_bytes: phase.bytes * tenth / 10,
                    in_flight_bytes: 0,
                    total_bytes: phase.bytes,
                };
                let now = percent(&plan, Some(&phase.key), progress, &state);
                assert!((last..100).contains(&now), "{}: {last} to {now}", phase.key);
                last = now;
            }
        }
        assert!(last > 90, "{last}");
        let finished = JobState::Finished {
            outcome: firmdrop_core::Outcome::sent(""),
        };
        assert_eq!(percent(&plan, None, Progress::default(), &finished), 100);
    }

    #[test]
    fn a_job_that_sent_nothing_is_at_0_percent_whatever_steps_it_took() {
        let plan = plan();
        let sending = plan.phases.iter().take_while(|phase| phase.bytes == 0);
        for phase in sending {
            let failed = JobState::Failed {
                diagnosis: Box::new(firmdrop_core::Diagnosis::new(
                    firmdrop_core::Code::LinkNotFound,
                    "",
                    "",
                )),
                resumable: Some(true),
            };
            let percent = percent(&plan, Some(&phase.key), Progress::default(), &failed);
            assert_eq!(percent, 0, "{}", phase.key);
        }
    }

    #[test]
    fn a_piece_has_the_moments_of_its_last_try_and_none_where_it_was_found_at_the_other_side() {
        let at = |seconds: i64| Moment::from_millisecond(seconds * 1000);
        let record = |number, state| Event::Piece {
            piece: PieceRecord {
                file: 0,
                number,
                offset_bytes: 0,
                length_bytes: 1,
                digest: None,
                state,
                sent_again: false,
            },
        };
        let history = [
            (at(1), record(1, PieceState::Sending)),
            (at(5), record(1, PieceState::Sending)),
            (at(9), record(1, PieceState::Confirmed)),
            (at(9), record(2, PieceState::Confirmed)),
            (at(10), record(3, PieceState::Sending)),
        ];
        let moments: Vec<_> = pieces(&history)
            .into_iter()
            .map(|piece| (piece.began, piece.confirmed))
            .collect();
        assert_eq!(
            moments,
            [
                (Some(at(5)), Some(at(9))),
                (None, Some(at(9))),
                (Some(at(10)), None)
            ]
        );
    }

    #[test]
    fn the_time_of_a_phase_leaves_out_the_time_in_which_nobody_worked() {
        let at = |seconds: i64| Moment::from_millisecond(seconds * 1000);
        let history = [
            (at(0), began("check_file")),
            (at(2), ended("check_file", PhaseResult::Done)),
            (at(2), began("send_chunks")),
            (
                at(5),
                Event::Piece {
                    piece: PieceRecord {
                        file: 0,
                        number: 1,
                        offset_bytes: 0,
                        length_bytes: 1,
                        digest: None,
                        state: PieceState::Sending,
                        sent_again: false,
                    },
                },
            ),
            // The process was killed here, found much later, and another one began.
            (
                at(900),
                Event::State {
                    state: JobState::Interrupted {
                        reason: String::new(),
                    },
                },
            ),
            (at(1000), Event::Resumed),
            (at(1000), began("check_file")),
            (at(1001), ended("check_file", PhaseResult::Done)),
            (at(1001), began("send_chunks")),
        ];
        let running = JobState::Running {
            phase: "send_chunks".into(),
        };
        let runs = phases(&plan(), &running, &history, at(1011));
        let of = |key: &str| runs.iter().find(|run| run.key == key).unwrap();
        assert!((of("check_file").seconds - 3.0).abs() < 0.01, "{runs:?}");
        assert!((of("send_chunks").seconds - 13.0).abs() < 0.01, "{runs:?}");
        assert_eq!(of("send_chunks").result, PhaseResult::Running);
        assert_eq!(of("finish").result, PhaseResult::Waiting);
        let interrupted = JobState::Interrupted {
            reason: String::new(),
        };
        let runs = phases(&plan(), &interrupted, &history, at(9999));
        let send = runs.iter().find(|run| run.key == "send_chunks").unwrap();
        assert_eq!(send.result, PhaseResult::Waiting, "nobody works on it");
    }
}
