//! Every change is made and undone below a scratch root.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod scratch;

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use firmdrop_core::{Code, Diagnose as _, Moment, Remedy};
use firmdrop_doctor::{ChangeState, Commands, DoctorFault, FindingState, apply, history, undo};
use firmdrop_test_support::scratch_system::BRLTTY;
use scratch::Scratch;

fn now() -> Moment {
    Moment::from_millisecond(1_800_000_000_000)
}

/// Writes down what it was to run; `Err` for those that begin with a word.
#[derive(Default)]
struct Ran(RefCell<Vec<String>>, Option<&'static str>);

impl Commands for Ran {
    fn run(&self, command: &[String]) -> Result<(), String> {
        self.0.borrow_mut().push(command.join(" "));
        match self.1 {
            Some(word) if command[0] == word => Err("not found".into()),
            _ => Ok(()),
        }
    }
}

#[test]
fn looking_changes_nothing_and_finds_what_stands_in_the_way() {
    let scratch = Scratch::new();
    let before = scratch.tree();
    let states = [
        "access-1a86-7523",
        "modem-1a86-7523",
        "braille-1a86-7523",
        "bluetooth",
    ]
    .map(|id| scratch.finding(id).state);
    let (problem, notice) = (FindingState::Problem, FindingState::Notice);
    assert_eq!(states, [problem, notice, notice, notice]);
    assert_eq!(scratch.tree(), before);
    assert!(!scratch.path("/var/lib/firmdrop").exists());
}

#[test]
fn every_fix_writes_what_it_shows_and_its_undo_restores_every_byte() {
    let scratch = Scratch::new();
    let before = scratch.tree();
    let fixes = scratch.fixes();
    let ids: Vec<_> = fixes.iter().map(|fix| fix.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "rule-1a86-7523",
            "group-dialout",
            "braille-1a86-7523",
            "modem-1a86-7523",
            "bluetooth-on"
        ]
    );
    for fix in &fixes {
        let done = apply(&scratch.system, fix, now(), None).unwrap();
        assert_eq!(done.change.state, ChangeState::Made);
        for file in &fix.files {
            assert_eq!(scratch.read(&file.path), file.after, "{}", fix.id);
        }
        // Nothing but these files is other than before.
        let mut after = scratch.tree();
        for file in &fix.files {
            let path = scratch.path(&file.path);
            match before.get(&path) {
                Some(was) => assert_eq!(after.insert(path, was.clone()).unwrap().0, was.0),
                None => drop(after.remove(&path)),
            }
        }
        assert_eq!(after, before, "{}", fix.id);
        let undone = undo(&scratch.system, "last", now(), None).unwrap();
        assert_eq!(undone.change.state, ChangeState::Undone);
        assert_eq!(scratch.tree(), before, "{}", fix.id);
    }
    assert_eq!(history(&scratch.system.root).unwrap().len(), fixes.len());
}

#[test]
fn a_rule_names_just_this_kind_of_device() {
    let scratch = Scratch::new();
    let rule = scratch.fix("rule-1a86-7523");
    assert_eq!(
        rule.files[0].path,
        "/etc/udev/rules.d/70-firmdrop-1a86-7523.rules"
    );
    for line in rule.files[0]
        .after
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        assert!(
            line.contains("idVendor}==\"1a86\"") && line.contains("idProduct}==\"7523\""),
            "{line}"
        );
        assert!(line.ends_with("TAG+=\"uaccess\""), "{line}");
    }
    apply(&scratch.system, &rule, now(), None).unwrap();
    let after = scratch.finding("access-1a86-7523");
    assert!(after.advice[0].contains("plug it in again"), "{after:?}");
    assert!(after.fixes.iter().all(|fix| fix.id != rule.id));
}

#[test]
fn a_new_member_of_a_group_has_to_sign_in_again() {
    let scratch = Scratch::new();
    let fix = scratch.fix("group-dialout");
    let shown: Vec<_> = fix
        .files
        .iter()
        .flat_map(|file| file.lines.clone())
        .collect();
    assert!(
        shown[1].ends_with(":bob,anna") && shown[3] == "+dialout:!::bob,anna",
        "{shown:?}"
    );
    apply(&scratch.system, &fix, now(), None).unwrap();
    // Whose rights are looked at is a session that began before.
    let finding = scratch.finding("access-1a86-7523");
    assert_eq!(finding.fixes.iter().filter(|it| it.id == fix.id).count(), 0);
}

#[test]
fn brltty_loses_one_line_and_its_own_file_stays() {
    let scratch = Scratch::new();
    let fix = scratch.fix("braille-1a86-7523");
    assert_eq!(
        fix.files[0].copy_of.as_deref(),
        Some("/usr/lib/udev/rules.d/85-brltty.rules")
    );
    let shown = &fix.files[0].lines;
    assert_eq!(shown.len(), 2);
    assert!(
        shown[1].starts_with("+# no Braille display here: ENV{PRODUCT}"),
        "{shown:?}"
    );
    apply(&scratch.system, &fix, now(), None).unwrap();
    assert_eq!(scratch.finding("braille").state, FindingState::Fine);
    assert_eq!(
        scratch.read("/usr/lib/udev/rules.d/85-brltty.rules"),
        BRLTTY
    );
}

#[test]
fn the_radio_is_switched_where_it_is() {
    let scratch = Scratch::new();
    let fix = scratch.fix("bluetooth-on");
    apply(&scratch.system, &fix, now(), None).unwrap();
    assert_eq!(scratch.read("/sys/class/rfkill/rfkill0/soft"), "0\n");
    fs::write(scratch.path("/sys/class/rfkill/rfkill0/hard"), "1\n").unwrap();
    let by_hand = scratch.finding("bluetooth");
    assert!(by_hand.what.contains("switch") && by_hand.fixes.is_empty());
}

#[test]
fn an_undo_refuses_when_somebody_wrote_the_file_since_and_touches_none() {
    let scratch = Scratch::new();
    let fix = scratch.fix("group-dialout");
    apply(&scratch.system, &fix, now(), None).unwrap();
    let theirs = format!("{}carl:!::\n", scratch.read("/etc/gshadow"));
    fs::write(scratch.path("/etc/gshadow"), theirs).unwrap();
    let before = scratch.tree();
    let refused = undo(&scratch.system, "1", now(), None).unwrap_err();
    assert!(matches!(&refused, DoctorFault::Differs { path, .. } if path == "/etc/gshadow"));
    let diagnosis = refused.diagnose();
    assert_eq!(diagnosis.code, Code::SystemNotChanged);
    assert_eq!(diagnosis.state_now, "Nothing of the system was changed.");
    assert_eq!(scratch.tree(), before);
    assert_eq!(
        history(&scratch.system.root).unwrap()[0].state,
        ChangeState::Made
    );
}

#[test]
fn a_file_that_was_removed_since_is_not_restored_either() {
    let scratch = Scratch::new();
    apply(&scratch.system, &scratch.fix("group-dialout"), now(), None).unwrap();
    fs::remove_file(scratch.path("/etc/gshadow")).unwrap();
    let refused = undo(&scratch.system, "1", now(), None).unwrap_err();
    assert!(matches!(refused, DoctorFault::Differs { .. }));
}

#[test]
fn what_is_not_as_it_was_shown_is_not_written() {
    let scratch = Scratch::new();
    let fix = scratch.fix("group-dialout");
    let other = scratch.read("/etc/group").replace("bob", "carl");
    fs::write(scratch.path("/etc/group"), &other).unwrap();
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(matches!(&refused, DoctorFault::Differs { path, .. } if path == "/etc/group"));
    assert_eq!(scratch.read("/etc/group"), other);
    assert_eq!(history(&scratch.system.root).unwrap(), []);
}

#[test]
fn no_link_is_followed_and_none_is_replaced() {
    let scratch = Scratch::new();
    let fix = scratch.fix("rule-1a86-7523");
    symlink("/dev/null", scratch.path(&fix.files[0].path)).unwrap();
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(matches!(refused, DoctorFault::Differs { .. }));
    assert!(scratch.path(&fix.files[0].path).is_symlink());
}

#[test]
fn no_folder_that_leads_out_of_the_root_is_written_in() {
    let (scratch, outside) = (Scratch::new(), tempfile::tempdir().unwrap());
    let fix = scratch.fix("rule-1a86-7523");
    let rules = scratch.path("/etc/udev/rules.d");
    fs::remove_dir(&rules).unwrap();
    symlink(outside.path(), &rules).unwrap();
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(matches!(&refused, DoctorFault::LeadsOut { path } if *path == fix.files[0].path));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // The record of another system is neither read nor written.
    let own = scratch.path("/var/lib");
    fs::remove_dir_all(&own).unwrap();
    symlink(outside.path(), &own).unwrap();
    let refused = history(&scratch.system.root).unwrap_err();
    assert!(matches!(refused, DoctorFault::LeadsOut { .. }));
    let fix = scratch.fix("group-dialout");
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(matches!(refused, DoctorFault::LeadsOut { .. }));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_change_is_not_waited_for_while_another_process_makes_one() {
    let scratch = Scratch::new();
    let before = scratch.tree();
    let fix = scratch.fix("rule-1a86-7523");
    let folder = scratch.path("/var/lib/firmdrop");
    fs::create_dir(&folder).unwrap();
    let other = fs::File::create(folder.join("doctor.lock")).unwrap();
    other.lock().unwrap();
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(matches!(refused, DoctorFault::Busy));
    assert_eq!(scratch.tree(), before);
    drop(other);
    apply(&scratch.system, &fix, now(), None).unwrap();
}

// Without it, the command would change the running system.
#[test]
fn the_command_with_roots_rights_names_the_same_system() {
    let scratch = Scratch::new();
    let folder = scratch.folder().display().to_string();
    let command = scratch.fix("rule-1a86-7523").as_root;
    let root = format!("doctor --root '{folder}' --user anna --fix ");
    assert!(command.contains(&root), "{command}");
}

#[test]
fn room_on_the_disk_is_asked_for_only_where_it_is_missing() {
    let scratch = Scratch::new();
    let fix = scratch.fix("rule-1a86-7523");
    let rules = scratch.path("/etc/udev/rules.d");
    fs::remove_dir(&rules).unwrap();
    fs::write(&rules, "a file").unwrap();
    let refused = apply(&scratch.system, &fix, now(), None).unwrap_err();
    assert!(
        matches!(refused, DoctorFault::Failed { is_full: false, .. }),
        "{refused:?}"
    );
    assert!(!refused.diagnose().remedies.contains(&Remedy::FreeSpace));
}

#[test]
fn folders_that_were_made_go_with_the_undo_and_rights_come_back() {
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path("/etc/udev")).unwrap();
    let gshadow = scratch.path("/etc/gshadow");
    fs::set_permissions(&gshadow, fs::Permissions::from_mode(0o640)).unwrap();
    let before = scratch.tree();
    for id in ["rule-1a86-7523", "group-dialout"] {
        apply(&scratch.system, &scratch.fix(id), now(), None).unwrap();
        let mode = fs::metadata(&gshadow).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
    for number in ["1", "2"] {
        undo(&scratch.system, number, now(), None).unwrap();
    }
    assert_eq!(scratch.tree(), before);
}

#[test]
fn a_change_that_was_cut_off_in_the_middle_can_be_undone() {
    let scratch = Scratch::new();
    let before = scratch.tree();
    let group = scratch.read("/etc/group");
    apply(&scratch.system, &scratch.fix("group-dialout"), now(), None).unwrap();
    // As a process leaves it that ended between the two files.
    let record = scratch.read("/var/lib/firmdrop/doctor.json");
    fs::write(
        scratch.path("/var/lib/firmdrop/doctor.json"),
        record.replace("\"made\"", "\"begun\""),
    )
    .unwrap();
    fs::write(scratch.path("/etc/gshadow"), "dialout:!::bob\nanna:!::\n").unwrap();
    undo(&scratch.system, "last", now(), None).unwrap();
    assert_eq!(scratch.read("/etc/group"), group);
    assert_eq!(scratch.tree(), before);
}

#[test]
fn a_change_is_undone_once_and_numbers_that_are_not_there_are_refused() {
    let scratch = Scratch::new();
    apply(&scratch.system, &scratch.fix("rule-1a86-7523"), now(), None).unwrap();
    undo(&scratch.system, "1", now(), None).unwrap();
    for (id, code) in [
        ("1", Code::FixUnknown),
        ("2", Code::FixUnknown),
        ("last", Code::FixUnknown),
        ("x", Code::FixUnknown),
    ] {
        let refused = undo(&scratch.system, id, now(), None)
            .unwrap_err()
            .diagnose();
        assert_eq!(refused.code, code, "{id}");
    }
}

#[test]
fn the_device_manager_reads_its_rules_after_a_change_and_after_its_undo() {
    let scratch = Scratch::new();
    let ran = Ran::default();
    let fix = scratch.fix("rule-1a86-7523");
    let done = apply(&scratch.system, &fix, now(), Some(&ran)).unwrap();
    assert_eq!(done.not_run, [] as [String; 0]);
    undo(&scratch.system, "1", now(), Some(&ran)).unwrap();
    assert_eq!(*ran.0.borrow(), ["udevadm control --reload"; 2]);
}

#[test]
fn a_command_that_fails_is_said_and_the_file_stays() {
    let scratch = Scratch::new();
    let ran = Ran(RefCell::default(), Some("udevadm"));
    let fix = scratch.fix("rule-1a86-7523");
    let done = apply(&scratch.system, &fix, now(), Some(&ran)).unwrap();
    assert_eq!(done.not_run, ["udevadm control --reload: not found"]);
    assert!(scratch.path(&fix.files[0].path).exists());
}

#[test]
fn a_record_that_cannot_be_read_stops_every_change() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path("/var/lib/firmdrop")).unwrap();
    fs::write(scratch.path("/var/lib/firmdrop/doctor.json"), "[{").unwrap();
    let before = scratch.tree();
    let refused = apply(&scratch.system, &scratch.fix("rule-1a86-7523"), now(), None);
    assert!(matches!(refused, Err(DoctorFault::RecordUnreadable { .. })));
    assert_eq!(scratch.tree(), before);
}

#[test]
fn a_program_that_has_a_port_open_is_named() {
    let scratch = Scratch::new();
    for (number, name) in [(900, "minicom"), (812, "ModemManager")] {
        let folder = scratch.path(&format!("/proc/{number}/fd"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            scratch.path(&format!("/proc/{number}/comm")),
            format!("{name}\n"),
        )
        .unwrap();
        symlink("/dev/ttyUSB0", folder.join("5")).unwrap();
    }
    assert_eq!(
        scratch.finding("held-ttyUSB0").what,
        "/dev/ttyUSB0 is open in minicom (process 900)."
    );
    assert_eq!(
        scratch.finding("modem-1a86-7523").state,
        FindingState::Problem
    );
}

#[test]
fn a_port_that_modem_manager_leaves_alone_is_fine() {
    let scratch = Scratch::new();
    let data = scratch.path("/run/udev/data");
    fs::create_dir_all(&data).unwrap();
    fs::write(
        data.join("c188:0"),
        "I:1\nE:ID_MM_CANDIDATE=1\nE:ID_MM_PORT_IGNORE=1\n",
    )
    .unwrap();
    assert_eq!(scratch.finding("modem").state, FindingState::Fine);
}

#[test]
fn a_port_that_brltty_took_is_a_problem() {
    let scratch = Scratch::new();
    fs::remove_file(scratch.path("/sys/class/tty/ttyUSB0")).unwrap();
    let finding = scratch.finding("braille-1a86-7523");
    assert_eq!(finding.state, FindingState::Problem);
    assert!(finding.why.contains("no serial port"));
}
