//! What is to go wrong with one request, as the rules decide.
//!
//! Carrying it out is the simulated service's part.

use super::{Effect, OwnFaults, Request, chance::Chance};

/// An answer that replaces the service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    ServerError(u16),
    RateLimit(RetryAfter),
    Html(u16),
}

/// What `Retry-After` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    Nothing,
    Seconds(u32),
    /// A date that lies so many seconds ahead.
    Date(u32),
}

/// What is to go wrong with one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) latency_milliseconds: u64,
    pub(crate) bytes_per_second: Option<u64>,
    pub(crate) cut_after_bytes: Option<u64>,
    pub(crate) lose_answer: bool,
    pub(crate) silence: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) replace_answer: Option<u16>,
    pub(crate) cut_answer_after_bytes: Option<u64>,
    pub(crate) corruptions: Corruptions,
    pub(crate) own: OwnFaults,
}

/// What is wrong in an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Corruptions {
    pub(crate) hash: bool,
    pub(crate) checksum: bool,
    pub(crate) total_count: Option<u64>,
    pub(crate) phase: bool,
    pub(crate) event_code: bool,
    pub(crate) datafile: bool,
}

impl Decision {
    /// Adds an effect that struck. Of two answers, the later rule's counts.
    pub(super) fn take(&mut self, effect: &Effect, request: &Request<'_>, chance: &mut Chance) {
        match *effect {
            Effect::Latency { milliseconds } => {
                self.latency_milliseconds = self.latency_milliseconds.saturating_add(milliseconds);
            }
            Effect::Bandwidth { bytes_per_second } => {
                let slower = self
                    .bytes_per_second
                    .unwrap_or(u64::MAX)
                    .min(bytes_per_second);
                self.bytes_per_second = Some(slower.max(1));
            }
            Effect::CutInBody { after_bytes } => {
                let at = after_bytes.unwrap_or_else(|| chance.below(request.body_bytes));
                self.cut_after_bytes = Some(at.min(request.body_bytes.saturating_sub(1)));
            }
            Effect::LoseAnswer => self.lose_answer = true,
            Effect::ServerError { status } => self.answer = Some(Answer::ServerError(status)),
            Effect::RateLimit {
                retry_after_seconds,
            } => {
                let wait = RetryAfter::Seconds(retry_after_seconds);
                self.answer = Some(Answer::RateLimit(wait));
            }
            Effect::RateLimitWithoutTime => {
                self.answer = Some(Answer::RateLimit(RetryAfter::Nothing));
            }
            Effect::RateLimitUntil { seconds } => {
                self.answer = Some(Answer::RateLimit(RetryAfter::Date(seconds)));
            }
            Effect::ReplaceAnswer { status } => self.replace_answer = Some(status),
            Effect::CutAnswer { after_bytes } => self.cut_answer_after_bytes = Some(after_bytes),
            Effect::Own {
                ref name,
                ref value,
            } => self.own.add(name, value.as_deref()),
            Effect::Silence => self.silence = true,
            Effect::Html { status } => self.answer = Some(Answer::Html(status)),
            Effect::BodyLimit { .. } => self.answer = Some(Answer::Html(413)),
            Effect::WrongHash => self.corruptions.hash = true,
            Effect::WrongChecksum => self.corruptions.checksum = true,
            Effect::WrongTotalCount { count } => self.corruptions.total_count = Some(count),
            Effect::UnknownPhase => self.corruptions.phase = true,
            Effect::ForeignDatafile => self.corruptions.datafile = true,
            Effect::UnknownEventCode => self.corruptions.event_code = true,
        }
    }
}
