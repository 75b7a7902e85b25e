//! Why a reader refused, in words.
//!
//! Version 1 of the protocol has one list of codes for everything (Zephyr, `mgmt_defines.h`,
//! `MGMT_ERR_*`); version 2 adds a list for each group (`img_mgmt.h`, `IMG_MGMT_ERR_*`). Hooks of
//! `MCUboot`'s serial recovery return codes of the system's own, which are negative.

use super::packet::Fields;
use super::reply_text::ReplyText;

/// A code that is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    group: Option<u64>,
    code: i64,
    /// Whether the reader gave that code; one that is no whole number cannot be read.
    is_stated: bool,
    /// Its own words, of readers that are built to give them (Zephyr,
    /// `CONFIG_MCUMGR_SMP_VERBOSE_ERR_RESPONSE`; mynewt).
    said: Option<ReplyText>,
}

/// `MGMT_ERR_EUNKNOWN`; stands for a code that cannot be read.
const UNKNOWN: i64 = 1;

/// Group of the image commands.
const IMAGE_GROUP: u64 = 1;

/// What helps where another image is on trial or marked.
pub(super) const RESTART_OR_CONFIRM: &str =
    "Restart the reader, or confirm the image that it tests, then send this one again.";

/// What helps where the reader does something else.
pub(super) const LATER: &str = "Wait until the reader has finished what it is doing, then resume.";

/// What helps where the reader does not restart by itself.
pub(super) const RESTART_BY_HAND: &str = "Switch the reader off and on again, then resume.";

/// What helps where a bootloader leaves a marked image as it is.
pub(super) const NOT_STARTED: &str = "Read on the reader's console what its bootloader says of the image: it may have no room to swap the two. Switch the reader off and on again, then resume; if that changes nothing, it takes no other image before the mark is removed, which some bootloaders do on an erase command.";

/// What helps where the image that runs may not be confirmed from outside.
pub(super) const CONFIRM_LATER: &str = "Leave the reader on and resume: its application may confirm the image by itself, or permit it later.";

/// What helps where a piece in the middle of an upload is refused, or not answered.
pub(super) const RESTART_AND_RESUME: &str = "Restart the reader, then resume.";

/// What helps where a program has no list of images.
pub(super) const NO_IMAGE_MANAGEMENT: &str = "Start its bootloader's serial recovery, or load it once in another way with firmware that has image management (Zephyr: CONFIG_MCUMGR_GRP_IMG).";

/// What helps where a mark has no effect.
pub(super) const A_HIGHER_VERSION: &str = "If its bootloader starts the newer of its two images, send one with a higher version than the one it runs; otherwise restart the reader, then send this one again.";

impl Refusal {
    /// Whether it refuses the version of the protocol that was spoken (`MGMT_ERR_UNSUPPORTED_TOO_OLD`,
    /// `MGMT_ERR_UNSUPPORTED_TOO_NEW`).
    pub(super) fn is_of_the_version(self) -> bool {
        self.group.is_none() && matches!(self.code, 12 | 13)
    }

    /// Whether it may be asked again soon (`MGMT_ERR_EBUSY`; `errno.h`, EBUSY).
    pub(super) fn is_busy(self) -> bool {
        self.group.is_none() && matches!(self.code, 10 | -16)
    }

    /// Whether a shorter request may be taken (`MGMT_ERR_ENOMEM`, `MGMT_ERR_EMSGSIZE`,
    /// `IMG_MGMT_ERR_NO_FREE_MEMORY`).
    pub(super) fn is_of_the_length(self) -> bool {
        matches!(
            (self.group, self.code),
            (None, 2 | 7) | (Some(IMAGE_GROUP), 15)
        )
    }

    /// Whether it says that the request is wrong and not what is wrong about it (`MGMT_ERR_EINVAL`; `errno.h`,
    /// EINVAL).
    pub(super) fn is_of_what_was_sent(self) -> bool {
        self.group.is_none() && matches!(self.code, 3 | -22)
    }

    /// Whether a reader may mean that it knows nothing of the upload that a piece belongs to: it keeps that in
    /// memory, and forgets it in a restart (`MGMT_ERR_EUNKNOWN`, `MGMT_ERR_EINVAL`, `MGMT_ERR_ENOENT`,
    /// `MGMT_ERR_EBADSTATE`; `IMG_MGMT_ERR_UNKNOWN`, `_NO_IMAGE`, `_NO_FREE_SLOT`, `_INVALID_OFFSET`,
    /// `_INVALID_LENGTH`, `_INVALID_IMAGE_DATA_OVERRUN`).
    pub(super) fn may_be_of_a_forgotten_upload(self) -> bool {
        matches!(
            (self.group, self.code),
            (None, 1 | 3 | 5 | 6 | -22) | (Some(IMAGE_GROUP), 1 | 3 | 9 | 19 | 20 | 21 | 31)
        )
    }

    /// Whether it says that its program does not know what was asked (`MGMT_ERR_ENOTSUP`).
    pub(super) fn is_of_an_unknown_command(self) -> bool {
        self.group.is_none() && self.code == 8
    }

    /// What helps against it, where that is known.
    pub(super) fn advice(self) -> Option<&'static str> {
        match (self.group, self.code) {
            // `MGMT_ERR_EBADSTATE`; `IMG_MGMT_ERR_NO_FREE_SLOT`, `IMG_MGMT_ERR_IMAGE_ALREADY_PENDING`.
            (None, 6) | (Some(IMAGE_GROUP), 9 | 28) => Some(RESTART_OR_CONFIRM),
            _ if self.is_busy() => Some(LATER),
            _ => None,
        }
    }

    /// The refusal in an answer, of either version; `None` when it accepts.
    pub(super) fn of(fields: &Fields) -> Option<Self> {
        let words = |fields: &Fields| fields.text("rsn").and_then(ReplyText::of);
        let says_an_error = fields.get("err").is_some_and(|value| !value.is_null());
        let error = fields.map("err");
        let (code, said) = match &error {
            Some(error) => (error.signed("rc"), words(error).or_else(|| words(fields))),
            None if says_an_error => (None, words(fields)),
            None => {
                fields.get("rc")?;
                (fields.signed("rc"), words(fields))
            }
        };
        let refusal = Self {
            group: error.and_then(|error| error.number("group")),
            code: code.unwrap_or(UNKNOWN),
            is_stated: code.is_some(),
            said,
        };
        (refusal.code != 0).then_some(refusal)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.is_stated {
            if let Some(said) = self.said {
                write!(f, "it says \"{said}\": ")?;
            }
            return f.write_str("it gave no code that can be read");
        }
        let words = match self.group {
            None => general(self.code),
            Some(IMAGE_GROUP) => image(self.code),
            Some(_) => None,
        };
        if let Some(said) = self.said {
            write!(f, "it says \"{said}\": ")?;
            if self.code == UNKNOWN {
                return match self.group {
                    None => write!(f, "code {}", self.code),
                    Some(group) => write!(f, "group {group}, code {}", self.code),
                };
            }
        }
        match (words, self.group) {
            (Some(words), None) => write!(f, "{words} (code {})", self.code),
            (Some(words), Some(group)) => write!(f, "{words} (group {group}, code {})", self.code),
            (None, None) => write!(f, "it gave the code {}", self.code),
            (None, Some(group)) => write!(f, "it gave the code {} of group {group}", self.code),
        }
    }
}

fn general(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "it gave no reason",
        2 => "it has not enough memory",
        3 => "it takes the request for wrong",
        4 => "it ran out of time",
        5 => "it does not hold what was asked for",
        6 => "it is not in a state for this, often because an image is being tried or is marked",
        7 => "its answer would be too long",
        8 => "it does not know this command",
        9 => "what it holds is damaged",
        10 => "it is busy",
        11 => "it does not allow this",
        12 => "it speaks an older version of the protocol",
        13 => "it speaks a newer version of the protocol",
        // `errno.h`: EIO, EBUSY and EINVAL.
        -5 => "its flash cannot be read or written",
        -16 => "it is busy",
        -22 => "it rejects what was sent",
        _ => return None,
    })
}

fn image(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "it gave no reason",
        2 => "it cannot read the layout of its flash",
        3 => "the slot holds no image",
        4 => "the image has no trailer",
        5 => "the image's trailer is damaged",
        6 => "the image's trailer has more than one hash",
        7 => "the image's trailer has an entry of a wrong size",
        8 => "it holds no image with this hash",
        9 => "it has no free slot, often because an image is being tried or is marked",
        10 => "its flash cannot be opened",
        11 => "its flash cannot be read",
        12 => "its flash cannot be written",
        13 => "its flash cannot be erased",
        14 => "it has no such slot",
        15 => "it has not enough memory",
        16 | 17 => "its flash is being used by something else",
        18 => "its flash is missing",
        19 | 20 => "it takes the offset for wrong",
        21 => "it takes the length for wrong",
        22 => "the image's header is damaged",
        23 => "what was sent does not begin like an image",
        24 => "it takes the hash for wrong",
        25 => "the image is for another address",
        26 => "it cannot read the version of the image it runs",
        27 => "it runs a newer version and takes no older one",
        28 => "another image is marked already",
        29 => "the image's vector table is damaged",
        30 => "the image is too large for its slot",
        31 => "more was sent than was announced",
        32 => "it does not let this image be confirmed",
        33 => "the image runs already and cannot be tried",
        34 => "it cannot tell which image it runs",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ciborium::Value;

    use super::*;

    #[test]
    fn both_versions_of_a_refusal_are_understood() {
        let old = Fields::default().with("rc", 8);
        assert_eq!(
            Refusal::of(&old).unwrap().to_string(),
            "it does not know this command (code 8)"
        );
        let error = vec![("group".into(), 1.into()), ("rc".into(), 30.into())];
        let new = Fields::default().with("err", Value::Map(error));
        let words = Refusal::of(&new).unwrap().to_string();
        assert_eq!(
            words,
            "the image is too large for its slot (group 1, code 30)"
        );
        assert_eq!(Refusal::of(&Fields::default().with("rc", 0)), None);
        assert_eq!(Refusal::of(&Fields::default()), None);
    }

    #[test]
    fn a_negative_code_or_one_that_is_no_number_is_a_refusal_and_never_an_acceptance() {
        let words = |fields: &Fields| Refusal::of(fields).unwrap().to_string();
        for code in [-22, -5] {
            let plain = Fields::default().with("rc", code);
            assert!(words(&plain).contains(&format!("(code {code})")));
            let error = vec![("group".into(), 1.into()), ("rc".into(), code.into())];
            let grouped = Fields::default().with("err", Value::Map(error));
            assert!(words(&grouped).contains(&format!("{code}")));
        }
        for code in [Value::Text("no".into()), Value::Null, Value::from(u64::MAX)] {
            assert!(Refusal::of(&Fields::default().with("rc", code)).is_some());
        }
    }

    #[test]
    fn a_code_that_cannot_be_read_is_not_said_to_be_a_code() {
        let words = |fields: &Fields| Refusal::of(fields).unwrap().to_string();
        let no_code = "it gave no code that can be read";
        let group = Value::Map(vec![("group".into(), 1.into())]);
        let odd = Value::Array(vec![1.into()]);
        for fields in [
            Fields::default().with("rc", "busy"),
            Fields::default().with("err", group),
            Fields::default().with("err", odd),
        ] {
            assert_eq!(words(&fields), no_code);
        }
        let said = Fields::default().with("rc", "x").with("rsn", "locked");
        assert_eq!(words(&said), format!("it says \"locked\": {no_code}"));
        assert_eq!(
            Refusal::of(&Fields::default().with("err", Value::Null)),
            None
        );
        assert_eq!(
            words(&Fields::default().with("rc", 8.0)),
            "it does not know this command (code 8)"
        );
    }

    #[test]
    fn the_readers_own_words_come_first() {
        let words = |fields: &Fields| Refusal::of(fields).unwrap().to_string();
        let fields = Fields::default().with("rsn", "flash locked");
        assert_eq!(
            words(&fields.clone().with("rc", 1)),
            "it says \"flash locked\": code 1"
        );
        assert_eq!(
            words(&fields.with("rc", 6)),
            "it says \"flash locked\": it is not in a state for this, often because an image is being tried or is marked (code 6)"
        );
    }

    #[test]
    fn an_unknown_code_is_told_as_it_is() {
        let fields = Fields::default().with("rc", 300);
        assert_eq!(
            Refusal::of(&fields).unwrap().to_string(),
            "it gave the code 300"
        );
    }
}
