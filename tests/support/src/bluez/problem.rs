//! What the service refuses with.

use zbus::DBusError;

/// `org.bluez.Error.*`.
#[derive(Debug, DBusError)]
#[zbus(prefix = "org.bluez.Error")]
pub(super) enum Problem {
    #[zbus(error)]
    Bus(zbus::Error),
    Failed(String),
    NotReady(String),
    InProgress(String),
}

impl Problem {
    pub(super) fn failed(why: &str) -> Self {
        Self::Failed(why.into())
    }
}
