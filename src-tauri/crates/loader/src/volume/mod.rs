//! Bootloaders and probes that show a drive: UF2 and `DAPLink`. The image is copied onto it.
//!
//! What such a drive says of itself is in its text files; the README beside this file says the sequence, its
//! limits and their sources.

mod blocks;
mod copy;
mod family;
mod found;
mod info;
mod left;
mod load;
mod own_blocks;
mod plan;
mod read_back;
mod run;
mod timing;

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::{Fit, Outcome};
use firmdrop_image::Inspection;

pub use timing::Timing;

use crate::{LoadContext, LoadError, LoadPlan, Loader, Options, ProbeContext, Scheme, Target};

/// This protocol.
pub(crate) fn loader() -> Arc<dyn Loader> {
    Arc::new(VolumeLoader::default())
}

/// The loader for drives.
#[derive(Debug, Clone, Copy, Default)]
pub struct VolumeLoader {
    timing: Timing,
}

impl VolumeLoader {
    /// A loader that waits as long as `timing` says; the default suits real bootloaders.
    pub fn with_timing(timing: Timing) -> Self {
        Self { timing }
    }
}

#[async_trait]
impl Loader for VolumeLoader {
    fn id(&self) -> &'static str {
        "volume"
    }

    fn name(&self) -> &'static str {
        plan::NAME
    }

    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme {
            scheme: "volume",
            channel: "volume",
            default_port: None,
            example: "volume:FOLDER",
        }]
    }

    async fn probe(&self, context: &ProbeContext) -> Result<Target, LoadError> {
        let link = context.open().await;
        let drive = link.and_then(|link| found::drive(link, &context.address));
        let read = match drive {
            Ok(drive) => info::Info::read(&*drive).await,
            Err(error) => Err(error),
        };
        let info = read.map_err(|source| LoadError::Link {
            source,
            state: left::only_read(),
        })?;
        info.map(|info| info.target())
            .ok_or_else(found::no_bootloader)
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

    fn state_after(&self, began: &[&str]) -> String {
        left::after(began).into()
    }

    async fn load(&self, context: &LoadContext) -> Result<Outcome, LoadError> {
        Box::pin(run::run(context, self.timing)).await
    }
}
