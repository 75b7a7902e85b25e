//! Images of ESP chips that `esptool` makes, and what it says of them.

use std::path::PathBuf;

use firmdrop_image::{CheckResult, Format, Integrity};

use crate::outside::{self, Outside, installed};
use crate::{look, result};

/// Chips, the address where code is mapped, and their machine in ELF.
const CHIPS: [(&str, u32, u16); 5] = [
    ("esp32", 0x400D_0020, 94),
    ("esp32s3", 0x4200_0020, 94),
    ("esp32c3", 0x4200_0020, 243),
    ("esp32c6", 0x4200_0020, 243),
    ("esp32h2", 0x4200_0020, 243),
];

/// An ELF file of this code for a chip: `objcopy` writes one for no machine, which is then named in it, with where it begins.
fn elf(outside: &Outside, address: u32, machine: u16) -> PathBuf {
    let code = outside.path("code.bin");
    let whole = std::fs::read(installed(&["bin"]).remove(0)).unwrap();
    std::fs::write(&code, &whole[..4096.min(whole.len())]).unwrap();
    let made = outside.path("code.elf");
    let place = format!("--change-section-address=.data={address:#x}");
    let flags = "--set-section-flags=.data=alloc,load,code,contents,readonly";
    let options = ["-I", "binary", "-O", "elf32-little", &place, flags];
    outside::convert("objcopy", &options, &code, &made);
    let mut bytes = std::fs::read(&made).unwrap();
    bytes[16..18].copy_from_slice(&2_u16.to_le_bytes());
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes[24..28].copy_from_slice(&address.to_le_bytes());
    std::fs::write(&made, bytes).unwrap();
    made
}

/// An image of `esptool` for a chip of [`CHIPS`].
pub(crate) fn image(outside: &Outside, chip: &str) -> PathBuf {
    let known = CHIPS.iter().find(|(name, ..)| *name == chip).unwrap();
    let elf = elf(outside, known.1, known.2);
    let made = outside.path("image.bin");
    let arguments = ["--chip", chip, "elf2image", "--output"];
    let paths = [made.to_str().unwrap(), elf.to_str().unwrap()];
    let esptool = outside::python_program("esptool");
    outside::run(&esptool, [&arguments[..], &paths].concat());
    made
}

#[test]
fn esptool_and_the_inspection_say_the_same_of_its_images_and_of_damaged_ones() {
    let outside = Outside::new();
    let esptool = outside::python_program("esptool");
    for (chip, ..) in CHIPS {
        let made = image(&outside, chip);
        for damage in [None, Some(40), Some(2000)] {
            let path = outside.path("looked-at.bin");
            let mut bytes = std::fs::read(&made).unwrap();
            if let Some(at) = damage {
                bytes[at] ^= 0x11;
            }
            std::fs::write(&path, &bytes).unwrap();
            let asked = ["--chip", chip, "image-info", path.to_str().unwrap()];
            let stated = outside::run(&esptool, asked);
            let found = look(&path);
            assert_eq!(found.format, Format::EspImage, "{stated}");
            let is_whole = found.integrity() == Integrity::Intact;
            assert_eq!(is_whole, damage.is_none(), "{chip}: {found:#?}\n{stated}");
            assert_eq!(
                stated.contains("invalid"),
                damage.is_some(),
                "{chip}: {stated}"
            );
        }
        let found = look(&made);
        assert_eq!(
            result(&found, "Checksum"),
            Some(CheckResult::Passed),
            "{found:#?}"
        );
    }
}
