//! `jobs` and `job` across processes: one carries the job out, others look and speak.

use cli_world::{Cli, Demo, Running, bytes, is_verified, poll};
use firmdrop_test_support::cli_world;

const MIB: u64 = 1 << 20;

/// Starts an upload of eight chunks that takes some seconds.
fn slow_delivery(cli: &Cli, demo: &Demo) -> (Running, String) {
    demo.slow_chunks(300);
    let file = cli.file("puck.bin", &bytes(40 * MIB, 1));
    let running = deliver(cli, &file);
    let id = running.job_id();
    running.until_confirmed(5 << 20);
    (running, id)
}

fn deliver(cli: &Cli, file: &str) -> Running {
    cli.start(&[
        "deliver",
        file,
        "--to",
        "pelion:demo",
        "--chunk-bytes",
        "5242880",
        "--yes",
        "--json",
    ])
}

#[test]
fn another_process_sees_a_running_job_and_leaves_it_alone() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    for _ in 0..3 {
        let jobs = cli.jobs();
        assert_eq!(jobs[0]["id"], id.as_str());
        assert_eq!(jobs[0]["state"]["state"], "running", "{jobs:?}");
    }
    let elsewhere = cli.run(&["job", "resume", &id, "--json"]).exits(1);
    assert_eq!(elsewhere.failure(), "FD-816");
    demo.no_faults();
    running.wait().exits(0);
    assert!(is_verified(&cli.job(&id)["summary"]));
}

#[test]
fn one_process_pauses_what_another_carries_out_and_a_third_goes_on() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    let paused = cli.run(&["job", "pause", &id, "--json"]).exits(0).json();
    assert_eq!(paused["done"], true);
    running.wait().exits(4);
    assert_eq!(cli.job(&id)["summary"]["state"]["state"], "paused");
    demo.no_faults();
    // Any unambiguous beginning of an id names the job.
    let resumed = cli.run(&["job", "resume", &id[..6], "--json"]).exits(0);
    assert!(is_verified(&resumed.lines().pop().unwrap()["job"]));
    assert_eq!(demo.repeated_chunks(), 0);
    let job = cli.job(&id);
    assert_eq!(job["resumed"], 1);
    let log = cli.run(&["job", "log", &id]).exits(0).out;
    assert!(
        log.contains(r#""state":"confirmed""#) && log.contains("resumed"),
        "{log}"
    );
    let as_json = cli.run(&["job", "log", &id, "--json"]).exits(0).lines();
    assert_eq!(as_json.len(), log.lines().count());
    let text = cli.run(&["job", "show", &id]).exits(0).out;
    assert!(
        text.contains("Verified") && text.contains("Upload job"),
        "{text}"
    );
}

#[test]
fn an_unfinished_upload_job_of_another_home_is_adopted_when_it_is_asked_for() {
    let (cli, other) = (Cli::new(), Cli::new());
    let demo = Demo::pelion_only(&cli);
    let (running, _) = slow_delivery(&cli, &demo);
    running.kill();
    demo.no_faults();
    // The same file and service, but nothing known here of what was begun there.
    let key = demo.world["pelion"]["access_key"].as_str().unwrap();
    let key = other.file("key.txt", key.as_bytes());
    let add = [
        "account",
        "add",
        "demo",
        "--host",
        demo.host(),
        "--key-file",
        &key,
    ];
    other.run(&add).exits(0);
    let file = other.file("puck.bin", &bytes(40 * MIB, 1));
    let ran = deliver(&other, &file).wait().exits(1);
    let failed = ran.lines().pop().unwrap()["job"]["state"]["diagnosis"].clone();
    assert_eq!(failed["code"], "FD-412");
    assert_eq!(failed["remedies"][0]["act"], "adopt_upload_job");
    let id = other.jobs()[0]["id"].as_str().unwrap().to_owned();
    let text = other.run(&["job", "show", &id]).exits(0);
    assert!(
        text.err.contains("--adopt") || text.out.contains("--adopt"),
        "{text:?}"
    );
    other.run(&["job", "resume", &id, "--json"]).exits(1);
    let adopted = other
        .run(&["job", "resume", &id, "--adopt", "--json"])
        .exits(0);
    assert!(is_verified(&adopted.lines().pop().unwrap()["job"]));
    assert_eq!(demo.repeated_chunks(), 0);
    assert_eq!(demo.record()["jobs"].as_object().unwrap().len(), 1);
}

#[test]
fn one_process_cancels_what_another_carries_out() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    cli.run(&["job", "cancel", &id]).exits(0);
    running.wait().exits(4);
    let state = cli.job(&id)["summary"]["state"].clone();
    assert_eq!(state["state"], "cancelled");
    assert!(state["state_now"].as_str().unwrap().contains("chunk"));
    let resume = cli.run(&["job", "resume", &id, "--json"]).exits(1);
    assert_eq!(resume.failure(), "FD-817");
    for act in ["pause", "cancel"] {
        let refused = cli.run(&["job", act, &id, "--json"]).exits(1);
        assert_eq!(refused.failure(), "FD-818", "{act}");
    }
}

#[test]
fn ctrl_c_pauses_the_job_and_ends_with_4() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    running.interrupt();
    running.wait().exits(4);
    assert_eq!(cli.job(&id)["summary"]["state"]["state"], "paused");
    demo.no_faults();
    cli.run(&["job", "resume", &id]).exits(0);
    assert_eq!(demo.repeated_chunks(), 0);
}

#[test]
fn the_end_of_the_terminal_pauses_the_job_as_ctrl_c_does() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    running.hang_up();
    running.wait().exits(4);
    assert_eq!(cli.job(&id)["summary"]["state"]["state"], "paused");
}

#[test]
fn a_killed_process_leaves_a_job_that_says_so() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    running.kill();
    let jobs = cli.jobs();
    assert_eq!(jobs[0]["state"]["state"], "interrupted");
    let reason = jobs[0]["state"]["reason"].as_str().unwrap();
    assert!(reason.contains("chunk"), "{reason}");
    // A job that waits can be paused and cancelled by anybody.
    cli.run(&["job", "pause", &id]).exits(0);
    assert_eq!(cli.jobs()[0]["state"]["state"], "paused");
    let cancelled = cli.run(&["job", "cancel", &id]).exits(0);
    assert_eq!(cli.jobs()[0]["state"]["state"], "cancelled");
    // What it leaves there is said, and the command that removes it works.
    let left = cli.job(&id)["remote"][0]["value"].clone();
    let left = left.as_str().unwrap();
    let delete = ["pelion", "upload-jobs", "delete", left, "-a", "demo"];
    assert!(cancelled.out.contains("Stopped: "), "{cancelled:?}");
    assert!(cancelled.err.contains(&delete.join(" ")), "{cancelled:?}");
    cli.run(&[&delete[..], &["--yes"]].concat()).exits(0);
    drop(demo);
}

#[test]
fn the_image_that_is_there_already_is_used_on_demand() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(MIB, 1));
    let first = deliver(&cli, &file);
    let first_id = first.job_id();
    first.wait().exits(0);
    deliver(&cli, &file).wait().exits(1);
    let twin = cli.jobs()[0].clone();
    assert_eq!(twin["state"]["diagnosis"]["code"], "FD-412", "{twin}");
    let id = twin["id"].as_str().unwrap().to_owned();
    let used = cli
        .run(&["job", "resume", &id, "--use-existing", "--json"])
        .exits(0);
    assert!(is_verified(&used.lines().pop().unwrap()["job"]));
    let refused = cli
        .run(&["job", "resume", &first_id, "--use-existing", "--json"])
        .exits(1);
    assert_eq!(refused.failure(), "FD-818");
}

#[test]
fn an_unknown_job_is_named_as_such() {
    let cli = Cli::new();
    for id in ["abcdef", "no-id", ""] {
        for act in ["show", "log", "pause", "cancel", "resume"] {
            let ran = cli.run(&["job", act, id, "--json"]).exits(2);
            assert_eq!(ran.failure(), "FD-815", "{act} {id}");
        }
    }
    assert!(cli.jobs().is_empty());
    let text = cli.run(&["jobs"]).exits(0).out;
    assert!(text.contains("holds no job"), "{text}");
}

#[test]
fn processes_that_start_jobs_on_one_home_at_once_lose_none_and_run_none_twice() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let files: Vec<String> = (0..6)
        .map(|number| cli.file(&format!("image-{number}.bin"), &bytes(6 * MIB, number)))
        .collect();
    let running: Vec<Running> = files.iter().map(|file| deliver(&cli, file)).collect();
    // A process that only looks must not disturb the others.
    poll("all jobs", || {
        let jobs = cli.jobs();
        let ended = jobs.iter().filter(|job| is_verified(job)).count();
        for job in &jobs {
            assert_ne!(job["state"]["state"], "interrupted", "{job}");
        }
        (ended == files.len()).then_some(())
    });
    for one in running {
        one.wait().exits(0);
    }
    assert_eq!(cli.jobs().len(), files.len());
    let images = cli.run(&["pelion", "images", "list"]).exits(0).json();
    assert_eq!(images["data"].as_array().unwrap().len(), files.len());
    assert_eq!(
        demo.record()["jobs"].as_object().unwrap().len(),
        files.len()
    );
    assert_eq!(demo.repeated_chunks(), 0);
    let ledger = cli.run(&["ledger", "verify", "--demo", "--json"]).exits(0);
    assert_eq!(ledger.json()["entries"], files.len());
}

#[test]
fn two_processes_that_resume_one_job_run_it_once() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let (running, id) = slow_delivery(&cli, &demo);
    running.kill();
    let both: Vec<Running> = (0..2)
        .map(|_| cli.start(&["job", "resume", &id, "--json"]))
        .collect();
    let codes: Vec<Option<i32>> = both.into_iter().map(|one| one.wait().code).collect();
    assert!(
        codes.contains(&Some(0)) && codes.contains(&Some(1)),
        "{codes:?}"
    );
    assert_eq!(demo.repeated_chunks(), 0);
    assert_eq!(cli.job(&id)["resumed"], 1);
}

#[test]
fn a_delivery_goes_on_when_nobody_reads_its_progress_any_more() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    demo.slow_chunks(100);
    let file = cli.file("puck.bin", &bytes(12 * MIB, 1));
    let mut child = cli
        .command(&[
            "deliver",
            &file,
            "--to",
            "pelion:demo",
            "--chunk-bytes",
            "5242880",
            "--yes",
            "--json",
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    let status = poll("its end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    assert!(is_verified(&cli.jobs()[0]));
}

#[test]
fn a_killed_load_waits_for_a_person_and_goes_on_where_the_reader_is() {
    let cli = Cli::new();
    let demo = Demo::start(&cli);
    let sample = demo.world["sample"].as_str().unwrap();
    for (reader, kind) in [(0, "serial"), (1, "udp")] {
        let address = demo.world["readers"][reader][kind].as_str().unwrap();
        let to = format!("smp+{kind}:{address}");
        let running = cli.start(&["deliver", sample, "--to", &to, "--yes", "--json"]);
        let id = running.job_id();
        running.until_confirmed(48 * 1024);
        running.kill();
        let job = cli.job(&id);
        assert_eq!(job["summary"]["state"]["state"], "interrupted", "{kind}");
        let resumed = cli.run(&["job", "resume", &id, "--json"]).exits(0);
        let lines = resumed.lines();
        assert!(is_verified(&lines.last().unwrap()["job"]), "{kind}");
        let log = cli.run(&["job", "log", &id]).exits(0).out;
        // A quick reader may have had the rest before the kill came: then it holds the image already.
        assert!(log.contains(" already"), "{kind} began anew: {log}");
    }
}

/// Adds the account `lab`, or lets it lead there.
fn account_leads_to(cli: &Cli, word: &str, host: &str) {
    let key = cli.file("key", b"ak_firmdrop_demo_world");
    let account = ["account", word, "lab", "--host", host, "--key-file", &key];
    cli.run(&account).exits(0);
}

fn deliver_to_the_lab(cli: &Cli, file: &str) -> Running {
    let to = ["--to", "pelion:lab", "--chunk-bytes", "5242880"];
    cli.start(&[&["deliver", file], &to[..], &["--yes", "--json"]].concat())
}

/// Why a job is not resumed whose account leads elsewhere.
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
fn leads_elsewhere(cli: &Cli, id: &str) -> serde_json::Value {
    let refused = cli.run(&["job", "resume", id, "--json"]).exits(1);
    let diagnosis = &refused.lines().pop().unwrap()["job"]["state"]["diagnosis"];
    assert_eq!(diagnosis["code"], "FD-443", "{refused:?}");
    diagnosis.clone()
}

#[test]
fn what_one_service_holds_a_part_of_is_not_sent_to_another_one() {
    let (cli, other) = (Cli::new(), Cli::new());
    let (demo, elsewhere) = (Demo::pelion_only(&cli), Demo::pelion_only(&other));
    account_leads_to(&cli, "add", demo.host());
    demo.slow_chunks(300);
    let running = deliver_to_the_lab(&cli, &cli.file("puck.bin", &bytes(20 * MIB, 1)));
    let id = running.job_id();
    running.until_confirmed(5 << 20);
    running.interrupt();
    running.wait().exits(4);
    demo.no_faults();
    account_leads_to(&cli, "edit", elsewhere.host());
    for _ in 0..2 {
        let refused = leads_elsewhere(&cli, &id);
        let text = refused.to_string();
        assert!(text.contains(demo.host()) && text.contains("edit_account"));
        let state = refused["state_now"].as_str().unwrap();
        let not_there = format!("Nothing was sent to {}", elsewhere.host());
        assert!(state.contains(&not_there), "{state}");
        assert!(state.contains("confirmed 1 chunk"), "{state}");
    }
    assert_eq!(elsewhere.record()["jobs"].as_object().unwrap().len(), 0);
    // However it is written, it is the same address.
    account_leads_to(&cli, "edit", &format!("{}/", demo.host()));
    let resumed = cli.run(&["job", "resume", &id, "--json"]).exits(0);
    assert!(is_verified(&resumed.lines().pop().unwrap()["job"]));
    assert_eq!(demo.repeated_chunks(), 0);
}

#[test]
fn a_job_of_which_nothing_is_stored_goes_to_the_address_that_was_put_right() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    account_leads_to(&cli, "add", "http://127.0.0.1:1");
    let running = deliver_to_the_lab(&cli, &cli.file("puck.bin", &bytes(6 * MIB, 1)));
    let id = running.job_id();
    running.until("a retry", |line| {
        line.to_string().contains("retry").then_some(())
    });
    running.interrupt();
    running.wait().exits(4);
    account_leads_to(&cli, "edit", demo.host());
    let resumed = cli.run(&["job", "resume", &id, "--json"]).exits(0);
    assert!(is_verified(&resumed.lines().pop().unwrap()["job"]));
    let log = cli.run(&["job", "log", &id]).exits(0).out;
    assert!(log.contains("leads to another address"), "{log}");
    // A mark that was not there when it was confirmed asks for another plan.
    account_leads_to(&cli, "edit", "http://127.0.0.1:1");
    let running = deliver_to_the_lab(&cli, &cli.file("other.bin", &bytes(6 * MIB, 2)));
    let id = running.job_id();
    running.until("a retry", |line| {
        line.to_string().contains("retry").then_some(())
    });
    running.interrupt();
    running.wait().exits(4);
    account_leads_to(&cli, "edit", demo.host());
    cli.run(&["account", "edit", "lab", "--production"])
        .exits(0);
    leads_elsewhere(&cli, &id);
    assert_eq!(demo.record()["jobs"].as_object().unwrap().len(), 1);
}
