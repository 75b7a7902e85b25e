//! Every time the SMP loader waits for something, and how often it tries again.
//!
//! The link's own opening has its deadline in the link crate.

use std::time::Duration;

/// UDP port of SMP when an address names none. Zephyr, `CONFIG_MCUMGR_TRANSPORT_UDP_PORT`.
pub(super) const UDP_PORT: u16 = 1337;

/// How long is waited for what. A test sets shorter ones; the default is for real readers.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Silence after which a request counts as lost. Zephyr answers within a few milliseconds, and
    /// within one page erase (85 ms, nRF52840 product specification, `tERASEPAGE`) while it
    /// writes. Grows with what is on the line before it.
    pub answer: Duration,
    /// The same for the first piece of an upload, before which the whole slot may be erased. It
    /// doubles with each repetition: 5 + 10 + 20 + 40 s in all, and an nRF52840 erases its largest
    /// slot in 43 s (512 pages of 85 ms).
    pub first_answer: Duration,
    /// Silence after which an upload under way is given up. Each silence before is followed by a repetition.
    /// The same is waited for an answer before which a reader may decrypt an image or compare its hash.
    pub silence: Duration,
    /// How long a link that broke, or broke again, is tried to be opened again. A USB port takes one to two
    /// seconds to return.
    pub reconnect: Duration,
    /// Time after a restart in which the old image may still answer. Zephyr restarts 250 ms after
    /// its answer (`CONFIG_MCUMGR_GRP_OS_RESET_MS`).
    pub settle: Duration,
    /// Pause between two looks whether a reader is back.
    pub poll_every: Duration,
    /// Longest time a restart may take. `MCUboot` swaps a 512 KiB slot of an nRF52840 in about a
    /// minute: three erases of 85 ms for each of 128 pages, and the writing.
    pub restart: Duration,
    /// Longest time an application may take to answer after its bootloader was left: nothing is swapped, one
    /// image is checked and started.
    pub start: Duration,
    /// When a reader still runs its old image so long after it was asked to restart, it is asked
    /// again.
    pub restart_again: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            answer: Duration::from_millis(2500),
            first_answer: Duration::from_secs(5),
            silence: Duration::from_mins(1),
            reconnect: Duration::from_secs(10),
            settle: Duration::from_millis(500),
            poll_every: Duration::from_millis(250),
            restart: Duration::from_mins(2),
            start: Duration::from_secs(30),
            restart_again: Duration::from_secs(5),
        }
    }
}

impl Timing {
    /// How long is waited for each repetition of the first question to a reader, which is asked in one version of
    /// the protocol and then in the other.
    pub(super) fn of_the_first_question(&self) -> [Duration; 5] {
        let short = self.answer * 2 / 5;
        [short, short, self.answer, self.answer, self.answer]
    }

    /// How long is waited for each repetition of a question to a reader that may be busy.
    pub(super) fn of_a_busy_reader(&self) -> Vec<Duration> {
        let mut timeouts = Vec::new();
        let mut waited = Duration::ZERO;
        let mut next = self.answer.max(Duration::from_millis(1));
        while waited < self.silence {
            let timeout = next.min(self.silence.saturating_sub(waited));
            timeouts.push(timeout);
            waited += timeout;
            next = timeout.saturating_mul(2);
        }
        timeouts
    }

    /// How long is waited for the first answer of an upload, repetitions included.
    pub(super) fn first_silence(&self) -> Duration {
        // 1 + 2 + 4 + 8, one for each repetition.
        self.first_answer * 15
    }
}

/// A reader that answered in time is waited for at least so long; flash pages are erased in between.
pub(super) const SHORTEST_TIMEOUT: Duration = Duration::from_millis(500);
/// How much longer than its slowest answer a reader may take before its answer counts as lost.
pub(super) const SLOWER: u32 = 4;
/// How often a timeout doubles at most while a reader is silent.
pub(super) const DOUBLINGS: u32 = 3;
/// How often a reader may answer from one place that it takes nothing.
pub(super) const REFUSALS: u32 = 6;

/// A time that is seen to be over so much later was over while the program, or the computer, stood still.
pub(super) const STOOD_STILL: Duration = Duration::from_secs(1);

/// How often one frame is sent again before the link counts as broken.
pub(super) const REPETITIONS: u32 = 3;
/// How often a broken link is opened again without one more byte being confirmed.
pub(super) const RECONNECTIONS: u32 = 2;
/// How often a reader that did not restart is asked to.
pub(super) const RESTARTS: u32 = 3;

/// How long bytes take on a serial line of this rate: ten bits each. Nothing on other links.
pub(super) fn on_the_line(bytes: usize, baud: Option<u32>) -> Duration {
    let Some(baud) = baud.filter(|baud| *baud > 0) else {
        return Duration::ZERO;
    };
    let bits = u32::try_from(bytes.saturating_mul(10)).unwrap_or(u32::MAX);
    Duration::from_secs(u64::from(bits)) / baud
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_reader_is_waited_for_as_long_as_is_said() {
        let timing = Timing::default();
        let waited: Duration = timing.of_a_busy_reader().iter().sum();
        assert_eq!(waited, timing.silence);
        assert_eq!(timing.first_silence(), Duration::from_secs(75));
    }

    #[test]
    fn a_kilobyte_takes_87_milliseconds_at_the_default_rate() {
        assert_eq!(on_the_line(1000, Some(115_200)).as_millis(), 86);
        assert_eq!(on_the_line(1000, None), Duration::ZERO);
    }
}
