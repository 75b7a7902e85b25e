//! Jobs: what is planned, carried out, written down and proved.
//!
//! The engine knows no service and no protocol: what belongs to one kind of destination is behind
//! [`Backend`]. It has never heard of a window, a terminal or a web request either.

mod account;
mod backend;
mod blocking;
mod delivery;
mod demo_world;
mod destination;
mod download;
mod file;
mod file_system;
mod home;
mod job;
mod journal;
mod ledger;
mod lock;
mod plan;
mod received;
mod secret_store;
mod web_page;

pub use account::{
    ACCESS_KEY, AccessKey, Account, AccountForm, Accounts, FormChoice, FormCondition, FormField,
    KeyStorage, PROXY_PASSWORD, Secrets, SimulatedAccount, split_password, with_password,
};
pub use backend::{
    Applied, Backend, Backends, Elsewhere, Ended, Entry, History, JobContext, OwnOption,
    PlanRequest, RemoteState,
};
pub use blocking::{blocking, task_died};

pub use delivery::{
    Change, Changes, Engine, EngineOptions, Following, Observation, PlaceHold, Recovery,
};
pub use demo_world::{DemoAddress, DemoClaim, DemoPlace};
pub use destination::{Destination, DestinationError};
pub use download::{DownloadError, DownloadRules, download};
pub use file::{FileIdentity, FileSource};
pub use file_system::network_file_system;
/// The dates of hosts that this process asked.
pub use firmdrop_net::{HostDate, host_dates};
pub use home::Home;
pub use job::{
    Job, JobId, JobIdError, JobState, JobSummary, Lane, Pace, PhaseResult, PhaseRun, Piece,
    PieceRecord, PieceState, TimedNote, Waiting,
};
pub use journal::{Journal, JournalError, Restored, StopRequest, UpgradePlan};
pub use ledger::{
    Against, Chain, Delivered, DeliveredResult, Export, ExportHead, FindingKind, KeyFound,
    LARGEST_EXPORT_BYTES, Ledger, LedgerEntry, LedgerFinding, LedgerReport, Maker, Station,
    Verifier,
};
pub use plan::{
    Confirmation, ConfirmationAbout, DeliveryOptions, Files, ImageFile, Impact, NoFile, Plan,
    PlanId, check_file_phase, digest, inspect, sha256, sha256_while,
};
pub use received::{Received, receive};
pub use secret_store::{KeyStoreAnswer, key_store_answer};
pub use web_page::is_web_page;
