//! Numbers and states as a user reads them.

use firmdrop_api::{JobState, Outcome};

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
    fn sizes_are_rounded_to_tenths_of_their_binary_unit() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1024), "1.0 KiB");
        assert_eq!(size(5_242_880), "5.0 MiB");
        assert_eq!(size(1 << 40), "1.0 TiB");
    }

    #[test]
    fn addresses_read_as_hexadecimal_or_decimal() {
        assert_eq!(address("0x0800_0000"), Ok(0x0800_0000));
        assert_eq!(address("512"), Ok(512));
        assert!(address("08g").is_err());
    }
}
