//! How carrying a plan out ended.

use firmdrop_core::{Diagnosis, Outcome, Remedy};

/// How a run of a job ended.
#[derive(Debug)]
pub enum Ended {
    /// To its end.
    Done(Outcome),
    /// Because of a stop request.
    Stopped {
        /// What the other side was left with.
        state_now: String,
    },
    /// In a failure.
    Failed {
        /// What happened.
        diagnosis: Box<Diagnosis>,
        /// Something is left that a later run can continue with.
        resumable: bool,
    },
}

impl Ended {
    /// A failure of which nothing is left to continue with.
    pub fn failed(diagnosis: impl Into<Diagnosis>) -> Self {
        Self::Failed {
            diagnosis: Box::new(diagnosis.into()),
            resumable: false,
        }
    }

    /// A failure after which a later run can continue.
    pub fn resumable(diagnosis: impl Into<Diagnosis>) -> Self {
        let mut diagnosis = diagnosis.into();
        if !diagnosis.remedies.contains(&Remedy::Resume) {
            diagnosis.remedies.push(Remedy::Resume);
        }
        Self::Failed {
            diagnosis: Box::new(diagnosis),
            resumable: true,
        }
    }
}
