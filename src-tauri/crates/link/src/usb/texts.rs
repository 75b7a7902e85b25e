//! What devices said of themselves, by the place they are plugged in.
//!
//! For systems that do not know it: the device has to be opened, which disturbs a load that is under way. Each is asked
//! once for each time that it comes onto the bus.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::system::Texts;

/// What a device is recognized by, without being opened: another one at the same place has another of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appearance {
    pub(super) address: u8,
    pub(super) vendor: u16,
    pub(super) product: u16,
    pub(super) release: u16,
}

/// The texts of the devices that are there. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct TextCache(Arc<Mutex<BTreeMap<String, (Appearance, Texts)>>>);

impl TextCache {
    /// The texts of a device, which is asked only if it was not there before. One that could not be opened has none
    /// until it comes again.
    pub(super) fn of(
        &self,
        place: &str,
        appearance: Appearance,
        ask: impl FnOnce() -> Texts,
    ) -> Texts {
        let known = {
            let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            list.get(place).cloned()
        };
        if let Some((_, texts)) = known.filter(|(known, _)| *known == appearance) {
            return texts;
        }
        let texts = ask();
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.insert(place.to_owned(), (appearance, texts.clone()));
        texts
    }

    /// Forgets devices that are at none of these places any more.
    pub(super) fn forget_others<'a>(&self, places: impl Iterator<Item = &'a str>) {
        let places: BTreeSet<_> = places.collect();
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|place, _| places.contains(place.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_asked_once_for_each_time_that_it_comes() {
        let asked = TextCache::default();
        let mut count = 0;
        let mut product = |address| {
            let appearance = Appearance {
                address,
                vendor: 0x0483,
                product: 0xDF11,
                release: 0x2200,
            };
            let texts = asked.of("1-2", appearance, || {
                count += 1;
                Texts {
                    product: Some(format!("{count}")),
                    ..Texts::default()
                }
            });
            texts.product.unwrap()
        };
        assert_eq!([product(7), product(7), product(8)], ["1", "1", "2"]);
        asked.forget_others(["1-2"].into_iter());
        assert_eq!(product(8), "2");
        asked.forget_others(std::iter::empty());
        assert_eq!(product(8), "3");
    }
}
