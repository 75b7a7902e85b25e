//! Every time that Bluetooth is waited for.

use std::time::Duration;

/// How long the system's Bluetooth service may take for one answer. It takes milliseconds; where it is started
/// for the question and finds no radio, D-Bus would wait 25 s.
pub(super) const SERVICE: Duration = Duration::from_secs(2);
/// How long is listened before a list counts as complete. A device that wants to be found advertises at least
/// every 1.28 s (Core Specification, volume 3, part C, `TGAP(adv_slow_interval)`).
pub(super) const FIRST_LOOK: Duration = Duration::from_millis(1500);
/// How often what was heard is put into the list.
pub(super) const REFRESH: Duration = Duration::from_millis(200);
/// So long after it was last asked for, listening ends: a radio that listens sends less.
pub(super) const LEASE: Duration = Duration::from_secs(5);
/// A device that was not heard for so long is looked at, and listed no more when the system forgot it.
pub(super) const UNHEARD: Duration = Duration::from_secs(10);
/// A device that was not heard for so long is listed no more. `BlueZ` forgets one after 30 s.
pub(super) const FORGOTTEN: Duration = Duration::from_secs(40);
/// So long a computer without a radio is not asked again.
pub(super) const ABSENT: Duration = Duration::from_secs(5);
/// How long a device is waited for that is to be opened and was not heard yet.
pub(super) const HEARD: Duration = Duration::from_secs(5);
/// So long a device that the system lists is waited for to be heard again before it is connected anyway: one
/// whose signal never changes is reported once only.
pub(super) const HEARD_AGAIN: Duration = Duration::from_millis(1500);
/// How long connecting may take, with reading what the device offers.
pub(super) const CONNECT: Duration = Duration::from_secs(15);
/// How long a connection is waited for that is just being given up. `BlueZ` takes two seconds.
pub(super) const LET_GO: Duration = Duration::from_secs(5);
/// How long whoever drops a link waits for the disconnection to be under way: a program that ends at once
/// would leave the device connected.
pub(super) const LEAVE: Duration = Duration::from_millis(300);
/// How often listening is begun with a radio that refuses, and the time between: one that was just switched on
/// does for a moment.
pub(super) const STARTS: u32 = 4;
pub(super) const BUSY: Duration = Duration::from_millis(300);
