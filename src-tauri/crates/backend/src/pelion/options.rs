//! What a user can choose of a delivery to Pelion.

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::DeliveryOptions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CampaignSpec;

/// Longest name of a firmware image and of an upload job, characters. Pelion's public contract of
/// 2021, `firmware-images`.
pub const LONGEST_NAME: usize = 128;
/// Longest description, characters. The same contract.
pub const LONGEST_DESCRIPTION: usize = 2_000;

/// Options of this kind of destination, beside those that every kind has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PelionOptions {
    /// Bytes of a chunk; chosen by the line when absent.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_bytes: Option<u64>,
    /// A campaign that brings the image to a fleet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignSpec>,
}

impl PelionOptions {
    /// The options as a delivery holds them. What is absent is left out.
    pub fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// The options of this kind among those of a delivery. One that this kind does not know is
    /// refused.
    pub fn read(options: &DeliveryOptions) -> Result<Self, Diagnosis> {
        let own = Value::Object(options.own.clone());
        Self::deserialize(own).map_err(|error| {
            Diagnosis::new(
                Code::OptionUnknown,
                "An option of the delivery cannot be used.",
                error.to_string(),
            )
            .state("Nothing was sent.")
            .remedy(Remedy::PlanAgain)
        })
    }
}

/// Refuses a text that the service would refuse for its length, and an empty name.
pub(super) fn check_length(what: &str, text: &str, longest: usize) -> Result<(), Diagnosis> {
    let length = text.chars().count();
    let is_missing = what == "name" && length == 0;
    if length <= longest && !is_missing {
        return Ok(());
    }
    let (title, why) = if is_missing {
        (
            "The name is missing".to_owned(),
            "The service needs a name to tell images apart.".to_owned(),
        )
    } else {
        (
            format!("The {what} is too long"),
            format!("It has {length} characters, the service takes {longest}."),
        )
    };
    let diagnosis = Diagnosis::new(
        Code::NameTooLong,
        format!("The {what} cannot be used."),
        why,
    )
    .titled(title)
    .state("Nothing was sent.");
    Err(if what == "name" && !is_missing {
        let suggestion = text.chars().take(longest.saturating_sub(20)).collect();
        diagnosis.remedy(Remedy::ChooseAnotherName { suggestion })
    } else {
        diagnosis.remedy(Remedy::PlanAgain)
    })
}
