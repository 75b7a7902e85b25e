//! The path that follows `file://`, as RFC 8089 writes it and as people do. Opens nothing.
//!
//! People put `file://` in front of a path as it is: spaces, letters of any language, `#`, `?` and a `%` that
//! begins no code stand for themselves. Another computer is never asked: Windows would send it the user's
//! sign-in.

use std::path::PathBuf;

/// Why there is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileUrlFault {
    /// It names another computer.
    OtherComputer,
    /// Nothing follows the scheme.
    NoPath,
    /// No file can have this name.
    NoName,
}

impl std::fmt::Display for FileUrlFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::OtherComputer => {
                "What stands between file:// and the next slash is another computer, which is not asked"
            }
            Self::NoPath => "Nothing follows file://",
            Self::NoName => "No file can have this name",
        })
    }
}

/// The path of what follows `file://` on this system.
pub(super) fn path(rest: &str) -> Result<PathBuf, FileUrlFault> {
    let bytes = decoded(rest, cfg!(windows))?;
    of_bytes(bytes).ok_or(FileUrlFault::NoName)
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems have names that are no path"
)]
fn of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The bytes of the path, by the rules of Windows or of all others.
fn decoded(rest: &str, windows: bool) -> Result<Vec<u8>, FileUrlFault> {
    if rest.is_empty() {
        return Err(FileUrlFault::NoPath);
    }
    if !windows {
        return unescaped(local(rest)?, "/");
    }
    let rest = rest.replace('\\', "/");
    let path = if begins_with_drive(&unescaped(&rest, "/\\")?) {
        rest.as_str()
    } else {
        local(&rest)?
    };
    if path.starts_with("//") {
        return Err(FileUrlFault::OtherComputer);
    }
    // No escaped separator is taken: the path has no more of them than were judged.
    let mut bytes = unescaped(path, "/\\")?;
    // RFC 8089, appendix E.2: a slash stands before the drive, and `|` may stand for its colon.
    if bytes.strip_prefix(b"/").is_some_and(begins_with_drive) {
        bytes.remove(0);
    }
    if begins_with_drive(&bytes)
        && let Some(colon) = bytes.get_mut(1)
    {
        *colon = b':';
    }
    Ok(bytes)
}

/// What follows the host, when that is this computer.
fn local(rest: &str) -> Result<&str, FileUrlFault> {
    let at = rest.find('/').ok_or(FileUrlFault::OtherComputer)?;
    let (host, path) = rest.split_at(at);
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        Ok(path)
    } else {
        Err(FileUrlFault::OtherComputer)
    }
}

/// `C:/` or `C|/`.
fn begins_with_drive(path: &[u8]) -> bool {
    matches!(path, [letter, b':' | b'|', b'/', ..] if letter.is_ascii_alphabetic())
}

/// Percent codes as the bytes they stand for, once. A code for a separator or for nothing names no file.
fn unescaped(path: &str, separators: &str) -> Result<Vec<u8>, FileUrlFault> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let [first, after @ ..] = rest {
        let code = match after {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        let Some((high, low)) = code else {
            bytes.push(*first);
            rest = after;
            continue;
        };
        let byte = high * 16 + low;
        if separators.as_bytes().contains(&byte) {
            return Err(FileUrlFault::NoName);
        }
        bytes.push(byte);
        rest = after.get(2..).unwrap_or_default();
    }
    if bytes.contains(&0) {
        return Err(FileUrlFault::NoName);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unix(rest: &str) -> Result<Vec<u8>, FileUrlFault> {
        decoded(rest, false)
    }

    #[track_caller]
    fn windows(rest: &str) -> String {
        String::from_utf8(decoded(rest, true).unwrap()).unwrap()
    }

    #[test]
    fn a_path_is_what_was_written_or_what_its_percent_codes_stand_for() {
        for (rest, path) in [
            ("/srv/me/fw.bin", "/srv/me/fw.bin"),
            ("localhost/srv/fw.bin", "/srv/fw.bin"),
            ("LOCALHOST/fw.bin", "/fw.bin"),
            ("/my%20firmware/f%C3%BCr.bin", "/my firmware/für.bin"),
            ("/my firmware/für.bin", "/my firmware/für.bin"),
            // What is no code stands for itself, and nothing is decoded twice.
            ("/100%.bin", "/100%.bin"),
            ("/100%zz.bin", "/100%zz.bin"),
            ("/a%2520b.bin", "/a%20b.bin"),
            ("/a+b.bin", "/a+b.bin"),
            // File names have no query and no fragment.
            ("/fw#2.bin", "/fw#2.bin"),
            ("/fw?.bin", "/fw?.bin"),
            ("//double/fw.bin", "//double/fw.bin"),
            ("/C:/fw.bin", "/C:/fw.bin"),
        ] {
            assert_eq!(unix(rest).unwrap(), path.as_bytes(), "{rest}");
        }
        assert_eq!(unix("/%FF.bin").unwrap(), b"/\xff.bin");
    }

    #[test]
    fn a_name_that_no_file_has_and_another_computer_are_refused() {
        assert_eq!(unix(""), Err(FileUrlFault::NoPath));
        for rest in [
            "fw.bin",
            "server/share/fw.bin",
            "127.0.0.1/fw.bin",
            "~/fw.bin",
        ] {
            assert_eq!(unix(rest), Err(FileUrlFault::OtherComputer), "{rest}");
        }
        for rest in ["/a%00b", "/a%2Fb", "/a%2fb", "/..%2f..%2fetc/passwd"] {
            assert_eq!(unix(rest), Err(FileUrlFault::NoName), "{rest}");
        }
    }

    #[test]
    fn windows_has_drives_in_every_spelling_and_no_other_computers() {
        for rest in [
            "/C:/fw/a.bin",
            "/C|/fw/a.bin",
            "C:/fw/a.bin",
            r"C:\fw\a.bin",
            r"/C:\fw\a.bin",
            "localhost/C:/fw/a.bin",
            "/C%3A/fw/a.bin",
            "/C%3a/fw/%61.bin",
        ] {
            assert_eq!(windows(rest), "C:/fw/a.bin", "{rest}");
        }
        assert_eq!(windows("/c:/my%20fw.bin"), "c:/my fw.bin");
        for rest in [
            "server/share/fw.bin",
            "//server/share/fw.bin",
            "///server/share/fw.bin",
            r"\\server\share\fw.bin",
            "localhost//server/share",
            r"/\\server\share",
            "127.0.0.1//server/share",
        ] {
            let refused = decoded(rest, true);
            assert_eq!(refused, Err(FileUrlFault::OtherComputer), "{rest}");
        }
        for rest in ["/C:/a%5Cb", "/%5C%5Cserver/share", "/%2Fserver/share"] {
            assert_eq!(decoded(rest, true), Err(FileUrlFault::NoName), "{rest}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_or_leads_to_another_computer_on_windows(rest in ".{0,60}") {
            let _ = decoded(&rest, false);
            if let Ok(path) = decoded(&rest, true) {
                prop_assert!(!path.starts_with(b"//") && !path.starts_with(b"\\\\"));
            }
        }
    }
}
