//! Options of one kind of destination, and what becomes of them where a delivery goes to several kinds
//! at once.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::{Backend, Backends};
use crate::{DeliveryOptions, Destination};

/// An option of one kind of destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnOption {
    /// Its name.
    pub key: &'static str,
    /// What it means for a destination of another kind.
    pub elsewhere: Elsewhere,
}

/// What an option means for a destination of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// It only tunes the delivery: it is left out.
    LeftOut,
    /// The user asked for something that destination cannot do: the delivery is refused.
    Refused,
}

impl Backends {
    /// The options as the destination's own kind takes them.
    ///
    /// # Errors
    /// [`Code::OptionUnknown`] for an option that no kind has, or that this one cannot do without.
    pub(crate) fn options_for(
        &self,
        backend: &dyn Backend,
        destination: &Destination,
        options: &DeliveryOptions,
    ) -> Result<DeliveryOptions, Diagnosis> {
        let mut taken = options.clone();
        for key in options.own.keys() {
            let has = |backend: &dyn Backend| {
                let mut own = backend.own_options().into_iter();
                own.find(|option| option.key == key)
            };
            if has(backend).is_some() {
                continue;
            }
            let others = self.iter().filter_map(|other| has(&**other));
            match others.map(|option| option.elsewhere).next() {
                Some(Elsewhere::LeftOut) => {
                    taken.own.remove(key);
                }
                other => return Err(unknown(destination, key, other.is_some())),
            }
        }
        Ok(taken)
    }
}

fn unknown(destination: &Destination, key: &str, is_of_another_kind: bool) -> Diagnosis {
    let key: String = key.chars().take(60).collect();
    Diagnosis::new(
        Code::OptionUnknown,
        format!("{destination} has no option \"{key}\"."),
        if is_of_another_kind {
            "It belongs to another kind of destination."
        } else {
            "No kind of destination has it."
        },
    )
    .state(Diagnosis::NOTHING_SENT)
    .remedy(Remedy::advice(
        "Leave the option out, or choose a destination that has it.",
    ))
}
