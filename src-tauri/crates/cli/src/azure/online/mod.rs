//! Commands that talk to an account of Device Update: `adu updates`, `operations`, `groups`, `devices`,
//! `health`, `classes`, `compliance`, `best-updates`, `deployments`, `logs`, `sign-in`.

mod arguments;
mod classes;
mod deployments;
mod fleet;
mod import;
mod logs;
mod ready;
mod run;
mod sign_in;
mod tables;
mod update_id;
mod updates;
mod watch;

pub(crate) use self::arguments::Online;
pub(crate) use self::run::run;
