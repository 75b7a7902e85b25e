//! What every protocol promises, and the one list of protocols.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome, Phase};
use firmdrop_image::Inspection;
use serde::{Deserialize, Serialize};

use crate::{LoadContext, LoadError, OptionInfo, Options, ProbeContext, Target, smp, volume};

/// Every protocol there is. A new one is a folder and a line here.
pub fn all() -> Vec<Arc<dyn Loader>> {
    vec![smp::loader(), volume::loader()]
}

/// How readers of a protocol are written as destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// The scheme of the destination: `smp+serial`.
    pub scheme: &'static str,
    /// The channel of the link's address: `serial`.
    pub channel: &'static str,
    /// Network port when the address names none.
    pub default_port: Option<u16>,
    /// What such a destination looks like: `smp+serial:PORT`.
    pub example: &'static str,
}

/// Everything a load will do, computed before anything is touched. Its sentences are the protocol's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadPlan {
    /// Phases in order. Their keys mean something to the loader alone.
    pub phases: Vec<Phase>,
    /// What may go wrong and what then, one sentence each.
    pub risks: Vec<String>,
    /// What it does to the reader, one sentence.
    pub impact: String,
    /// When the outcome is *Verified*, one sentence.
    pub verified_when: String,
    /// What a stop leaves, and what a later run does with it.
    pub if_stopped: String,
}

/// A protocol that puts images onto readers.
///
/// The contract, held by a suite that runs over every loader: `probe`, `fit` and `plan` change nothing;
/// `load` resumes by itself from what the reader says it holds; progress never runs backwards; the
/// reader is asked before the outcome is *Verified*; an error says in what state it was left.
#[async_trait]
pub trait Loader: std::fmt::Debug + Send + Sync {
    /// The protocol's name in destinations and journals: `smp`. Never changes.
    fn id(&self) -> &'static str;

    /// What users call the protocol.
    fn name(&self) -> &'static str;

    /// How its readers are written, the most usual first.
    fn schemes(&self) -> &'static [Scheme];

    /// The options it takes.
    fn options(&self) -> &'static [OptionInfo] {
        &[]
    }

    /// Identifies the reader. Changes nothing. Opens what it needs itself.
    async fn probe(&self, context: &ProbeContext) -> Result<Target, LoadError>;

    /// Whether the image may go there; `target` is `None` before a probe.
    fn fit(&self, image: &Inspection, target: Option<&Target>, options: &Options) -> Fit;

    /// What a load would do, or why it is none. Pure.
    fn plan(
        &self,
        image: &Inspection,
        target: Option<&Target>,
        options: &Options,
    ) -> Result<LoadPlan, LoadError>;

    /// What the reader is left with, as far as is known without asking it, by the keys of the phases
    /// that runs of this load began.
    fn state_after(&self, began: &[&str]) -> String;

    /// Puts the image onto the reader. Cancelling through the context stops at the next safe point
    /// and ends in [`LoadError::Stopped`]; dropping the future closes the link where it is.
    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError>;
}
