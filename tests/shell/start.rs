//! How the window's program starts where there is no window: it says so and ends.

use std::process::{Command, Output};

fn firmdrop(arguments: &[&str]) -> std::io::Result<Output> {
    let home = tempfile::tempdir()?;
    Command::new(env!("CARGO_BIN_EXE_firmdrop"))
        .args(["--home".as_ref(), home.path().as_os_str()])
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
}

#[test]
fn it_says_its_version_without_a_display() {
    let output = firmdrop(&["--version"]).unwrap();
    assert!(output.status.success());
    let version = format!("firmdrop {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), version);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_it_names_the_command_line_and_fails() {
    let output = firmdrop(&[]).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("no display"), "{words}");
    assert!(words.contains("firmdrop-cli"), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}

#[test]
fn an_unknown_option_is_bad_usage() {
    assert_eq!(firmdrop(&["--nonsense"]).unwrap().status.code(), Some(2));
}
