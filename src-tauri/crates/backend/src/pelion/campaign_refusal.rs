//! Why a campaign cannot be planned, in words. Nothing was sent then.

use firmdrop_cloud::pelion::blast_radius::{BlastNote, BlastRadius, count_changed};
use firmdrop_cloud::pelion::rollout;
use firmdrop_core::{Code, Diagnosis, Remedy};

use super::CampaignSpec;

pub(super) fn no_key() -> Diagnosis {
    Diagnosis::new(
        Code::ManifestKeyNotFound,
        "There is no key that could sign the manifest.",
        "Devices install only what is signed with a key they trust.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Make or import one: `firmdrop-cli manifest key new NAME`, or `manifest key import NAME FILE`.".into(),
    })
}

pub(super) fn which_key(names: &[String]) -> Diagnosis {
    Diagnosis::new(
        Code::ManifestKeyNotFound,
        format!("There are {} keys: {}.", names.len(), names.join(", ")),
        "Which of them these devices trust cannot be guessed.",
    )
    .titled("Which key signs?")
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Name one with --key.".into(),
    })
}

/// A version that is guessed may be below the one that a device has, which then refuses it.
pub(super) fn which_version(radius: &BlastRadius) -> Diagnosis {
    let (code, what) = if radius.matching.count == 0 {
        (Code::CampaignNoDevices, "No device matches the filter now.")
    } else {
        (
            Code::ManifestImpossible,
            "The version of the manifest is not known.",
        )
    };
    let why = "None is written in the image, and no matching device reports the one it has.";
    Diagnosis::new(code, what, why)
        .titled("Which version?")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Give one that is greater than that of every device, with --fw-version.".into(),
        })
}

pub(super) fn which_id(what: &str, radius: &BlastRadius) -> Diagnosis {
    if radius.matching.count == 0 {
        let why = format!(
            "Their {what} belongs into the manifest, and the key's certificate notes none."
        );
        return Diagnosis::new(
            Code::CampaignNoDevices,
            "No device matches the filter now.",
            why,
        )
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: format!("Correct the filter, or give --{what}-id."),
        });
    }
    Diagnosis::new(
        Code::ManifestImpossible,
        format!("The {what} of the devices is not known."),
        format!(
            "The matching devices report several, or none, and the key's certificate notes no {what}."
        ),
    )
    .titled(format!("Which {what}?"))
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: format!("Narrow the filter to one {what}, or give --{what}-id."),
    })
}

pub(super) fn no_certificate(key: &str) -> Diagnosis {
    Diagnosis::new(
        Code::CertificateUnusable,
        format!("The key {key} has no certificate."),
        "A manifest of schema 1 names the certificate that devices hold.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: format!("Give it one with `firmdrop-cli manifest key certificate {key}`."),
    })
}

/// What the service would refuse later. A draft may wait for devices, but not for its filter and
/// its name.
pub(super) fn refuse(spec: &CampaignSpec, radius: &BlastRadius) -> Result<(), Diagnosis> {
    let never = |blocker: &&BlastNote| {
        let key = blocker.key.as_str();
        key == "filter_missing" || key == "name_taken"
    };
    if let Some(blocker) = radius.blockers.iter().find(never) {
        return Err(blocked(blocker, &spec.name));
    }
    let Some(expected) = spec.start_for_devices else {
        return Ok(());
    };
    if let Some(diagnosis) = count_changed(expected, radius.expected_devices) {
        return Err(diagnosis.state("Nothing was sent."));
    }
    let blocker = radius.blockers.first();
    blocker.map_or(Ok(()), |blocker| Err(blocked(blocker, &spec.name)))
}

fn blocked(blocker: &BlastNote, name: &str) -> Diagnosis {
    let (code, what, remedy) = match blocker.key.as_str() {
        "name_taken" => (
            Code::NameTaken,
            format!("The campaign “{name}” was not drafted."),
            rollout::another_name(name),
        ),
        "in_other_campaign" => (
            Code::DeviceConflict,
            "The start would fail.".to_owned(),
            Remedy::advice(
                "Exclude these devices, stop that campaign, or take them over with --continuous.",
            ),
        ),
        "no_device_matches" => (
            Code::CampaignNoDevices,
            "The start would fail.".to_owned(),
            Remedy::advice("Correct the filter."),
        ),
        _ => (
            Code::CampaignIncomplete,
            "The start would fail.".to_owned(),
            Remedy::advice("Say which devices: `device_class__eq=…&state__eq=registered`."),
        ),
    };
    Diagnosis::new(code, what, blocker.text.clone())
        .state("Nothing was sent.")
        .remedy(remedy)
}
