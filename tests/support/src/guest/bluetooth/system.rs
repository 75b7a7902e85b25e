//! What drives the radio in the virtual computer: the kernel's modules, the system's bus, its Bluetooth service, and
//! below them `BlueZ`'s emulator of a controller.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::shared::log;
use crate::cli_world::poll;
use crate::usb::program;

/// What the service, the kernel and the emulator need. Without the ciphers the first controller gives no answer.
const MODULES: [&str; 7] = [
    "bluetooth",
    "hci_vhci",
    "af_alg",
    "algif_hash",
    "algif_skcipher",
    "cmac",
    "ecb",
];
/// Where the emulator gives out further controllers, among the temporary files.
const EMULATOR: &str = "bt-server-le";
const SERVICE: &str = "/usr/libexec/bluetooth/bluetoothd";
/// A command to a controller, as over a UART: Reset (volume 4, part E, 7.3.2).
const RESET: [u8; 4] = [0x01, 0x03, 0x0C, 0x00];
/// How often the emulator is started.
const EMULATOR_STARTS: u32 = 4;
/// Time from its start until its radio is switched on.
const SWITCHED_ON: Duration = Duration::from_secs(15);
/// How often it is looked whether the radio is switched on.
const LOOK: Duration = Duration::from_millis(20);

/// The programs that run. They end with the virtual computer.
pub(super) struct System {
    _programs: [Child; 3],
}

impl System {
    /// Starts everything, and leads a second controller of the emulator to this port.
    pub(super) fn start(peripheral: &File) -> Self {
        run(Command::new("modprobe").arg("-a").args(MODULES));
        std::fs::create_dir_all("/run/dbus").unwrap();
        // What the service stores; that of the computer below is not for everybody to read.
        let storage = ["-t", "tmpfs", "tmpfs", "/var/lib/bluetooth"];
        run(Command::new("mount").args(storage));
        let bus = start(
            program("dbus-daemon").args(["--system", "--nofork", "--nopidfile"]),
            "dbus.txt",
        );
        poll("the system's bus", || {
            UnixStream::connect("/run/dbus/system_bus_socket").ok()
        });
        load_ciphers();
        let service = start(program(SERVICE).arg("-n"), "bluetoothd.txt");
        let emulator = start_emulator();
        join(
            &poll("the emulator", || {
                UnixStream::connect(emulator_socket()).ok()
            }),
            peripheral,
        );
        Self {
            _programs: [bus, service, emulator],
        }
    }
}

fn run(command: &mut Command) {
    let ended = command.status().unwrap();
    assert!(ended.success(), "{command:?}: {ended}");
}

fn start(command: &mut Command, log_name: &str) -> Child {
    let log = log(log_name);
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// Has the kernel find the ciphers that a controller of the emulator begins with, which takes seconds the first time.
fn load_ciphers() {
    let mut emulator = start(program("btvirt").args(["-L", "-s"]), "btvirt.txt");
    let mut controller = poll("the emulator", || {
        UnixStream::connect(emulator_socket()).ok()
    });
    controller.write_all(&RESET).unwrap();
    controller.read_exact(&mut [0; 1]).unwrap();
    let _ = emulator.kill();
    let _ = emulator.wait();
    std::fs::remove_file(emulator_socket()).unwrap();
}

/// An emulator whose radio the service has switched on. The kernel gives a new controller two seconds for its
/// first answer, which the emulator misses when its own start is slow.
#[expect(clippy::print_stdout, reason = "a further start is worth a line")]
fn start_emulator() -> Child {
    for attempt in 1..=EMULATOR_STARTS {
        let mut emulator = start(program("btvirt").args(["-L", "-l1", "-s"]), "btvirt.txt");
        let began = Instant::now();
        while began.elapsed() < SWITCHED_ON {
            if emulator_socket().exists() && is_switched_on() {
                return emulator;
            }
            std::thread::sleep(LOOK);
        }
        println!("start {attempt} of the emulator gave no radio");
        let _ = emulator.kill();
        let _ = emulator.wait();
    }
    panic!("the emulator gives no radio");
}

fn emulator_socket() -> PathBuf {
    Path::new("/tmp").join(EMULATOR)
}

/// Whether the service has switched the radio on.
fn is_switched_on() -> bool {
    let powered = program("dbus-send")
        .args(["--system", "--print-reply=literal", "--dest=org.bluez"])
        .args(["/org/bluez/hci0", "org.freedesktop.DBus.Properties.Get"])
        .args(["string:org.bluez.Adapter1", "string:Powered"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&powered.stdout).contains("true")
}

/// Carries packets between a controller of the emulator and the peripheral.
fn join(controller: &UnixStream, peripheral: &File) {
    carry(
        controller.try_clone().unwrap(),
        peripheral.try_clone().unwrap(),
    );
    carry(
        peripheral.try_clone().unwrap(),
        controller.try_clone().unwrap(),
    );
}

fn carry(mut from: impl Read + Send + 'static, mut to: impl Write + Send + 'static) {
    std::thread::spawn(move || io::copy(&mut from, &mut to));
}
