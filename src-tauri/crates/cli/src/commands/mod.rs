//! One file for each command: unpack, ask the api, print.

mod account;
mod bench;
mod console;
mod deliver;
mod demo;
mod devices;
mod doctor;
mod inspect;
mod jobs;
mod ledger;
mod load_apart;
mod load_firmware;
mod of_kind;
mod reader_list;
mod run;
mod source;
mod watched_readers;

pub(crate) use self::deliver::Delivery;
pub(crate) use self::run::run;
