//! `devices`: the readers that can be seen.

use firmdrop_api::Access;
use firmdrop_api::{Diagnosis, Feed, FeedChange, ReaderView};

use crate::arguments::Devices;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;
use crate::progress::interrupted;

pub(super) async fn run(context: &Context, command: &Devices) -> Result<Exit, Diagnosis> {
    if !command.watch {
        context.firmdrop.listen_for_readers().await;
        for trouble in context.firmdrop.reader_troubles() {
            print::line_to_error(&trouble.what_happened);
        }
        let readers = context.firmdrop.readers().await;
        if context.json {
            print::json(&readers);
        } else {
            print_readers(&readers);
        }
        return Ok(Exit::Done);
    }
    let json = context.json;
    let watch = context.firmdrop.watch(move |Feed { change, .. }| {
        if let FeedChange::Snapshot { readers, .. } | FeedChange::Readers { readers } = change {
            if json {
                print::json_line(&readers);
            } else {
                print_readers(&readers);
                print::line("");
            }
        }
    });
    // It has no end of its own: being stopped is how it ends.
    interrupted().await;
    drop(watch);
    Ok(Exit::Done)
}

fn print_readers(readers: &[ReaderView]) {
    if readers.is_empty() {
        print::line(
            "No readers found. Serial ports, USB and Bluetooth were looked at; a network reader is named by its address.",
        );
    }
    for view in readers {
        let access = match &view.reader.access {
            Access::Ready => "ready".to_owned(),
            Access::NotIdentified => "not identified".to_owned(),
            Access::NoAnswer => "no answer".to_owned(),
            Access::Denied { why, .. } => format!("no access: {why}"),
            Access::InUse { by: Some(by) } => format!("in use by {by}"),
            Access::InUse { by: None } => "in use".to_owned(),
            Access::Gone => "gone".to_owned(),
        };
        print::line(&format!(
            "{:<34} {:<24} {:<20} {access:<8} device:{}",
            view.destination, view.reader.name, view.reader.place, view.reader.id
        ));
    }
}
