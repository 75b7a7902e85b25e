//! The list of readers as a user sees it.

use firmdrop_api::{Access, ReaderView};

use crate::print;

/// Prints it to standard output, one reader a line.
pub(super) fn print_readers(readers: &[ReaderView]) {
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
