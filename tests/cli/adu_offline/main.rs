//! `firmdrop-cli adu init|validate|hash|update-hashes` as a script sees them: files, exit codes, JSON.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod checked;
mod desk;
mod made;

use self::desk::{Desk, INIT};

#[test]
fn wrong_usage_ends_with_2() {
    let desk = Desk::new();
    let plain: [&[&str]; 6] = [
        &["validate"],
        &["hash"],
        &["hash", "missing.bin"],
        &["update-hashes"],
        &["init", "firmware.swu"],
        &["unknown"],
    ];
    let of_init: [&[&str]; 5] = [
        &["firmware.swu", "--compat", "model"],
        &["firmware.swu", "--manifest-version", "6.0"],
        &["missing.swu"],
        &["firmware.swu", "--child", "name=a"],
        &["firmware.swu", "--step", "files=a", "--handler", "a/b:1"],
    ];
    let of_init = of_init.map(|more| [INIT, more].concat());
    let plain = plain.map(<[&str]>::to_vec);
    for arguments in plain.iter().chain(&of_init) {
        let ended = desk.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        assert!(ended.out.is_empty(), "{ended:?}");
    }
}
