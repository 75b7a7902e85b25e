//! Options of a protocol's own, as they are written on a command line and in a plan.
//!
//! Which there are, and what their values mean, is said in the folder of each protocol.

use serde_json::{Map, Value};

use crate::LoadError;

/// Options by their names.
pub type Options = Map<String, Value>;

/// One option that a protocol takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does, one sentence.
    pub explanation: &'static str,
}

/// Refuses options that the protocol does not have, and says which it has.
pub(crate) fn known(
    options: &Options,
    protocol: &str,
    infos: &[OptionInfo],
) -> Result<(), LoadError> {
    let unknown = |name: &&String| infos.iter().all(|info| info.name != **name);
    let Some(name) = options.keys().find(unknown) else {
        return Ok(());
    };
    let names: Vec<_> = infos.iter().map(|info| info.name).collect();
    Err(LoadError::BadOption {
        name: name.chars().take(60).collect(),
        why: if names.is_empty() {
            format!("{protocol} has no options.")
        } else {
            format!("{protocol} has the options {}.", names.join(", "))
        },
    })
}

/// A whole number, written as a number or as its digits.
pub(crate) fn number(options: &Options, name: &str) -> Result<Option<u32>, LoadError> {
    let read = match options.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    read.map(Some).ok_or_else(|| LoadError::BadOption {
        name: name.to_owned(),
        why: format!("The option {name} takes a whole number."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: &str, value: impl Into<Value>) -> Options {
        Options::from_iter([(name.to_owned(), value.into())])
    }

    #[test]
    fn an_unknown_option_is_answered_with_those_that_exist() {
        let infos = [OptionInfo {
            name: "image",
            explanation: "",
        }];
        let Err(LoadError::BadOption { name, why }) = known(&options("imaeg", 1), "X", &infos)
        else {
            panic!("it was accepted");
        };
        assert_eq!(
            (name.as_str(), why.as_str()),
            ("imaeg", "X has the options image.")
        );
        assert!(known(&options("image", 1), "X", &infos).is_ok());
    }

    #[test]
    fn a_number_is_a_number_or_its_digits_and_nothing_else() {
        let read = |value: Value| number(&options("n", value), "n").ok().flatten();
        assert_eq!(read(1.into()), Some(1));
        assert_eq!(read("2".into()), Some(2));
        for wrong in [Value::from(-1), Value::from(1.5), "x".into(), Value::Null] {
            assert!(
                number(&options("n", wrong.clone()), "n").is_err(),
                "{wrong}"
            );
        }
    }
}
