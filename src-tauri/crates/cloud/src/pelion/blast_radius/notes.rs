//! What stands in the way and what a user should know, in words.

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};

use super::{BlastNote, BlastRadius};
use crate::pelion::Strategy;

/// The count of a preview is not that of the moment of the start; `None` when it is. Nothing was
/// started then: the preview comes again.
pub fn count_changed(previewed: u64, now: u64) -> Option<Diagnosis> {
    (previewed != now).then(|| {
        let was = if previewed == 1 { "was" } else { "were" };
        let found = match now {
            0 => "none matches".to_owned(),
            1 => "1 matches".to_owned(),
            many => format!("{} match", grouped(many)),
        };
        Diagnosis::new(
            Code::CountChanged,
            format!(
                "{} {was} expected; {found} the filter now.",
                devices(previewed)
            ),
            "Devices came, went or changed since the preview, or the number was typed wrongly.",
        )
        .state("Nothing was started. The draft is as it was.")
        .remedy(Remedy::PlanAgain)
    })
}

pub(super) fn note(key: &str, text: impl Into<String>) -> BlastNote {
    BlastNote {
        key: key.to_owned(),
        text: text.into(),
    }
}

/// Fills in blockers and warnings from the numbers.
pub(super) fn judge_numbers(radius: &mut BlastRadius) {
    let one_shot = radius.strategy == Strategy::OneShot;
    if radius.matching.count == 0 {
        let missing = note("no_device_matches", "No device matches the filter now.");
        if one_shot {
            radius.blockers.push(missing);
        } else {
            radius.warnings.push(missing);
        }
        return;
    }
    judge_overlap(radius, one_shot);
    let touched = radius.fits.count + radius.cannot_tell.count;
    let kinds = [
        (
            &radius.wrong_vendor,
            "wrong_vendor",
            "of another vendor than the manifest; they will refuse it",
        ),
        (
            &radius.wrong_class,
            "wrong_class",
            "of another class than the manifest; they will refuse it",
        ),
        (&radius.up_to_date, "up_to_date", "already on this version"),
        (
            &radius.newer,
            "newer",
            "on a greater version; they will refuse it",
        ),
        (
            &radius.not_registered,
            "not_registered",
            "not registered; the campaign waits for them, and does not end before",
        ),
        (
            &radius.blocked,
            "blocked",
            "blocked or suspended; the update does not reach them",
        ),
    ];
    let found = kinds.into_iter().filter(|(kind, ..)| kind.count > 0);
    let stated = found.map(|(kind, key, what)| note(key, format!("{} {what}.", are(kind.count))));
    let mut warnings: Vec<_> = stated.collect();
    if radius.cannot_tell.count > 0 {
        let text = format!(
            "Whether the update fits is not known for {}: vendor or class are not known.",
            devices(radius.cannot_tell.count)
        );
        warnings.push(note("cannot_tell", text));
    }
    if touched == 0 {
        warnings.push(note(
            "nothing_to_do",
            "No matching device would take this update.",
        ));
    }
    radius.warnings.append(&mut warnings);
}

fn judge_overlap(radius: &mut BlastRadius, one_shot: bool) {
    let mut notes = Vec::new();
    for other in &radius.campaigns {
        let probably = if other.is_estimate { " probably" } else { "" };
        let count = other.devices.count;
        let what = if one_shot {
            "A one-shot campaign would fail to start."
        } else {
            "They would silently be taken over."
        };
        let verb = if count == 1 { "is" } else { "are" };
        let text = format!(
            "{} {verb}{probably} in the running campaign “{}”. {what}",
            devices(count),
            other.name
        );
        notes.push((
            one_shot && !other.is_estimate,
            note("in_other_campaign", text),
        ));
    }
    for (blocks, note) in notes {
        if blocks {
            radius.blockers.push(note);
        } else {
            radius.warnings.push(note);
        }
    }
}

fn devices(count: u64) -> String {
    let many = if count == 1 { "device" } else { "devices" };
    format!("{} {many}", grouped(count))
}

fn are(count: u64) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", devices(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_count_brings_the_preview_again() {
        assert_eq!(count_changed(7, 7), None);
        let diagnosis = count_changed(1, 1204).unwrap();
        assert_eq!(diagnosis.code, Code::CountChanged);
        assert_eq!(
            diagnosis.what_happened,
            "1 device was expected; 1,204 match the filter now."
        );
        assert_eq!(diagnosis.remedies, [Remedy::PlanAgain]);
    }
}
