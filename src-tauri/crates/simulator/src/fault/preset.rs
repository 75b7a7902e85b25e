//! The faults a user can switch on in the demo world.

use serde::{Deserialize, Serialize};

use super::{Effect, Rule};

/// A fault with a name for a switch in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Services are gone until they are plugged in again, and readers with them.
    PullThePlug,
    /// Latency and little bandwidth.
    SlowNetwork,
    /// Chunks are stored, but some of the answers get lost.
    LoseAnswers,
    /// Some requests fail on the service's side.
    ServerErrors,
    /// Some requests are refused for a while.
    RateLimit,
    /// Requests are taken and never answered.
    Silence,
}

impl Fault {
    /// Every preset, in the order a window shows them.
    pub const ALL: [Self; 6] = [
        Self::PullThePlug,
        Self::SlowNetwork,
        Self::LoseAnswers,
        Self::ServerErrors,
        Self::RateLimit,
        Self::Silence,
    ];

    /// What its switch says.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PullThePlug => "Pull the plug",
            Self::SlowNetwork => "Slow network",
            Self::LoseAnswers => "Lose answers",
            Self::ServerErrors => "Server errors",
            Self::RateLimit => "Rate limit",
            Self::Silence => "Silence",
        }
    }

    /// The rules it is made of; none for the plug, which is no rule.
    pub(super) fn rules(self) -> Vec<Rule> {
        match self {
            Self::PullThePlug => Vec::new(),
            Self::SlowNetwork => vec![
                Rule::always(Effect::Latency { milliseconds: 200 }),
                Rule::always(Effect::Bandwidth {
                    bytes_per_second: 2_000_000,
                }),
            ],
            Self::LoseAnswers => {
                vec![
                    Rule::always(Effect::LoseAnswer)
                        .on("POST", "/chunks")
                        .probability(0.5),
                ]
            }
            Self::ServerErrors => {
                vec![Rule::always(Effect::ServerError { status: 503 }).probability(0.3)]
            }
            Self::RateLimit => vec![
                Rule::always(Effect::RateLimit {
                    retry_after_seconds: 2,
                })
                .probability(0.3),
            ],
            Self::Silence => vec![Rule::always(Effect::Silence)],
        }
    }
}
