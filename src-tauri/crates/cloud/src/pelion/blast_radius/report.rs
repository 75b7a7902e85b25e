//! What was found, in numbers, samples and words.

use serde::{Deserialize, Serialize};

use super::ManifestFacts;
use crate::pelion::Strategy;

/// Devices of one kind that are named.
const SAMPLE: usize = 20;

/// One device among many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceSample {
    /// Its id.
    pub id: String,
    /// Its name, or the name it registers under.
    pub name: String,
    /// Its state in the service's word.
    pub state: String,
    /// The version it reported for the component in question.
    pub version: Option<String>,
}

/// Devices of one kind: how many, and the first few of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Affected {
    /// How many.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub count: u64,
    /// The first twenty at most.
    pub sample: Vec<DeviceSample>,
}

impl Affected {
    pub(super) fn add(&mut self, device: &DeviceSample) {
        self.count += 1;
        if self.sample.len() < SAMPLE {
            self.sample.push(device.clone());
        }
    }
}

/// Another campaign that has some of the same devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignOverlap {
    /// Its id.
    pub campaign_id: String,
    /// Its name.
    pub name: String,
    /// Its phase in the service's word.
    pub phase: String,
    /// The devices that are in both.
    pub devices: Affected,
    /// Whether it is not certain: the service does not list its devices yet, so that its filter was
    /// read instead, or its phase is not known.
    pub is_estimate: bool,
}

/// Something that stands in the way, or that a user should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BlastNote {
    /// For programs: `filter_missing`, `in_other_campaign`.
    pub key: String,
    /// For a user, whole sentences.
    pub text: String,
}

/// Whom a campaign would touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BlastRadius {
    /// The filter as a campaign should hold it.
    pub filter: String,
    /// The strategy.
    pub strategy: Strategy,
    /// What the devices were judged by.
    pub facts: ManifestFacts,
    /// Devices that a start would be sent to now; the number to be typed.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub expected_devices: u64,
    /// All that match. Each is in exactly one of the next six.
    pub matching: Affected,
    /// Right vendor and class, and not known to have it.
    pub fits: Affected,
    /// Of another vendor.
    pub wrong_vendor: Affected,
    /// Of another class.
    pub wrong_class: Affected,
    /// Run this version or this image.
    pub up_to_date: Affected,
    /// Run a greater version.
    pub newer: Affected,
    /// Vendor or class are not stated, by them or by the manifest.
    pub cannot_tell: Affected,
    /// Tell no version that could be compared; also counted above.
    pub version_unknown: Affected,
    /// Are not registered, so the update waits until they are; also counted above.
    pub not_registered: Affected,
    /// Are blocked or suspended; also counted above.
    pub blocked: Affected,
    /// The service tells no moment at which they were there; also counted above.
    pub last_seen_unknown: Affected,
    /// Are in another campaign; also counted above.
    pub in_other_campaigns: Affected,
    /// Those campaigns.
    pub campaigns: Vec<CampaignOverlap>,
    /// Why the start would fail.
    pub blockers: Vec<BlastNote>,
    /// What a user should know.
    pub warnings: Vec<BlastNote>,
    /// Requests that this took.
    pub requests: u32,
}

impl BlastRadius {
    /// Whether nothing stands in the way that is known.
    pub fn may_start(&self) -> bool {
        self.blockers.is_empty()
    }
}
