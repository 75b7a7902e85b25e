//! How an upload can fail, and what the service was left with.

use firmdrop_core::{Code, Diagnose, Diagnosis, MIB, Remedy, grouped};

use super::image_not_shown::{no_image, not_shown};
use super::remote_differs::{Whose, differs};
use super::{RecordError, RemoteState};
use crate::changed_file::{WHY_CHANGED, with_remedies};
use crate::pelion::PelionError;

/// Who holds a name that is taken and not listed.
pub(super) const UNSEEN: &str = "something this access key does not see";

/// Who holds a name, when the service does not say enough of its bytes to compare them.
pub(super) const UNPROVEN: &str = "a firmware image of which the service does not say enough";

/// Who holds a name, when an upload job made an image that was deleted since.
pub(super) const WITHOUT_IMAGE: &str = "a finished upload job whose firmware image was deleted";

/// An upload that did not end with an outcome.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The file has no byte.
    #[error("an empty file cannot be uploaded")]
    Empty,
    /// More than 10,000 chunks of 100 MiB.
    #[error("a file of {size_bytes} bytes is larger than an upload job can be")]
    TooLarge {
        /// Its size.
        size_bytes: u64,
    },
    /// A text is longer than the service takes.
    #[error("the {what} has {characters} characters, the service takes {most}")]
    TextTooLong {
        /// Which text.
        what: &'static str,
        /// Its length.
        characters: usize,
        /// The limit.
        most: usize,
    },
    /// The file is no longer the one that was inspected.
    #[error("the file changed since it was inspected")]
    FileChanged {
        /// What the service holds.
        held: RemoteState,
    },
    /// The file could not be read.
    #[error("the file could not be read: {source}")]
    Read {
        /// The system's words.
        source: std::io::Error,
        /// What the service holds.
        held: RemoteState,
    },
    /// The record could not be written; nothing was sent after that.
    #[error("the journal could not be written: {source}")]
    Record {
        /// Its words.
        source: RecordError,
        /// What the service holds.
        held: RemoteState,
    },
    /// The service, or the way there.
    #[error("{source}")]
    Service {
        /// What failed.
        source: Box<PelionError>,
        /// What the service holds.
        held: RemoteState,
    },
    /// An image with this name and these bytes is there already.
    #[error("the service already holds these bytes under the name {name}")]
    SameImageExists {
        /// The name.
        name: String,
        /// Its id.
        image_id: String,
    },
    /// The name belongs to something else.
    #[error("the name {name} belongs to {holder}")]
    NameTaken {
        /// The name.
        name: String,
        /// What holds it: "another firmware image".
        holder: &'static str,
        /// The unfinished upload job that holds it, when it is one.
        upload_job_id: Option<String>,
        /// What differs from our file, when that was looked at.
        difference: Option<String>,
        /// A name that is probably free.
        suggestion: String,
    },
    /// The name belongs to an unfinished upload job that we did not begin, and all it holds is the
    /// beginning of our file.
    #[error("an unfinished upload job that Firmdrop did not begin here holds the name {name}")]
    UnfinishedJobExists {
        /// The name.
        name: String,
        /// The upload job.
        upload_job_id: String,
        /// What it holds.
        held: RemoteState,
        /// A name that is probably free.
        suggestion: String,
    },
    /// The service no longer knows the upload job.
    #[error("{host} does not know the upload job {upload_job_id}")]
    JobGone {
        /// The upload job.
        upload_job_id: String,
        /// The host that was asked.
        host: String,
    },
    /// The upload job holds other chunks than ours; only deleting it helps.
    #[error("the upload job {upload_job_id} cannot be continued: {why}")]
    JobPoisoned {
        /// The upload job.
        upload_job_id: String,
        /// What does not agree.
        why: String,
        /// Its name, for another try.
        suggestion: String,
        /// What of it is ours.
        held: RemoteState,
    },
    /// A chunk arrived damaged again and again.
    #[error("chunk {number} arrived damaged {times} times")]
    ChunkDamaged {
        /// Its number.
        number: u32,
        /// How often.
        times: u32,
        /// The service's words.
        source: Box<PelionError>,
        /// What the service holds.
        held: RemoteState,
    },
    /// Something on the way refuses even the shortest chunk there can be.
    #[error("a request of {} was refused as too large", in_words(*length_bytes))]
    ShortestRefused {
        /// Its length.
        length_bytes: u64,
        /// Who refused, and how.
        source: Box<PelionError>,
        /// What the service holds.
        held: RemoteState,
    },
    /// The image is not our file.
    #[error("the firmware image {image_id} differs: {difference}")]
    RemoteDiffers {
        /// The image.
        image_id: String,
        /// What differs, both sides.
        difference: String,
        /// What is known of how it came about.
        whose: Whose,
    },
    /// The finishing chunk was taken, but the service does not tell its firmware image.
    #[error("the upload job {upload_job_id} is finished but names no firmware image")]
    ImageUnknown {
        /// The upload job.
        upload_job_id: String,
    },
    /// The service says that the upload job ended without an image.
    #[error("the service ended the upload job {upload_job_id} with the word \"{word}\"")]
    JobEnded {
        /// The upload job.
        upload_job_id: String,
        /// Its word.
        word: String,
        /// A name that is probably free.
        suggestion: String,
        /// What it held before.
        held: RemoteState,
    },
    /// A user stopped it.
    #[error("the upload was stopped")]
    Stopped {
        /// What the service holds.
        held: RemoteState,
    },
}

impl Diagnose for UploadError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Service { source, held } => {
                let mut diagnosis = source.diagnose().state(held.to_string());
                if let (Some(id), Some(404)) = (&held.firmware_image_id, source.status()) {
                    diagnosis = diagnosis.remedy(not_shown(id)).detail("Firmware image", id);
                }
                if self.is_resumable() {
                    diagnosis.remedy(Remedy::Resume)
                } else {
                    diagnosis
                }
            }
            Self::Empty | Self::TooLarge { .. } | Self::TextTooLong { .. } => self.refused_early(),
            Self::FileChanged { held } | Self::Read { held, .. } | Self::Record { held, .. } => {
                self.failed_here(held)
            }
            Self::SameImageExists { .. }
            | Self::NameTaken { .. }
            | Self::UnfinishedJobExists { .. } => self.name_held(),
            Self::JobGone { .. }
            | Self::JobPoisoned { .. }
            | Self::ChunkDamaged { .. }
            | Self::ShortestRefused { .. }
            | Self::ImageUnknown { .. }
            | Self::JobEnded { .. }
            | Self::RemoteDiffers { .. } => self.lost_there(),
            Self::Stopped { held } => Diagnosis::new(
                Code::WriteStopped,
                "The upload was stopped.",
                "The user stopped it.",
            )
            .titled("The upload was stopped")
            .state(held.to_string())
            .remedy(Remedy::Resume),
        }
    }
}

impl UploadError {
    /// Whether a later run can continue: something is with the service, or the same may succeed
    /// later.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Service { source, held } => held.is_something() || source.may_pass_later(),
            // It may be put back; what is there is the beginning of what it was.
            Self::FileChanged { held } => held.is_something(),
            Self::Read { .. }
            | Self::Record { .. }
            | Self::ChunkDamaged { .. }
            | Self::ShortestRefused { .. }
            | Self::ImageUnknown { .. }
            // Another region, or another host of the account, may know it later.
            | Self::JobGone { .. }
            | Self::Stopped { .. } => true,
            Self::Empty
            | Self::TooLarge { .. }
            | Self::TextTooLong { .. }
            | Self::SameImageExists { .. }
            | Self::NameTaken { .. }
            | Self::UnfinishedJobExists { .. }
            | Self::JobPoisoned { .. }
            | Self::JobEnded { .. }
            | Self::RemoteDiffers { .. } => false,
        }
    }

    /// Whether the name is said to be taken, and nothing that the service shows has it.
    pub(super) fn is_of_something_unseen(&self) -> bool {
        matches!(self, Self::NameTaken { holder, .. } if *holder == UNSEEN)
    }

    fn with_code(&self, code: Code, why: &str) -> Diagnosis {
        Diagnosis::new(code, self.what_happened(), why)
    }

    fn what_happened(&self) -> String {
        let text = self.to_string();
        let mut letters = text.trim_end_matches('.').chars();
        let first = letters.next().map(char::to_uppercase);
        let first: String = first.into_iter().flatten().collect();
        format!("{first}{}.", letters.as_str())
    }

    fn refused_early(&self) -> Diagnosis {
        let diagnosis = match self {
            Self::Empty => self
                .with_code(
                    Code::EmptyFile,
                    "The service cannot finish an upload without data.",
                )
                .remedy(Remedy::ChooseAnotherFile),
            Self::TooLarge { .. } => self
                .with_code(Code::TooLarge, "It takes 10,000 chunks of at most 100 MiB.")
                .remedy(Remedy::ChooseAnotherFile),
            _ => self
                .with_code(Code::NameTooLong, "The service refuses longer texts.")
                .remedy(Remedy::PlanAgain),
        };
        diagnosis.state("Nothing was sent.")
    }

    fn failed_here(&self, held: &RemoteState) -> Diagnosis {
        let diagnosis = match self {
            Self::Read { source, .. } => self
                .with_code(Code::ReadFailed, &format!("{source}."))
                .remedy(Remedy::Resume),
            Self::Record { source, .. } => self
                .with_code(Code::HomeNotWritable, &format!("{source}."))
                .remedy(Remedy::FreeSpace)
                .remedy(Remedy::Resume),
            _ => {
                let changed = self.with_code(Code::FileChanged, WHY_CHANGED);
                with_remedies(changed, self.is_resumable())
            }
        };
        match held.upload_job_id {
            Some(_) => diagnosis.state(format!("{held} The upload job was not finished.")),
            None => diagnosis.state(held.to_string()),
        }
    }

    fn name_held(&self) -> Diagnosis {
        match self {
            Self::SameImageExists { image_id, .. } => self
                .with_code(Code::NameTaken, "Size and SHA-256 of the firmware image are those of this file.")
                .state("Nothing was sent. The firmware image is complete.")
                .remedy(Remedy::UseExistingImage {
                    image_id: image_id.clone(),
                }),
            Self::NameTaken {
                holder,
                suggestion,
                upload_job_id,
                difference,
                ..
            } => {
                let unique = "A name is unique among the firmware images and upload jobs of an account";
                let why = if *holder == WITHOUT_IMAGE {
                    format!("{unique}, and upload jobs keep theirs when their image is deleted.")
                } else if *holder == UNSEEN || *holder == UNPROVEN {
                    format!("{unique}. Whether it has the bytes of this file is not known.")
                } else {
                    format!("{unique}, and its bytes are not the same as yours.")
                };
                let mut taken = self
                    .with_code(Code::NameTaken, &why)
                    .state("Nothing was sent.")
                    .remedy(another_name(suggestion));
                if let Some(id) = upload_job_id {
                    let condition = if *holder == WITHOUT_IMAGE {
                        ""
                    } else {
                        ", if nobody is sending into it any more"
                    };
                    let text =
                        format!("Or delete the upload job {id}{condition}, then deliver again.");
                    taken = taken
                        .remedy(Remedy::Advice { text })
                        .detail("Upload job", id);
                }
                match difference {
                    Some(why) if *holder == UNPROVEN => taken.detail("What is not known", why),
                    Some(difference) => taken.detail("What differs", difference),
                    None => taken,
                }
            }
            Self::UnfinishedJobExists {
                upload_job_id,
                held,
                suggestion,
                ..
            } => self
                .with_code(
                    Code::NameTaken,
                    "Every chunk it holds is the beginning of this file. Another program may still be sending into it; two at once would spoil it.",
                )
                .titled("An unfinished upload has this name")
                .state(format!("{held} Nothing was sent."))
                .remedy(Remedy::AdoptUploadJob {
                    upload_job_id: upload_job_id.clone(),
                })
                .remedy(another_name(suggestion)),
            _ => self.with_code(Code::Internal, "No name is concerned."),
        }
    }

    fn lost_there(&self) -> Diagnosis {
        match self {
            Self::JobGone { .. } => self
                .with_code(
                    Code::UploadJobGone,
                    "It was deleted or has expired, or the account leads to another host than when the upload began, or the service does not show it at the moment.",
                )
                .titled("The service does not know the upload job")
                .state("The service answers that it does not know the upload job. If it was deleted, the chunks that it held are lost with it.")
                .remedy(Remedy::Resume)
                .remedy(Remedy::PlanAgain),
            Self::JobPoisoned {
                upload_job_id,
                suggestion,
                held,
                ..
            } => self
                .with_code(
                    Code::UploadJobPoisoned,
                    "Chunks are only ever appended; one that does not belong there cannot be removed.",
                )
                .state(format!("{held} It was not deleted."))
                .remedy(another_name(suggestion))
                .remedy(Remedy::advice(format!("Delete the upload job {upload_job_id}, then deliver again."))),
            Self::ChunkDamaged { source, held, .. } => self
                .with_code(
                    Code::ChunkDamaged,
                    "The MD5 of what arrived is not that of what was sent. Probably something between changes the bytes.",
                )
                .state(held.to_string())
                .remedy(Remedy::Resume)
                .detail("The service", source.to_string()),
            Self::ShortestRefused { source, held, .. } => {
                let refusal = source.diagnose();
                let stated = self
                    .with_code(
                        Code::BodyTooLarge,
                        "The service takes no smaller chunks of this file. Probably a proxy on the way limits the size of a request.",
                    )
                    .state(held.to_string())
                    .remedy(Remedy::Advice {
                        text: "Ask whoever runs the proxy to let requests of 5 MiB and more through, or take another way to the service."
                            .to_owned(),
                    })
                    .remedy(Remedy::Resume)
                    .detail("The service", source.to_string());
                Diagnosis { details: [stated.details, refusal.details].concat(), ..stated }
            }
            Self::ImageUnknown { upload_job_id } => no_image(&self.what_happened(), upload_job_id),
            Self::JobEnded {
                upload_job_id,
                suggestion,
                held,
                ..
            } => self
                .with_code(
                    Code::ServiceFailed,
                    "That word is all that the service says; it names no firmware image.",
                )
                .titled("The service ended the upload without an image")
                .state(format!("{held} Whether anything of it is of use is not known."))
                .remedy(another_name(suggestion))
                .remedy(Remedy::advice(format!(
                    "Or delete the upload job {upload_job_id}, then deliver again."
                ))),
            Self::RemoteDiffers {
                image_id, whose, ..
            } => differs(&self.what_happened(), image_id, whose),
            _ => self.with_code(Code::Internal, "Nothing was lost."),
        }
    }
}

/// "5 MiB", "40,000 bytes".
fn in_words(length_bytes: u64) -> String {
    if length_bytes < MIB {
        return format!("{} bytes", grouped(length_bytes));
    }
    format!("{} MiB", length_bytes.div_ceil(MIB))
}

fn another_name(suggestion: &str) -> Remedy {
    Remedy::ChooseAnotherName {
        suggestion: suggestion.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poisoned_upload_job_is_named_and_never_deleted() {
        let poisoned = UploadError::JobPoisoned {
            upload_job_id: "j1".to_owned(),
            why: "chunk 2 differs".to_owned(),
            suggestion: "n 9f2c".to_owned(),
            held: RemoteState::nothing(1),
        };
        let diagnosis = poisoned.diagnose();
        assert_eq!(diagnosis.code, Code::UploadJobPoisoned);
        assert_eq!(diagnosis.remedies.len(), 2);
        assert!(diagnosis.state_now.ends_with("It was not deleted."));
    }
}
