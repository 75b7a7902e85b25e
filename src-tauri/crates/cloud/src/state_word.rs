//! What a service's word for a state means when no document lists it: whether it is an end, and a
//! good one. Words that say neither are no end.

/// How something ended, by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinalState {
    /// It calls it done.
    Good,
    /// It calls it failed, given up or stopped.
    Bad,
}

/// Beginnings of words of a bad end, in small letters.
const BAD: [&str; 13] = [
    "fail",
    "error",
    "abort",
    "cancel",
    "timed",
    "timeout",
    "time_out",
    "time-out",
    "reject",
    "expire",
    "terminated",
    "killed",
    "invalid",
];

/// Beginnings of words of a good end.
const GOOD: [&str; 4] = ["succe", "complete", "finish", "done"];

impl FinalState {
    /// What the word says; `None` when it is no end.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        // What is still going on: "cancelling", "finishing".
        if word.ends_with("ing") {
            return None;
        }
        let begins = |beginnings: &[&str]| beginnings.iter().any(|one| word.starts_with(one));
        if begins(&BAD) {
            return Some(Self::Bad);
        }
        begins(&GOOD).then_some(Self::Good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_nobody_listed_are_an_end_or_none_by_their_beginning() {
        for word in [
            "Canceled",
            "cancelled",
            "ABORTED",
            " timed_out",
            "errored",
            "Failure",
        ] {
            assert_eq!(FinalState::of(word), Some(FinalState::Bad), "{word}");
        }
        for word in ["Succeeded", "success", "completed", "finished"] {
            assert_eq!(FinalState::of(word), Some(FinalState::Good), "{word}");
        }
        for word in [
            "",
            "in_progress",
            "Running",
            "Canceling",
            "finishing",
            "assembling",
            "not_started",
            "uncompleted",
        ] {
            assert_eq!(FinalState::of(word), None, "{word}");
        }
    }
}
