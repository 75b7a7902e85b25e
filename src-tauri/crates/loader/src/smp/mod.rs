//! SMP, the management protocol of mcumgr: Zephyr, `MCUboot`, Mynewt, `NuttX`.
//!
//! Sends an `MCUboot` image into the free slot, has it tried, and confirms it once it runs. The
//! README beside this file says the sequence, its limits and their sources.

mod allowance;
mod buffers;
mod chunks;
mod confirm;
mod connecting;
mod console;
mod contents;
mod earlier;
mod expected;
mod failure;
mod fixed_pieces;
mod fragments;
mod gatt;
mod heard;
mod identify;
mod in_place;
mod inside;
mod left;
mod load;
mod mode;
mod one_of_several;
mod options;
mod packet;
mod phase;
mod pieces;
mod plan;
mod planned;
mod probe;
mod query;
mod refusal;
mod reopening;
mod reply_text;
mod restart;
mod returning;
mod run;
mod sending;
mod session;
mod several;
mod several_in_place;
mod state;
mod text;
mod timing;
mod trial;
mod upload;
mod upload_again;
mod upload_failure;
mod whereabouts;
mod which;
mod window;

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome};
use firmdrop_image::Inspection;

pub use fixed_pieces::FixedPieces;
pub use timing::Timing;

use crate::{
    LoadContext, LoadError, LoadPlan, Loader, OptionInfo, Options, ProbeContext, Restarted, Scheme,
    SentImage, Target, TextFilter,
};

/// This protocol.
pub(crate) fn loader() -> Arc<dyn Loader> {
    Arc::new(SmpLoader::default())
}

/// The SMP loader.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmpLoader {
    timing: Timing,
    fixed: Option<FixedPieces>,
}

impl SmpLoader {
    /// A loader that waits as long as `timing` says; the default waits as long as real readers
    /// need.
    pub fn with_timing(timing: Timing) -> Self {
        Self {
            timing,
            ..Self::default()
        }
    }

    /// The same with pieces that stay as they are whatever the reader takes.
    #[must_use]
    pub fn with_fixed_pieces(self, fixed: FixedPieces) -> Self {
        Self {
            fixed: Some(fixed),
            ..self
        }
    }
}

#[async_trait]
impl Loader for SmpLoader {
    fn id(&self) -> &'static str {
        "smp"
    }

    fn name(&self) -> &'static str {
        "SMP (MCUboot)"
    }

    fn schemes(&self) -> &'static [Scheme] {
        &[
            Scheme {
                scheme: "smp+serial",
                channel: "serial",
                default_port: None,
                example: "smp+serial:PORT",
            },
            Scheme {
                scheme: "smp+udp",
                channel: "udp",
                default_port: Some(timing::UDP_PORT),
                example: "smp+udp:HOST:PORT",
            },
            Scheme {
                scheme: "smp+ble",
                channel: firmdrop_link::BleAddress::CHANNEL,
                default_port: None,
                example: "smp+ble:ADDRESS",
            },
            Scheme {
                scheme: firmdrop_link::SIMULATED,
                channel: firmdrop_link::SIMULATED,
                default_port: None,
                example: "sim:NAME",
            },
        ]
    }

    fn options(&self) -> &'static [OptionInfo] {
        options::INFOS
    }

    async fn probe(&self, context: &ProbeContext) -> Result<Target, LoadError> {
        probe::probe(context, &self.timing).await
    }

    fn fit(&self, image: &Inspection, target: Option<&Target>, options: &Options) -> Fit {
        plan::fit(image, target, options)
    }

    fn plan(
        &self,
        image: &Inspection,
        target: Option<&Target>,
        options: &Options,
    ) -> Result<LoadPlan, LoadError> {
        plan::plan(image, target, options)
    }

    fn sent_images(&self, file: &Inspection, options: &Options) -> Vec<SentImage> {
        let Ok(options) = options::SmpOptions::read(options) else {
            return Vec::new();
        };
        let wanted = contents::wanted(file, options).unwrap_or_default();
        // Of two for one slot each, which have one version, one is sent.
        contents::for_reader(&wanted, &state::Images::default(), mode::Mode::Unclear)
            .into_iter()
            .map(|one| SentImage {
                part: one.part,
                number: one.number,
            })
            .collect()
    }

    fn text_filter(&self) -> Box<dyn TextFilter> {
        Box::new(text::WithoutFrames::default())
    }

    async fn restart(
        &self,
        context: &ProbeContext,
        accepted: bool,
    ) -> Result<Restarted, LoadError> {
        restart::restart(context, accepted, &self.timing).await
    }

    fn state_after(&self, began: &[&str]) -> String {
        earlier::EarlierRun::of(began.iter().copied())
            .state_after()
            .into()
    }

    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError> {
        Box::pin(run::run(context, self.timing, self.fixed)).await
    }
}
