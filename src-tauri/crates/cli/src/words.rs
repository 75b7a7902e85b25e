//! Numbers and states as a user reads them.

use std::time::Duration;

use firmdrop_api::{ConfirmationAbout, JobState, Outcome};

/// A size with its binary unit: `4.1 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    match UNITS.get(unit) {
        Some(name) if unit == 0 => format!("{bytes} {name}"),
        Some(name) => format!("{}.{} {name}", tenths / 10, tenths % 10),
        None => format!("{bytes} B"),
    }
}

/// A duration in rounded words.
pub(crate) fn seconds(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Advice to wait, in hours and days where seconds say nothing.
pub(crate) fn wait(wait: u32) -> String {
    match wait {
        0 => "Try again.".into(),
        1..=86_400 => format!("Wait {}, then try again.", seconds(wait)),
        86_401..=864_000 => format!("Wait {} days, then try again.", wait.div_ceil(86_400)),
        _ => "Try again another day: the service asks for a wait of more than ten days.".into(),
    }
}

/// A clock: `0:42`, `1:02:03`.
pub(crate) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// An argument as a shell takes it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Reads what an option confirms of a plan.
pub(crate) fn confirmation(text: &str) -> Result<ConfirmationAbout, String> {
    match text {
        "downgrade" => Ok(ConfirmationAbout::Downgrade),
        "same-version" => Ok(ConfirmationAbout::SameVersion),
        "unsigned" => Ok(ConfirmationAbout::Unsigned),
        _ => Err("write downgrade, same-version or unsigned".into()),
    }
}

/// Reads the name or the address of a host: `files.plant`, `192.0.2.7`, `[2001:db8::7]`.
pub(crate) fn host(text: &str) -> Result<String, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let is_address = bare.parse::<std::net::IpAddr>().is_ok();
    let is_in_no_name = |c: char| c.is_whitespace() || ":/@?#[]".contains(c);
    if bare.is_empty() || !is_address && text.contains(is_in_no_name) {
        return Err("write the host alone, without scheme, port or path".into());
    }
    Ok(text.to_owned())
}

/// Reads a number of bytes: `5242880`, `5MiB`, `5 MB`, `1.5 GiB`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    const EXAMPLES: &str = "write a number of bytes or a size such as 5MiB or 5 MB";
    let plain = text.trim();
    let digits = plain
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_')))
        .unwrap_or(plain.len());
    let (number, unit) = plain.split_at(digits);
    let number = number.replace('_', "");
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        unit => return Err(format!("there is no unit \"{unit}\"; {EXAMPLES}")),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let read = |digits: &str| match digits {
        "" => Ok(0),
        digits => digits.parse::<u64>(),
    };
    let missing = whole.is_empty() && fraction.is_empty();
    let (Ok(whole), Ok(parts), false) = (read(whole), read(fraction), missing) else {
        return Err(EXAMPLES.into());
    };
    let scale = u32::try_from(fraction.len()).ok();
    let scale = scale.and_then(|digits| 10_u128.checked_pow(digits));
    let parts = scale.map(|scale| u128::from(parts) * u128::from(factor) / scale);
    let sum = parts.and_then(|parts| (u128::from(whole) * u128::from(factor)).checked_add(parts));
    sum.and_then(|sum| u64::try_from(sum).ok())
        .ok_or_else(|| format!("the number is too large; {EXAMPLES}"))
}

/// Reads the length of a chunk. Source of the limits: the service's guide of chunked uploads.
pub(crate) fn chunk_bytes(text: &str) -> Result<u64, String> {
    const LEAST: u64 = 5 << 20;
    let bytes = match bytes(text)? {
        // Who writes "5 MB" means the least.
        5_000_000..LEAST => LEAST,
        bytes => bytes,
    };
    if (LEAST..=100 << 20).contains(&bytes) {
        Ok(bytes)
    } else {
        Err(format!(
            "a chunk has 5 MiB to 100 MiB, and this is {}",
            size(bytes)
        ))
    }
}

/// Reads a time: `90s`, `10min`, `2h`, `30d`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    const EXAMPLES: &str = "write a time such as 90s, 10min, 2h or 1d";
    let plain = text.trim();
    let digits = plain.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = plain.split_at_checked(digits).ok_or(EXAMPLES)?;
    let seconds = match unit.trim() {
        "s" => 1,
        "min" | "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(EXAMPLES.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| EXAMPLES.to_owned())?;
    match number.checked_mul(seconds) {
        Some(0) => Err(format!("no time at all; {EXAMPLES}")),
        // Longer than anybody watches, and no clock overflows.
        Some(seconds) if seconds <= 3650 * 86_400 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("that is more than ten years; {EXAMPLES}")),
    }
}

/// A job's state in the fixed words.
pub(crate) fn state(state: &JobState) -> String {
    match state {
        JobState::Queued => "Queued".into(),
        JobState::Running { .. } => "Running".into(),
        JobState::Paused => "Paused".into(),
        JobState::Cancelling => "Cancelling".into(),
        JobState::Interrupted { reason } => format!("Interrupted: {reason}"),
        JobState::Finished {
            outcome: Outcome::Verified { proof },
        } => format!("Verified: {}", proof.statement),
        JobState::Finished {
            outcome: Outcome::Sent { reason },
        } => format!("Sent, not verified: {reason}"),
        JobState::Failed { diagnosis, .. } => {
            format!("Failed: {} {}", diagnosis.code, diagnosis.title)
        }
        JobState::Cancelled { state_now } => format!("Stopped: {state_now}"),
    }
}

/// Reads an address, hexadecimal with `0x` or decimal.
pub(crate) fn address(text: &str) -> Result<u64, String> {
    let plain = text.replace('_', "");
    let parsed = match plain
        .strip_prefix("0x")
        .or_else(|| plain.strip_prefix("0X"))
    {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => plain.parse(),
    };
    parsed.map_err(|error| format!("{error}; write 0x08000000 or 134217728"))
}

/// Reads a field of a form: its key and its value.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wait_is_no_advice_to_wait() {
        assert_eq!(wait(0), "Try again.");
        assert_eq!(wait(14), "Wait 14 s, then try again.");
    }

    #[test]
    fn a_time_is_a_number_with_its_unit() {
        let seconds = |text| time(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds(" 10 min"), Ok(600));
        assert_eq!(seconds("2h"), Ok(7200));
        assert_eq!(seconds("30d"), Ok(2_592_000));
        for wrong in [
            "",
            "5",
            "s",
            "0s",
            "1w",
            "-1s",
            "1.5h",
            "é",
            "99999999999999999999d",
            "4000d",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_rounded_to_tenths_of_their_binary_unit() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1024), "1.0 KiB");
        assert_eq!(size(5_242_880), "5.0 MiB");
        assert_eq!(size(1 << 40), "1.0 TiB");
    }

    #[test]
    fn a_number_of_bytes_may_have_a_unit() {
        for (text, expected) in [
            ("5242880", 5_242_880),
            ("5MiB", 5_242_880),
            ("5 MB", 5_000_000),
            ("5m", 5_242_880),
            ("1.5 GiB", 1_610_612_736),
            (" 64 kib ", 65_536),
            ("5_242_880", 5_242_880),
            (".5k", 512),
            ("0b", 0),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "MiB",
            "5 MiBs",
            "-5",
            "5,5 MiB",
            "1.2.3",
            ".",
            "1e6",
            "99999999999 GiB",
        ] {
            let error = bytes(text).unwrap_err();
            assert!(error.contains("5MiB"), "{text}: {error}");
        }
        assert_eq!(chunk_bytes("5 MB"), Ok(5_242_880));
        let few = chunk_bytes("4 MB").unwrap_err();
        assert!(few.contains("5 MiB to 100 MiB"), "{few}");
        assert_eq!(chunk_bytes("100MiB"), Ok(104_857_600));
    }

    #[test]
    fn a_wait_out_of_this_world_is_not_counted_in_seconds() {
        assert_eq!(wait(14), "Wait 14 s, then try again.");
        assert_eq!(wait(7200), "Wait 2 h 0 min, then try again.");
        assert!(!wait(u32::MAX).contains("4294967295"));
    }

    #[test]
    fn a_clock_has_minutes_and_hours() {
        assert_eq!((clock(42), clock(3723)), ("0:42".into(), "1:02:03".into()));
    }

    #[test]
    fn addresses_read_as_hexadecimal_or_decimal() {
        assert_eq!(address("0x0800_0000"), Ok(0x0800_0000));
        assert_eq!(address("512"), Ok(512));
        assert!(address("08g").is_err());
    }
}
