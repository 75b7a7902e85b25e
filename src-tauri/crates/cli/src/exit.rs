//! What a script learns from the exit code. Of several destinations, the worst counts.

use std::process::ExitCode;

use firmdrop_api::{Code, Diagnosis, JobState, Outcome};

/// How a command ended, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Verified, or done.
    Done,
    /// Sent, but not verified.
    Sent,
    /// Ended or paused by the user.
    Cancelled,
    /// Failed.
    Failed,
    /// What was written on the command line cannot be meant; nothing was begun.
    Usage,
}

impl Exit {
    /// What the failure of a command means, when no job was begun: a file, a destination, an account or
    /// an option that is not there was named wrongly.
    pub(crate) fn of_failure(diagnosis: &Diagnosis) -> Self {
        match diagnosis.code {
            Code::FileNotFound
            | Code::NotAFile
            | Code::SchemeNotSupported
            | Code::SourceUnclear
            | Code::Base64Invalid
            | Code::AddressNeeded
            | Code::NameTooLong
            | Code::UnknownDestination
            | Code::OptionUnknown
            | Code::ArgumentInvalid
            | Code::FilterUnreadable
            | Code::BenchNotReady
            | Code::AccountNotFound
            | Code::JobNotFound
            | Code::FixUnknown
            | Code::ManifestKeyNotFound => Self::Usage,
            _ => Self::Failed,
        }
    }

    /// How a command ended whose answer was lost. That of a delivery still says how the delivery ended.
    pub(crate) fn without_its_answer(self, is_delivery: bool) -> Self {
        match self {
            Self::Done if !is_delivery => Self::Failed,
            exit => exit,
        }
    }

    /// The number that a script sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Sent => 3,
            Self::Cancelled => 4,
            Self::Failed => 1,
            Self::Usage => 2,
        }
    }

    /// How another process of this program ended.
    pub(crate) fn of_code(code: i32) -> Self {
        match code {
            0 => Self::Done,
            2 => Self::Usage,
            3 => Self::Sent,
            4 => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    /// What the end of a job means for a script.
    pub(crate) fn of(state: &JobState) -> Self {
        match state {
            JobState::Finished {
                outcome: Outcome::Verified { .. },
            } => Self::Done,
            JobState::Finished {
                outcome: Outcome::Sent { .. },
            } => Self::Sent,
            JobState::Cancelled { .. } | JobState::Paused | JobState::Cancelling => Self::Cancelled,
            JobState::Failed { .. }
            | JobState::Interrupted { .. }
            | JobState::Queued
            | JobState::Running { .. } => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_api::{Code, Diagnosis};
    use firmdrop_core::ProofMethod;

    use super::*;

    #[test]
    fn the_worst_of_several_destinations_counts() {
        let verified = Outcome::verified(ProofMethod::ReadBack, "equal");
        let ends = [
            Exit::of(&JobState::Finished { outcome: verified }),
            Exit::of(&JobState::Finished {
                outcome: Outcome::sent("no checksum"),
            }),
            Exit::of(&JobState::Failed {
                diagnosis: Box::new(Diagnosis::new(Code::LinkLost, "", "")),
                resumable: Some(true),
            }),
        ];
        assert_eq!(ends, [Exit::Done, Exit::Sent, Exit::Failed]);
        assert_eq!(ends.into_iter().max(), Some(Exit::Failed));
    }
}
