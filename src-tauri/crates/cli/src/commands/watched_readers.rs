//! `devices --watch`: every change of the list, and readers that are identified as soon as they are there.

use std::collections::HashSet;

use firmdrop_api::{Access, Feed, FeedChange, ReaderView};
use tokio::sync::mpsc;

use super::reader_list::print_readers;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;
use crate::progress::interrupted;

/// Prints each change until the command is stopped. Asks readers that are listed as one of `identify` what they are,
/// once each time that they come, and no others: bytes that are sent to an unknown instrument can do harm.
pub(super) async fn run(context: &Context, identify: &[String]) -> Exit {
    let json = context.json;
    let (lists, mut listed) = mpsc::unbounded_channel();
    let watch = context.firmdrop.watch(move |Feed { change, .. }| {
        if let FeedChange::Snapshot { readers, .. } | FeedChange::Readers { readers } = change {
            if json {
                print::json_line(&readers);
            } else {
                print_readers(&readers);
                print::line("");
            }
            // Nobody receives it when the command ends.
            let _ = lists.send(readers);
        }
    });
    let mut identified = Identified::default();
    let identifying = async {
        while let Some(readers) = listed.recv().await {
            let readers: Vec<Listed<'_>> = readers.iter().map(Listed::from).collect();
            for destination in identified.not_identified_yet(&readers, identify) {
                let firmdrop = context.firmdrop.clone();
                // What comes of it is in the list.
                tokio::spawn(async move { firmdrop.probe(&destination).await });
            }
        }
    };
    // It has no end of its own: being stopped is how it ends.
    tokio::select! {
        () = interrupted() => {}
        () = identifying => {}
    }
    drop(watch);
    Exit::Done
}

/// A reader in the list, as far as it matters whether it is identified.
#[derive(Debug, Clone, Copy)]
struct Listed<'a> {
    destination: &'a str,
    id: &'a str,
    name: &'a str,
    access: &'a Access,
}

impl<'a> From<&'a ReaderView> for Listed<'a> {
    fn from(view: &'a ReaderView) -> Self {
        Self {
            destination: &view.destination,
            id: &view.reader.id,
            name: &view.reader.name,
            access: &view.reader.access,
        }
    }
}

/// Destinations of readers that were asked since they came.
#[derive(Debug, Default)]
struct Identified(HashSet<String>);

impl Identified {
    /// Which of these readers are asked now.
    fn not_identified_yet(&mut self, readers: &[Listed<'_>], identify: &[String]) -> Vec<String> {
        let is_there = |destination: &String| {
            let mut readers = readers.iter();
            readers.any(|one| one.destination == destination && *one.access != Access::Gone)
        };
        self.0.retain(is_there);
        let is_meant = |reader: &&Listed<'_>| {
            let names = [reader.destination, reader.id, reader.name];
            *reader.access == Access::NotIdentified
                && identify.iter().any(|text| names.contains(&text.as_str()))
        };
        let meant = readers.iter().filter(is_meant);
        let new = meant.filter(|reader| self.0.insert(reader.destination.to_owned()));
        new.map(|reader| reader.destination.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(access: &Access) -> [Listed<'_>; 3] {
        [
            ("dfu+usb:1-2", "usb:1-2"),
            ("dfu+usb:1-3", "usb:1-3"),
            ("dfu+usb:1-4", "usb:1-4"),
        ]
        .map(|(destination, id)| Listed {
            destination,
            id,
            name: "Reader",
            access,
        })
    }

    #[test]
    fn a_reader_that_is_meant_is_asked_once_each_time_that_it_comes_and_no_other_is() {
        let identify = ["dfu+usb:1-2".to_owned(), "usb:1-4".to_owned()];
        let mut identified = Identified::default();
        for _ in 0..2 {
            let (there, gone) = (listed(&Access::NotIdentified), listed(&Access::Gone));
            assert!(identified.not_identified_yet(&[], &identify).is_empty());
            let first = identified.not_identified_yet(&there, &identify);
            assert_eq!(first, ["dfu+usb:1-2", "dfu+usb:1-4"]);
            assert!(identified.not_identified_yet(&there, &identify).is_empty());
            assert!(identified.not_identified_yet(&gone, &identify).is_empty());
        }
    }

    #[test]
    fn a_reader_that_may_not_be_opened_or_that_answered_is_not_asked() {
        let identify = ["Reader".to_owned()];
        let denied = Access::Denied {
            why: String::new(),
            rule: None,
        };
        let busy = Access::InUse { by: None };
        for access in [Access::Ready, Access::NoAnswer, busy, denied] {
            let identified = Identified::default().not_identified_yet(&listed(&access), &identify);
            assert!(identified.is_empty(), "{access:?}");
        }
    }
}
