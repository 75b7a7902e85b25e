//! A pretend Azure Device Update service over real HTTP on loopback, in its three generations, with the
//! sign-in that its clients need: updates and their import, devices in groups, deployments.
//!
//! What is imported is downloaded from the pretended Blob storage, or another storage on loopback. The
//! hub that devices are made in, and the management of accounts, are not here.

mod fault;
mod http;
mod record;
mod server;
mod sign_in;
mod state;
mod world;

pub use fault::AzureFault;
pub use record::Record;
pub use server::{
    AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_INSTANCE, DEMO_TENANT,
};
pub use sign_in::App;
pub use state::{Fleet, Inventory, Outcome, Pace};
pub use world::{AzureWorld, AzureWorldOptions};
