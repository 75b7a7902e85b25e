//! `adu init`: what it makes, what it guesses, and what it writes over.

use firmdrop_test_support::import_manifests::{self, FULL_FILES};
use serde_json::{Value, json};

use crate::desk::{Desk, INIT, found};

#[test]
fn init_chooses_the_handler_and_what_it_makes_is_valid() {
    let desk = Desk::new();
    let made = desk.init(
        0,
        &[
            "firmware.swu",
            "install.sh",
            "--property",
            "installedCriteria=1.0",
        ],
    );
    let file = "Contoso.Toaster.1.0.importmanifest.json";
    assert_eq!(made["manifests"][0]["file"], file);
    let manifest: Value = serde_json::from_str(&desk.read(file)).unwrap();
    let step = &manifest["instructions"]["steps"][0];
    assert_eq!(step["handler"], "microsoft/swupdate:2");
    assert_eq!(step["files"], json!(["firmware.swu", "install.sh"]));
    assert_eq!(
        step["handlerProperties"],
        json!({ "installedCriteria": "1.0", "scriptFileName": "install.sh", "swuFileName": "firmware.swu" })
    );
    assert_eq!(manifest["manifestVersion"], "5.0");
    let bytes = desk.read(file).len();
    assert_eq!(made["manifests"][0]["size_bytes"], bytes);
    assert_eq!(desk.json(0, &["validate", file])["valid"], true);
    // The same hash as over the file.
    let hashed = desk.json(0, &["hash", file]);
    assert_eq!(
        hashed[0]["sha256_base64"],
        made["manifests"][0]["sha256_base64"]
    );
    // A file that is there is replaced only when that is said.
    let again = ["firmware.swu", "--property", "installedCriteria=1.0"];
    let refused = desk.run(&[INIT, &again].concat());
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.error.contains("exists"), "{refused:?}");
    desk.init(0, &[&again[..], &["--force"]].concat());
}

#[test]
fn init_writes_no_manifest_over_a_file_that_the_update_is_made_from() {
    let desk = Desk::new();
    let swu = FULL_FILES.iter().find(|(name, _)| *name == "firmware.swu");
    let swu = swu.unwrap().1;
    std::os::unix::fs::symlink("firmware.swu", desk.path().join("link.swu")).unwrap();
    let update = [
        "firmware.swu",
        "--property",
        "installedCriteria=1.0",
        "--force",
    ];
    for out in ["firmware.swu", "./firmware.swu", "link.swu", "-"] {
        let ended = desk.run(&[INIT, &update, &["--out", out]].concat());
        assert_eq!(ended.code, 2, "{out}: {ended:?}");
        assert_eq!(ended.out, "", "{out}");
        assert!(ended.error.contains("Nothing was written."), "{ended:?}");
        assert!(!desk.path().join("-").exists());
        assert_eq!(
            std::fs::read(desk.path().join("firmware.swu")).unwrap(),
            swu
        );
    }
    // The manifest of a child that is given is a source too, and two children are two files.
    desk.write(
        "child.importmanifest.json",
        import_manifests::CHILD.as_bytes(),
    );
    let child = ["--child", "manifest=child.importmanifest.json", "--force"];
    let ended = desk.run(&[INIT, &child, &["--out", "child.importmanifest.json"]].concat());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert_eq!(
        desk.read("child.importmanifest.json"),
        import_manifests::CHILD
    );
    let made = "name=Sensor,version=1.0,files=delta.dat,handler=microsoft/simulator:1,compat.manufacturer=C,compat.model=S";
    let twice = ["--child", made, "--child", made, "--force"];
    let ended = desk.run(&[INIT, &twice].concat());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        !desk
            .path()
            .join("Contoso.Sensor.1.0.importmanifest.json")
            .exists()
    );
}

#[test]
fn a_file_with_a_plus_sign_in_its_name_can_be_a_part_of_a_step_and_of_a_child() {
    let desk = Desk::new();
    desk.write("5.10+git.swu", b"image");
    let step = r"files=5.10\+git.swu,handler=microsoft/swupdate:1,installedCriteria=1.0";
    let made = desk.init(
        0,
        &[
            "5.10+git.swu",
            "--step",
            step,
            "--out",
            "a.importmanifest.json",
        ],
    );
    assert!(found(&made["manifests"][0]).is_empty());
    let child = r"name=Sensor,version=1.0,files=5.10\+git.swu,installedCriteria=1.0,compat.manufacturer=C,compat.model=S";
    desk.init(0, &["--child", child]);
    let manifest = desk.read("Contoso.Sensor.1.0.importmanifest.json");
    assert!(
        manifest.contains("\"filename\": \"5.10+git.swu\""),
        "{manifest}"
    );
}

#[test]
fn a_property_that_is_given_two_values_is_wrong_usage() {
    let desk = Desk::new();
    let criteria = ["--property", "installedCriteria=1.0"];
    let twice = [
        &["firmware.swu"][..],
        &criteria,
        &["--property", "installedCriteria=2.0"],
    ]
    .concat();
    let ended = desk.run(&[INIT, &twice].concat());
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        ended.error.contains("installedCriteria is given twice"),
        "{ended:?}"
    );
}

#[test]
fn the_name_of_a_file_is_said_as_it_is_also_at_the_beginning_of_a_sentence() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path().join("folder")).unwrap();
    let hashed = desk.run(&["hash", "folder"]);
    let update = ["firmware.swu", "--property", "installedCriteria=1.0"];
    let made = desk.run(&[INIT, &update, &["--out", "folder", "--force"]].concat());
    for (ended, code, why) in [
        (hashed, 2, "One regular file"),
        (made, 1, "A folder has this name"),
    ] {
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(
            ended.error.contains("folder") && !ended.error.contains("Folder "),
            "{ended:?}"
        );
        assert!(ended.error.contains(why), "{ended:?}");
    }
}

#[test]
fn init_guesses_nothing_that_a_device_would_depend_on() {
    let desk = Desk::new();
    for (files, word) in [
        (&["firmware.swu"][..], "installedCriteria"),
        (&["delta.dat"], "handler follows"),
        (&["install.sh", "check.sh"], "scriptFileName"),
    ] {
        let ended = desk.run(&[INIT, files].concat());
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.error.contains(word), "{ended:?}");
    }
    // What breaks a rule is not written.
    let answer = desk.init(2, &["delta.dat", "--handler", "microsoft/steps:1"]);
    let made = &answer["manifests"][0];
    assert_eq!(made["file"], Value::Null);
    assert_eq!(
        found(made),
        [("handler-internal", "/instructions/steps/0/handler")]
    );
    let written = std::fs::read_dir(desk.path()).unwrap().count();
    assert_eq!(written, FULL_FILES.len());
}

#[test]
fn a_value_that_breaks_a_rule_is_wrong_usage_and_nothing_is_written() {
    let desk = Desk::new();
    let swu = ["firmware.swu", "--property", "installedCriteria=1.0"];
    for (replaced, value, field) in [
        ("Contoso", "Con toso", "/updateId/provider"),
        ("Toaster", "T/oaster", "/updateId/name"),
        ("1.0", "1", "/updateId/version"),
        ("1.0", "1.2147483648", "/updateId/version"),
        (
            "manufacturer=Contoso,model=Toaster",
            "manufacturer=,model=Toaster",
            "/compatibility/0/manufacturer",
        ),
    ] {
        let init = INIT.iter().copied();
        let init = init.map(|one| if one == replaced { value } else { one });
        let all: Vec<&str> = init.chain(swu).collect();
        let answer = desk.json(2, &all);
        let made = &answer["manifests"][0];
        assert_eq!(made["file"], Value::Null, "{value}");
        let found = found(made);
        assert!(
            found.iter().any(|(_, at)| *at == field),
            "{value}: {found:?}"
        );
    }
    // A parent whose child breaks a rule, and children of a parent that does, are not written either.
    let good = "name=Sensor,version=2.0,files=delta.dat,handler=contoso/sensor:1,compat.manufacturer=C,compat.model=S";
    let bad = "name=Other,version=2,files=delta.dat,handler=contoso/sensor:1,compat.manufacturer=C,compat.model=O";
    desk.init(2, &[&swu[..], &["--child", good, "--child", bad]].concat());
    desk.init(2, &["firmware.swu", "--handler", "foo", "--child", good]);
    let written = std::fs::read_dir(desk.path()).unwrap().count();
    assert_eq!(written, FULL_FILES.len());
}

#[test]
fn a_manifest_of_a_child_that_breaks_a_rule_is_named() {
    let desk = Desk::new();
    let deployable = import_manifests::CHILD.replace("false", "true");
    desk.write("child.importmanifest.json", deployable.as_bytes());
    let all = [
        "firmware.swu",
        "--property",
        "installedCriteria=1.0",
        "--child",
        "manifest=child.importmanifest.json",
    ];
    let answer = desk.init(1, &all);
    assert_eq!(answer["manifests"][0]["file"], Value::Null);
    let given = &answer["given"][0];
    assert_eq!(given["file"], "child.importmanifest.json");
    assert_eq!(found(given), [("child-deployable", "/isDeployable")]);
    let said = desk.run(&[INIT, &all].concat());
    assert!(said.out.contains("child.importmanifest.json: "), "{said:?}");
    assert!(said.out.contains("[child-deployable]"), "{said:?}");
}

#[test]
fn where_one_file_of_several_is_there_none_is_written() {
    let desk = Desk::new();
    let child = "name=Sensor,version=2.0,files=delta.dat,handler=contoso/sensor:1,compat.manufacturer=C,compat.model=S";
    let out = "parent.importmanifest.json";
    desk.write(out, b"mine");
    let all = [
        "firmware.swu",
        "--property",
        "installedCriteria=1.0",
        "--child",
        child,
        "--out",
        out,
    ];
    let ended = desk.run(&[INIT, &all].concat());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.error.contains("Nothing was changed."), "{ended:?}");
    assert_eq!(desk.read(out), "mine");
    assert!(
        !desk
            .path()
            .join("Contoso.Sensor.2.0.importmanifest.json")
            .exists()
    );
}

#[test]
fn init_takes_steps_children_and_older_versions() {
    let desk = Desk::new();
    let answer = desk.init(
        0,
        &[
            "firmware.swu",
            "check.sh",
            "--step",
            r"files=firmware.swu,installedCriteria=1.0,description=image\, first",
            "--step",
            "files=check.sh,handler=microsoft/script:1,arguments=--post -v",
            "--child",
            "name=Sensor,version=2.0,files=delta.dat,handler=contoso/sensor:1,compat.manufacturer=Contoso,compat.model=Sensor",
            "--manifest-version",
            "4.0",
            "--out",
            "parent.importmanifest.json",
        ],
    );
    let files: Vec<&str> = answer["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        files,
        [
            "Contoso.Sensor.2.0.importmanifest.json",
            "parent.importmanifest.json"
        ]
    );
    let parent: Value = serde_json::from_str(&desk.read(files[1])).unwrap();
    let steps = parent["instructions"]["steps"].as_array().unwrap();
    assert_eq!(steps[0]["description"], "image, first");
    assert_eq!(steps[1]["handlerProperties"]["scriptFileName"], "check.sh");
    assert_eq!(steps[2]["updateId"]["name"], "Sensor");
    assert_eq!(parent["manifestVersion"], "4.0");
    let child: Value = serde_json::from_str(&desk.read(files[0])).unwrap();
    assert_eq!(child["isDeployable"], false);
    let all = [&["validate"][..], files.as_slice()].concat();
    assert_eq!(desk.json(0, &all)["valid"], true);
    let legacy = [
        "init",
        "firmware.swu",
        "--provider",
        "C",
        "--name",
        "T",
        "--version",
        "1.0",
        "--compat",
        "deviceManufacturer=C,deviceModel=T",
        "--property",
        "installedCriteria=5",
        "--api",
        "legacy",
    ];
    desk.json(0, &legacy);
    let old: Value = serde_json::from_str(&desk.read("C.T.1.0.importmanifest.json")).unwrap();
    assert_eq!(old["updateType"], "microsoft/swupdate:1");
    assert_eq!(
        (&old["installedCriteria"], &old["manifestVersion"]),
        (&json!("5"), &json!("2.0"))
    );
}
