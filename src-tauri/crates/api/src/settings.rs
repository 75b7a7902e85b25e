//! What a user can set about the look.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

/// Settings of the window, stored in the home.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Settings {
    /// Light, dark or the system's.
    pub theme: Theme,
    /// Height of rows.
    pub density: Density,
    /// Keys without a modifier (`?`, `/`, `G D`) do nothing.
    pub single_keys_off: bool,
    /// The cloud account the window shows, by name.
    pub account: Option<String>,
    /// The newest change of a job that the user has seen among the notifications.
    pub looked: Option<Moment>,
    /// How large everything is drawn, percent; 100 when it was never changed.
    pub zoom_percent: Option<u16>,
}

/// Light, dark or the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Height of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Density {
    /// 40 px.
    Comfortable,
    /// 32 px.
    #[default]
    Compact,
    /// 26 px.
    Dense,
}
