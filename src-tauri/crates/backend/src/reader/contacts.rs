//! What came of the last contact with each reader: its state, and what it said about itself.
//!
//! A reader is *Ready* only after it answered; a port that can be opened proves nothing about what is behind it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Destination, Ended};
use firmdrop_link::Access;
use firmdrop_loader::Target;
use tokio::sync::watch;

/// By destination.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    readers: Mutex<Readers>,
    /// Grows when a contact changed what is known of a reader.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Readers {
    last: HashMap<Destination, Contact>,
    /// Those that discovery saw when it was last asked.
    seen: HashSet<Destination>,
}

/// The last contact with one reader.
#[derive(Debug, PartialEq)]
struct Contact {
    access: Access,
    /// What it said when it last answered.
    target: Option<Target>,
}

impl Contacts {
    /// It answered and said this.
    pub(super) fn answered(&self, destination: &Destination, target: Target) {
        let contact = Contact {
            access: Access::Ready,
            target: Some(target),
        };
        let mut readers = self.lock();
        let known = readers.last.get(destination);
        let is_new = known != Some(&contact);
        readers.last.insert(destination.clone(), contact);
        self.changed(is_new);
    }

    /// The contact failed.
    pub(super) fn failed(&self, destination: &Destination, diagnosis: &Diagnosis) {
        let mut readers = self.lock();
        let known = readers.last.remove(destination);
        let access = access_after(diagnosis);
        let is_new = known.as_ref().is_none_or(|known| known.access != access);
        let contact = Contact {
            access,
            target: known.and_then(|contact| contact.target),
        };
        readers.last.insert(destination.clone(), contact);
        self.changed(is_new);
    }

    /// What it said before is out of date.
    pub(super) fn forget(&self, destination: &Destination) {
        let known = self.lock().last.remove(destination);
        self.changed(known.is_some());
    }

    fn changed(&self, is_new: bool) {
        if is_new {
            self.changes.send_modify(|number| *number += 1);
        }
    }

    /// Receives a number that grows when a contact changed what is known of a reader.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// A job wrote it, or tried to: what it said before is out of date.
    pub(super) fn written(&self, destination: &Destination, ended: &Ended) {
        self.forget(destination);
        if let Ended::Failed { diagnosis, .. } = ended {
            self.failed(destination, diagnosis);
        }
    }

    /// Its state, as far as contacts say.
    pub(super) fn access(&self, destination: &Destination) -> Access {
        let readers = self.lock();
        readers
            .last
            .get(destination)
            .map_or(Access::NotIdentified, |contact| contact.access.clone())
    }

    /// What it said when it last answered, however long ago.
    pub(super) fn target(&self, destination: &Destination) -> Option<Target> {
        self.lock().last.get(destination)?.target.clone()
    }

    /// What it said, when nothing failed since.
    pub(super) fn current(&self, destination: &Destination) -> Option<Target> {
        let readers = self.lock();
        let contact = readers.last.get(destination)?;
        (contact.access == Access::Ready).then(|| contact.target.clone())?
    }

    /// Forgets readers that discovery no longer sees: what is plugged in there next may be another.
    pub(super) fn forget_vanished<'a>(&self, now: impl Iterator<Item = &'a Destination>) {
        let mut readers = self.lock();
        let now: HashSet<Destination> = now.cloned().collect();
        let before = std::mem::replace(&mut readers.seen, now);
        for vanished in before.difference(&readers.seen.clone()) {
            readers.last.remove(vanished);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of a reader after a failure. One that is not about the way to it says nothing of it.
fn access_after(diagnosis: &Diagnosis) -> Access {
    match diagnosis.code {
        Code::LinkTimeout => Access::NoAnswer,
        Code::LinkNotFound | Code::LinkLost | Code::NotReturned => Access::Gone,
        Code::LinkBusy => Access::InUse { by: None },
        Code::LinkDenied => Access::Denied {
            why: diagnosis.why.clone(),
            rule: None,
        },
        _ => Access::NotIdentified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> Destination {
        Destination::new("smp+serial", "/dev/ttyACM0")
    }

    fn failure(code: Code) -> Diagnosis {
        Diagnosis::new(code, "It failed.", "Nothing came back.")
    }

    fn target() -> Target {
        Target {
            product: None,
            version: Some("2.4.0".into()),
            ..Target::default()
        }
    }

    #[test]
    fn a_reader_is_ready_only_after_it_answered() {
        let contacts = Contacts::default();
        assert_eq!(contacts.access(&reader()), Access::NotIdentified);
        contacts.answered(&reader(), target());
        assert_eq!(contacts.access(&reader()), Access::Ready);
    }

    #[test]
    fn a_reader_that_stopped_answering_is_no_longer_ready_and_its_last_words_are_not_current() {
        for (code, access) in [
            (Code::LinkTimeout, Access::NoAnswer),
            (Code::LinkNotFound, Access::Gone),
            (Code::LinkLost, Access::Gone),
            (Code::LinkBusy, Access::InUse { by: None }),
            // Nothing was sent to it, so nothing is known of it.
            (Code::RadioOff, Access::NotIdentified),
        ] {
            let contacts = Contacts::default();
            contacts.answered(&reader(), target());
            contacts.failed(&reader(), &failure(code));
            assert_eq!(contacts.access(&reader()), access);
            assert!(contacts.target(&reader()).is_some());
            assert!(contacts.current(&reader()).is_none());
        }
    }

    #[test]
    fn what_a_reader_said_before_it_was_written_is_forgotten() {
        let contacts = Contacts::default();
        contacts.answered(&reader(), target());
        contacts.written(&reader(), &Ended::failed(failure(Code::LinkTimeout)));
        assert_eq!(contacts.access(&reader()), Access::NoAnswer);
        assert!(contacts.target(&reader()).is_none());
    }

    #[test]
    fn whoever_shows_readers_hears_of_a_contact_that_changed_something_and_of_no_other() {
        let contacts = Contacts::default();
        let mut changes = contacts.changes();
        let mut is_new = || {
            let is_new = changes.has_changed().unwrap();
            changes.mark_unchanged();
            is_new
        };
        contacts.forget(&reader());
        assert!(!is_new());
        for expected in [true, false] {
            contacts.answered(&reader(), Target::default());
            assert_eq!(is_new(), expected);
        }
        contacts.forget(&reader());
        assert!(is_new());
    }

    #[test]
    fn a_reader_that_was_plugged_out_is_not_identified_when_it_is_back() {
        let contacts = Contacts::default();
        contacts.forget_vanished([reader()].iter());
        contacts.answered(&reader(), target());
        contacts.forget_vanished([].iter());
        contacts.forget_vanished([reader()].iter());
        assert_eq!(contacts.access(&reader()), Access::NotIdentified);
    }
}
