//! What the inspection says about real firmware, compared with what independent tools say.
//!
//! The firmware is that of Debian's packages and of `imgtool`; nothing of it lies in the repository.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "real_firmware/agreement/mod.rs"]
mod agreement;
#[path = "real_firmware/differential/mod.rs"]
mod differential;
#[path = "real_firmware/outside.rs"]
mod outside;
#[path = "real_firmware/packed.rs"]
mod packed;
#[path = "real_firmware/payload.rs"]
mod payload;
#[path = "real_firmware/signed.rs"]
mod signed;

use std::ops::ControlFlow;
use std::path::Path;

use firmdrop_image::{
    CheckResult, FileDigests, Format, Inspection, Integrity, MemorySource, Signature, digest,
    inspect,
};
use outside::{Outside, imgtool, installed, run, tries};

fn source(path: &Path) -> MemorySource {
    MemorySource::new(std::fs::read(path).unwrap())
}

fn look(path: &Path) -> Inspection {
    inspect(&source(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn segments(found: &Inspection) -> Vec<(u64, u64)> {
    let addressed = found.segments.iter();
    addressed
        .map(|part| (part.address.unwrap(), part.length_bytes))
        .collect()
}

fn fact<'a>(found: &'a Inspection, label: &str) -> Option<&'a str> {
    let fact = found.facts.iter().find(|fact| fact.label == label)?;
    Some(&fact.value)
}

fn result(found: &Inspection, check: &str) -> Option<CheckResult> {
    let check = found.checks.iter().find(|found| found.name == check)?;
    Some(check.result)
}

#[test]
fn digests_of_every_installed_file_are_those_of_sha256sum_and_md5sum() {
    let files = installed(&["bin", "dfu", "hex", "ihex", "elf", "fw", "rom"]);
    assert!(files.len() > 50, "only {} files", files.len());
    let sums = |tool| {
        let output = run(tool, &files);
        let sums: Vec<_> = output
            .lines()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(sums.len(), files.len());
        sums
    };
    let (sha256, md5) = (sums("sha256sum"), sums("md5sum"));
    for ((file, sha256), md5) in files.iter().zip(sha256).zip(md5) {
        let found = digest(&source(file), &mut |_| ControlFlow::Continue(())).unwrap();
        let expected = FileDigests {
            sha256: sha256.parse().unwrap(),
            md5: md5.parse().unwrap(),
        };
        assert_eq!(found, Some(expected), "{}", file.display());
    }
}

#[test]
fn every_installed_file_has_its_format_and_none_is_called_damaged() {
    for (ending, format, integrity) in [
        ("ihex", Format::IntelHex, Integrity::Intact),
        ("elf", Format::Elf, Integrity::Intact),
        ("dfu", Format::Dfu, Integrity::Intact),
        ("bin", Format::Raw, Integrity::Unknown),
        ("fw", Format::Raw, Integrity::Unknown),
        ("rom", Format::Raw, Integrity::Unknown),
    ] {
        let files = installed(&[ending]);
        assert!(!files.is_empty(), "no .{ending}");
        for file in files {
            let found = look(&file);
            let stated = (found.format, found.integrity());
            assert_eq!(
                stated,
                (format, integrity),
                "{}: {found:#?}",
                file.display()
            );
            assert_eq!(found.size_bytes, std::fs::metadata(&file).unwrap().len());
        }
    }
}

#[test]
fn a_cortex_m_image_looks_like_one_and_code_of_other_chips_does_not() {
    for file in installed(&["bin", "fw", "rom"]) {
        let name = file.display().to_string();
        let found = look(&file);
        let likeness = fact(&found, "Looks like").is_some_and(|text| text.contains("Cortex-M"));
        let cortex = ["hackrf", "toboot.bin"]
            .iter()
            .any(|part| name.contains(part));
        // The boot loader of toboot-booster.bin begins with a header of its own.
        if !name.contains("booster") {
            assert_eq!(likeness, cortex, "{name}");
        }
    }
}

#[test]
fn segments_and_entry_of_hex_files_are_those_of_srec_info() {
    for file in installed(&["hex", "ihex"]) {
        let stated = outside::srec_info(&file, "-intel");
        let found = look(&file);
        assert_eq!(segments(&found), stated.segments, "{}", file.display());
        let entry = stated.entry.map(|at| format!("0x{at:08X}"));
        if let Some(linear) = fact(&found, "Entry point").filter(|at| at.starts_with("0x")) {
            assert_eq!(Some(linear), entry.as_deref(), "{}", file.display());
        }
    }
}

#[test]
fn hex_and_srecord_made_by_objcopy_are_the_bytes_they_were_made_from() {
    let outside = Outside::new();
    for file in installed(&["bin"]) {
        let length = std::fs::metadata(&file).unwrap().len();
        for (target, option, format) in [
            ("ihex", "-intel", Format::IntelHex),
            ("srec", "-motorola", Format::SRecord),
        ] {
            let made = outside.path(target);
            let place = "--change-addresses=0x08004000";
            let arguments = ["-I", "binary", "-O", target, place];
            outside::convert("objcopy", &arguments, &file, &made);
            let found = look(&made);
            assert_eq!(found.format, format);
            assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
            assert_eq!(segments(&found), [(0x0800_4000, length)]);
            assert_eq!(segments(&found), outside::srec_info(&made, option).segments);
        }
    }
}

#[test]
fn installed_hex_files_are_sound_except_the_two_that_srec_cat_refuses_too() {
    let mut refused = Vec::new();
    for file in installed(&["hex"]) {
        let arguments = [
            file.to_str().unwrap(),
            "-intel",
            "-o",
            "/dev/null",
            "-binary",
        ];
        let found = look(&file);
        assert_eq!(found.format, Format::IntelHex);
        let sound = found.integrity() == Integrity::Intact;
        assert_eq!(
            sound,
            tries("srec_cat", &arguments),
            "{}: {found:#?}",
            file.display()
        );
        if !sound {
            let flaw = found
                .checks
                .iter()
                .find(|check| check.result == CheckResult::Failed);
            refused.push(flaw.unwrap().explanation.clone());
        }
    }
    // Optiboot for ATmega168 and ATmega328 is larger than its place and runs into its own version.
    let optiboot = |at| {
        format!(
            "line 32 and line 35 write different values to 0x0000{at}: first 90, then 04; 2 bytes in all"
        )
    };
    assert_eq!(refused, ["3FFE", "7FFE"].map(optiboot));
}

#[test]
fn srec_cat_and_the_inspection_refuse_the_same_broken_files() {
    let outside = Outside::new();
    let hex = installed(&["ihex"]).remove(0);
    let text = std::fs::read_to_string(&hex).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let mut flipped = text.clone().into_bytes();
    flipped[100] = if flipped[100] == b'0' { b'1' } else { b'0' };
    let twice = [&[":01001000559A"], &lines[..]].concat().join("\n");
    for (name, bytes) in [("flipped", flipped), ("twice", twice.into_bytes())] {
        let path = outside.path(name);
        std::fs::write(&path, bytes).unwrap();
        let arguments = [
            path.to_str().unwrap(),
            "-intel",
            "-o",
            "/dev/null",
            "-binary",
        ];
        assert!(!tries("srec_cat", &arguments), "{name}");
        assert_eq!(look(&path).integrity(), Integrity::Damaged, "{name}");
    }
}

#[test]
fn segments_machine_and_entry_of_elf_files_are_those_of_readelf() {
    for file in installed(&["elf"]) {
        let stated = outside::readelf(&file);
        let found = look(&file);
        assert_eq!(segments(&found), stated.segments, "{}", file.display());
        let entry = format!("0x{:08X}", stated.entry.unwrap());
        assert_eq!(fact(&found, "Entry point"), Some(entry.as_str()));
        let machine = fact(&found, "Machine").unwrap().to_lowercase();
        let machine = machine.split([' ', '-']).next().unwrap();
        let said = stated.machine.to_lowercase();
        let same = said.contains(machine) || (machine == "x86" && said.contains("80386"));
        assert!(same, "{machine} is not {said}");
    }
}

#[test]
fn an_elf_file_cut_anywhere_is_damaged_or_told_as_cut() {
    let file = installed(&["elf"]).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for length in [52, 64, 100, 1000, whole.len() / 2, whole.len() - 1] {
        match inspect(&MemorySource::new(&whole[..length])) {
            Ok(found) => assert_eq!(found.integrity(), Integrity::Damaged, "{length}"),
            Err(error) => assert!(length < 64, "{length}: {error}"),
        }
    }
}

#[test]
fn what_stands_in_a_dfu_suffix_is_what_dfu_suffix_says() {
    let outside = Outside::new();
    let mut files = installed(&["dfu"]);
    for (index, file) in installed(&["bin"]).into_iter().enumerate() {
        let made = outside.path(&format!("{index}.dfu"));
        std::fs::copy(file, &made).unwrap();
        let ids = ["--vid", "0x2fe3", "--pid", "0x0100", "--did", "0x0207"];
        let version = ["--spec", "0x011a", "--add", made.to_str().unwrap()];
        run(
            "dfu-suffix",
            [&ids[..], &version[if index % 2 == 0 { 0 } else { 2 }..]].concat(),
        );
        files.push(made);
    }
    let mut agreed = 0;
    for file in files {
        let found = look(&file);
        let accepted = tries("dfu-suffix", &["--check", file.to_str().unwrap()]);
        let passed = result(&found, "CRC in the suffix") == Some(CheckResult::Passed);
        assert_eq!(passed, accepted, "{}", file.display());
        if accepted {
            let stated = run("dfu-suffix", ["--check", file.to_str().unwrap()]);
            assert_eq!(
                outside::dfu_suffix(&stated),
                told_by(&found),
                "{}",
                file.display()
            );
            agreed += 1;
        }
    }
    assert!(agreed > 10, "only {agreed}");
}

/// Vendor, product and release as the inspection tells them.
fn told_by(found: &Inspection) -> [String; 3] {
    ["USB vendor", "USB product", "Device release"].map(|label| {
        let value = fact(found, label).unwrap();
        if value == "any" { "FFFF" } else { value }.to_owned()
    })
}

#[test]
fn the_boot_header_before_hackrf_files_is_told_and_their_bytes_are_whole() {
    let files = installed(&["dfu"]);
    let hackrf: Vec<_> = files
        .iter()
        .filter(|file| file.display().to_string().contains("hackrf"))
        .collect();
    assert_eq!(hackrf.len(), 3);
    for file in hackrf {
        // `dfu-suffix` calls these files wrong: their header was put in front after the CRC.
        assert!(!tries("dfu-suffix", &["--check", file.to_str().unwrap()]));
        let found = look(file);
        assert_eq!(
            result(&found, "CRC in the suffix"),
            Some(CheckResult::Warning)
        );
        assert_eq!(found.identity.target.as_deref(), Some("USB 1FC9:000C"));
        let mut damaged = std::fs::read(file).unwrap();
        damaged[1000] ^= 1;
        let found = inspect(&MemorySource::new(damaged)).unwrap();
        assert_eq!(
            result(&found, "CRC in the suffix"),
            Some(CheckResult::Failed)
        );
    }
}

#[test]
fn images_signed_by_imgtool_say_what_imgtool_says_about_them() {
    let outside = Outside::new();
    let payload = installed(&["bin"]).remove(0);
    for (kind, algorithm) in [
        (None, None),
        (Some("ecdsa-p256"), Some("ECDSA P-256")),
        (Some("ecdsa-p384"), Some("ECDSA P-384")),
        (Some("rsa-2048"), Some("RSA-2048")),
        (Some("rsa-3072"), Some("RSA-3072")),
        (Some("ed25519"), Some("Ed25519")),
    ] {
        let key = kind.map(|kind| outside.key(kind));
        let options = ["--security-counter", "7", "--dependencies", "(1, 2.3.4+5)"];
        let signed = outside.sign(&payload, key.as_deref(), "2.4.1+318", &options);
        let found = look(&signed);
        assert_eq!(found.format, Format::Mcuboot);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.identity.version.as_deref(), Some("2.4.1+318"));
        assert_eq!(fact(&found, "Security counter"), Some("7"));
        let dependency = Some("image 1, version 2.3.4+5 or newer");
        assert_eq!(fact(&found, "Depends on"), dependency);

        let stated =
            outside::verify(&signed, key.as_deref()).expect("imgtool refuses its own image");
        assert_eq!(stated.version, "2.4.1+318");
        assert_eq!(fact(&found, "Image hash"), Some(stated.digest.as_str()));
        let hash = found.image_hash.map(|hash| hash.to_string());
        assert_eq!(hash, Some(stated.digest));
        match (found.signature, algorithm) {
            (Signature::Absent, None) => {}
            (
                Signature::Present {
                    algorithm: found,
                    key_hash,
                },
                Some(expected),
            ) => {
                assert_eq!(found, expected);
                assert_eq!(key_hash.unwrap(), outside::dumped(&signed, "KEYHASH"));
            }
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
    }
}

#[test]
fn imgtool_and_the_inspection_refuse_the_same_damaged_images() {
    let outside = Outside::new();
    let payload = installed(&["bin"]).remove(0);
    let key = outside.key("ecdsa-p256");
    let signed = outside.sign(&payload, Some(&key), "1.0.0", &["--security-counter", "1"]);
    let whole = std::fs::read(&signed).unwrap();
    let code_end = 512 + std::fs::read(&payload).unwrap().len();
    for at in [21, 600, code_end - 1, code_end + 9] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let path = outside.path("damaged.bin");
        std::fs::write(&path, &bytes).unwrap();
        assert!(outside::verify(&path, Some(&key)).is_none(), "{at}");
        let found = look(&path);
        let hash = result(&found, "Hash inside the image");
        assert_eq!(hash, Some(CheckResult::Failed), "{at}");
    }
}

#[test]
fn padded_encrypted_and_ram_images_of_imgtool_are_described() {
    let outside = Outside::new();
    let payload = installed(&["bin"]).remove(0);
    let key = outside.key("ed25519");
    let sign = |options: &[&str]| look(&outside.sign(&payload, Some(&key), "1.2.3", options));
    let padded = sign(&["--pad"]);
    assert_eq!(padded.integrity(), Integrity::Intact);
    assert!(fact(&padded, "Trailer").unwrap().contains("padded"));
    let wide = sign(&["--pad", "--max-align", "32", "--align", "32"]);
    assert!(fact(&wide, "Trailer").unwrap().contains("padded"));
    let ram = sign(&["--load-addr", "0x20010000"]);
    assert_eq!(ram.segments[1].address, Some(0x2001_0200));
    let ids = sign(&["--vid", "example.com", "--cid", "toaster"]);
    assert!(ids.identity.target.unwrap().starts_with("vendor "));
    let secret = outside.key("x25519");
    let encrypted = sign(&["--encrypt", secret.to_str().unwrap()]);
    let hash = result(&encrypted, "Hash inside the image");
    assert_eq!(hash, Some(CheckResult::NotMade));
    assert_eq!(
        fact(&encrypted, "The image is"),
        Some("encrypted with AES-128")
    );
}

#[test]
fn an_mcumgr_package_of_signed_images_is_sound_until_one_of_them_is_damaged() {
    let outside = Outside::new();
    let payload = installed(&["bin"]).remove(0);
    let key = outside.key("ed25519");
    let signed = outside.sign(&payload, Some(&key), "1.2.3+4", &[]);
    let manifest = r#"{"format-version": 0, "files": [{"type": "application",
        "board": "nrf5340dk_nrf5340_cpuapp", "soc": "nRF5340", "load_address": 49152,
        "version_MCUBOOT": "1.2.3+4", "file": "signed.bin"}]}"#;
    std::fs::write(outside.path("manifest.json"), manifest).unwrap();
    let package = |image: &Path| {
        std::fs::copy(image, outside.path("signed.bin")).unwrap();
        look(&outside.zip(&["manifest.json", "signed.bin"]))
    };
    let found = package(&signed);
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let stated = outside::verify(&signed, Some(&key)).unwrap();
    assert_eq!(found.image_hash.unwrap().to_string(), stated.digest);
    assert_eq!(imgtool(["version"]).trim(), "2.5.0");

    let mut bytes = std::fs::read(&signed).unwrap();
    bytes[700] ^= 1;
    let damaged = outside.path("damaged.bin");
    std::fs::write(&damaged, bytes).unwrap();
    assert_eq!(package(&damaged).integrity(), Integrity::Damaged);
}
