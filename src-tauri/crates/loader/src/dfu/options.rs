//! The options of this protocol.

use serde_json::Value;

use crate::options::{known, number};
use crate::{LoadError, OptionInfo, Options};

use super::words::NAME;

/// Every option, for the help.
pub(super) const INFOS: &[OptionInfo] = &[
    OptionInfo {
        name: "load_address",
        explanation: "Where a file without addresses goes, on a reader that writes by addresses: 0x08004000.",
    },
    OptionInfo {
        name: "alternate",
        explanation: "Number of the alternate setting, on a reader with several images and no addresses.",
    },
    OptionInfo {
        name: "erase",
        explanation: "sectors (those the image touches) or all (the whole memory; what else is in it is lost).",
    },
    OptionInfo {
        name: "read_back",
        explanation: "no: nothing is read and compared, and the outcome is Sent.",
    },
    OptionInfo {
        name: "leave",
        explanation: "no: the reader stays in its bootloader.",
    },
    OptionInfo {
        name: "save",
        explanation: "yes: what the reader holds is read and stored in a file before anything is erased or overwritten.",
    },
    OptionInfo {
        name: "option_bytes",
        explanation: "write: bytes for the option bytes are written as well.",
    },
];

/// What is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Erase {
    Sectors,
    All,
}

/// The options as they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct DfuOptions {
    pub(super) address: Option<u32>,
    pub(super) alternate: Option<u8>,
    pub(super) erase: Erase,
    pub(super) reads_back: bool,
    pub(super) leaves: bool,
    pub(super) saves: bool,
    pub(super) option_bytes: bool,
}

impl DfuOptions {
    pub(super) fn read(options: &Options) -> Result<Self, LoadError> {
        known(options, NAME, INFOS)?;
        let alternate = number(options, "alternate")?.map(|number| {
            u8::try_from(number)
                .map_err(|_| bad("alternate", "An alternate setting has a number up to 255."))
        });
        Ok(Self {
            address: address(options)?,
            alternate: alternate.transpose()?,
            erase: match one_of(options, "erase", ["sectors", "all"])? {
                1 => Erase::All,
                _ => Erase::Sectors,
            },
            reads_back: one_of(options, "read_back", ["yes", "no"])? == 0,
            leaves: one_of(options, "leave", ["yes", "no"])? == 0,
            saves: one_of(options, "save", ["no", "yes"])? == 1,
            option_bytes: one_of(options, "option_bytes", ["skip", "write"])? == 1,
        })
    }
}

fn bad(name: &str, why: impl Into<String>) -> LoadError {
    LoadError::BadOption {
        name: name.into(),
        why: why.into(),
    }
}

/// An address, as a number, its digits, or hexadecimal with 0x.
fn address(options: &Options) -> Result<Option<u32>, LoadError> {
    let text = options.get("load_address").and_then(Value::as_str);
    let hexadecimal = text.and_then(|text| text.strip_prefix("0x").or(text.strip_prefix("0X")));
    match hexadecimal {
        Some(digits) => u32::from_str_radix(digits, 16).map(Some).map_err(|_| {
            bad(
                "load_address",
                "An address has up to eight hexadecimal digits.",
            )
        }),
        None => number(options, "load_address"),
    }
}

/// Which of these words is given; the first one when none is.
fn one_of(options: &Options, name: &str, words: [&str; 2]) -> Result<usize, LoadError> {
    let Some(value) = options.get(name) else {
        return Ok(0);
    };
    let found = words.iter().position(|word| value.as_str() == Some(word));
    found.ok_or_else(|| bad(name, format!("{name} is {} or {}.", words[0], words[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: impl Into<Value>) -> Result<DfuOptions, LoadError> {
        DfuOptions::read(&Options::from_iter([(name.to_owned(), value.into())]))
    }

    #[test]
    fn an_address_is_hexadecimal_or_a_number() {
        for value in [
            Value::from("0x08004000"),
            Value::from(0x0800_4000),
            Value::from("134234112"),
        ] {
            assert_eq!(
                read("load_address", value).unwrap().address,
                Some(0x0800_4000)
            );
        }
        for value in ["0x", "0x123456789", "8004000h"] {
            assert!(read("load_address", value).is_err(), "{value}");
        }
    }

    #[test]
    fn without_options_nothing_is_lost_and_everything_is_read_back() {
        let options = DfuOptions::read(&Options::new()).unwrap();
        assert_eq!(options.erase, Erase::Sectors);
        assert!(options.reads_back && options.leaves && !options.option_bytes && !options.saves);
        assert_eq!(read("erase", "all").unwrap().erase, Erase::All);
        assert!(!read("read_back", "no").unwrap().reads_back);
        assert!(read("leave", true).is_err());
        assert!(read("alternate", 256).is_err());
        assert!(read("speed", 1).is_err());
    }
}
