//! What every protocol promises.

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome, Phase, ProofMethod, SaveBefore};
use firmdrop_image::Inspection;
use serde::{Deserialize, Serialize};

use crate::{
    AllText, LoadContext, LoadError, OptionInfo, Options, ProbeContext, Target, TextFilter,
};

/// How readers of a protocol are written as destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// The scheme of the destination: `protocol+serial`.
    pub scheme: &'static str,
    /// The channel of the link's address: `serial`.
    pub channel: &'static str,
    /// Network port when the address names none.
    pub default_port: Option<u16>,
    /// What such a destination looks like: `protocol+serial:PORT`.
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
    /// How it is proved then; `None` where it can only be sent.
    #[serde(default)]
    pub verified_by: Option<ProofMethod>,
    /// What a stop leaves, and what a later run does with it.
    pub if_stopped: String,
    /// Whether what the reader holds can be saved before it is written.
    pub save_before: SaveBefore,
}

/// A reader that was asked to restart and was looked for afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restarted {
    /// What it says it is now; `None` when it does not say that where it was looked for.
    pub target: Option<Target>,
    /// What it was asked, what it answered and what was seen since, in sentences.
    pub statement: String,
}

/// An image of a file that a load sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentImage {
    /// Number of the part of the file that it is; `None` is the file itself.
    pub part: Option<usize>,
    /// Which of the reader's images it replaces; `None` is the only one, or what the reader says.
    pub number: Option<u32>,
}

/// A protocol that puts images onto readers.
///
/// The contract, held by a suite that runs over every loader: `probe`, `fit` and `plan` change nothing;
/// `load` resumes by itself from what the reader says it holds; progress never runs backwards; the
/// reader is asked before the outcome is *Verified*; an error says in what state it was left.
#[async_trait]
pub trait Loader: std::fmt::Debug + Send + Sync {
    /// The protocol's name in destinations and journals, in small letters. Never changes.
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

    /// Which images of the file replace which of the reader's, where the protocol tells them apart; none where it
    /// does not, and of a file that it does not send. Pure.
    fn sent_images(&self, _file: &Inspection, _options: &Options) -> Vec<SentImage> {
        Vec::new()
    }

    /// What separates text of a reader from this protocol's own frames, on a line that they share.
    fn text_filter(&self) -> Box<dyn TextFilter> {
        Box::new(AllText)
    }

    /// Restarts the reader without writing to it, and waits until it answers again. What it may run afterwards
    /// is asked before: something else than now is started only when `accepted`, and is
    /// [`LoadError::RestartChanges`] otherwise. A protocol that restarts no reader says so. Dropping the future
    /// closes the link; a request that is out stays out.
    async fn restart(
        &self,
        _context: &ProbeContext,
        _accepted: bool,
    ) -> Result<Restarted, LoadError> {
        Err(LoadError::CannotRestart {
            why: format!("{} has no request for a restart.", self.name()),
            advice: "Unplug the reader and plug it in again.",
        })
    }

    /// What the reader is left with, as far as is known without asking it, by the keys of the phases
    /// that runs of this load began.
    fn state_after(&self, began: &[&str]) -> String;

    /// Puts the image onto the reader. Cancelling through the context stops at the next safe point
    /// and ends in [`LoadError::Stopped`]; dropping the future closes the link where it is.
    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError>;
}
