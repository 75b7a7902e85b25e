//! The doctor as a script sees it: it looks at a system in a folder, changes it on consent, and undoes that.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use cli_world::{Cli, Demo, Ran, finish};
use firmdrop_test_support::cli_world;
use firmdrop_test_support::scratch_system::ScratchSystem;
use serde_json::Value;

fn doctor(cli: &Cli, system: &ScratchSystem, more: &[&str]) -> Ran {
    let root = system.folder().to_str().unwrap();
    let begin = ["doctor", "--root", root, "--user", "anna"];
    let arguments: Vec<_> = begin.iter().chain(more).copied().collect();
    let mut command = cli.command(&arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    finish(command.stdin(std::process::Stdio::null()))
}

fn finding(report: &Value, id: &str) -> Value {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("{id}: {report:#}")).clone()
}

#[test]
fn what_stands_in_the_way_is_said_with_the_text_that_would_change_it() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    let before = system.tree();
    let ran = doctor(&cli, &system, &["--json"]).exits(1);
    let access = finding(&ran.json(), "access-1a86-7523");
    assert_eq!(access["state"], "problem");
    let rule = &access["fixes"][0];
    assert_eq!(rule["id"], "rule-1a86-7523");
    assert_eq!(
        rule["files"][0]["path"],
        "/etc/udev/rules.d/70-firmdrop-1a86-7523.rules"
    );
    assert_eq!(rule["files"][0]["before"], Value::Null);
    let disk = finding(&ran.json(), "disk");
    assert!(
        disk["what"].as_str().unwrap().contains("MiB free"),
        "{disk}"
    );
    let text = doctor(&cli, &system, &[]).exits(1).out;
    assert!(
        text.starts_with("PROBLEM  anna may not open /dev/ttyUSB0"),
        "{text}"
    );
    assert!(
        text.contains("--fix rule-1a86-7523: Allow just this kind"),
        "{text}"
    );
    assert_eq!(system.tree(), before);
}

#[test]
fn a_change_is_made_on_consent_and_undone_to_the_byte() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    let before = system.tree();
    let asked = doctor(&cli, &system, &["--fix", "rule-1a86-7523"]).exits(2);
    assert!(asked.err.contains("+SUBSYSTEM==\"tty\""), "{}", asked.err);
    assert_eq!(system.tree(), before);
    let made = doctor(
        &cli,
        &system,
        &["--fix", "rule-1a86-7523", "--yes", "--json"],
    );
    let made = made.exits(0).json();
    assert_eq!(made["change"]["state"], "made");
    // Nobody reloads the rules of the computer that runs the tests.
    assert!(
        made["not_run"][0]
            .as_str()
            .unwrap()
            .contains("not the running system")
    );
    let rules = system.read("/etc/udev/rules.d/70-firmdrop-1a86-7523.rules");
    assert_eq!(made["change"]["files"][0]["after"], rules);
    let listed = doctor(&cli, &system, &["--json"]).exits(1).json();
    assert_eq!(listed["changes"][0]["id"], 1);
    doctor(&cli, &system, &["--undo", "1"]).exits(2);
    let undone = doctor(&cli, &system, &["--undo", "1", "--yes"]).exits(0);
    assert!(
        undone.out.starts_with("Undone: /etc/udev/rules.d/"),
        "{}",
        undone.out
    );
    assert_eq!(system.tree(), before);
}

#[test]
fn an_undo_of_a_file_that_was_changed_in_between_is_refused() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    doctor(&cli, &system, &["--fix", "group-dialout", "--yes"]).exits(0);
    let theirs = format!("{}guests:x:99:\n", system.read("/etc/group"));
    std::fs::write(system.path("/etc/group"), theirs).unwrap();
    let before = system.tree();
    let refused = doctor(&cli, &system, &["--undo", "last", "--yes", "--json"]).exits(1);
    assert_eq!(refused.failure(), "FD-825");
    assert_eq!(system.tree(), before);
}

#[test]
fn what_is_not_there_cannot_be_meant() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    for arguments in [
        ["--fix", "rule-0000-0000", "--yes", "--json"],
        ["--undo", "7", "--yes", "--json"],
        ["--undo", "last", "--yes", "--json"],
        ["--user", "carl", "--yes", "--json"],
    ] {
        let ran = match arguments[0] {
            "--user" => {
                let root = system.folder().to_str().unwrap();
                cli.run(&["doctor", "--root", root, "--user", "carl", "--json"])
            }
            _ => doctor(&cli, &system, &arguments),
        };
        assert_eq!(ran.exits(2).failure(), "FD-824", "{arguments:?}");
    }
}

#[test]
fn nobody_is_asked_about_a_change_that_is_not_there() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    let refused = doctor(&cli, &system, &["--undo", "7", "--json"]).exits(2);
    assert_eq!(
        refused.failure(),
        "FD-824",
        "not FD-209, that consent is missing"
    );
}

#[test]
fn it_works_where_no_home_can_be_opened_and_says_why_that_is() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    std::fs::write(cli.home(), b"a file").unwrap();
    let report = doctor(&cli, &system, &["--json"]).exits(1).json();
    let home = finding(&report, "home");
    assert_eq!(home["state"], "problem");
    assert!(home["what"].as_str().unwrap().contains("home"), "{home}");
}

#[test]
fn a_proxy_that_points_nowhere_is_named_by_its_variable_without_its_password() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    let root = system.folder().to_str().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = cli.command(&["doctor", "--root", root, "--user", "anna", "--json"]);
    command.env(
        "https_proxy",
        format!("http://anna:geheim@127.0.0.1:{port}"),
    );
    let ran = finish(command.stdin(std::process::Stdio::null())).exits(1);
    let proxy = finding(&ran.json(), "proxy");
    assert!(
        proxy["what"].as_str().unwrap().contains("https_proxy"),
        "{proxy}"
    );
    assert!(!ran.out.contains("geheim") && !ran.err.contains("geheim"));
}

#[test]
fn the_clock_is_compared_with_a_host_that_was_asked_and_with_no_other() {
    let (cli, system) = (Cli::new(), ScratchSystem::new());
    let clock = |more: &[&str]| {
        let report = doctor(&cli, &system, more).json();
        finding(&report, "clock")
    };
    assert_eq!(clock(&["--json"])["state"], "unknown");
    let _demo = Demo::pelion_only(&cli);
    let asked = clock(&["--json", "--ask", "demo"]);
    assert_eq!(asked["state"], "fine", "{asked}");
    assert!(
        asked["what"].as_str().unwrap().contains("127.0.0.1"),
        "{asked}"
    );
}
