//! SMP, the management protocol of mcumgr: Zephyr, `MCUboot`, Mynewt, `NuttX`.
//!
//! Sends an `MCUboot` image into the free slot, has it tried, and confirms it once it runs. The
//! README beside this file tells the sequence, its limits and their sources.

mod buffers;
mod chunks;
mod console;
mod failure;
mod in_place;
mod left;
mod load;
mod mode;
mod packet;
mod plan;
mod probe;
mod refusal;
mod returning;
mod run;
mod session;
mod state;
mod timing;
mod trial;
mod upload;
mod window;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome};
use firmdrop_image::Inspection;
use firmdrop_link::Link;

pub use timing::{Timing, UDP_PORT};

use crate::{LoadContext, LoadError, LoadPlan, Loader, Protocol, Target};

/// The SMP loader.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmpLoader {
    timing: Timing,
}

impl SmpLoader {
    /// A loader that waits as long as `timing` says; the default waits as long as real readers
    /// need.
    pub fn with_timing(timing: Timing) -> Self {
        Self { timing }
    }
}

#[async_trait]
impl Loader for SmpLoader {
    fn protocol(&self) -> Protocol {
        Protocol::Smp
    }

    async fn probe(&self, link: &mut Link) -> Result<Target, LoadError> {
        probe::probe(link, &self.timing).await
    }

    fn fit(&self, image: &Inspection, target: Option<&Target>) -> Fit {
        plan::fit(image, target)
    }

    fn plan(&self, image: &Inspection, target: Option<&Target>) -> LoadPlan {
        plan::plan(image, target)
    }

    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError> {
        Box::pin(run::run(context, self.timing)).await
    }
}
