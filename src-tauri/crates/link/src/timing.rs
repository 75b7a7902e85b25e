//! Every time a link waits for something.
//!
//! How long an answer may take is not said here: that belongs to the protocol.

use std::time::Duration;

/// Longest time a link may take to open. Opening a USB serial port takes milliseconds; a name
/// server that does not answer takes the rest.
pub const OPEN_DEADLINE: Duration = Duration::from_secs(5);

/// Longest time one channel may take to list its readers. Linux does it in milliseconds.
pub(crate) const DISCOVERY_DEADLINE: Duration = Duration::from_secs(5);

/// How often a channel is looked at where the system does not report changes. A user who plugs a
/// reader in sees it within the time that feels like at once, and a look costs a few file reads.
pub const WATCH_PERIOD: Duration = Duration::from_millis(500);

/// Latency an FTDI adapter is set to while its port is open, milliseconds; the least its driver
/// takes. Linux `ftdi_sio.c`, attribute `latency_timer`: 1 to 255, 16 unless set.
pub(crate) const LOW_LATENCY_MILLISECONDS: u8 = 1;
