//! Firmware that others made, and the tools that judge it. Nothing here knows the inspection.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Debian packages with firmware for real devices.
const PACKAGES: [&str; 7] = [
    "hackrf-firmware",
    "firmware-tomu",
    "firmware-microbit-micropython",
    "sigrok-firmware-fx2lafw",
    "opensbi",
    "u-boot-qemu",
    "arduino-core-avr",
];

/// What to do when something is missing.
const HINT: &str = "`cargo xtask test` installs what these tests need";

fn output(program: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> Output {
    let program = program.as_ref();
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").args(arguments);
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{} does not start ({error}): {HINT}", program.display()))
}

/// What a program prints. It must succeed.
pub(crate) fn run<A: AsRef<OsStr>>(program: &str, arguments: impl AsRef<[A]>) -> String {
    let output = output(program, arguments.as_ref());
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a program succeeds.
pub(crate) fn tries(program: &str, arguments: &[&str]) -> bool {
    output(program, arguments).status.success()
}

/// The last line that a program prints when it fails, progress left out.
pub(crate) fn refusal(program: &str, arguments: &[&str]) -> Option<String> {
    let output = output(program, arguments);
    let words =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let mut lines = words.iter().flat_map(|text| text.lines()).map(str::trim);
    let last = lines.rfind(|line| !line.is_empty() && !line.ends_with('%'));
    (!output.status.success()).then(|| last.unwrap_or("no word").to_owned())
}

/// Every file of the packages with one of these endings, once, in a stable order.
pub(crate) fn installed(endings: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for package in PACKAGES {
        let listed = output("dpkg", &["-L", package]);
        assert!(
            listed.status.success(),
            "the Debian package {package} is missing: {HINT}"
        );
        let listed = String::from_utf8(listed.stdout).unwrap();
        files.extend(listed.lines().map(PathBuf::from).filter(|path| {
            let ending = path.extension().and_then(OsStr::to_str);
            ending.is_some_and(|ending| endings.contains(&ending)) && path.is_file()
        }));
    }
    files.sort();
    files
}

/// What a tool says about addresses.
pub(crate) struct Layout {
    /// Start and length, in the order of the addresses.
    pub(crate) segments: Vec<(u64, u64)>,
    /// Entry point.
    pub(crate) entry: Option<u64>,
    /// Machine, as `readelf` names it.
    pub(crate) machine: String,
}

fn number(text: &str) -> u64 {
    u64::from_str_radix(text.trim().trim_start_matches("0x"), 16).unwrap()
}

/// What `srec_info` says about a file.
pub(crate) fn srec_info(file: &Path, format: &str) -> Layout {
    let stated = run("srec_info", [file.as_os_str(), OsStr::new(format)]);
    let mut layout = Layout {
        segments: Vec::new(),
        entry: None,
        machine: String::new(),
    };
    for line in stated.lines() {
        if let Some(entry) = line.strip_prefix("Execution Start Address:") {
            layout.entry = Some(number(entry));
        } else if let Some((first, last)) = line.trim_start_matches("Data:").split_once(" - ") {
            let (first, last) = (number(first), number(last));
            layout.segments.push((first, last - first + 1));
        }
    }
    layout
}

/// What `readelf` says about a file: loaded segments with bytes in the file, by physical address.
pub(crate) fn readelf(file: &Path) -> Layout {
    let stated = run("readelf", [OsStr::new("-hlW"), file.as_os_str()]);
    let value = |label: &str| {
        let line = stated
            .lines()
            .find_map(|line| line.trim().strip_prefix(label));
        line.unwrap_or_else(|| panic!("no {label}"))
            .trim()
            .to_owned()
    };
    let mut segments = Vec::new();
    for line in stated.lines() {
        let columns: Vec<_> = line.split_whitespace().collect();
        if let ["LOAD", _, _, physical, in_file, ..] = columns.as_slice()
            && number(in_file) > 0
        {
            segments.push((number(physical), number(in_file)));
        }
    }
    segments.sort_unstable();
    Layout {
        segments,
        entry: Some(number(&value("Entry point address:"))),
        machine: value("Machine:"),
    }
}

/// Loaded segments with bytes in the file as `readelf` lists them: physical address, place in the file
/// and length, in the order of their addresses.
pub(crate) fn loads(file: &Path) -> Vec<(u64, u64, u64)> {
    let listed = run("readelf", [OsStr::new("-lW"), file.as_os_str()]);
    let mut loads = Vec::new();
    for line in listed.lines() {
        let columns: Vec<_> = line.split_whitespace().collect();
        if let ["LOAD", offset, _, physical, in_file, ..] = columns.as_slice()
            && number(in_file) > 0
        {
            loads.push((number(physical), number(offset), number(in_file)));
        }
    }
    loads.sort_unstable();
    loads
}

/// Vendor, product and release as `dfu-suffix` prints them.
pub(crate) fn dfu_suffix(stated: &str) -> [String; 3] {
    ["Vendor ID:", "Product ID:", "BCD device:"].map(|label| {
        let line = stated.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap().trim().trim_start_matches("0x").to_owned()
    })
}

/// Converts a file with a tool that takes options, source and destination.
pub(crate) fn convert(program: &str, options: &[&str], from: &Path, to: &Path) {
    let options = options.iter().map(OsStr::new);
    let arguments: Vec<_> = options.chain([from.as_os_str(), to.as_os_str()]).collect();
    run(program, arguments);
}

/// A program of the Python environment of the tests.
pub(crate) fn python_program(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let path = root.join(".venv/bin").join(name);
    assert!(path.exists(), "{name} is not in .venv: {HINT}");
    path.to_str().unwrap().to_owned()
}

/// What `imgtool` prints. It must succeed.
pub(crate) fn imgtool<A: AsRef<OsStr>>(arguments: impl AsRef<[A]>) -> String {
    run(&python_program("imgtool"), arguments)
}

/// What `imgtool verify` says.
pub(crate) struct Verified {
    /// Version of the image.
    pub(crate) version: String,
    /// Its hash.
    pub(crate) digest: String,
}

/// Asks `imgtool verify`. `None` when it refuses the image.
pub(crate) fn verify(image: &Path, key: Option<&Path>) -> Option<Verified> {
    let mut arguments = vec![OsStr::new("verify")];
    if let Some(key) = key {
        arguments.extend([OsStr::new("--key"), key.as_os_str()]);
    }
    arguments.push(image.as_os_str());
    let output = output(python_program("imgtool"), &arguments);
    let stated = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |label: &str| stated.lines().find_map(|line| line.strip_prefix(label));
    output.status.success().then(|| Verified {
        version: value("Image version:").unwrap().trim().to_owned(),
        digest: value("Image digest:").unwrap().trim().to_owned(),
    })
}

/// The hexadecimal value of an entry that `imgtool dumpinfo` lists.
pub(crate) fn dumped(image: &Path, name: &str) -> String {
    let arguments = [
        OsStr::new("dumpinfo"),
        OsStr::new("-fjson"),
        image.as_os_str(),
    ];
    let stated = imgtool(arguments);
    let (_, rest) = stated.split_once(&format!("\"{name}\"")).unwrap();
    let (_, rest) = rest.split_once("\"data\": \"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A folder of files made by outside tools. Gone when the test ends.
pub(crate) struct Outside(tempfile::TempDir);

impl Outside {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A new private key.
    pub(crate) fn key(&self, kind: &str) -> PathBuf {
        let path = self.path(&format!("{kind}.pem"));
        imgtool([
            OsStr::new("keygen"),
            OsStr::new("--type"),
            OsStr::new(kind),
            OsStr::new("--key"),
            path.as_os_str(),
        ]);
        path
    }

    /// An image of `payload`, signed when there is a key.
    pub(crate) fn sign(
        &self,
        payload: &Path,
        key: Option<&Path>,
        version: &str,
        more: &[&str],
    ) -> PathBuf {
        let path = self.path("signed-image.bin");
        let fixed = "sign --header-size 512 --pad-header --slot-size 0x100000 --align 4 --version";
        let mut arguments: Vec<_> = fixed.split(' ').map(OsStr::new).collect();
        arguments.push(OsStr::new(version));
        if let Some(key) = key {
            arguments.extend([OsStr::new("--key"), key.as_os_str()]);
        }
        arguments.extend(more.iter().map(OsStr::new));
        arguments.extend([payload.as_os_str(), path.as_os_str()]);
        imgtool(arguments);
        path
    }

    /// A zip archive of files in the folder, made by Python.
    pub(crate) fn zip(&self, names: &[&str]) -> PathBuf {
        let path = self.path("package.zip");
        let code = "import sys, zipfile, os\nos.chdir(sys.argv[1])\n\
            with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as z:\n\
            \x20   for name in sys.argv[3:]: z.write(name)";
        let folder = self.0.path().as_os_str();
        let mut arguments = vec![OsStr::new("-c"), OsStr::new(code), folder, path.as_os_str()];
        arguments.extend(names.iter().map(OsStr::new));
        run(&python_program("python"), arguments);
        path
    }
}
