//! Which images of a file are sent, and of which file none is.

use firmdrop_core::Sha256;
use firmdrop_image::{Check, CheckResult, Fact, Identity, Part, Signature};

use super::*;

/// An image of the version 2.4.1, with this hash.
pub(in crate::smp) fn image(format: Format, hash: Option<&[u8]>) -> Inspection {
    Inspection {
        format,
        summary: "an image".into(),
        size_bytes: 1000,
        identity: Identity {
            version: Some("2.4.1".into()),
            ..Identity::default()
        },
        segments: Vec::new(),
        signature: Signature::Absent,
        checks: Vec::new(),
        facts: Vec::new(),
        image_hash: hash.map(|hash| Sha256::of(hash).into()),
        parts: Vec::new(),
    }
}

fn part(name: &str, number: Option<&str>) -> Part {
    let mut inspection = image(Format::Mcuboot, Some(name.as_bytes()));
    inspection.facts.extend(number.map(|number| Fact {
        label: "Image index".into(),
        value: number.into(),
    }));
    Part {
        name: name.into(),
        address: None,
        offset: None,
        integrity: Integrity::Intact,
        inspection,
    }
}

fn file(format: Format, parts: Vec<Part>) -> Inspection {
    Inspection {
        parts,
        ..image(format, None)
    }
}

fn chosen(image: u32) -> SmpOptions {
    SmpOptions {
        image: Some(image),
        ..SmpOptions::default()
    }
}

fn numbers(file: &Inspection, options: SmpOptions) -> Vec<(&str, Option<u32>)> {
    let wanted = wanted(file, options).unwrap();
    wanted.iter().map(|one| (one.name, one.number)).collect()
}

fn refusal(file: &Inspection, options: SmpOptions) -> String {
    wanted(file, options).unwrap_err()
}

#[test]
fn an_image_is_sent_as_it_is_and_is_the_readers_only_one_unless_a_number_is_chosen() {
    let image = image(Format::Mcuboot, Some(b"image"));
    assert_eq!(numbers(&image, SmpOptions::default()), [("", None)]);
    assert_eq!(numbers(&image, chosen(1)), [("", Some(1))]);
}

#[test]
fn a_damaged_image_or_one_without_a_hash_is_not_sent_and_inside_of_a_file_it_is_named() {
    let failed = Check {
        name: "Hash".into(),
        result: CheckResult::Failed,
        explanation: String::new(),
    };
    let mut damaged = image(Format::Mcuboot, Some(b"image"));
    damaged.checks.push(failed.clone());
    assert!(refusal(&damaged, SmpOptions::default()).contains("damaged"));
    let nameless = image(Format::Mcuboot, None);
    assert!(refusal(&nameless, SmpOptions::default()).contains("no hash"));
    let mut inside = part("app.bin", None);
    inside.inspection.checks.push(failed);
    let zip = file(Format::Archive, vec![inside]);
    assert!(refusal(&zip, SmpOptions::default()).contains("app.bin inside this"));
}

#[test]
fn the_only_image_inside_of_a_file_is_sent_and_of_two_none() {
    let hex = file(Format::IntelHex, vec![part("image at 0x0000C000", None)]);
    assert_eq!(
        numbers(&hex, SmpOptions::default()),
        [("image at 0x0000C000", None)]
    );
    assert_eq!(numbers(&hex, chosen(1))[0].1, Some(1));
    let two = vec![part("a.bin", None), part("b.bin", None)];
    let why = refusal(&file(Format::Archive, two), SmpOptions::default());
    assert!(
        why.contains("a.bin (2.4.1), b.bin (2.4.1)") && why.contains("--extract"),
        "{why}"
    );
    let none = file(Format::Archive, Vec::new());
    assert!(refusal(&none, SmpOptions::default()).contains("has none"));
}

#[test]
fn a_package_names_the_images_of_the_reader_and_all_are_sent_or_the_chosen_one() {
    let package = file(
        Format::McumgrPackage,
        vec![part("net.bin", Some("1")), part("app.bin", Some("0"))],
    );
    assert_eq!(
        numbers(&package, SmpOptions::default()),
        [("app.bin", Some(0)), ("net.bin", Some(1))]
    );
    assert_eq!(numbers(&package, chosen(1)), [("net.bin", Some(1))]);
    assert!(refusal(&package, chosen(2)).contains("no image 2"));
    let by_number = SmpOptions {
        upload_number: Some(1),
        ..SmpOptions::default()
    };
    assert!(refusal(&package, by_number).contains("upload_number"));
}

#[test]
fn of_a_package_that_does_not_say_which_image_is_whose_none_is_sent() {
    let package = |first: Option<&str>, second: Option<&str>| {
        file(
            Format::McumgrPackage,
            vec![part("app.bin", first), part("net.bin", second)],
        )
    };
    let silent = refusal(&package(Some("0"), None), SmpOptions::default());
    assert!(
        silent.contains("net.bin") && silent.contains("does not say"),
        "{silent}"
    );
    let nonsense = refusal(&package(Some("0"), Some("-1")), SmpOptions::default());
    assert!(nonsense.contains("net.bin"), "{nonsense}");
    let twice = refusal(&package(Some("0"), Some("0")), SmpOptions::default());
    assert!(twice.contains("different slots"), "{twice}");
}

#[test]
fn of_two_images_for_one_slot_each_the_one_is_sent_whose_slot_does_not_run() {
    let built_for = |name: &str, slot: &str| {
        let mut part = part(name, Some("0"));
        part.inspection.facts.push(Fact {
            label: "Slot".into(),
            value: slot.into(),
        });
        part
    };
    let pair = vec![built_for("second.bin", "1"), built_for("first.bin", "0")];
    let package = file(Format::McumgrPackage, pair);
    let both = || wanted(&package, SmpOptions::default()).unwrap();
    assert!(is_for_slots(&both()));
    let running = |slot: u32, hash: &[u8]| {
        Images::of_slots(vec![crate::Slot {
            image: 0,
            slot,
            version: None,
            hash: Some(Sha256::of(hash).into()),
            active: true,
            confirmed: true,
            pending: false,
            bootable: true,
            permanent: false,
        }])
    };
    for (images, mode, name) in [
        (running(0, b"old"), Mode::Application, "second.bin"),
        (running(1, b"old"), Mode::Application, "first.bin"),
        (running(0, b"first.bin"), Mode::Application, "first.bin"),
        (running(0, b"old"), Mode::Recovery, "first.bin"),
        (Images::default(), Mode::Unclear, "second.bin"),
    ] {
        let names: Vec<_> = for_reader(&both(), &images, mode)
            .iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, [name]);
    }
    let same = vec![built_for("a.bin", "1"), built_for("b.bin", "3")];
    let why = refusal(&file(Format::McumgrPackage, same), SmpOptions::default());
    assert!(why.contains("different slots"), "{why}");
}
