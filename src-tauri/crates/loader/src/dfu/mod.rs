//! USB DFU: devices whose bootloader takes an image over control transfers, by the class specification 1.0
//! and 1.1 and by ST's extensions.
//!
//! The README beside this file says the sequence, its limits and their sources.

mod blocks;
mod detach;
mod found;
mod ids;
mod interface;
mod layout;
mod leaving;
mod left;
mod load;
mod memory;
mod options;
mod pause;
mod plain;
mod plan;
mod planned;
mod quirks;
mod restart;
mod restarted;
mod run;
mod save;
mod session;
mod st;
mod timing;
mod window;
mod wire;
mod words;
mod work;

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome};
use firmdrop_image::Inspection;
use firmdrop_link::UsbAddress;

pub use timing::Timing;

use self::left::{After, LoadStage};
use crate::{
    LeftState, LoadContext, LoadError, LoadPlan, Loader, OptionInfo, Options, ProbeContext,
    Restarted, Scheme, Target,
};

/// This protocol.
pub(crate) fn loader() -> Arc<dyn Loader> {
    Arc::new(DfuLoader::default())
}

/// The loader for DFU devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct DfuLoader {
    timing: Timing,
}

impl DfuLoader {
    /// A loader that waits as long as `timing` says; the default suits real devices.
    pub fn with_timing(timing: Timing) -> Self {
        Self { timing }
    }
}

#[async_trait]
impl Loader for DfuLoader {
    fn id(&self) -> &'static str {
        "dfu"
    }

    fn name(&self) -> &'static str {
        words::NAME
    }

    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme {
            scheme: "dfu+usb",
            channel: UsbAddress::CHANNEL,
            default_port: None,
            example: "dfu+usb:VID:PID[@PLACE]",
        }]
    }

    fn options(&self) -> &'static [OptionInfo] {
        options::INFOS
    }

    async fn probe(&self, context: &ProbeContext) -> Result<Target, LoadError> {
        let opened =
            found::FoundDevice::open(&context.providers, &context.address, self.timing).await;
        let seen = opened.map_err(|source| LoadError::Link {
            source,
            state: LeftState(left::state(
                LoadStage::Nothing { resumes: false },
                After::NotAsked,
            )),
        })?;
        Ok(seen.target())
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

    async fn restart(
        &self,
        context: &ProbeContext,
        accepted: bool,
    ) -> Result<Restarted, LoadError> {
        restart::restart(context, accepted, self.timing).await
    }

    fn state_after(&self, began: &[&str]) -> String {
        left::after(began)
    }

    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError> {
        Box::pin(run::run(context, self.timing)).await
    }
}
