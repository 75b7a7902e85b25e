//! What a person can set about the look.

use serde::{Deserialize, Serialize};

/// Settings of the window, kept in the home.
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
