//! One fault: to which requests it happens, and how often.

use serde::{Deserialize, Serialize};

use super::{Effect, Request};

/// A fault with its conditions. All of them must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What goes wrong.
    pub effect: Effect,
    /// Only requests of this method; any when it is not said.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path contains this; any when it is not said.
    #[serde(default)]
    pub path_contains: Option<String>,
    /// How many of the requests it concerns are spared first.
    #[serde(default)]
    pub skip: u32,
    /// How often it happens before it is used up; without end when it is not said.
    #[serde(default)]
    pub times: Option<u32>,
    /// How probable it is each time, 0.0 to 1.0.
    #[serde(default = "certain")]
    pub probability: f64,
}

const fn certain() -> f64 {
    1.0
}

impl Rule {
    /// This effect on every request it can concern, until it is removed.
    pub const fn always(effect: Effect) -> Self {
        Self {
            effect,
            method: None,
            path_contains: None,
            skip: 0,
            times: None,
            probability: 1.0,
        }
    }

    /// This effect on the next request it can concern, and then no more.
    pub const fn once(effect: Effect) -> Self {
        Self::always(effect).times(1)
    }

    /// At most this often.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only after this many of the requests it concerns were spared.
    #[must_use]
    pub const fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Only with this probability, 0.0 to 1.0.
    #[must_use]
    pub const fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Only for requests of this method whose path contains this text.
    #[must_use]
    pub fn on(mut self, method: &str, path_contains: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path_contains = Some(path_contains.to_owned());
        self
    }

    /// Whether the request is one of those this rule is about.
    pub(super) fn concerns(&self, request: &Request<'_>) -> bool {
        let method = self.method.as_deref();
        let path = self.path_contains.as_deref();
        method.is_none_or(|method| method.eq_ignore_ascii_case(request.method))
            && path.is_none_or(|part| request.path.contains(part))
            && match self.effect {
                Effect::CutInBody { .. } => request.body_bytes > 0,
                Effect::BodyLimit { most_bytes } => request.body_bytes > most_bytes,
                _ if self.effect.is_corruption() => (request.can_corrupt)(&self.effect),
                _ => true,
            }
    }
}
