//! Settings of the window.

use firmdrop_core::Diagnosis;
use firmdrop_engine::Home;

use super::Firmdrop;
use crate::Settings;

impl Firmdrop {
    /// What the user has set. A file that cannot be read counts as nothing set: a look is never
    /// worth an error.
    pub fn settings(&self) -> Settings {
        let text = std::fs::read(self.inner.engine.home().settings()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Keeps what a person has set.
    #[expect(
        clippy::unused_async,
        reason = "every question of the facade is asked the same way"
    )]
    pub async fn save_settings(&self, settings: Settings) -> Result<(), Diagnosis> {
        let home: &Home = self.inner.engine.home();
        home.write_settings(&serde_json::to_vec_pretty(&settings).unwrap_or_default())
    }
}
