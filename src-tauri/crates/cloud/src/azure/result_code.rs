//! What the numbers mean that a device's agent reports. Pure.
//!
//! Source of the layout and of the names: `result.h` and `result_codes.json` of the agent
//! (`Azure/iot-hub-device-update`). A number that is not known stays a number.

/// Result codes of an agent by their numbers (`types/adu_core.h`).
const RESULTS: &[(i32, &str)] = &[
    (-1, "cancelled on the device"),
    (0, "failed"),
    (1, "succeeded"),
    (500, "downloaded"),
    (501, "download under way"),
    (502, "download skipped: the file is there"),
    (503, "download skipped: installed already"),
    (504, "download skipped: no component that it fits"),
    (
        520,
        "made from files of the device, without a full download",
    ),
    (521, "a full download is needed"),
    (600, "installed"),
    (601, "installation under way"),
    (603, "installation skipped: installed already"),
    (604, "installation skipped: no component that it fits"),
    (605, "installed; the device must restart at once"),
    (606, "installed; the device must restart"),
    (607, "installed; the agent must restart at once"),
    (608, "installed; the agent must restart"),
    (700, "applied"),
    (701, "applying under way"),
    (705, "applied; the device must restart at once"),
    (706, "applied; the device must restart"),
    (707, "applied; the agent must restart at once"),
    (708, "applied; the agent must restart"),
    (800, "cancelled"),
    (801, "it could not be cancelled any more"),
    (900, "installed, as its criteria say"),
    (901, "not installed, as its criteria say"),
    (1000, "backed up"),
    (1001, "no backup: the handler has none"),
    (1002, "backup under way"),
    (1100, "restored"),
    (1101, "not restored: the handler cannot"),
    (1102, "restoring under way"),
    (1105, "restored; the device must restart at once"),
    (1106, "restored; the device must restart"),
    (1107, "restored; the agent must restart at once"),
    (1108, "restored; the agent must restart"),
];

/// The upper four bits: where in the agent it came from.
const FACILITIES: &[(u8, &str)] = &[
    (0, "unknown source"),
    (1, "lower layer of the agent"),
    (2, "upper layer of the agent"),
    (3, "update handler"),
    (4, "content downloader"),
    (5, "communication with the hub"),
    (6, "log extension"),
    (7, "component enumerator"),
    (8, "utility"),
    (9, "download handler"),
    (13, "Delivery Optimization"),
];

/// The next eight bits, by facility: which part of it.
const COMPONENTS: &[(u8, u8, &str)] = &[
    (0, 0, "system error"),
    (0, 1, "validation and cryptography"),
    (0, 2, "plug-in call"),
    (0, 3, "common"),
    (1, 0, "common"),
    (2, 0, "common"),
    (3, 0, "common"),
    (3, 1, "swupdate handler"),
    (3, 2, "apt handler"),
    (3, 3, "simulator handler"),
    (3, 4, "steps handler"),
    (3, 5, "script handler"),
    (3, 32, "custom handler"),
    (4, 0, "common"),
    (4, 1, "Delivery Optimization"),
    (4, 2, "simple HTTP downloader"),
    (4, 3, "curl downloader"),
    (7, 0, "common"),
    (8, 3, "parser of update data"),
    (8, 4, "workflow"),
    (8, 5, "package of root keys"),
    (8, 6, "root keys"),
    (8, 7, "addresses"),
    (9, 0, "extension manager"),
    (9, 1, "plug-in"),
    (9, 8, "delta handler"),
    (9, 9, "cache of source updates"),
    (9, 10, "delta processor"),
];

/// Causes that are known by their whole number, with what helps.
const CAUSES: &[(u32, &str, &str)] = &[
    (
        0x0000_0000,
        "no error was reported",
        "Read the result code beside it: it says how it ended.",
    ),
    (
        0x0000_0001,
        "operation not permitted",
        "Look at the rights of the agent's user on the device.",
    ),
    (
        0x0000_000C,
        "no memory",
        "Free memory on the device, then retry.",
    ),
    (
        0x0000_0016,
        "invalid argument",
        "Look at the agent's log on the device.",
    ),
    (
        0x0010_0001,
        "the hash of a file is empty",
        "Validate the import manifest.",
    ),
    (
        0x0010_0002,
        "the hash of a file is of a kind the agent does not know",
        "Make the manifest with SHA-256.",
    ),
    (
        0x0010_0003,
        "a file has another hash than the manifest says",
        "The download was damaged, or the file was changed after it was hashed. Retry, then import again.",
    ),
    (
        0x3000_0003,
        "the device has no handler for a step of the update",
        "Install the handler on the device, or use one that it has.",
    ),
    (
        0x3000_0005,
        "the handler on the device could not be loaded",
        "Look at the handler's library and its registration on the device.",
    ),
    (
        0x3000_0068,
        "a file that describes the step, such as an APT manifest, cannot be read",
        "Check that file as JSON, with the keys that its handler expects.",
    ),
    (
        0x3050_0002,
        "the step has no installedCriteria",
        "Give handlerProperties.installedCriteria in the manifest.",
    ),
    (
        0x3050_0004,
        "the step has no script to run",
        "Name the script among the files of the step.",
    ),
    (
        0x3050_0005,
        "the step has no scriptFileName",
        "Give handlerProperties.scriptFileName in the manifest.",
    ),
    (
        0x8040_000D,
        "the steps of the update cannot be carried out as they are written",
        "Look for a step without the handlerProperties that its handler needs, installedCriteria for one.",
    ),
    (
        0x3010_0007,
        "the step has no scriptFileName",
        "Give handlerProperties.scriptFileName in the manifest.",
    ),
    (
        0x3010_0008,
        "the step has no swuFileName",
        "Give handlerProperties.swuFileName in the manifest.",
    ),
    (
        0x3010_0206,
        "the step has no installedCriteria",
        "Give handlerProperties.installedCriteria in the manifest.",
    ),
];

/// A number of an agent, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedResultCode {
    /// As a device reports it: may be negative.
    pub number: i32,
    /// The upper four bits.
    pub facility: u8,
    /// The next eight.
    pub component: u8,
    /// The lower twenty.
    pub value: u32,
}

impl ExtendedResultCode {
    /// Takes a number apart: 4 bits facility, 8 bits component, 20 bits value.
    pub fn new(number: i32) -> Self {
        let bits = number.cast_unsigned();
        let [high, ..] = bits.to_be_bytes();
        let [.., component] = (bits >> 20).to_be_bytes();
        Self {
            number,
            facility: high >> 4,
            component,
            value: bits & 0xF_FFFF,
        }
    }

    /// Reads what a page, a log or a user shows: decimal, negative or not, or hexadecimal with `0x`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let bits = match hex {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                u32::from_str_radix(digits, 16).ok()?
            }
            Some(_) => return None,
            None => match text.parse::<i64>().ok()? {
                number if number < 0 => i32::try_from(number).ok()?.cast_unsigned(),
                number => u32::try_from(number).ok()?,
            },
        };
        Some(Self::new(bits.cast_signed()))
    }

    /// As the agent's sources write it: `0x30100206`.
    pub fn hex(&self) -> String {
        format!("0x{:08X}", self.number.cast_unsigned())
    }

    /// Where in the agent it came from.
    pub fn facility_name(&self) -> Option<&'static str> {
        let mut all = FACILITIES.iter();
        all.find(|(number, _)| *number == self.facility)
            .map(|(_, name)| *name)
    }

    /// Which part of it.
    pub fn component_name(&self) -> Option<&'static str> {
        let mut all = COMPONENTS.iter();
        all.find(|(facility, number, _)| (*facility, *number) == (self.facility, self.component))
            .map(|(_, _, name)| *name)
    }

    /// What happened and what helps, where that is known for certain.
    pub fn cause(&self) -> Option<(&'static str, &'static str)> {
        let mut all = CAUSES.iter();
        let bits = self.number.cast_unsigned();
        all.find(|(number, _, _)| *number == bits)
            .map(|(_, what, help)| (*what, *help))
    }

    /// Whether the lower bits are a number of the operating system or of a tool that the handler ran.
    pub fn is_foreign_value(&self) -> bool {
        (self.facility, self.component) == (0, 0) || self.facility == 13 || self.component == 32
    }
}

impl std::fmt::Display for ExtendedResultCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (", self.hex())?;
        match self.facility_name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "facility {}", self.facility)?,
        }
        match self.component_name() {
            Some(name) => write!(f, ", {name}")?,
            None => write!(f, ", component {}", self.component)?,
        }
        match self.cause() {
            Some((what, _)) => write!(f, ": {what})"),
            None => write!(f, ", value {})", self.value),
        }
    }
}

/// Whether a result code is one of success: above 0.
pub fn is_success(result_code: i32) -> bool {
    result_code > 0
}

/// What a result code says.
pub fn result_name(result_code: i32) -> Option<&'static str> {
    let mut all = RESULTS.iter();
    all.find(|(number, _)| *number == result_code)
        .map(|(_, name)| *name)
}

/// A result code in words: `606 (installed; the device must restart)`.
pub fn result_in_words(result_code: i32) -> String {
    match result_name(result_code) {
        Some(name) => format!("{result_code} ({name})"),
        None if is_success(result_code) => format!("{result_code} (success, not known by name)"),
        None => format!("{result_code} (failure, not known by name)"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_taken_apart_as_the_agent_puts_it_together() {
        let code = ExtendedResultCode::new(0x3010_0206);
        assert_eq!((code.facility, code.component, code.value), (3, 1, 0x206));
        assert_eq!(
            code.to_string(),
            "0x30100206 (update handler, swupdate handler: the step has no installedCriteria)"
        );
        let download = ExtendedResultCode::read("0x40300007").unwrap();
        assert_eq!(
            download.to_string(),
            "0x40300007 (content downloader, curl downloader, value 7)"
        );
    }

    #[test]
    fn a_negative_number_of_a_report_is_the_same_code() {
        // Reported for a step without criteria, `iot-hub-device-update#241`.
        let code = ExtendedResultCode::new(-2_143_289_331);
        assert_eq!(code.hex(), "0x8040000D");
        assert_eq!(code.facility_name(), Some("utility"));
        assert_eq!(code.component_name(), Some("workflow"));
        let (_, help) = code.cause().unwrap();
        assert!(help.contains("installedCriteria"), "{help}");
        assert_eq!(ExtendedResultCode::read("-2143289331"), Some(code.clone()));
        assert_eq!(ExtendedResultCode::read("2151677965"), Some(code.clone()));
        assert_eq!(ExtendedResultCode::read(" 0x8040000d "), Some(code));
    }

    #[test]
    fn codes_of_public_reports_have_a_cause() {
        // `iot-hub-device-update#667` and `#453`.
        for (number, word) in [
            ("810549253", "scriptFileName"),
            ("805306472", "APT manifest"),
        ] {
            let (cause, _) = ExtendedResultCode::read(number).unwrap().cause().unwrap();
            assert!(cause.contains(word), "{cause}");
        }
    }

    #[test]
    fn what_is_no_number_of_32_bits_is_none() {
        for text in [
            "",
            "0x",
            "0x1FFFFFFFF",
            "4294967296",
            "-2147483649",
            "x",
            "0x-1",
            "1.5",
        ] {
            assert_eq!(ExtendedResultCode::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_result_that_is_not_known_is_still_success_or_failure() {
        assert_eq!(
            result_in_words(606),
            "606 (installed; the device must restart)"
        );
        assert_eq!(
            result_in_words(12_345),
            "12345 (success, not known by name)"
        );
        assert_eq!(result_in_words(-7), "-7 (failure, not known by name)");
        assert!(!is_success(0));
    }

    proptest! {
        #[test]
        fn every_number_has_words_and_comes_back_from_them(number in any::<i32>()) {
            let code = ExtendedResultCode::new(number);
            prop_assert_eq!(ExtendedResultCode::read(&code.hex()), Some(code.clone()));
            let again = u32::from(code.facility) << 28 | u32::from(code.component) << 20 | code.value;
            prop_assert_eq!(again.cast_signed(), number);
            prop_assert!(!code.to_string().is_empty());
        }
    }
}
