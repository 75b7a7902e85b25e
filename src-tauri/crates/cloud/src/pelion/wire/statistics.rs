//! Counts of a campaign, as the service tells them.

use serde::{Deserialize, Serialize};

use super::or_empty;
use crate::json_value::{id, number};

/// How many devices of a campaign ended in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SummaryStatus {
    /// `fail`, `info`, `skipped`, `success`; others may come.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// The same in capitals.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub summary_status: String,
    /// The campaign.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub campaign_id: String,
    /// Number of devices. An answer without it cannot be read: none is not nought.
    #[serde(deserialize_with = "number")]
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub count: u64,
    /// When it was counted.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
}

/// How many devices of a campaign reported one event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct EventTypeCount {
    /// `upd_fail_101`.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// The code: `UPD4_FAIL_101`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub event_type: String,
    /// What the service says about it.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// Which way of ending it counts for, in capitals.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub summary_status: String,
    /// The same as it stands in a path: `fail`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub summary_status_id: String,
    /// Number of devices. An answer without it cannot be read: none is not nought.
    #[serde(deserialize_with = "number")]
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub count: u64,
    /// The campaign.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub campaign_id: String,
    /// When it was counted.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_is_not_there_is_not_nought() {
        for text in [r#"{"id":"fail"}"#, r#"{"id":"fail","count":null}"#] {
            assert!(
                serde_json::from_str::<SummaryStatus>(text).is_err(),
                "{text}"
            );
            assert!(
                serde_json::from_str::<EventTypeCount>(text).is_err(),
                "{text}"
            );
        }
        let whole = r#"{"id":"fail","count":3}"#;
        assert_eq!(
            serde_json::from_str::<SummaryStatus>(whole).unwrap().count,
            3
        );
    }
}
