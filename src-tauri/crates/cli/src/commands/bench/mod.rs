//! `bench`: one image into every reader that is plugged in, lane by lane, with a record of each unit.

mod shown;

use firmdrop_api::{
    Bench, BenchLane, BenchRecipe, BenchSetup, BenchView, DeliveryOptions, Diagnosis, LaneState,
    Recovery,
};
use serde_json::Value;
use tokio::sync::broadcast::error::TryRecvError;

use self::shown::Shown;
use super::source;
use crate::arguments::Bench as Arguments;
use crate::context::Context;
use crate::exit::Exit;
use crate::once::ensure_once;
use crate::{kinds, print, progress};

pub(super) async fn run(context: &Context, command: Arguments) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    let stored = firmdrop.bench_setup();
    let named = |lane: &String| kinds::is_simulated(reader_of(lane).1);
    let is_taught = |lane: &BenchLane| lane.place.as_deref().is_some_and(kinds::is_simulated);
    if command.lane.iter().any(named)
        || (command.lane.is_empty() && stored.lanes.iter().any(is_taught))
    {
        firmdrop.open_demo().await?;
    }
    // What a process before this one left is resumed with its lane.
    firmdrop.recover(Recovery::MarkOnly).await?;
    let lanes = lanes(context, &command, &stored).await?;
    let setup = BenchSetup {
        lanes,
        recipe: recipe(context, &command).await?,
        lot: command.lot.clone(),
        lot_size: command.lot_size,
        record: command.record.clone(),
        label: command.label.clone(),
        stop_after: command.stop_after,
        once: command.once,
        holds_fails: false,
        ..stored
    };
    let bench = firmdrop.open_bench(setup).await?;
    let mut shown = Shown::new(context.json);
    shown.opened(&bench.view());
    if command.teach.is_some()
        && let Some(exit) = teach(&bench, &mut shown).await?
    {
        return Ok(exit);
    }
    let view = bench.view();
    let question = format!(
        "Write {} to every reader at {} lanes?",
        view.image.name,
        view.lanes.len()
    );
    if let Err(exit) = context.may(command.yes, &question) {
        return Ok(exit);
    }
    carry_out(context, &bench, &mut shown).await
}

/// `A1=READER`, or a reader alone. What stands before a name's equals sign has no colon and no slash.
fn reader_of(lane: &str) -> (Option<&str>, &str) {
    match lane.split_once('=') {
        Some((name, reader)) if !name.contains([':', '/', '\\', '?']) => (Some(name), reader),
        _ => (None, lane),
    }
}

async fn lanes(
    context: &Context,
    command: &Arguments,
    stored: &BenchSetup,
) -> Result<Vec<BenchLane>, Diagnosis> {
    if let Some(count) = command.teach {
        let untaught = (1..=count).map(|number| BenchLane {
            name: number.to_string(),
            ..BenchLane::default()
        });
        return Ok(untaught.collect());
    }
    if command.lane.is_empty() {
        return Ok(stored.lanes.clone());
    }
    let mut lanes = Vec::new();
    for (number, lane) in (1..).zip(&command.lane) {
        let (name, reader) = reader_of(lane);
        let name = name.map_or_else(|| number.to_string(), str::to_owned);
        lanes.push(context.firmdrop.bench_lane(&name, reader).await?);
    }
    Ok(lanes)
}

async fn recipe(context: &Context, command: &Arguments) -> Result<BenchRecipe, Diagnosis> {
    ensure_once("option", &command.options)?;
    let own = command.options.iter();
    Ok(BenchRecipe {
        file: source::path_of(context, &command.file, &command.fetch).await?,
        options: DeliveryOptions {
            address: command.address,
            own: own
                .map(|(key, value)| (key.clone(), Value::from(value.clone())))
                .collect(),
            ..DeliveryOptions::default()
        },
        product: command.product.clone(),
        confirmed: command.confirm.clone(),
        accepts_unverified: command.accept_unverified,
    })
}

/// Waits until each lane has its place; `Some` when the user ends it before.
async fn teach(bench: &Bench, shown: &mut Shown) -> Result<Option<Exit>, Diagnosis> {
    let mut watch = bench.watch();
    bench.teach().await?;
    let mut interrupted = std::pin::pin!(progress::interrupted());
    loop {
        let view = std::sync::Arc::clone(&watch.borrow_and_update());
        let Some(lane) = &view.teaching else {
            return Ok(None);
        };
        shown.teaches(lane);
        tokio::select! {
            () = &mut interrupted => return Ok(Some(Exit::Cancelled)),
            changed = watch.changed() => if changed.is_err() {
                return Ok(Some(Exit::Failed));
            },
        }
    }
}

/// Arms, shows what happens, and ends when nothing more is to be done.
async fn carry_out(context: &Context, bench: &Bench, shown: &mut Shown) -> Result<Exit, Diagnosis> {
    let mut records = bench.records();
    let mut watch = bench.watch();
    bench.arm().await?;
    let mut interrupted = std::pin::pin!(progress::interrupted());
    let mut interruptions = 0_u32;
    let mut worst = Exit::Done;
    loop {
        let view = std::sync::Arc::clone(&watch.borrow_and_update());
        shown.lanes(&view);
        loop {
            match records.try_recv() {
                Ok(record) => {
                    shown.unit(&record);
                    worst = worst.max(exit_of(&record.result));
                }
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if is_at_its_end(&view) {
            shown.ended(&view);
            if interruptions > 1 {
                worst = worst.max(Exit::Cancelled);
            }
            return Ok(worst.max(left_open(&view)));
        }
        tokio::select! {
            () = &mut interrupted => {
                interruptions += 1;
                if interruptions == 1 {
                    print::line_to_error("Nothing more starts. Lanes that run are finished; Ctrl+C again pauses them.");
                    bench.disarm().await?;
                } else {
                    for job in view.lanes.iter().filter_map(|lane| lane.job.as_ref()) {
                        // One that has ended meanwhile cannot be paused any more.
                        let _ = context.firmdrop.pause(job).await;
                    }
                }
                interrupted.set(progress::interrupted());
            }
            changed = watch.changed() => if changed.is_err() {
                return Ok(Exit::Failed);
            },
        }
    }
}

fn is_at_its_end(view: &BenchView) -> bool {
    view.idle && (!view.armed || (view.setup.once && view.done))
}

/// What stays for a user to decide is no success.
fn left_open(view: &BenchView) -> Exit {
    let waits = |lane: &firmdrop_api::LaneView| lane.state == LaneState::Hold;
    if view.stopped.is_some() || view.lanes.iter().any(waits) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

fn exit_of(result: &str) -> Exit {
    match result {
        "PASS" => Exit::Done,
        "SENT" => Exit::Sent,
        "STOPPED" => Exit::Cancelled,
        _ => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_a_name_only_before_an_equals_sign_that_is_no_part_of_an_address() {
        assert_eq!(reader_of("A1=sim:reader-1"), (Some("A1"), "sim:reader-1"));
        assert_eq!(reader_of("sim:reader-1"), (None, "sim:reader-1"));
        let address = "smp+serial:/dev/ttyACM0?baud=115200";
        assert_eq!(reader_of(address), (None, address));
        let named = format!("4={address}");
        assert_eq!(reader_of(&named), (Some("4"), address));
    }
}
