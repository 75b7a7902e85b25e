//! What every command is given.

use firmdrop_api::Firmdrop;
use firmdrop_demo::DemoReaders;
use serde::Serialize;

use crate::exit::Exit;
use crate::waiting::Waiting;
use crate::{print, prompt};

/// What every command is given.
pub(crate) struct Context {
    pub(crate) firmdrop: Firmdrop,
    pub(crate) readers: DemoReaders,
    pub(crate) json: bool,
    /// How a stop ends the command while it waits.
    pub(crate) waiting: Waiting,
}

impl Context {
    /// Asks before something that cannot be undone. Anything but a yes is how the command ends.
    pub(crate) fn may(&self, yes: bool, question: &str) -> Result<(), Exit> {
        if yes {
            return Ok(());
        }
        let waits = self.waiting.is_on();
        if waits {
            self.waiting.for_something_harmless();
        }
        prompt::confirm(question, self.json)?;
        if waits {
            self.waiting.for_a_service();
        }
        Ok(())
    }

    /// Prints an answer: as one document, or as lines for a user.
    pub(crate) fn show<T: Serialize>(
        &self,
        value: &T,
        lines: impl FnOnce(&T) -> Vec<String>,
    ) -> Exit {
        if self.json {
            print::json(value);
        } else {
            for line in lines(value) {
                print::line(&line);
            }
        }
        Exit::Done
    }
}
