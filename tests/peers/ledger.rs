//! Programs of others check an exported ledger: its head, its tree, each signature and each statement. So
//! it is sealed by the published formats and not merely by code of ours that agrees with itself.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::Command;

use engine_world::{World, assert_verified, pelion, plan, settled};
use firmdrop_engine::Chain;
use firmdrop_test_support::engine_world;

/// Runs the peers over an export.
fn check(lines: &[String]) -> Result<serde_json::Value, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let python = root.join(".venv/bin/python");
    assert!(
        python.exists(),
        "the peers are not installed: run `cargo xtask test`"
    );
    let output = Command::new(python)
        .arg(root.join("tests/peers/ledger.py"))
        .arg(file.path())
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_others_verify_an_exported_ledger_and_refuse_a_changed_one() {
    let world = World::start().await;
    let engine = world.engine();
    for (name, seed) in [("a.bin", 1), ("b.bin", 2), ("c.bin", 3)] {
        let image = world.image(name, 1, seed);
        let plan = plan(&engine, &image, &pelion()).await;
        let id = engine.submit(&plan).await.unwrap();
        assert_verified(&settled(&engine, &id).await.state);
    }
    let lines = engine.ledger().export(Chain::Demo).unwrap();
    let found = check(&lines).unwrap();
    assert_eq!(found["entries"], 3);

    let without = |gone: usize| {
        let mut lines = lines.clone();
        lines.remove(gone);
        lines
    };
    for gone in 0..3 {
        assert!(check(&without(gone)).is_err(), "entry {gone} is missing");
    }
    let mut changed = lines.clone();
    let head = changed.len() - 1;
    changed.swap(0, 1);
    assert!(check(&changed).is_err(), "two entries were exchanged");
    let mut forged = lines.clone();
    forged[1] = forged[1].replacen("\\\"sig\\\":\\\"", "\\\"sig\\\":\\\"AAAA", 1);
    assert!(check(&forged).is_err(), "a signature was changed");
    let mut older = lines.clone();
    older[head] = older[head].replacen("\\n3\\n", "\\n2\\n", 1);
    older.remove(2);
    assert!(check(&older).is_err(), "a head was changed");
}
