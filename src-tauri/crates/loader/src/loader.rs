//! What every protocol promises.

use std::time::Duration;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome};
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

/// What happens during a load, in a person's words through [`PhaseKind::title`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum PhaseKind {
    /// Open the link and read what the reader is.
    Connect,
    /// Send the image; counted in bytes the reader confirmed.
    Upload,
    /// Ask the reader for the hash of what it stored.
    CheckHash,
    /// Mark the image to be tried at the next restart.
    MarkForTest,
    /// Restart the reader.
    Restart,
    /// Wait until it is back at its place.
    FindAgain,
    /// Tell it to keep the image, and read that it did.
    Confirm,
}

/// One phase of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadPhase {
    /// What it does.
    pub kind: PhaseKind,
    /// Bytes it will confirm; zero when it is not counted in bytes.
    pub bytes: u64,
    /// How long it usually takes.
    pub expected: Duration,
    /// How long it may take at most.
    pub deadline: Duration,
    /// Whether a person may stop during it without leaving the reader in a worse state.
    pub can_stop: bool,
    /// What can be undone afterwards, in words.
    pub undo: String,
}

/// Everything a load will do, computed before anything is touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadPlan {
    /// Phases in order.
    pub phases: Vec<LoadPhase>,
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
