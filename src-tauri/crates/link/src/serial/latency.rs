//! Makes an FTDI adapter hand over received bytes at once, while its port is open.
//!
//! Best effort: without the right to write the attribute, nothing changes and nothing fails. It
//! does not use `ASYNC_LOW_LATENCY`, which needs an ioctl that no safe crate offers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::timing::LOW_LATENCY_MILLISECONDS;

/// The setting the adapter had. Dropping this puts it back.
#[derive(Debug)]
pub(super) struct LowLatency {
    attribute: PathBuf,
    before: String,
}

impl LowLatency {
    /// Sets the adapter behind `port`, a device path or a link to one. `None` when the port has no
    /// such setting, has it already, or it may not be written.
    pub(super) fn set(port: &Path) -> Option<Self> {
        Self::set_below(Path::new("/sys/class/tty"), port)
    }

    fn set_below(terminals: &Path, port: &Path) -> Option<Self> {
        let device = fs::canonicalize(port).ok()?;
        let attribute = terminals
            .join(device.file_name()?)
            .join("device/latency_timer");
        let before = fs::read_to_string(&attribute).ok()?;
        let wanted = LOW_LATENCY_MILLISECONDS.to_string();
        if before.trim() == wanted {
            return None;
        }
        fs::write(&attribute, wanted).ok()?;
        Some(Self { attribute, before })
    }
}

impl Drop for LowLatency {
    fn drop(&mut self) {
        // The adapter may have left; then there is nothing to put back.
        let _ = fs::write(&self.attribute, self.before.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adapter_answers_fast_while_the_port_is_open_and_as_before_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("ttyUSB7");
        fs::write(&port, "").unwrap();
        let attribute = folder.path().join("tty/ttyUSB7/device/latency_timer");
        fs::create_dir_all(attribute.parent().unwrap()).unwrap();
        fs::write(&attribute, "16\n").unwrap();

        let low = LowLatency::set_below(&folder.path().join("tty"), &port).unwrap();
        assert_eq!(fs::read_to_string(&attribute).unwrap(), "1");
        drop(low);
        assert_eq!(fs::read_to_string(&attribute).unwrap(), "16");
    }

    #[test]
    fn a_port_without_the_setting_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("ttyACM0");
        fs::write(&port, "").unwrap();
        assert!(LowLatency::set_below(folder.path(), &port).is_none());
    }
}
