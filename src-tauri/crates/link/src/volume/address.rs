//! How a drive is written: the folder it is mounted at, or the id that its own files say.

use crate::Channel;
use crate::channel::Known;

/// Id of the channel.
pub(super) const CHANNEL: &str = "volume";

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: CHANNEL,
    grammar: canonical,
    kind: Channel::Usb,
};

/// What an address names.
#[derive(Debug, PartialEq)]
pub(super) enum Place<'a> {
    /// The folder the drive is mounted at.
    Path(&'a str),
    /// The unique id, or the board id, that the drive says itself.
    Id(&'a str),
}

/// The one form of what follows `volume:`.
pub(super) fn canonical(rest: &str) -> Result<String, String> {
    Ok(match parse(rest)? {
        Place::Path(path) => {
            let bare = path.trim_end_matches('/');
            if bare.is_empty() {
                return Err("the root of the file system is no drive of a bootloader".to_owned());
            }
            bare.to_owned()
        }
        Place::Id(id) => id.to_ascii_uppercase(),
    })
}

/// Reads what follows `volume:`.
pub(super) fn parse(rest: &str) -> Result<Place<'_>, String> {
    if rest.is_empty() {
        return Err("the drive is missing, as in /media/user/RPI-RP2".to_owned());
    }
    if rest.contains('?') {
        return Err("a drive has no options".to_owned());
    }
    if !rest.contains(['/', '\\']) {
        return Ok(Place::Id(rest));
    }
    if !std::path::Path::new(rest).is_absolute() {
        return Err("the folder has to be written from the root, with its first slash".to_owned());
    }
    if rest.split(['/', '\\']).any(|part| part == "..") {
        return Err("the folder has to be written without ..".to_owned());
    }
    Ok(Place::Path(rest))
}

#[cfg(test)]
mod tests {
    use crate::LinkAddress;

    #[cfg(unix)]
    #[test]
    fn a_folder_and_an_id_have_one_form_each() {
        for (text, form) in [
            ("volume:/media/user/RPI-RP2/", "volume:/media/user/RPI-RP2"),
            ("volume:rpi-rp2", "volume:RPI-RP2"),
        ] {
            let address: LinkAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), form);
            assert_eq!(address.kind(), crate::Channel::Usb);
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_address_that_names_no_drive_says_why() {
        for (text, why) in [
            ("volume:", "is missing"),
            ("volume:/", "no drive"),
            ("volume:media/x", "first slash"),
            ("volume:/media/../etc", "without .."),
            ("volume:/media/x?id=1", "no options"),
        ] {
            let error = text.parse::<LinkAddress>().unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
        }
    }
}
