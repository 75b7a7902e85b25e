//! Every limit of the service and of what is read from it, each with its source. No code.

use std::time::Duration;

use firmdrop_core::MIB;

/// Most imports and deletions that an instance carries out at a time; beyond it answers 429. Limits
/// page of the service.
pub const MOST_JOBS_AT_ONCE: usize = 10;

/// Most updates of one import: a parent and the children of its ten steps. Interface of 2022-10-01.
pub const MOST_IMPORT_ITEMS: usize = 11;

/// Most files of one update. Limits page; the interface says 5, which is a warning elsewhere.
pub const MOST_FILES: usize = 10;

/// Longest friendly name, characters. Interface of 2022-10-01.
pub const FRIENDLY_NAME_CHARACTERS: usize = 512;

/// Longest id of an operation, characters. Interface of 2022-10-01.
pub const OPERATION_ID_CHARACTERS: usize = 256;

/// Longest id of a deployment, characters. Interface of 2022-10-01.
pub const DEPLOYMENT_ID_CHARACTERS: usize = 73;

/// Longest friendly name of a device class, characters. Interface of 2022-10-01.
pub const DEVICE_CLASS_NAME_CHARACTERS: usize = 100;

/// Longest description of a log collection, characters. Interface of 2022-10-01.
pub const LOG_DESCRIPTION_CHARACTERS: usize = 512;

/// Most devices of one log collection. Limits page.
pub const LOG_DEVICES: usize = 100;

/// Time between two looks at an operation when the service asks for none: what Microsoft's clients
/// wait.
pub const USUAL_LOOK: Duration = Duration::from_secs(30);

/// Shortest and longest time between two looks, whatever the service asks for.
pub const LOOKS_WITHIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(2));

/// Longest address of a request, characters. Our own limit; the web server of the service reads 8 KiB
/// of a request line.
pub(super) const URL_CHARACTERS: usize = 8000;

/// Most bytes read of one answer. The largest page seen has about 100 entries of some KiB.
pub(super) const ANSWER_BYTES: u64 = 8 * MIB;

/// Most pages of one list that are read. The largest quota is 1,000,000 devices.
pub(super) const MOST_PAGES: usize = 10_000;

/// Most entries of one list that are held in memory.
pub(super) const MOST_ENTRIES: usize = 1_000_000;

/// Deepest level of a nested error that is read.
pub(super) const ERROR_DEPTH: usize = 10;

/// Most errors of a tree that are shown.
pub(super) const MOST_ERRORS: usize = 24;

/// Longest text of one error, characters.
pub(super) const ERROR_CHARACTERS: usize = 500;
