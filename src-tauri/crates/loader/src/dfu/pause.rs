//! How long a busy device is left alone.

use std::time::Duration;

use super::timing::{
    ABSURD_POLL, EAGER_POLLS, LONGEST_EAGER_PAUSE, LONGEST_POLL, POLL_INSTEAD_OF_ABSURD,
};

/// As long as it says, within reason; `asked` is how often it was asked before.
pub(super) fn pause(poll: Duration, asked: u32) -> Duration {
    if poll > ABSURD_POLL {
        return POLL_INSTEAD_OF_ABSURD;
    }
    if !poll.is_zero() {
        return poll.min(LONGEST_POLL);
    }
    match asked.checked_sub(EAGER_POLLS) {
        None => Duration::ZERO,
        Some(more) => Duration::from_millis(1 << more.min(16)).min(LONGEST_EAGER_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_left_alone_as_long_as_it_says_and_no_longer_than_is_sensible() {
        let milliseconds = Duration::from_millis;
        assert_eq!(pause(milliseconds(3), 0), milliseconds(3));
        assert_eq!(pause(Duration::from_secs(200), 0), LONGEST_POLL);
        assert_eq!(pause(milliseconds(0x00FF_FFFF), 5), POLL_INSTEAD_OF_ABSURD);
    }

    #[test]
    fn a_busy_device_that_says_no_time_is_asked_at_once_and_then_less_and_less() {
        assert_eq!(pause(Duration::ZERO, 0), Duration::ZERO);
        assert_eq!(pause(Duration::ZERO, EAGER_POLLS), Duration::from_millis(1));
        assert_eq!(
            pause(Duration::ZERO, EAGER_POLLS + 3),
            Duration::from_millis(8)
        );
        assert_eq!(pause(Duration::ZERO, u32::MAX), LONGEST_EAGER_PAUSE);
    }
}
