//! How a campaign's statistics add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pelion::SummaryStatus;

/// Devices of a campaign by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignCounts {
    /// Reached the desired state.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub success: u64,
    /// Did not.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub failed: u64,
    /// Had it already.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub skipped: u64,
    /// Not done yet; the service's word is `info`.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub pending: u64,
    /// Counted under words nobody knows yet.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub other: u64,
    /// All of them.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub total: u64,
}

impl CampaignCounts {
    /// The counts of these statistics. None at all is all zeros.
    pub fn of(statistics: &[SummaryStatus]) -> Self {
        let mut counts = Self::default();
        // A row that comes twice counts once.
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for status in statistics {
            let row = rows.entry(status.id.to_ascii_lowercase()).or_default();
            *row = status.count.max(*row);
        }
        for (id, count) in rows {
            let place = match id.as_str() {
                "success" => &mut counts.success,
                "fail" => &mut counts.failed,
                "skipped" => &mut counts.skipped,
                "info" => &mut counts.pending,
                _ => &mut counts.other,
            };
            *place = place.saturating_add(count);
            counts.total = counts.total.saturating_add(count);
        }
        counts
    }

    /// Devices that will not change any more.
    pub const fn done(&self) -> u64 {
        self.success
            .saturating_add(self.failed)
            .saturating_add(self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_words_are_added_up_and_info_is_pending() {
        let status = |id: &str, count| SummaryStatus {
            id: id.to_owned(),
            count,
            ..SummaryStatus::default()
        };
        let counts = CampaignCounts::of(&[
            status("fail", 1),
            status("info", 2),
            status("skipped", 3),
            status("success", 4),
            status("floating", 5),
        ]);
        assert_eq!(
            (
                counts.failed,
                counts.pending,
                counts.skipped,
                counts.success
            ),
            (1, 2, 3, 4)
        );
        assert_eq!((counts.other, counts.total, counts.done()), (5, 15, 8));
        let huge = CampaignCounts::of(&[status("fail", u64::MAX), status("info", 1)]);
        assert_eq!(huge.total, u64::MAX);
        let twice = CampaignCounts::of(&[status("success", 2), status("SUCCESS", 2)]);
        assert_eq!(twice.total, 2);
    }
}
