//! The shell: the only Rust that knows Tauri.
//!
//! It opens the window, carries calls to the facade and its feed back, and asks the system for what
//! a page may not have: file dialogs, a second start's files, the closing of the window. It decides
//! nothing about firmware.

mod arguments;
mod backend;
mod bindings;
mod closing;
mod commands;
mod confirm;
mod dialog;
mod drop;
mod event;
mod home;
mod open_files;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

/// Opens the window and stays until it is closed.
///
/// Ends with a failure when the system offers no display or the window cannot be made.
#[expect(
    clippy::exit,
    reason = "the macro that embeds the page ends a process whose assets are damaged"
)]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if !window::has_display() {
        dialog::no_display();
        return ExitCode::FAILURE;
    }
    let bindings = bindings::builder();
    let calls = bindings.invoke_handler();
    let app = tauri::Builder::default()
        // The first one: a second start ends here, before it touches the home.
        .plugin(window::single_instance(&arguments))
        .plugin(window::remembered_place(&arguments))
        .invoke_handler(calls)
        .on_window_event(|window, event| {
            closing::guard(window, event);
            drop::take(window, event);
        })
        .setup(move |app| {
            bindings.mount_events(app);
            window::open(app, &arguments)
        })
        .run(tauri::generate_context!());
    match app {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            dialog::last_words(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
