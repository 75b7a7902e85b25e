//! The air around this computer: one for the program, which has one radio.

use std::sync::{Arc, OnceLock};

use super::air::Air;
use super::{listen, threads};
use crate::LinkError;

static AIR: OnceLock<Arc<Air>> = OnceLock::new();

/// The air around this computer. The first call starts whoever listens.
pub(super) fn air() -> Result<Arc<Air>, LinkError> {
    let threads = threads::threads()?;
    let air = AIR.get_or_init(|| {
        let air = Arc::new(Air::default());
        threads.spawn(listen::whenever_wanted(Arc::clone(&air)));
        air
    });
    Ok(Arc::clone(air))
}
