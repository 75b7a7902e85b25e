//! `demo`: the simulated world, for this terminal or for other programs.

use std::path::Path;

use firmdrop_api::{Code, ConfirmedPlan, DeliveryOptions, DemoState, Diagnosis};
use firmdrop_core::{Clock as _, SystemClock};
use firmdrop_demo::{ServedReader, serve_readers};
use serde_json::json;

use crate::arguments::Demo;
use crate::context::Context;
use crate::exit::Exit;
use crate::{kinds, print, progress};

/// The reader that gets the sample in `demo --deliver`, besides the account.
const READER: &str = "sim:reader-1";

pub(super) async fn run(context: &Context, command: Demo) -> Result<Exit, Diagnosis> {
    let state = context.firmdrop.open_demo().await?;
    if command.deliver {
        return deliver(context, &state).await;
    }
    let readers = if command.parts.has_readers() {
        serve_readers(&context.readers).await.map_err(|error| {
            let what = "The simulated readers were not served.";
            Diagnosis::new(Code::DemoNotOpened, what, error.to_string()).state("Nothing was sent.")
        })?
    } else {
        Vec::new()
    };
    show(context, &state, &readers);
    let ended = until_told_to_stop().await;
    drop(readers);
    Ok(if ended.is_ok() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn show(context: &Context, state: &DemoState, readers: &[ServedReader]) {
    if context.json {
        let mut world = json!({ "readers": readers, "sample": state.sample_path });
        for service in &state.services {
            world[&service.scheme] = json!({
                "account": service.account,
                "host": service.host,
                "elsewhere": state.elsewhere,
            });
            if let Some(key) = kinds::demo_key(&service.scheme) {
                world[&service.scheme]["access_key"] = key.into();
            }
        }
        print::json_line(&world);
        return;
    }
    print::line("Demo world, everything here is simulated. Ctrl+C ends it.");
    for service in &state.services {
        print::line(&format!(
            "  {:<15} {}  account {}",
            service.title, service.host, service.account
        ));
    }
    if state.elsewhere {
        print::line("                  of another Firmdrop on this home; it ends with that one");
    }
    for reader in readers {
        print::line(&format!(
            "  {:<15} {}",
            reader.name,
            kinds::destinations(reader)
        ));
    }
    print::line(&format!("  Firmware        {}", state.sample_path));
}

async fn deliver(context: &Context, state: &DemoState) -> Result<Exit, Diagnosis> {
    if !context.json {
        print::line_to_error(
            "Demo world: a simulated service and a simulated reader. Nothing leaves this computer.",
        );
    }
    let accounts = state.services.iter();
    let accounts = accounts.filter(|service| kinds::takes_any_file(&service.scheme));
    let accounts = accounts.map(|service| format!("{}:{}", service.scheme, service.account));
    let destinations: Vec<String> = accounts.chain([READER.to_owned()]).collect();
    // The account may hold the sample of an earlier run under the name of the file.
    let sample = Path::new(&state.sample_path).file_name();
    let sample = sample.unwrap_or_default().display();
    let options = DeliveryOptions {
        name: Some(format!("{sample} {}", SystemClock.now())),
        ..DeliveryOptions::default()
    };
    let firmdrop = &context.firmdrop;
    let plans = firmdrop
        .plan(&state.sample_path, &destinations, options)
        .await?;
    let watch = firmdrop.engine().watch();
    // Nothing of it leaves this computer.
    let confirmed: Vec<_> = plans.iter().map(ConfirmedPlan::whole).collect();
    let jobs = firmdrop.deliver_confirmed(&confirmed).await?;
    progress::follow(firmdrop, watch, &jobs, context.json).await
}

/// Waits for Ctrl+C, or for the polite signal of a program that started this one.
async fn until_told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
