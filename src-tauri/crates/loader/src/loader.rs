//! What every protocol promises.

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome, Phase};
use firmdrop_image::Inspection;
use firmdrop_link::Link;
use serde::{Deserialize, Serialize};

use crate::{LoadContext, LoadError, Target};

/// The protocols there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Protocol {
    /// Simple Management Protocol of mcumgr: Zephyr, `MCUboot`, Mynewt, `NuttX`.
    Smp,
}

/// Everything a load will do, computed before anything is touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadPlan {
    /// Phases in order.
    pub phases: Vec<Phase>,
    /// What may go wrong and what then, one sentence each.
    pub risks: Vec<String>,
}

/// A protocol that puts images onto readers.
///
/// The contract, kept by a suite that runs over every loader: `probe` and `plan` change nothing;
/// `load` resumes by itself from what the reader says it holds; progress never runs backwards; the
/// reader is asked before the outcome is *Verified*; an error says in what state it was left.
#[async_trait]
pub trait Loader: std::fmt::Debug + Send + Sync {
    /// Which protocol this is.
    fn protocol(&self) -> Protocol;

    /// Asks the reader what it is. Changes nothing.
    async fn probe(&self, link: &mut Link) -> Result<Target, LoadError>;

    /// Whether the image may go there; `target` is `None` before a probe.
    fn fit(&self, image: &Inspection, target: Option<&Target>) -> Fit;

    /// What a load would do. Pure.
    fn plan(&self, image: &Inspection, target: Option<&Target>) -> LoadPlan;

    /// Puts the image onto the reader. Cancelling through the context stops at the next safe point
    /// and ends in [`LoadError::Stopped`]; dropping the future closes the link where it is.
    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError>;
}
