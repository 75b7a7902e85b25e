//! Who the update is, and what is said of it as a whole.

use firmdrop_core::Moment;

use crate::azure::import_manifest::CheckContext;
use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::identity::{UpdateId, UpdateVersion, VersionError};
use crate::azure::import_manifest::model::ImportManifest;

use super::length;

pub(in crate::azure::import_manifest) fn identity(
    manifest: &ImportManifest,
    context: &CheckContext<'_>,
    found: &mut Vec<Finding>,
) {
    update_id(&manifest.update_id, "/updateId", found);
    if let Some(description) = &manifest.description {
        found.extend(length(
            description,
            1..=512,
            Rule::DescriptionLength,
            "/description",
        ));
    }
    found.extend(created(&manifest.created));
    found.extend(version_of_api(manifest, context));
}

/// The rules of an identity, wherever it stands.
pub(in crate::azure::import_manifest) fn update_id(
    id: &UpdateId,
    pointer: &str,
    found: &mut Vec<Finding>,
) {
    for (key, text) in [("provider", &id.provider), ("name", &id.name)] {
        let here = format!("{pointer}/{key}");
        let too_long = length(text, 1..=64, Rule::IdLength, &here);
        let has_length = too_long.is_none();
        found.extend(too_long);
        if has_length && let Some(wrong) = text.chars().find(|c| !is_allowed(*c)) {
            let what = format!("{} has the character {wrong:?}.", shown(text));
            found.push(Finding::new(Rule::IdCharacters, here, what));
        } else if has_length && text.bytes().all(|byte| byte == b'.') {
            let what = format!("{} consists of dots only.", shown(text));
            let finding = Finding::new(Rule::IdCharacters, here, what);
            let why =
                "It is a part of the update's address, in which dots alone mean another folder.";
            found.push(finding.because(why).instead("Use a letter or a digit too."));
        }
    }
    found.extend(version(&id.version, &format!("{pointer}/version")));
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

fn version(text: &str, pointer: &str) -> Option<Finding> {
    let rule = match UpdateVersion::read(text) {
        Ok(version) => {
            let plain = version.to_string();
            return (plain != text).then(|| {
                let what = format!("The service takes {} as {plain}.", shown(text));
                Finding::new(Rule::VersionZeros, pointer, what)
            });
        }
        Err(VersionError::Format) => Rule::VersionFormat,
        Err(VersionError::Parts(_)) => Rule::VersionParts,
        Err(VersionError::Range) => Rule::VersionRange,
    };
    let what = match text {
        "" => "It is empty.".to_owned(),
        text => format!("{} is no version of an update.", shown(text)),
    };
    Some(Finding::new(rule, pointer, what))
}

fn created(text: &str) -> Option<Finding> {
    (!is_moment(text)).then(|| {
        let what = format!("{} is no moment.", shown(text));
        Finding::new(Rule::CreatedMoment, "/createdDateTime", what)
    })
}

/// A moment of ISO 8601: date and time, with or without an offset.
fn is_moment(text: &str) -> bool {
    let read = |text: &str| {
        let text = serde_json::Value::from(text);
        serde_json::from_value::<Moment>(text).is_ok()
    };
    let has_time = text.contains(['T', 't']);
    has_time && (read(text) || read(&format!("{text}Z")))
}

fn version_of_api(manifest: &ImportManifest, context: &CheckContext<'_>) -> Option<Finding> {
    let taken = context.profile?.manifest_versions();
    let is = manifest.manifest_version;
    (!taken.contains(&is)).then(|| {
        let taken: Vec<&str> = taken.iter().map(|one| one.as_str()).collect();
        let what = format!(
            "The manifest is of version {}; this API takes {}.",
            is.as_str(),
            taken.join(" and ")
        );
        Finding::new(Rule::VersionOfApi, "/manifestVersion", what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_was_not_entered_is_called_empty() {
        let what = |text: &str| version(text, "/updateId/version").map(|found| found.what);
        assert_eq!(what("").as_deref(), Some("It is empty."));
        assert_eq!(
            what("x").as_deref(),
            Some("\"x\" is no version of an update.")
        );
        assert_eq!(what("1.0"), None);
    }

    #[test]
    fn moments_with_seven_digits_and_without_an_offset_are_moments() {
        for good in [
            "2026-01-19T06:23:52.6996916Z",
            "2020-10-08T03:32:52.477Z",
            "2020-04-22T21:01:43.9401420+00:00",
            "2026-01-19T06:23:52",
        ] {
            assert!(is_moment(good), "{good}");
        }
        for bad in [
            "",
            "today",
            "2026-01-19",
            "19.01.2026 06:23",
            "2026-13-01T00:00:00Z",
        ] {
            assert!(!is_moment(bad), "{bad}");
        }
    }
}
