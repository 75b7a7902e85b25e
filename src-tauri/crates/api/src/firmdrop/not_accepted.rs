//! Why a load was not accepted, as far as that is known.

use firmdrop_core::{Code, Diagnosis, Remedy};

/// What it was given up for.
#[derive(Debug)]
pub(super) enum GiveUpReason {
    /// Its deadline passed.
    Deadline,
    /// The caller stopped it.
    Stopped,
    /// How it stands could not be read.
    Unreadable(Diagnosis),
}

/// It was cancelled, after the reader had been sent something.
pub(super) fn not_accepted(state_now: String, confirmed_bytes: u64) -> Diagnosis {
    let why = if confirmed_bytes == 0 {
        "The reader accepted nothing within the deadline."
    } else {
        "The reader accepted the first bytes only after the deadline."
    };
    cancelled(why)
        .titled("The reader did not accept the upgrade in time")
        .state(state_now)
        .remedy(Remedy::advice(
            "Try again, with a longer deadline: some readers erase their flash before they answer.",
        ))
}

/// It was cancelled before its turn came, and nobody else was found at the reader afterwards.
pub(super) fn no_turn() -> Diagnosis {
    cancelled("Its turn at the reader did not come within the deadline.")
        .titled("The load did not begin in time")
        .state(NOTHING_SENT)
        .remedy(Remedy::advice("Try again."))
}

/// It was cancelled because nobody could say how it stands.
pub(super) fn unreadable(cause: &Diagnosis, state_now: String) -> Diagnosis {
    let why = format!("How it stood could not be read: {}", cause.what_happened);
    cancelled(&why).state(state_now)
}

/// Another job has the reader.
pub(super) fn in_use() -> Diagnosis {
    Diagnosis::new(
        Code::LinkBusy,
        "The reader was not loaded.",
        "Another job loads it, or waits for it.",
    )
    .titled("The reader is in use")
    .state(NOTHING_SENT)
    .remedy(Remedy::advice("Wait until the other job has ended."))
}

/// Another process has the reader, or something else than a job of this one.
pub(super) fn in_use_elsewhere() -> Diagnosis {
    Diagnosis::new(
        Code::LinkBusy,
        "The reader was not loaded.",
        "Firmdrop works with it already, in another process or for another request.",
    )
    .titled("The reader is in use")
    .state(NOTHING_SENT)
    .remedy(Remedy::advice("Wait until that has ended."))
}

/// A user stopped it.
pub(super) fn stopped(state_now: String) -> Diagnosis {
    Diagnosis::new(
        Code::WriteStopped,
        "The load was stopped.",
        "A user stopped its job.",
    )
    .state(state_now)
}

/// It was asked to stop, and did not within the time for that.
pub(super) fn still_stopping(why: &GiveUpReason) -> Diagnosis {
    let why = match why {
        GiveUpReason::Deadline => "The reader accepted nothing within the deadline, and",
        GiveUpReason::Stopped => "It was stopped, and",
        GiveUpReason::Unreadable(_) => "How it stands could not be read, and",
    };
    Diagnosis::new(
        Code::StepOverdue,
        "The load is being cancelled.",
        format!("{why} the request to the reader has not ended yet."),
    )
    .state("What the reader holds is not known yet; the job will say.")
}

/// It was asked to stop; how it ended cannot be read.
pub(super) fn end_unknown(cause: &Diagnosis) -> Diagnosis {
    Diagnosis::new(
        Code::StepOverdue,
        "The load was asked to stop.",
        format!("How it ended could not be read: {}", cause.what_happened),
    )
    .state("What the reader holds is not known; the job will say, once it can be read.")
}

/// It was asked to stop, and its end is not in the journal.
pub(super) fn end_unwritten() -> Diagnosis {
    Diagnosis::new(
        Code::StepOverdue,
        "The load was asked to stop.",
        "How it ended was not written down.",
    )
    .state("What the reader holds is not known.")
}

/// The job was not written down before the deadline.
pub(super) fn not_written() -> Diagnosis {
    Diagnosis::new(
        Code::StepOverdue,
        "The load was not begun.",
        "Its job was not written to the disk within the deadline.",
    )
    .titled("The load did not begin in time")
    .state("Nothing was sent to the reader so far. The job is cancelled as soon as it is written.")
    .remedy(Remedy::advice("Try again, with a longer deadline."))
}

const NOTHING_SENT: &str = "Nothing was sent to the reader by this request.";

fn cancelled(why: &str) -> Diagnosis {
    Diagnosis::new(Code::StepOverdue, "The load was cancelled.", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_came_too_late_are_not_denied() {
        let late = not_accepted("It holds a part.".into(), 1);
        assert!(!late.why.contains("nothing"), "{late:?}");
        assert_eq!(late.state_now, "It holds a part.");
        assert!(not_accepted(String::new(), 0).why.contains("nothing"));
    }
}
