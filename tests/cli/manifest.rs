//! `firmdrop-cli manifest` as a script sees it: files, exit codes, JSON, and no private key anywhere.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A home, a folder with an image, and the program.
struct Desk(TempDir);

/// How a run ended.
struct Ended {
    code: i32,
    out: String,
    error: String,
}

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let firmware: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        desk.write("fw.bin", &firmware);
        desk.write("other.bin", b"other bytes");
        desk
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &str) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_firmdrop-cli"))
            .args(["--home", "home", "manifest"])
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .output()
            .unwrap();
        let ended = Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&ended.out, &ended.error] {
            assert!(!text.contains("BEGIN"), "a key was printed: {text}");
        }
        ended
    }

    fn go(&self, arguments: &str) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments}: {}{}", ended.out, ended.error);
        ended.out
    }

    fn json(&self, arguments: &str) -> (i32, Value) {
        let ended = self.run(&format!("{arguments} --json"));
        let value = serde_json::from_str(&ended.out);
        (
            ended.code,
            value.unwrap_or_else(|_| panic!("{}", ended.out)),
        )
    }

    /// A key with a certificate, both called `front`.
    fn with_key() -> Self {
        let desk = Self::new();
        desk.go("key new front");
        desk.go("key certificate front --vendor-domain example.com --model Widget --out cert.der");
        desk.go("key show front --public-key-out pub.bin");
        desk
    }
}

const URL: &str = "--url http://127.0.0.1:8080/fw/abc";
const IDS: &str = "--vendor-domain example.com --model Widget";

#[test]
fn a_manifest_is_made_shown_and_verified_in_both_schemas() {
    let desk = Desk::with_key();
    desk.go(&format!(
        "create fw.bin {URL} {IDS} --fw-version 1.2.3 --key front --sign-image -o m3"
    ));
    // Vendor and class come from the certificate when none are given.
    desk.go(&format!(
        "create fw.bin {URL} --schema 1 --timestamp 1700000000 --key front -o m1"
    ));
    for (file, trust) in [
        ("m3", "--key front"),
        ("m3", "--public-key pub.bin"),
        ("m1", "--certificate cert.der"),
    ] {
        let (code, answer) = desk.json(&format!("verify {file} {trust} --image fw.bin {URL}"));
        assert_eq!(
            (code, &answer["verified"]),
            (0, &Value::Bool(true)),
            "{answer}"
        );
        let vendor = "cfbff0d1-9375-5685-968c-48ce8b15ae17";
        assert_eq!(answer["manifest"]["vendor_id"], vendor);
    }
    assert!(desk.go("show m3").contains("manifest.payload-version"));
    let (_, shown) = desk.json("show m1");
    assert_eq!(shown["manifest"]["version"], "1700000000");
}

#[test]
fn the_same_input_gives_the_same_bytes_unless_random_is_asked_for() {
    let desk = Desk::with_key();
    let create = format!("create fw.bin {URL} {IDS} --fw-version 1.2.3 --key front");
    for (file, more) in [("a", ""), ("b", ""), ("c", "--random")] {
        desk.go(&format!("{create} {more} -o {file}"));
    }
    assert_eq!(desk.read("a"), desk.read("b"));
    assert_ne!(desk.read("a"), desk.read("c"));
    desk.go("verify c --key front");
}

#[test]
fn another_image_another_key_and_damaged_bytes_fail_with_exit_code_1() {
    let desk = Desk::with_key();
    desk.go("key new second");
    desk.go(&format!(
        "create fw.bin {URL} {IDS} --fw-version 1.2.3 --key front -o m"
    ));
    let failed = |arguments: &str| -> Vec<String> {
        let (code, answer) = desk.json(arguments);
        assert_eq!((code, &answer["verified"]), (1, &Value::Bool(false)));
        let checks = answer["checks"].as_array().unwrap().iter();
        checks
            .filter(|check| check["result"] == "failed")
            .map(|check| check["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(failed("verify m --key second"), ["Signature"]);
    assert_eq!(
        failed("verify m --key front --image other.bin"),
        ["Image's digest", "Image's size"]
    );
    assert_eq!(failed("verify m --key front --previous m"), ["Version"]);
    let mut damaged = desk.read("m");
    damaged[20] ^= 1;
    desk.write("m", &damaged);
    assert_eq!(failed("verify m --key front"), ["Signature"]);
}

#[test]
fn a_failure_names_its_code_and_writes_no_manifest() {
    let desk = Desk::with_key();
    desk.go("key new dev --development");
    desk.go(&format!(
        "create fw.bin {URL} {IDS} --fw-version 1.2.3 --key front -o before"
    ));
    let create = format!("create fw.bin {URL} {IDS} -o m");
    for (arguments, code) in [
        (format!("{create} --fw-version 1.2 --key front"), "FD-505"),
        (format!("{create} --fw-version 1.2.3"), "FD-505"),
        (
            format!("{create} --fw-version 1.2.3 --key nobody"),
            "FD-510",
        ),
        (
            format!("{create} --fw-version 1.2.3 --key-file other.bin"),
            "FD-506",
        ),
        (
            format!("{create} --fw-version 1.2.3 --key-file absent.pem"),
            "FD-103",
        ),
        (
            format!("{create} --fw-version 1.2.3 --key dev --production"),
            "FD-503",
        ),
        (
            format!("{create} --fw-version 1.2.3 --key front --previous before"),
            "FD-507",
        ),
        (
            format!("{create} --fw-version 1.2.4 --key front --vendor-data fw.bin"),
            "FD-508",
        ),
        (format!("{create} --schema 1 --key dev"), "FD-505"),
        (
            format!("{create} --schema 1 --key dev --certificate cert.der"),
            "FD-505",
        ),
        ("key new front".to_owned(), "FD-509"),
        ("key certificate dev --import cert.der".to_owned(), "FD-511"),
        ("show fw.bin".to_owned(), "FD-504"),
    ] {
        let (exit, answer) = desk.json(&arguments);
        // What is named and is not there, and what cannot be meant, is wrong usage.
        let usage = ["FD-505", "FD-510", "FD-103"].contains(&code);
        assert_eq!(exit, if usage { 2 } else { 1 }, "{arguments}");
        assert_eq!(answer["error"]["code"], code, "{arguments}: {answer}");
        assert!(!desk.path().join("m").exists(), "{arguments}");
    }
    assert_eq!(desk.run("verify before").code, 2);
}

#[test]
fn a_key_in_der_or_utf_16_is_said_to_be_that() {
    let desk = Desk::with_key();
    desk.write(
        "key.der",
        &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20, 0xFF, 0xC3],
    );
    desk.write("key.txt", b"\xff\xfe-\0-\0");
    let create = format!("create fw.bin {URL} {IDS} --fw-version 1.2.3 -o m --key-file");
    for (file, word) in [("key.der", "-inform DER"), ("key.txt", "UTF-16")] {
        let ended = desk.run(&format!("{create} {file}"));
        assert_eq!(ended.code, 1);
        assert!(ended.error.contains(word), "{}", ended.error);
    }
}

#[test]
fn an_address_that_no_device_can_fetch_is_warned_of_when_a_manifest_is_made_and_shown() {
    let desk = Desk::with_key();
    let create = format!("create fw.bin {IDS} --fw-version 1.2.3 --key front -o m --url");
    for (url, word) in [
        ("nonsense", "no whole address"),
        ("file:///fw.bin", "file of a computer"),
        ("http://example.com/fw", "plain http"),
    ] {
        let ended = desk.run(&format!("{create} {url}"));
        assert_eq!(ended.code, 0, "{url}");
        assert!(ended.error.contains(word), "{url}: {}", ended.error);
        let (_, shown) = desk.json("show m");
        assert!(shown.to_string().contains(word), "{url}: {shown}");
    }
    let right = desk.run(&format!("{create} https://example.com/fw"));
    assert_eq!((right.code, &*right.error), (0, ""));
}

#[test]
fn a_key_of_the_vendors_development_tool_is_taken_over_as_one() {
    let desk = Desk::with_key();
    std::fs::create_dir(desk.path().join(".manifest-dev-tool")).unwrap();
    let pem = desk.read("home/manifest-keys/front.key.pem");
    desk.write(".manifest-dev-tool/dev.key.pem", &pem);
    let (_, entry) = desk.json("key import theirs .manifest-dev-tool/dev.key.pem");
    assert_eq!(entry["purpose"], "development");
    let create = format!("create fw.bin {URL} {IDS} --fw-version 1.2.3 --key theirs -o m");
    assert!(desk.run(&create).error.contains("Development key"));
    let (_, list) = desk.json("key list");
    assert_eq!(list.as_array().unwrap().len(), 2);
}

#[test]
fn a_manifest_signed_elsewhere_takes_only_the_signature_over_its_bytes() {
    let desk = Desk::with_key();
    desk.go("key certificate front --out cert.der");
    for (more, file) in [
        ("--fw-version 1.2.3", "v3"),
        ("--schema 1 --certificate cert.der", "v1"),
    ] {
        desk.go(&format!(
            "create fw.bin {URL} {IDS} {more} --bytes-to-sign bytes"
        ));
        let signed = Command::new("openssl")
            .args("dgst -sha256 -sign home/manifest-keys/front.key.pem -out sig bytes".split(' '))
            .current_dir(desk.path())
            .status();
        assert!(signed.unwrap().success());
        desk.go(&format!(
            "create --signed-bytes bytes --signature sig --signer cert.der -o {file}"
        ));
        desk.go(&format!(
            "verify {file} --certificate cert.der --image fw.bin"
        ));
    }
    let mut bytes = desk.read("bytes");
    let at = bytes
        .windows(4)
        .position(|window| window == b"http")
        .unwrap();
    bytes[at] ^= 1;
    desk.write("bytes", &bytes);
    let (code, answer) =
        desk.json("create --signed-bytes bytes --signature sig --signer cert.der -o m");
    assert_eq!(
        (code, &answer["error"]["code"]),
        (1, &Value::from("FD-502"))
    );
}

#[test]
fn a_manifest_is_written_over_no_file_that_it_is_made_from() {
    let desk = Desk::with_key();
    let image = desk.read("fw.bin");
    std::os::unix::fs::symlink("fw.bin", desk.path().join("link.bin")).unwrap();
    let create = "create fw.bin --url http://x.example/fw --vendor-domain example.com \
                  --model Widget --fw-version 1.2.3 --key front";
    for output in [
        "--output fw.bin",
        "--output ./fw.bin",
        "--output link.bin",
        "--vendor-data other.bin --output other.bin",
    ] {
        let (code, answer) = desk.json(&format!("{create} {output}"));
        assert_eq!(code, 2, "{output}: {answer}");
        assert_eq!(answer["error"]["code"], "FD-212", "{output}");
        assert_eq!(desk.read("fw.bin"), image, "{output}");
    }
    let to_sign = create.replace("--key front", "--bytes-to-sign fw.bin");
    assert_eq!(desk.run(&to_sign).code, 2);
    assert_eq!(desk.read("fw.bin"), image);
    // One that is there and is no source is replaced, as before.
    desk.go(&format!("{create} --output old.manifest"));
    desk.go(&format!("{create} --output old.manifest"));
}
