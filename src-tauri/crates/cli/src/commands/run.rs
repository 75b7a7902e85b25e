//! Chooses the command, and opens what it needs.

use std::sync::Arc;

use firmdrop_api::{Diagnosis, Firmdrop, FirmdropOptions, home_folder};
use firmdrop_demo::{Demo, DemoReaders};

use super::{
    account, bench, console, deliver, demo, devices, doctor, inspect, jobs, ledger, load_firmware,
};
use crate::arguments::{Arguments, Command};
use crate::context::Context;
use crate::exit::Exit;
use crate::waiting::Waiting;
use crate::{failure, print};

/// Carries one command out.
pub(crate) async fn run(arguments: Arguments) -> Result<Exit, Diagnosis> {
    // Offline: neither journal nor readers are opened.
    let command = match arguments.command {
        Command::Kind(command) => command
            .offline()
            .map_or_else(|kind| Command::Kind(*kind), Command::Offline),
        command => command,
    };
    if let Command::Offline(command) = command {
        let home = home_folder(arguments.home)?;
        return Box::pin(command.run(&home, arguments.json)).await;
    }
    let readers = DemoReaders::default();
    let demo = demo_of(&readers, &command);
    let provider = Arc::new(readers.clone());
    let demo = Arc::new(demo);
    let is_named = arguments.home.is_some();
    let home = arguments.home.clone();
    let mut options = FirmdropOptions::usual(
        "cli",
        arguments.home,
        Arc::clone(&provider) as _,
        Arc::clone(&demo) as _,
    );
    // What a file is does not depend on a home, unless somebody names one. This one is empty, and goes with the command.
    let mut instead = None;
    if let (Err(refused), Command::Inspect(_)) = (&options, &command)
        && !is_named
        && let Ok(empty) = tempfile::tempdir()
    {
        print::line_to_error(&format!(
            "{} Accounts and added readers are not known here.",
            refused.what_happened
        ));
        let home = Some(empty.path().to_owned());
        options = FirmdropOptions::usual("cli", home, provider, demo);
        instead = Some(empty);
    }
    if let Command::Doctor(command) = &command {
        let home = home_folder(home)?;
        let firmdrop = options.and_then(Firmdrop::open);
        return Box::pin(doctor::run(command, arguments.json, home, firmdrop)).await;
    }
    let firmdrop = Firmdrop::open(options?)?;
    if let Some(restored) = firmdrop.journal_restored() {
        // Beside the answer of the command, which stays one document.
        failure::show(&restored, false);
    }
    if let Some(name) = firmdrop.network_home() {
        print::line_to_error(&format!(
            "Firmdrop's own folder is on a network drive ({name}): do not use it from two computers at once."
        ));
    }
    let context = Context {
        firmdrop,
        readers,
        json: arguments.json,
        waiting: Waiting::default(),
    };
    if is_short(&command) {
        context.waiting.for_something_harmless();
    }
    let _until_then = instead;
    match command {
        Command::Inspect(command) => Box::pin(inspect::run(&context, command)).await,
        Command::Devices(command) => devices::run(&context, &command).await,
        Command::Console(command) => Box::pin(console::run(&context, &command)).await,
        Command::Deliver(command) => Box::pin(deliver::run(&context, *command)).await,
        Command::LoadFirmware(command) => Box::pin(load_firmware::run(&context, *command)).await,
        Command::Bench(command) => Box::pin(bench::run(&context, *command)).await,
        Command::Jobs { limit } => jobs::list(&context, limit).await,
        Command::Job(command) => Box::pin(jobs::one(&context, command)).await,
        Command::Account(command) => Box::pin(account::run(&context, command)).await,
        Command::Kind(command) => Box::pin(command.run(&context)).await,
        Command::Offline(_) | Command::Doctor(_) => Ok(Exit::Done), // was carried out above
        Command::Ledger(command) => ledger::run(&context, &command),
        Command::Demo(command) => Box::pin(demo::run(&context, command)).await,
    }
}

/// The demo world, as large as `demo` asks for.
fn demo_of(readers: &DemoReaders, command: &Command) -> Demo {
    let mut demo = Demo::new(readers);
    if let Command::Demo(command) = command {
        demo = demo.at_port(command.port);
        if let Some(devices) = command.devices {
            demo = demo.with_devices(devices.try_into().unwrap_or(usize::MAX));
        }
    }
    demo
}

/// Whether it changes nothing but Firmdrop's own home, and has no end of its own when it is stopped.
fn is_short(command: &Command) -> bool {
    match command {
        Command::Inspect(_) | Command::Jobs { .. } | Command::Ledger(_) => true,
        Command::Devices(command) => !command.watch && !command.changes_a_reader(),
        Command::Deliver(command) => command.dry_run,
        Command::LoadFirmware(_)
        | Command::Bench(_)
        | Command::Console(_)
        | Command::Doctor(_)
        | Command::Job(_)
        | Command::Account(_)
        | Command::Kind(_)
        | Command::Offline(_)
        | Command::Demo(_) => false,
    }
}
