//! Update campaigns and their devices, as the service tells them and as they are written to it.

use serde::{Deserialize, Serialize};

use super::{id::id, or_empty};
use crate::json_value::{maybe_decimal, maybe_flag, maybe_text};

/// An update campaign.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Campaign {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// Which devices: conditions joined by `&`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_filter: String,
    /// The firmware manifest it delivers; empty when none was given.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub root_manifest_id: String,
    /// Where devices fetch that manifest.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub root_manifest_url: String,
    /// `one-shot`, `continuous`; others may come. Empty from older services: one-shot.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub campaign_strategy: String,
    /// `draft`, `starting`, `active`, `stopping`, `stopped`, `archived`; others may come.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub phase: String,
    /// The older, finer word: `publishing`, `userstopped`, `conflict`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub state: String,
    /// Whether the service stops it by itself.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub autostop: Option<bool>,
    /// The share of successes that stops it, percent.
    #[serde(default, deserialize_with = "maybe_decimal")]
    #[cfg_attr(feature = "specta", specta(type = Option<f64>))]
    pub autostop_success_percent: Option<f64>,
    /// Why it stopped, or why it failed to start, in the service's words.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub autostop_reason: String,
    /// Whether it waits for an approval.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub approval_required: Option<bool>,
    /// When it should start. Services disagree about its meaning.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub when: Option<String>,
    /// When it was started.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub started_at: Option<String>,
    /// When it began to start.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub starting_at: Option<String>,
    /// When it became active.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub active_at: Option<String>,
    /// When it began to stop.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub stopping_at: Option<String>,
    /// When it had stopped.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub stopped_at: Option<String>,
    /// When it was archived.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub archived_at: Option<String>,
    /// When it ended.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub finished: Option<String>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}

/// How a campaign treats devices that are in another one, and devices that come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Strategy {
    /// The devices of the moment it starts. It fails to start when one of them is in a campaign.
    #[default]
    OneShot,
    /// Takes devices over from other campaigns, and stays open for those that register later.
    Continuous,
}

impl Strategy {
    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneShot => "one-shot",
            Self::Continuous => "continuous",
        }
    }
}

impl Campaign {
    /// Its strategy; `None` when the service's word is not known.
    pub fn strategy(&self) -> Option<Strategy> {
        // Services write the words of an enumeration in capitals, and with underscores.
        let word = self.campaign_strategy.trim().to_ascii_lowercase();
        match &*word.replace('_', "-") {
            "" | "one-shot" => Some(Strategy::OneShot),
            "continuous" => Some(Strategy::Continuous),
            _ => None,
        }
    }
}

/// A campaign that is to be created. What is `None` is left to the service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignDraft {
    /// Its name, unique among the campaigns of an account.
    pub name: String,
    /// Its description; may be empty.
    #[serde(default)]
    pub description: String,
    /// Which devices. May be empty in a draft; the start then fails.
    #[serde(default)]
    pub device_filter: String,
    /// The firmware manifest. May be missing in a draft; the start then fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_manifest_id: Option<String>,
    /// Its strategy, which cannot be changed later.
    #[serde(default)]
    pub campaign_strategy: Strategy,
    /// Whether the service stops it by itself; its default is yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autostop: Option<bool>,
    /// The share of successes that stops it, percent; its default is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autostop_success_percent: Option<f64>,
    /// Whether it waits for an approval; its default is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_required: Option<bool>,
    /// When it should start (RFC 3339). Services disagree about its meaning: do not rely on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// What is to be changed in a campaign. `None` stays as it is. Outside the draft only name and
/// description may change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignChange {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_filter: Option<String>,
    /// The firmware manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_manifest_id: Option<String>,
    /// Whether the service stops it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autostop: Option<bool>,
    /// The share of successes that stops it, percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autostop_success_percent: Option<f64>,
    /// Whether it waits for an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_required: Option<bool>,
    /// When it should start (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

impl CampaignChange {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a campaign knows about one of its devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignDevice {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// The campaign.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub campaign: String,
    /// The device.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_id: String,
    /// How far it is: `pending`, `deployed`; others may come.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub deployment_state: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// How it is reached.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub mechanism: String,
    /// Where it is reached.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub mechanism_url: String,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_of_the_guide_can_be_read() {
        let json = r#"{"created_at":"t","description":"d","device_filter":"id__eq=1","etag":"t",
            "finished":null,"id":"a","name":"Demo campaign","object":"update-campaign",
            "root_manifest_id":"b","root_manifest_url":"u","started_at":null,"state":"draft",
            "updated_at":"t","when":null,"phase":"draft","approval_required":false,
            "autostop_reason":"","autostop_success_percent":100.0,"autostop":true,
            "starting_at":null,"active_at":null,"stopping_at":null,"stopped_at":null,
            "archived_at":null}"#;
        let campaign: Campaign = serde_json::from_str(json).unwrap();
        assert_eq!(campaign.strategy(), Some(Strategy::OneShot));
        assert_eq!(campaign.autostop_success_percent, Some(100.0));
        assert_eq!(campaign.finished, None);
    }

    #[test]
    fn words_nobody_knows_yet_stay_as_they_are() {
        let json = r#"{"id":"a","campaign_strategy":"mesh","phase":"hovering","name":null}"#;
        let campaign: Campaign = serde_json::from_str(json).unwrap();
        assert_eq!(
            (campaign.strategy(), campaign.phase.as_str()),
            (None, "hovering")
        );
    }

    #[test]
    fn only_what_was_given_is_written() {
        let change = CampaignChange {
            name: Some("n".to_owned()),
            ..CampaignChange::default()
        };
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"name":"n"}"#);
        assert!(!change.is_empty() && CampaignChange::default().is_empty());
        let draft = CampaignDraft {
            name: "n".to_owned(),
            campaign_strategy: Strategy::Continuous,
            ..CampaignDraft::default()
        };
        assert_eq!(
            serde_json::to_string(&draft).unwrap(),
            r#"{"name":"n","description":"","device_filter":"","campaign_strategy":"continuous"}"#
        );
    }
}
