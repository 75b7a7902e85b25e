//! Handlers that are known: what they need. Source: the agent's own documentation of its step
//! handlers, `Azure/iot-hub-device-update`.

/// Runs a script.
pub const SCRIPT: &str = "microsoft/script:1";
/// Installs one image.
pub const SWUPDATE_1: &str = "microsoft/swupdate:1";
/// Installs images by a script.
pub const SWUPDATE_2: &str = "microsoft/swupdate:2";
/// Installs Debian packages.
pub const APT: &str = "microsoft/apt:1";
/// Pretends to install.
pub const SIMULATOR: &str = "microsoft/simulator:1";
/// Installs an image of Windows.
const WIM: &str = "microsoft/wim:1";
/// Makes a file from a delta: a download handler.
pub const DELTA: &str = "microsoft/delta:1";

/// Handlers of steps that Microsoft publishes.
const KNOWN: [&str; 6] = [SCRIPT, SWUPDATE_1, SWUPDATE_2, APT, SIMULATOR, WIM];
/// Handlers that the agent uses itself, whatever their number.
const INTERNAL: [&str; 2] = ["microsoft/steps:", "microsoft/update-manifest"];

/// Whether a handler of a step is one of Microsoft's that is not known.
pub(super) fn is_unknown(id: &str) -> bool {
    is_of_microsoft(id) && !KNOWN.contains(&id)
}

/// The handler of Microsoft's that is meant by an id which differs from it in large and small letters only.
/// Agents look a handler up by its exact id.
pub(super) fn meant(id: &str) -> Option<&'static str> {
    let known = KNOWN.iter().chain(&[DELTA]).copied();
    let mut alike = known.filter(|known| known.eq_ignore_ascii_case(id));
    alike.find(|known| *known != id)
}

/// Whether the agent uses it itself.
pub(super) fn is_internal(id: &str) -> bool {
    INTERNAL.iter().any(|known| id.starts_with(known))
}

pub(super) fn is_of_microsoft(id: &str) -> bool {
    id.starts_with("microsoft/")
}

/// Whether it needs `installedCriteria`.
pub(super) fn needs_criteria(id: &str) -> bool {
    [SWUPDATE_1, SWUPDATE_2, APT].contains(&id)
}

/// Whether it takes exactly one file in a step.
pub(super) fn takes_one_file(id: &str) -> bool {
    [SWUPDATE_1, APT].contains(&id)
}

/// Whether an id has the form PROVIDER/NAME:NUMBER of the schema: no white space, a slash with
/// something on both sides, then a colon and 1 to 5 digits.
pub(super) fn is_well_formed(id: &str) -> bool {
    let Some((path, number)) = id.rsplit_once(':') else {
        return false;
    };
    let is_number = (1..=5).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let has_space = path.chars().any(char::is_whitespace);
    // A slash that is neither the first nor the last character.
    let inner = path
        .char_indices()
        .skip(1)
        .any(|(at, c)| c == '/' && at + 1 < path.len());
    is_number && !has_space && inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_handlers_have_a_provider_a_name_and_a_number() {
        for good in [
            "microsoft/script:1",
            "a/b:1",
            "a/b/c:12345",
            "a//b:1",
            "a/b:c:1",
        ] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in [
            "a/b",
            "a/b:",
            "a/b:123456",
            "a/b:x",
            "/b:1",
            "a/:1",
            "a b/c:1",
            "ab:1",
            "",
        ] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
