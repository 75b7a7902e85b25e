//! Commands that talk to an account of Device Update: `adu updates`, `operations`, `groups`, `devices`,
//! `classes`, `deployments`, `sign-in`.

mod arguments;
mod deployments;
mod import;
mod ready;
mod run;
mod sign_in;
mod tables;
mod update_id;
mod updates;
mod watch;

pub(crate) use self::arguments::Online;
pub(crate) use self::run::run;
