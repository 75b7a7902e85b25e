//! Device Update on the command line, from three files to a deployment and back, against the demo world.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use firmdrop_test_support::cli_world::{Cli, Demo, Running, bytes, is_verified, poll};
use serde_json::Value;

const UPDATE: &str = "Contoso/Toaster/1.4";

/// Three files of an update, and their folder's manifest.
fn manifest(cli: &Cli) -> String {
    let script = cli.file("install.sh", b"#!/bin/sh\nexit 0\n");
    let data = cli.file("data.bin", &bytes(300_000, 5));
    let more = cli.file("more.bin", &bytes(20_000, 6));
    let out = cli.path("toaster.importmanifest.json");
    let out = out.to_str().unwrap().to_owned();
    let id = [
        "--provider",
        "Contoso",
        "--name",
        "Toaster",
        "--version",
        "1.4",
    ];
    let rest = [
        "--compat",
        "manufacturer=Contoso,model=Toaster",
        "--out",
        &out,
    ];
    let made = [&["adu", "init", &script, &data, &more][..], &id, &rest].concat();
    cli.run(&made).exits(0);
    out
}

/// What a deployment of the update to this group would reach.
fn preview(cli: &Cli, group: &str) -> Value {
    let preview = ["adu", "deployments", "preview", UPDATE, "--group", group];
    cli.run(&[&preview[..], &["--json"]].concat())
        .exits(0)
        .json()
}

/// The parts of a group that the update fits.
fn fitting(reach: &Value) -> impl Iterator<Item = &Value> {
    let subgroups = reach["subgroups"].as_array().unwrap().iter();
    subgroups.filter(|one| one["fits"] == true)
}

/// No deployment starts for a group without a device for the update.
fn ensure_nobody_gets_it(cli: &Cli, group: &str) {
    let reach = preview(cli, group);
    assert_eq!(fitting(&reach).count(), 0, "{reach}");
    let start = ["adu", "deployments", "start", UPDATE, "--group", group];
    let refused = cli.run(&[&start[..], &["--expect-devices", "0", "--json"]].concat());
    assert_eq!(refused.exits(1).failure(), "FD-458");
}

#[test]
fn three_files_become_an_update_that_is_listed_deployed_cancelled_and_deleted() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let manifest = manifest(&cli);
    cli.run(&["adu", "validate", &manifest]).exits(0);
    let ran = cli.run(&["adu", "import", &manifest, "--yes", "--json"]);
    let results = ran.exits(0).lines();
    assert!(is_verified(&results.last().unwrap()["job"]), "{results:?}");

    let shown = cli.run(&["adu", "updates", "show", UPDATE, "--json"]);
    let files = shown.exits(0).json()["files"].as_array().unwrap().len();
    assert_eq!(files, 3);
    let listed = cli.run(&["adu", "updates", "list"]).exits(0).out;
    assert!(listed.contains(UPDATE), "{listed}");
    let operations = cli.run(&["adu", "operations", "list", "--json"]);
    let operations = operations.exits(0).json();
    assert_eq!(operations[0]["status"], "Succeeded");

    let reach = preview(&cli, "oulu-lab");
    let devices = fitting(&reach).next().unwrap()["devices"].as_u64().unwrap();
    let start = |count: u64| {
        let count = count.to_string();
        let start = ["adu", "deployments", "start", UPDATE, "--group", "oulu-lab"];
        cli.run(
            &[
                &start[..],
                &["--id", "lab-14", "--expect-devices", &count, "--json"],
            ]
            .concat(),
        )
    };
    assert_eq!(start(devices + 1).exits(1).failure(), "FD-456");
    start(devices).exits(0);
    let of = ["lab-14", "--group", "oulu-lab"];
    // The same id is the same deployment, never another update under its name.
    start(devices).exits(0);
    let count = devices.to_string();
    let other = [
        "adu",
        "deployments",
        "start",
        "Contoso/Toaster/1.1",
        "--group",
        "oulu-lab",
    ];
    let same_id = ["--id", "lab-14", "--expect-devices", &count, "--json"];
    let refused = cli.run(&[&other[..], &same_id].concat());
    assert_eq!(refused.exits(1).failure(), "FD-435");
    let show = [
        "adu",
        "deployments",
        "show",
        "lab-14",
        "--group",
        "oulu-lab",
        "--json",
    ];
    let shown = cli.run(&show).exits(0).json();
    assert_eq!(shown["deployment"]["update"], UPDATE, "{shown}");
    let act = |act: &str, more: &[&str]| {
        cli.run(&[&["adu", "deployments", act][..], &of, more, &["--json"]].concat())
    };
    let cancelled = act("cancel", &["--yes"]).exits(0).json();
    assert_eq!(cancelled["deployment"]["is_canceled"], true, "{cancelled}");
    // The id of a cancelled deployment starts nothing any more.
    assert_eq!(start(devices).exits(1).failure(), "FD-435");
    ensure_nobody_gets_it(&cli, "austin-yard");
    act("delete", &["--yes"]).exits(0);
    cli.run(&["adu", "updates", "delete", UPDATE, "--yes"])
        .exits(0);
    let listed = cli.run(&["adu", "updates", "list"]).exits(0).out;
    assert!(!listed.contains(UPDATE), "{listed}");
    demo.end().exits(0);
}

#[test]
fn deliver_makes_an_update_of_files_and_deploys_it_to_no_other_number_of_devices() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let image = cli.file("image.bin", &bytes(50_000, 9));
    let update = [
        "--provider",
        "Fabrikam",
        "--update-name",
        "Gateway",
        "--update-version",
        "3.0",
    ];
    let rest = [
        "--compat",
        "manufacturer=Fabrikam,model=Gateway",
        "--handler",
        "microsoft/simulator:1",
        "--json",
    ];
    let deliver = ["deliver", &image, "--to", "adu:demo"];
    let dry = cli.run(&[&deliver[..], &update, &rest, &["--dry-run"]].concat());
    let plan = dry.exits(0).lines().remove(0)["plan"].clone();
    assert_eq!(plan["remote_name"], "Fabrikam/Gateway/3.0");
    for name in ["", &"é".repeat(513)] {
        let named = ["--name", name, "--yes"];
        let refused = cli.run(&[&deliver[..], &update, &rest, &named].concat());
        assert_eq!(refused.exits(2).failure(), "FD-207");
    }
    let wrong = ["--deploy", "austin-yard", "--deploy-devices", "99"];
    let refused = cli.run(&[&deliver[..], &update, &rest, &wrong].concat());
    assert_eq!(refused.exits(1).failure(), "FD-456");
    let ran = cli.run(&[&deliver[..], &update, &rest, &["--yes"]].concat());
    assert!(is_verified(&ran.exits(0).lines().last().unwrap()["job"]));
    demo.end().exits(0);
}

#[test]
fn a_delivery_says_how_many_devices_have_reported_and_what_continues_when_it_is_stopped() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let image = cli.file("image.bin", &bytes(5_000, 9));
    let update = ["--provider", "Contoso", "--update-name", "Toaster"];
    let version = ["--update-version", "3.0", "--compat"];
    let kind = [
        "manufacturer=Contoso,model=Toaster",
        "--handler",
        "microsoft/simulator:1",
    ];
    let group = ["--deploy", "cambridge-hall", "--deploy-devices", "8"];
    let to = ["deliver", &image, "--to", "adu:demo", "--yes"];
    let all = [&to[..], &update, &version, &kind, &group].concat();
    let running = Running::start(&mut cli.command(&all));
    poll("what devices reported", || {
        let said = running.complained();
        said.contains("The deployment is Active. ").then_some(())
    });
    running.interrupt();
    let ran = running.wait().exits(4);
    assert!(ran.err.contains(" in progress."), "{ran:?}");
    let left = "Only the watch is paused: the deployment continues at the service.";
    assert!(ran.err.contains(left), "{ran:?}");
    demo.end().exits(0);
}

#[test]
fn what_the_service_counts_fits_and_collects_can_be_read_and_a_class_gets_a_name() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let read = |words: &[&str]| cli.run(&[&["adu"][..], words].concat()).exits(0);
    let json = |words: &[&str]| read(&[words, &["--json"]].concat()).json();

    let all = json(&["compliance"]);
    let devices = json(&["devices"]);
    assert_eq!(all["total"], devices.as_array().unwrap().len());
    let lab = json(&["compliance", "--group", "oulu-lab"]);
    assert!(lab["total"].as_u64() < all["total"].as_u64(), "{lab}");
    let printed = read(&["compliance"]).out;
    assert!(printed.contains("On their best update"), "{printed}");

    let best = json(&["best-updates", "--group", "oulu-lab"]);
    let class = best[0]["class"].as_str().unwrap();
    let fitting = json(&["classes", "updates", class]);
    assert!(
        fitting.as_array().unwrap().contains(&best[0]["update"]),
        "{fitting}"
    );
    assert_eq!(
        json(&["classes", "rename", class, "lab-panels"])["name"],
        "lab-panels"
    );
    assert!(read(&["classes"]).out.contains("lab-panels"));
    let refused = cli.run(&["adu", "classes", "rename", class, "lab panels"]);
    assert_ne!(refused.code, Some(0), "a space is not allowed: {refused:?}");

    let device = devices[0]["id"].as_str().unwrap();
    assert!(json(&["health", device])["state"].is_string());
    let begun = json(&[
        "logs",
        "collect",
        device,
        "--id",
        "bench-1",
        "--description",
        "reboots",
    ]);
    assert_eq!(begun["devices"][0], *device);
    assert_eq!(json(&["logs", "list"])[0]["id"], "bench-1");
    let shown = read(&["logs", "show", "bench-1"]).out;
    assert!(shown.contains(device), "{shown}");
    demo.end().exits(0);
}

#[test]
fn an_update_that_is_not_deployable_is_deployed_neither_by_a_plan_nor_by_a_start() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("part.bin", &bytes(3_000, 5));
    let out = cli.path("part.importmanifest.json");
    let out = out.to_str().unwrap().to_owned();
    let init = ["adu", "init", &file, "--not-deployable", "--out", &out];
    let id = ["--provider", "Contoso", "--name", "Part", "--version"];
    let rest = [
        "1.0",
        "--compat",
        "manufacturer=Contoso,model=Toaster",
        "--handler",
        "microsoft/simulator:1",
    ];
    cli.run(&[&init[..], &id, &rest].concat()).exits(0);
    let deploy = ["--deploy", "oulu-lab", "--deploy-devices", "2"];
    let deliver = ["deliver", &out, "--to", "adu:demo", "--yes", "--json"];
    let planned = cli.run(&[&deliver[..], &deploy].concat());
    let planned = planned.exits(1);
    assert_eq!(planned.failure(), "FD-408", "{planned:?}");
    let imported = cli.run(&["adu", "updates", "list", "--json"]).exits(0);
    assert!(!imported.out.contains("Part"), "nothing was sent");
    cli.run(&["adu", "import", &out, "--yes"]).exits(0);
    let of = ["Contoso/Part/1.0", "--group", "oulu-lab", "--json"];
    for act in [&["preview"][..], &["start", "--expect-devices", "2"]] {
        let ran = cli.run(&[&["adu", "deployments"], act, &of].concat());
        assert_eq!(ran.exits(1).failure(), "FD-408", "{act:?}");
    }
    let none = cli.run(&["adu", "deployments", "list", "--group", "oulu-lab"]);
    assert!(!none.exits(0).out.contains("Part"));
    demo.end().exits(0);
}

#[test]
fn a_user_signs_in_the_way_that_the_account_says() {
    let cli = Cli::new();
    let key = cli.file("key", b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=");
    let key = format!("storage_key={key}");
    let fields = [
        "instance=blue",
        "sign_in=device_code",
        "tenant=contoso.test",
        "client_id=app-1",
        // Nothing listens there: the sign-in fails at its first request.
        "authority=http://127.0.0.1:1",
        "storage_access=account_key",
        "storage=https://contoso.blob.core.windows.net",
        "container=updates",
    ];
    let mut add = vec!["account", "add", "field", "--kind", "adu", "--key-in-file"];
    add.extend([
        "--host",
        "https://contoso.api.adu.microsoft.com",
        "--secret-file",
        &key,
    ]);
    add.extend(fields.iter().flat_map(|field| ["--set", *field]));
    cli.run(&add).exits(0);
    let ran = cli.run(&["adu", "sign-in", "field"]).exits(1);
    assert!(!ran.err.contains("browser"), "{ran:?}");
}

#[test]
fn the_flows_of_the_reference_that_are_not_offered_are_refused_with_the_reason() {
    let cli = Cli::new();
    let key = cli.file("key", b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=");
    let key = format!("storage_key={key}");
    for flow in ["sign_in=implicit", "sign_in=password"] {
        let host = ["--host", "https://contoso.api.adu.microsoft.com"];
        let add = [
            "account",
            "add",
            "field",
            "--kind",
            "adu",
            "--secret-file",
            &key,
        ];
        let storage = [
            "--set",
            "storage_access=account_key",
            "--set",
            "storage=https://contoso.blob.core.windows.net",
            "--set",
            "container=updates",
        ];
        let set = ["--set", "instance=blue", "--set", flow];
        let ran = cli
            .run(&[&add[..], &host, &storage, &set].concat())
            .exits(2);
        assert!(ran.err.contains("RFC 9700"), "{ran:?}");
    }
}

#[test]
fn a_result_code_is_explained_without_an_account() {
    let cli = Cli::new();
    let shown = cli.run(&["adu", "code", "0x30100206"]).exits(0).out;
    assert!(shown.contains("installedCriteria"), "{shown}");
    let same = cli.run(&["adu", "code", "806355462", "--json"]).exits(0);
    assert_eq!(same.json()["hex"], "0x30100206");
    let negative = cli.run(&["adu", "code", "-1037041657", "--json"]).exits(0);
    assert_eq!(negative.json()["hex"], "0xC2300007");
    cli.run(&["adu", "code", "no-code"]).exits(2);
}

#[test]
fn wrong_usage_of_the_commands_ends_with_2() {
    let cli = Cli::new();
    for wrong in [
        &["adu", "updates", "show"][..],
        &["adu", "deployments", "start", UPDATE, "--group", "g"],
        &[
            "deliver",
            "x.bin",
            "--to",
            "adu:demo",
            "--provider",
            "Contoso",
        ],
        &["deliver", "x.bin", "--to", "adu:demo", "--deploy", "g"],
    ] {
        let ran = cli.run(wrong);
        assert_eq!(ran.code, Some(2), "{wrong:?}: {ran:?}");
    }
}
