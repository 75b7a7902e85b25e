//! What can go wrong while a reader is loaded, and in what state it is left.
//!
//! Protocol-neutral: what is particular to a protocol, it says in the state.

use firmdrop_core::{Code, Diagnose, Diagnosis, NotDurable, Remedy};
use firmdrop_link::{Channel, LinkAddress, LinkError};

/// What the reader was left with, as it reported it or as unknown. Its own type, so that nobody forgets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftState(pub String);

/// A load that did not end well.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The way to the reader failed.
    #[error("{source}")]
    Link {
        /// What failed.
        source: LinkError,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The next step could not be written down, and was not taken.
    #[error("The next step was not taken.")]
    NotWrittenDown {
        /// Why.
        source: NotDurable,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The reader said something its protocol does not allow.
    #[error("The reader answered {said}.")]
    Protocol {
        /// What it said.
        said: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The reader refused, and said why.
    #[error("The reader refused.")]
    Refused {
        /// Its reason, translated.
        why: String,
        /// What helps against it, one sentence, where that is known.
        advice: Option<&'static str>,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The image cannot be loaded with this protocol.
    #[error("Nothing was written.")]
    DoesNotFit {
        /// What disagrees.
        why: String,
    },
    /// What is at the address is no bootloader.
    #[error("Nothing was written.")]
    NotABootloader {
        /// What shows it, a sentence.
        why: String,
    },
    /// An option of the protocol's own is wrong.
    #[error("The option {name} cannot be used.")]
    BadOption {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// The file's bytes could not be read.
    #[error("The image could not be read: {source}.")]
    Read {
        /// The system's words.
        source: std::io::Error,
        /// What the reader was left with.
        state: LeftState,
    },
    /// What the reader stored is not what was sent.
    #[error("The reader holds {theirs}, sent was {ours}.")]
    SlotDiffers {
        /// What was sent.
        ours: String,
        /// What the reader lists.
        theirs: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// It stored the image and will not start it.
    #[error("The reader stored the image, and does not accept it as one that it would start.")]
    Rejected {
        /// What the reader was left with.
        state: LeftState,
    },
    /// It waits in its bootloader and runs nothing.
    #[error("The reader waits in its bootloader instead of running the new image.")]
    InBootloader {
        /// What the reader was left with.
        state: LeftState,
    },
    /// It did not come back after its restart.
    #[error("The reader was not seen for {seconds} s after its restart.")]
    NotReturned {
        /// How long it was waited for.
        seconds: u64,
        /// Where it was looked for.
        address: LinkAddress,
        /// What is known of the reader.
        state: LeftState,
    },
    /// It answers after its restart and does not say what it runs.
    #[error(
        "The reader answers, and listed no image that it runs for {seconds} s after its restart."
    )]
    NotReady {
        /// How long it was asked.
        seconds: u64,
        /// What is known of the reader.
        state: LeftState,
    },
    /// Another reader, or another program of it, answers in the middle of the load.
    #[error(
        "Another reader, or another of its programs, answers than the one that the load began with."
    )]
    AnotherAnswers {
        /// Who answers, in a sentence.
        found: String,
        /// What is known of the reader.
        state: LeftState,
    },
    /// The reader is another one than when the load was planned and confirmed, or is no longer as it was then.
    #[error("The reader is not as it was when the load was planned.")]
    NotAsPlanned {
        /// What changed, in sentences.
        changes: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// It runs another image than the new one after its restart.
    #[error("The reader came back with {}.", if *old { "its old image" } else { "another image than the new one" })]
    NotActivated {
        /// Whether it is the one that ran before.
        old: bool,
        /// What it runs.
        state: LeftState,
    },
    /// It runs the new image and did not confirm it.
    #[error(
        "The reader accepted the request to confirm the new image, and does not list it as confirmed."
    )]
    NotConfirmed {
        /// What the reader was left with.
        state: LeftState,
    },
    /// Its protocol restarts no reader, or not this one as it is now.
    #[error("The reader was not restarted.")]
    CannotRestart {
        /// Why.
        why: String,
        /// What restarts it, one sentence.
        advice: &'static str,
    },
    /// It may run something else after a restart, and that was not confirmed.
    #[error("The reader was not restarted: it may run something else afterwards.")]
    RestartChanges {
        /// What may change, one sentence or more.
        why: String,
    },
    /// The user stopped it.
    #[error("The write was stopped.")]
    Stopped {
        /// What the reader was left with.
        state: LeftState,
    },
}

impl LoadError {
    pub(crate) fn does_not_fit(why: String) -> Self {
        Self::DoesNotFit { why }
    }

    /// Whether a later run of the same load has something to continue with, or may end otherwise.
    pub fn can_resume(&self) -> bool {
        match self {
            Self::Link { .. }
            | Self::NotWrittenDown { .. }
            | Self::Protocol { .. }
            | Self::InBootloader { .. }
            | Self::NotReturned { .. }
            | Self::NotReady { .. }
            | Self::AnotherAnswers { .. }
            | Self::NotAsPlanned { .. }
            | Self::NotActivated { .. }
            | Self::NotConfirmed { .. }
            | Self::Stopped { .. } => true,
            // Once what is advised was done.
            Self::Refused { advice, .. } => advice.is_some(),
            Self::DoesNotFit { .. }
            | Self::NotABootloader { .. }
            | Self::BadOption { .. }
            | Self::CannotRestart { .. }
            | Self::RestartChanges { .. }
            | Self::Read { .. }
            | Self::SlotDiffers { .. }
            | Self::Rejected { .. } => false,
        }
    }

    /// The same error with one more sentence about what the reader was left with. Errors of a reader that was not touched
    /// stay as they are.
    pub(crate) fn with_state(mut self, more: &str) -> Self {
        if let Some(state) = self.left_mut()
            && !more.is_empty()
        {
            state.0 = format!("{} {more}", state.0);
        }
        self
    }

    fn left_mut(&mut self) -> Option<&mut LeftState> {
        match self {
            Self::Link { state, .. }
            | Self::NotWrittenDown { state, .. }
            | Self::Protocol { state, .. }
            | Self::Refused { state, .. }
            | Self::Read { state, .. }
            | Self::SlotDiffers { state, .. }
            | Self::Rejected { state }
            | Self::InBootloader { state }
            | Self::NotReturned { state, .. }
            | Self::NotReady { state, .. }
            | Self::AnotherAnswers { state, .. }
            | Self::NotAsPlanned { state, .. }
            | Self::NotActivated { state, .. }
            | Self::NotConfirmed { state }
            | Self::Stopped { state } => Some(state),
            Self::CannotRestart { .. }
            | Self::RestartChanges { .. }
            | Self::DoesNotFit { .. }
            | Self::NotABootloader { .. }
            | Self::BadOption { .. } => None,
        }
    }

    /// What the reader was left with.
    pub fn state(&self) -> &str {
        match self {
            Self::Link { state, .. }
            | Self::NotWrittenDown { state, .. }
            | Self::Protocol { state, .. }
            | Self::Refused { state, .. }
            | Self::Read { state, .. }
            | Self::SlotDiffers { state, .. }
            | Self::Rejected { state }
            | Self::InBootloader { state }
            | Self::NotReturned { state, .. }
            | Self::NotReady { state, .. }
            | Self::AnotherAnswers { state, .. }
            | Self::NotAsPlanned { state, .. }
            | Self::NotActivated { state, .. }
            | Self::NotConfirmed { state }
            | Self::Stopped { state } => &state.0,
            Self::CannotRestart { .. } | Self::RestartChanges { .. } => {
                "The reader was not restarted."
            }
            Self::DoesNotFit { .. } | Self::NotABootloader { .. } | Self::BadOption { .. } => {
                "The reader was not touched."
            }
        }
    }

    fn without_state(&self) -> Diagnosis {
        let what = self.to_string();
        match self {
            Self::Link { source, .. } => source.diagnose(),
            Self::NotWrittenDown { source, .. } => source.diagnose(),
            Self::Protocol { .. } => Diagnosis::new(
                Code::ProtocolFault,
                what,
                "The line is noisy, or another kind of device answers.",
            ),
            Self::Refused { why, advice, .. } => {
                let diagnosis = Diagnosis::new(Code::ReaderRefused, what, sentence(why));
                let advice = advice.map(Remedy::advice);
                advice.into_iter().fold(diagnosis, Diagnosis::remedy).remedy(Remedy::PlanAgain)
            }
            Self::DoesNotFit { why } => Diagnosis::new(Code::DoesNotFit, what, why.clone())
                .remedy(Remedy::ChooseAnotherFile),
            Self::NotABootloader { why } => not_a_bootloader(what, why),
            Self::BadOption { why, .. } => Diagnosis::new(Code::OptionUnknown, what, why.clone())
                .titled("An option cannot be used")
                .remedy(Remedy::advice("Correct the option, or leave it out."))
                .remedy(Remedy::PlanAgain),
            Self::Read { source, .. } => {
                Diagnosis::new(Code::ReadFailed, what, source.to_string())
                    .remedy(Remedy::ChooseAnotherFile)
            }
            Self::SlotDiffers { .. } => Diagnosis::new(
                Code::SlotDiffers,
                what,
                "Bytes were damaged on the way, or the reader's flash is failing.",
            )
            .remedy(Remedy::PlanAgain),
            Self::Rejected { .. } => Diagnosis::new(
                Code::ReaderRefused,
                what,
                "Its signature is of another key, it is for another product or address, or bytes were damaged on the way.",
            )
            .titled("The reader does not accept the image")
            .remedy(Remedy::ChooseAnotherFile)
            .remedy(Remedy::PlanAgain),
            Self::InBootloader { .. } => Diagnosis::new(
                Code::NotActivated,
                what,
                "A button or a pin holds it there, or its bootloader accepts no image that it holds.",
            )
            .titled("The reader waits in its bootloader"),
            Self::NotReturned { address, .. } => Diagnosis::new(
                Code::NotReturned,
                what,
                "Probably it waits in its bootloader, or came back at another address.",
            )
            .remedy(reconnect(address)),
            Self::NotReady { .. } => Diagnosis::new(
                Code::NotReturned,
                what,
                "Its application may still be starting or cannot read its flash, or a bootloader waits in its recovery.",
            )
            .titled("The reader does not say what it runs"),
            Self::AnotherAnswers { found, .. } => {
                Diagnosis::new(Code::AnotherAnswers, what, found.clone()).remedy(Remedy::Advice {
                    text: "Make sure that the right reader is at this address; restart one that waits in its bootloader. Then resume.".into(),
                })
            }
            Self::NotAsPlanned { changes, .. } => not_as_planned(what, changes),
            Self::NotActivated { .. } => Diagnosis::new(
                Code::NotActivated,
                what,
                "Its bootloader did not start the new image (signature, lower version), the reader restarted again before the image was confirmed, as after a loss of power or a crash, or another reader answers at this address.",
            )
            .titled("The reader does not run the new image"),
            Self::NotConfirmed { .. } => Diagnosis::new(
                Code::NotConfirmed,
                what,
                "Its bootloader or its application did not carry the request out.",
            ),
            Self::CannotRestart { why, advice } => cannot_restart(what, why, advice),
            Self::RestartChanges { why } => restart_changes(what, why),
            Self::Stopped { .. } => {
                Diagnosis::new(Code::WriteStopped, what, "The user stopped it.")
            }
        }
    }
}

fn not_a_bootloader(what: String, why: &str) -> Diagnosis {
    Diagnosis::new(Code::DoesNotFit, what, why)
        .titled("No bootloader is there")
        .remedy(Remedy::advice(
            "Start the board's bootloader, and name the drive that it shows.",
        ))
}

fn not_as_planned(what: String, changes: &str) -> Diagnosis {
    let why = format!(
        "{changes} Another reader is connected at this address, or this one was changed since."
    );
    Diagnosis::new(Code::AnotherAnswers, what, why)
        .titled("The reader is not the one that was planned")
        .remedy(Remedy::advice(
            "Connect the reader that the load was planned for, and resume; or plan the load again for the one that is there.",
        ))
        .remedy(Remedy::PlanAgain)
}

fn cannot_restart(what: String, why: &str, advice: &'static str) -> Diagnosis {
    Diagnosis::new(Code::NotRestartable, what, why).remedy(Remedy::advice(advice))
}

fn restart_changes(what: String, why: &str) -> Diagnosis {
    Diagnosis::new(Code::ConfirmationMissing, what, why)
        .titled("The restart needs a confirmation")
        .remedy(Remedy::advice("Confirm the restart."))
}

impl Diagnose for LoadError {
    fn diagnose(&self) -> Diagnosis {
        let mut diagnosis = self.without_state().state(self.state());
        if self.can_resume() && !diagnosis.remedies.contains(&Remedy::Resume) {
            diagnosis.remedies.push(Remedy::Resume);
        }
        if matches!(self, Self::NotActivated { .. } | Self::InBootloader { .. }) {
            diagnosis.remedies.push(Remedy::ChooseAnotherFile);
        }
        diagnosis
    }
}

/// What brings a reader back, by the way it is reached.
fn reconnect(address: &LinkAddress) -> Remedy {
    match address.kind() {
        Channel::Network => Remedy::Advice {
            text: "Check that the reader has power and that its address is still the same.".into(),
        },
        Channel::Usb | Channel::Ble | Channel::Serial | Channel::Simulated => Remedy::Reconnect,
    }
}

/// A reason as a sentence.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut text: String = first.into_iter().flatten().chain(letters).collect();
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
