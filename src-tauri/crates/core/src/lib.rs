//! Words every layer uses.
//!
//! Values only: no socket, no clock of the system is read here except through [`Clock`], no file except
//! through [`open_file`], and nothing of ours lies below.

mod aligned_buffer;
mod check;
mod clock;
mod code;
mod connection;
mod diagnosis;
mod digest;
mod family;
mod file;
mod fit;
mod image_hash;
mod outcome;
mod own_variables;
mod phase;
mod progress;
mod remedy;
mod save_before;
mod signed_url;

pub use aligned_buffer::AlignedBuffer;
pub use check::{Check, CheckResult};
pub use clock::{Clock, Moment, SystemClock};
pub use code::Code;
pub use connection::{ConnectionReport, ConnectionStep, StepResult};
pub use diagnosis::{Detail, Diagnose, Diagnosis};
pub use digest::{DigestError, Md5, Md5Hasher, Sha256, Sha256Hasher};
pub use family::Family;
pub use file::{FileError, FileFault, OneReading, open_file, open_for_one_reading, read_file};
pub use fit::Fit;
pub use image_hash::ImageHash;
pub use outcome::{Outcome, Proof, ProofMethod};
pub use own_variables::own_variables;
pub use phase::{DeliveryEvents, Durable, ExpectedFile, NotDurable, Note, NoteKind, Phase};
pub use progress::{Progress, ProgressSink};
pub use remedy::Remedy;
pub use save_before::SaveBefore;
pub use signed_url::SignedUrl;

/// Bytes in one mebibyte. Sizes of chunks are written as multiples of it.
pub const MIB: u64 = 1024 * 1024;

/// Bytes as mebibytes, for a sentence that shows one digit after the point.
#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one digit after the point"
)]
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}

/// A number with its thousands set apart, as a sentence shows it: `1,992,294,400`.
pub fn grouped(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let before = |at: usize| (at > 0 && (digits.len() - at).is_multiple_of(3)).then_some(',');
    digits
        .chars()
        .enumerate()
        .flat_map(|(at, digit)| before(at).into_iter().chain([digit]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0, 999, 1_000, 1_992_294_400];
        assert_eq!(numbers.map(grouped), ["0", "999", "1,000", "1,992,294,400"]);
    }
}
