//! Why the system was not changed, or not put back.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

/// How the system stands after most refusals.
const UNTOUCHED: &str = "Nothing of the system was changed.";

/// Why a change or its undo was refused. Until it says otherwise, nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum DoctorFault {
    /// No check offers a fix of this name now.
    #[error("no check offers a fix of the name {id}")]
    NoSuchFix {
        /// What was named.
        id: String,
        /// The fixes there are.
        offered: Vec<String>,
    },
    /// The record has no change of this number.
    #[error("no change of the number {id} is recorded")]
    NoSuchChange {
        /// What was named.
        id: String,
    },
    /// It was undone before.
    #[error("change {id} was undone already")]
    AlreadyUndone {
        /// Its number.
        id: u32,
    },
    /// A link on the way of a file leads out of the folder that stands for the system.
    #[error("{path} leads out of the folder that stands for the system")]
    LeadsOut {
        /// Which file.
        path: String,
    },
    /// Another process makes a change.
    #[error("another Firmdrop changes the system now")]
    Busy,
    /// A file is not what was shown, or not what was written.
    #[error("{path} was changed in between")]
    Differs {
        /// Which file.
        path: String,
        /// What was to be done with it: "change", "restore".
        act: &'static str,
    },
    /// The system refuses to write.
    #[error("{path} may not be written: {why}")]
    Denied {
        /// Which file.
        path: String,
        /// The system's words.
        why: String,
        /// The command that does it with root's rights.
        as_root: String,
    },
    /// Any other failure of the file system.
    #[error("{path} could not be written: {why}")]
    Failed {
        /// Which file.
        path: String,
        /// The system's words.
        why: String,
        /// Whether the disk is full.
        is_full: bool,
        /// Files that were written before it and are as the fix showed them.
        written: Vec<String>,
    },
    /// An undo stopped in the middle.
    #[error("{path} could not be restored: {why}")]
    HalfRestored {
        /// Which file.
        path: String,
        /// The system's words.
        why: String,
        /// Files that are as they were before the change.
        restored: Vec<String>,
    },
    /// The record of changes cannot be read.
    #[error("the record of changes cannot be read: {why}")]
    RecordUnreadable {
        /// Why.
        why: String,
    },
}

impl DoctorFault {
    /// What was named and is not there, or is undone.
    fn unknown(&self, what: String) -> Diagnosis {
        match self {
            Self::NoSuchFix { offered, .. } => {
                let why = if offered.is_empty() {
                    "No finding has a fix now.".to_owned()
                } else {
                    format!("There are: {}.", offered.join(", "))
                };
                Diagnosis::new(Code::FixUnknown, what, why)
                    .state(UNTOUCHED)
                    .remedy(Remedy::advice("List what was found with `doctor`."))
            }
            Self::NoSuchChange { id } if id == "last" => {
                let what = "No change is recorded that could be undone.";
                Diagnosis::new(
                    Code::FixUnknown,
                    what,
                    "None was made, or each was undone already.",
                )
                .titled("There is no such change")
                .state(UNTOUCHED)
                .remedy(Remedy::advice("List the changes with `doctor`."))
            }
            Self::NoSuchChange { .. } => Diagnosis::new(
                Code::FixUnknown,
                what,
                "Changes have the numbers that `doctor` lists.",
            )
            .titled("There is no such change")
            .state(UNTOUCHED)
            .remedy(Remedy::advice("List the changes with `doctor`.")),
            _ => Diagnosis::new(
                Code::FixUnknown,
                what,
                "Its files are as they were before it.",
            )
            .titled("The change was undone already")
            .state(UNTOUCHED)
            .remedy(Remedy::advice("List the changes with `doctor`.")),
        }
    }
}

impl Diagnose for DoctorFault {
    fn diagnose(&self) -> Diagnosis {
        let what = format!("{}.", self.to_string().trim_end_matches('.'));
        match self {
            Self::NoSuchFix { .. } | Self::NoSuchChange { .. } | Self::AlreadyUndone { .. } => {
                self.unknown(what)
            }
            Self::LeadsOut { .. } => Diagnosis::new(
                Code::SystemNotChanged,
                what,
                "A folder on its way is a link to a place outside. Followed from here, it is this computer's.",
            )
            .state(UNTOUCHED)
            .remedy(Remedy::advice("Make the link relative, or change the file from within that system.")),
            Self::Busy => Diagnosis::new(Code::SystemNotChanged, what, "The record of changes is locked.")
                .state(UNTOUCHED)
                .remedy(Remedy::advice("Wait until it has ended, then look again with `doctor`.")),
            Self::Differs { path, act } => Diagnosis::new(
                Code::SystemNotChanged,
                what,
                "Somebody else wrote it. What they wrote is not overwritten.",
            )
            .titled(if *act == "restore" {
                "The change cannot be undone as it stands"
            } else {
                "The file is not as it was shown"
            })
            .state(UNTOUCHED)
            .remedy(Remedy::advice(if *act == "restore" {
                format!("Look at {path}, and remove what Firmdrop wrote there by hand; `doctor --json` has the text.")
            } else {
                "Look again with `doctor`, and agree to what it shows then.".to_owned()
            })),
            Self::Denied { why, as_root, .. } => {
                Diagnosis::new(Code::SystemNotChanged, what, why.clone())
                    .titled("Root's rights are needed")
                    .state(UNTOUCHED)
                    .remedy(Remedy::advice(format!("Run: {as_root}")))
            }
            Self::Failed {
                why,
                is_full,
                written,
                ..
            } => {
                let state = if written.is_empty() {
                    UNTOUCHED.to_owned()
                } else {
                    format!("Written before it: {}. `doctor --undo last` restores them.", written.join(", "))
                };
                Diagnosis::new(Code::SystemNotChanged, what, why.clone())
                    .state(state)
                    .remedy(if *is_full {
                        Remedy::FreeSpace
                    } else {
                        Remedy::advice("Remove the cause, then look again with `doctor`.")
                    })
            }
            Self::HalfRestored { why, restored, .. } => {
                Diagnosis::new(Code::SystemNotChanged, what, why.clone())
                    .titled("The change was undone in part")
                    .state(format!(
                        "Restored: {}. The other files of the change stand as Firmdrop wrote them.",
                        restored.join(", ")
                    ))
                    .remedy(Remedy::advice("Remove the cause, and undo the change again: it continues."))
            }
            Self::RecordUnreadable { why } => {
                Diagnosis::new(Code::SystemNotChanged, what, why.clone())
                    .titled("The record of changes cannot be read")
                    .state(UNTOUCHED)
                    .remedy(Remedy::advice(
                        "Move /var/lib/firmdrop/doctor.json away to begin a new record; earlier changes cannot be undone by Firmdrop then.",
                    ))
            }
        }
    }
}
