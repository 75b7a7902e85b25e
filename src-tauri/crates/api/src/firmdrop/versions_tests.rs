//! What has to be confirmed of the versions that a delivery replaces.

use firmdrop_core::Sha256;
use firmdrop_image::{Fact, Format, Identity, Integrity, Part, Signature};

use super::*;

fn file(version: Option<&str>, parts: Vec<Part>) -> Inspection {
    Inspection {
        format: Format::McumgrPackage,
        summary: String::new(),
        size_bytes: 1000,
        identity: Identity {
            version: version.map(str::to_owned),
            ..Identity::default()
        },
        segments: Vec::new(),
        signature: Signature::Absent,
        checks: Vec::new(),
        facts: Vec::new(),
        image_hash: None,
        parts,
    }
}

fn part(number: Option<u32>, version: &str) -> Part {
    let mut inspection = file(Some(version), Vec::new());
    inspection.image_hash = Some(Sha256::of(version.as_bytes()).into());
    inspection.facts.extend(number.map(|number| Fact {
        label: "Image index".into(),
        value: number.to_string(),
    }));
    Part {
        name: format!("{version}.bin"),
        address: None,
        offset: None,
        integrity: Integrity::Intact,
        inspection,
    }
}

/// A reader whose images run these versions; it calls the first alone active.
fn target(versions: &[&str]) -> Target {
    let slots = versions.iter().zip(0..).map(|(version, image)| Slot {
        image,
        slot: 0,
        version: Some((*version).to_owned()),
        hash: Some(Sha256::of(version.as_bytes()).into()),
        active: image == 0,
        confirmed: true,
        pending: false,
        bootable: true,
        permanent: false,
    });
    Target {
        version: versions.first().map(|version| (*version).to_owned()),
        slots: slots.collect(),
        ..Target::default()
    }
}

fn titles(target: &Target, file: &Inspection) -> Vec<String> {
    titles_with(target, file, None)
}

/// With the image that the user chose by its number.
fn titles_with(target: &Target, file: &Inspection, image: Option<u32>) -> Vec<String> {
    let sent = sent(file, image);
    let confirmations = of_versions("Gate reader 12", target, file, &sent);
    confirmations.into_iter().map(|each| each.title).collect()
}

/// What a protocol that tells images apart sends of a package.
fn sent(file: &Inspection, image: Option<u32>) -> Vec<SentImage> {
    let numbered = file
        .parts
        .iter()
        .enumerate()
        .map(|(part, inside)| SentImage {
            part: Some(part),
            number: inside.image_number(),
        });
    match file.parts.len() {
        0 => vec![SentImage {
            part: None,
            number: image,
        }],
        _ => numbered
            .filter(|one| image.is_none() || one.number == image)
            .collect(),
    }
}

#[test]
fn an_older_version_and_the_same_one_are_confirmed_and_a_newer_one_is_not() {
    let (older, same) = (
        Some(ConfirmationAbout::Downgrade),
        Some(ConfirmationAbout::SameVersion),
    );
    for (runs, brings, expected) in [
        ("2.5.0", "2.4.2", older),
        ("2.10.0", "2.9.0", older),
        ("2.4.1.318", "2.4.1+318", same),
        ("2.4", "2.4.0", same),
        ("v2.4.1", "2.4.1", same),
        ("2.4.1+317", "2.4.1+318", None),
        ("2.9.0", "2.10.0", None),
        ("unknown", "2.4.1", None),
        ("99999999999999999999999999.0", "1.0", None),
    ] {
        let found = of_versions("r", &target(&[runs]), &file(Some(brings), Vec::new()), &[]);
        let about = found.first().map(|confirmation| confirmation.about);
        assert_eq!(about, expected, "{runs} → {brings}");
        assert!(found.len() <= 1);
    }
}

#[test]
fn each_image_of_a_package_is_compared_with_the_one_that_it_replaces() {
    let reader = target(&["2.0.0", "7.0.0"]);
    let package = |first, second| file(None, vec![part(Some(1), second), part(Some(0), first)]);
    assert_eq!(titles(&reader, &package("2.1.0", "7.0.1")), [""; 0]);
    assert_eq!(
        titles(&reader, &package("2.1.0", "6.9.0")),
        ["Downgrade Gate reader 12: image 1 from 7.0.0 to 6.9.0"]
    );
    assert_eq!(
        titles(&reader, &package("1.0.0", "6.9.0")),
        ["Downgrade Gate reader 12: image 1 from 7.0.0 to 6.9.0, image 0 from 2.0.0 to 1.0.0"]
    );
    // What the reader holds already is not written.
    assert_eq!(titles(&reader, &package("2.0.0", "7.0.1")), [""; 0]);
}

#[test]
fn a_package_for_the_second_image_alone_is_not_compared_with_the_first() {
    let reader = target(&["2.0.0", "7.0.0"]);
    let package = file(Some("7.1.0"), vec![part(Some(1), "7.1.0")]);
    assert_eq!(titles(&reader, &package), [""; 0]);
    let older = file(Some("6.0.0"), vec![part(Some(1), "6.0.0")]);
    assert_eq!(
        titles(&reader, &older),
        ["Downgrade Gate reader 12: image 1 from 7.0.0 to 6.0.0"]
    );
}

#[test]
fn the_only_image_inside_of_a_file_is_compared_where_the_reader_lists_images() {
    let zip = file(None, vec![part(None, "1.0.0")]);
    assert_eq!(
        titles(&target(&["2.0.0"]), &zip),
        ["Downgrade Gate reader 12 from 2.0.0 to 1.0.0"]
    );
    // The release number of a USB device is no version of an image inside.
    let without_slots = Target {
        slots: Vec::new(),
        ..target(&["2.0.0"])
    };
    assert_eq!(titles(&without_slots, &zip), [""; 0]);
}

#[test]
fn an_image_of_a_package_that_is_not_sent_is_not_asked_about() {
    let reader = target(&["2.0.0", "7.0.0"]);
    let package = file(None, vec![part(Some(0), "1.0.0"), part(Some(1), "7.0.1")]);
    assert_eq!(titles_with(&reader, &package, Some(1)), [""; 0]);
    assert_eq!(
        titles_with(&reader, &package, Some(0)),
        ["Downgrade Gate reader 12: image 0 from 2.0.0 to 1.0.0"]
    );
}

#[test]
fn a_file_for_the_second_image_is_compared_with_that_one() {
    let reader = target(&["2.0.0", "7.0.0"]);
    let image = file(Some("7.0.1"), Vec::new());
    assert_eq!(titles_with(&reader, &image, Some(1)), [""; 0]);
    let older = file(Some("6.0.0"), Vec::new());
    assert_eq!(
        titles_with(&reader, &older, Some(1)),
        ["Downgrade Gate reader 12: image 1 from 7.0.0 to 6.0.0"]
    );
}
