//! What the service was left with when an upload ended early, in words.
//!
//! Only what the service confirmed, and what is not known.

use firmdrop_core::mebibytes;

/// What the service holds of an upload, as far as it confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteState {
    /// The upload job, when there is one.
    pub upload_job_id: Option<String>,
    /// The firmware image that the service named, when it did.
    pub firmware_image_id: Option<String>,
    /// Confirmed chunks.
    pub chunks: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub total_bytes: u64,
    /// Whether a request that creates something went out and its answer is not known.
    pub uncertain: bool,
    /// Whether the service answered that it created something, and not under which id.
    pub without_id: bool,
}

impl RemoteState {
    /// Nothing yet.
    pub(super) fn nothing(total_bytes: u64) -> Self {
        Self {
            upload_job_id: None,
            firmware_image_id: None,
            chunks: 0,
            bytes: 0,
            total_bytes,
            uncertain: false,
            without_id: false,
        }
    }

    /// Whether a later run has something to resume from.
    pub(super) fn is_something(&self) -> bool {
        self.upload_job_id.is_some() || self.firmware_image_id.is_some() || self.uncertain
    }
}

impl std::fmt::Display for RemoteState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(id) = &self.firmware_image_id {
            return write!(
                f,
                "The service answered that it stored the firmware image {id}. It was not compared yet."
            );
        }
        match (&self.upload_job_id, self.chunks) {
            (None, _) if self.without_id => f.write_str(
                "The service answered that it stored what was sent, but not under which id. Whether it holds it is not known.",
            ),
            (None, _) if self.uncertain => {
                f.write_str("Whether the service received the request is not known.")
            }
            (None, _) => f.write_str("Nothing was stored with the service."),
            (Some(id), 0) => write!(f, "The service confirmed the empty upload job {id}."),
            (Some(id), chunks) => write!(
                f,
                "The service confirmed {chunks} {} ({:.1} of {:.1} MiB) in the upload job {id}.",
                if chunks == 1 { "chunk" } else { "chunks" },
                mebibytes(self.bytes),
                mebibytes(self.total_bytes),
            ),
        }?;
        if self.upload_job_id.is_some() && self.uncertain {
            f.write_str(" Whether it also carried out the last request is not known.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::MIB;

    use super::*;

    #[test]
    fn the_state_says_what_the_service_keeps() {
        let mut held = RemoteState::nothing(31 * MIB);
        assert_eq!(held.to_string(), "Nothing was stored with the service.");
        held.upload_job_id = Some("j1".to_owned());
        assert_eq!(
            held.to_string(),
            "The service confirmed the empty upload job j1."
        );
        (held.chunks, held.bytes) = (12, 12 * MIB);
        assert_eq!(
            held.to_string(),
            "The service confirmed 12 chunks (12.0 of 31.0 MiB) in the upload job j1."
        );
        held.uncertain = true;
        assert!(held.to_string().ends_with("the last request is not known."));
    }
}
