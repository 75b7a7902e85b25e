//! What a fault does.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// The request waits before it is looked at.
    Latency {
        /// How long, milliseconds.
        milliseconds: u64,
    },
    /// Bodies flow at most this fast, in each direction.
    Bandwidth {
        /// Bytes per second; at least 1.
        bytes_per_second: u64,
    },
    /// The connection is reset inside the request's body. Requests without a body are spared.
    CutInBody {
        /// After how many bytes; anywhere in the body when it is not said.
        #[serde(default)]
        after_bytes: Option<u64>,
    },
    /// The request is carried out, then the connection is reset instead of an answer.
    LoseAnswer,
    /// The request is refused in the service's own error form. Nothing is carried out.
    ServerError {
        /// The status, 400 to 599: 503, or 401 for a key that is revoked meanwhile.
        status: u16,
    },
    /// The request is refused with 429 and `Retry-After`. Nothing is carried out.
    RateLimit {
        /// What `Retry-After` says, seconds.
        retry_after_seconds: u32,
    },
    /// The request is refused with 429 and nothing that says when to come again. Nothing is carried
    /// out.
    RateLimitWithoutTime,
    /// The request is refused with 429, and `Retry-After` is a date. Nothing is carried out.
    RateLimitUntil {
        /// How far the date lies ahead, seconds.
        seconds: u32,
    },
    /// The request is carried out, then a gateway's page with this status comes instead of the answer.
    ReplaceAnswer {
        /// The status: 504.
        status: u16,
    },
    /// The connection is reset inside the answer's body.
    CutAnswer {
        /// After how many bytes of the body.
        after_bytes: u64,
    },
    /// A fault that only the service has; its README says which there are.
    Own {
        /// Its name.
        name: String,
        /// What it is given with.
        #[serde(default)]
        value: Option<String>,
    },
    /// The request is taken and never answered; its body is not read.
    Silence,
    /// A gateway's HTML page comes instead of the answer. Nothing is carried out.
    Html {
        /// The status; proxies like 200 and 502.
        status: u16,
    },
    /// A proxy takes no longer request: longer ones get its HTML page with 413. Nothing is carried
    /// out.
    BodyLimit {
        /// The longest body it takes, bytes.
        most_bytes: u64,
    },
    /// The answer to a chunk names a hash that is not the chunk's. What is stored is right.
    WrongHash,
    /// The answer about a firmware image names a checksum that is not the image's.
    WrongChecksum,
    /// A list says it has this many items in all. What is listed is right.
    WrongTotalCount {
        /// What `total_count` says.
        count: u64,
    },
    /// Campaigns are in a phase and a state nobody has heard of.
    UnknownPhase,
    /// Answers name datafiles at an address of the link, which no download may reach.
    ForeignDatafile,
    /// Events are of a type nobody has heard of.
    UnknownEventCode,
}

impl Effect {
    /// Whether it makes an answer wrong; which answers can be is the service's to say.
    pub(crate) const fn is_corruption(&self) -> bool {
        matches!(
            self,
            Self::WrongHash
                | Self::WrongChecksum
                | Self::WrongTotalCount { .. }
                | Self::UnknownPhase
                | Self::ForeignDatafile
                | Self::UnknownEventCode
                | Self::Own { .. }
        )
    }
}
