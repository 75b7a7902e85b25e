//! What a user can ask for, in types that cross to every face.
//!
//! The engine's types are re-exported, never copied. Nothing here knows a window, a terminal or the
//! simulated world; faces register what they offer when they open [`Firmdrop`].

mod account;
pub mod azure;
mod bench;
mod code;
mod console;
mod demo;
mod doctor;
mod feed;
mod firmdrop;
mod kinds;
mod label;
mod load_firmware;
pub mod pelion;
mod recovery;
mod saved_files;
mod settings;
mod startup;
mod verdict;

pub use account::{AccountDraft, AccountView};
pub use bench::{
    BenchImage, BenchLane, BenchRecipe, BenchSetup, BenchView, LaneState, LaneView, LotCounts,
    MOST_LANES, UnitRecord, UnitResult,
};
pub use code::{ErrorCode, error_codes};
pub use console::{ConsoleEvent, ConsoleState};
pub use demo::{DemoMaker, DemoService, DemoWorld};
pub use doctor::{Doctor, DoctorReport, no_such_user, system_in};
pub use feed::{Feed, FeedChange};
pub use firmdrop::{
    Bench, CheckedLoad, ConfirmedPlan, Firmdrop, FirmdropOptions, LoadEvents, Watch, home_folder,
};
pub use load_firmware::{
    LARGEST_BLOB_BYTES, LARGEST_FIRMWARE_BYTES, LOAD_EVENT, LoadBegun, LoadEvent, LoadFirmware,
    LoadMessage, LoadProgress, LoadRefusal, LoadResponse, LoadResult, LoadRules, LoadStatus,
};
pub use recovery::{RecoveryOffer, RecoverySource};
pub use settings::{Density, Settings, Theme};
pub use startup::{DemoFault, DemoServiceView, DemoState, Startup};
pub use verdict::{
    ComparedFile, DestinationOffer, ExtractedPart, FileComparison, OfferGroup, ReaderView,
    RestartedReader, Verdict,
};

pub use firmdrop_backend::BackendOptions;
pub use firmdrop_core::{
    Code, ConnectionReport, Diagnosis, Fit, Moment, Outcome, Remedy, StepResult,
};
pub use firmdrop_doctor::{
    ChangeState, FileChange, Finding, FindingState, Fix, Root, System, SystemChange, SystemChanged,
    User,
};
pub use firmdrop_engine::{
    ACCESS_KEY, AccessKey, Account, AccountForm, Against, Chain, Change, Confirmation,
    ConfirmationAbout, DeliveredResult, DeliveryOptions, DemoAddress, Destination, Engine, Export,
    ExportHead, FileSource, FormChoice, FormCondition, FormField, Home, Impact, Job, JobId,
    JobIdError, JobState, JobSummary, KeyFound, KeyStorage, LARGEST_EXPORT_BYTES, Ledger,
    LedgerEntry, LedgerReport, PROXY_PASSWORD, Pace, Plan, PlanId, Recovery, Secrets,
    SimulatedAccount, TimedNote, Verifier, split_password,
};
pub use firmdrop_image::{FileDigests, Inspection};
pub use firmdrop_link::Access;

/// Deletes what the kinds stored in the home and nothing refers to any more; `waiting`: the files of plans that wait.
pub(crate) async fn tidy(engine: &Engine, waiting: std::collections::BTreeSet<std::path::PathBuf>) {
    azure::sweep(engine, waiting).await;
    saved_files::sweep(engine).await;
}
