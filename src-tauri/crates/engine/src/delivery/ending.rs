//! Jobs that write their entries of the ledger at the same time: the last of them publishes the head that
//! covers them all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::ledger::Chain;

/// How many jobs write an entry at present, by chain.
#[derive(Debug, Default)]
pub(super) struct Endings(Mutex<HashMap<Chain, usize>>);

impl Endings {
    /// A job begins to write its entry.
    pub(super) fn begin(&self, chain: Chain) -> Ending<'_> {
        self.change(chain, |count| count.saturating_add(1));
        Ending {
            endings: self,
            chain,
            is_over: false,
        }
    }

    fn change(&self, chain: Chain, change: impl FnOnce(usize) -> usize) -> usize {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(chain).or_default();
        *count = change(*count);
        *count
    }
}

/// One job that writes its entry. Dropping it ends that too.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    endings: &'a Endings,
    chain: Chain,
    is_over: bool,
}

impl Ending<'_> {
    /// The entry is written. Whether no other job of the chain is writing one.
    pub(super) fn was_last(mut self) -> bool {
        self.is_over = true;
        self.leave() == 0
    }

    fn leave(&self) -> usize {
        self.endings
            .change(self.chain, |count| count.saturating_sub(1))
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_those_that_end_together_only_the_last_of_each_chain_publishes() {
        let endings = Endings::default();
        let (first, second) = (
            endings.begin(Chain::Deliveries),
            endings.begin(Chain::Deliveries),
        );
        let demo = endings.begin(Chain::Demo);
        assert!(!first.was_last());
        assert!(demo.was_last(), "the only one of its chain");
        assert!(second.was_last());
    }

    #[test]
    fn one_that_could_not_write_its_entry_holds_nobody_back() {
        let endings = Endings::default();
        let failed = endings.begin(Chain::Deliveries);
        let written = endings.begin(Chain::Deliveries);
        drop(failed);
        assert!(written.was_last());
    }
}
