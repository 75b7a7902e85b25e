//! The table of ways to tamper with a ledger: each is found, and named as what it is. Whoever tampers
//! has the files of the home, and on a system with a key store not the key.

use firmdrop_core::Sha256;

use super::envelope::Envelope;
use super::finding::FindingKind::{self, *};
use super::merkle::leaf;
use super::note::Signer;
use super::test_ledger::Bench;
use super::verify::{Against, KeyFound, LedgerReport};
use super::{Chain, Export, Verifier};
use crate::secret_store::fake::FakeKeyStore;

const CHAIN: Chain = Chain::Deliveries;

fn verify(bench: &Bench) -> LedgerReport {
    bench.ledger().verify(CHAIN, &Against::default()).unwrap()
}

fn kinds(report: &LedgerReport) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

/// A home whose key is in the key store, and one whose key is in a file.
fn both(deliveries: usize) -> [Bench; 2] {
    [FakeKeyStore::default(), FakeKeyStore::absent()].map(|system| Bench::new(system, deliveries))
}

#[track_caller]
fn found(bench: &Bench, wanted: &[FindingKind]) -> LedgerReport {
    let report = verify(bench);
    for kind in wanted {
        assert!(kinds(&report).contains(kind), "{kind:?} not in {report:#?}");
    }
    assert!(!report.intact && report.clone().judged().is_err());
    report
}

#[test]
fn a_ledger_that_nobody_touched_is_intact_and_says_where_its_key_is() {
    for (bench, at) in both(5).iter().zip([KeyFound::KeyStore, KeyFound::File]) {
        let report = verify(bench);
        assert_eq!(report.findings, [], "{report:#?}");
        assert_eq!(
            (report.entries, report.signed, report.key_found),
            (5, 5, at)
        );
        let empty = bench.ledger().verify(Chain::Demo, &Against::default());
        assert_eq!(empty.unwrap().findings, []);
    }
}

#[test]
fn the_last_entry_deleted() {
    for bench in both(3) {
        bench.behind("DELETE FROM ledger WHERE number = 3");
        let report = found(&bench, &[EntriesMissing, JobWithoutEntry]);
        assert!(
            report.findings[0].words.contains("the last 1 are missing"),
            "{report:#?}"
        );
    }
}

#[test]
fn the_last_entry_deleted_with_its_job_and_the_head_of_the_journal() {
    for bench in both(3) {
        bench.behind(
            "DELETE FROM event WHERE job = (SELECT job FROM ledger WHERE number = 3);
             DELETE FROM job WHERE id = (SELECT job FROM ledger WHERE number = 3);
             DELETE FROM ledger WHERE number = 3; DELETE FROM ledger_head;",
        );
        found(&bench, &[EntriesMissing]);
    }
}

#[test]
fn all_entries_deleted() {
    for bench in both(3) {
        bench.behind("DELETE FROM ledger; DELETE FROM ledger_head");
        let report = found(&bench, &[EntriesMissing, JobWithoutEntry]);
        assert_eq!(report.entries, 0);
    }
}

#[test]
fn the_file_removed() {
    for bench in both(3) {
        let Bench {
            folder,
            home,
            journal,
            keys,
            system,
        } = bench;
        drop(journal);
        for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
            let _ = std::fs::remove_file(home.folder().join(file));
        }
        let journal = crate::Journal::open(&home.journal()).unwrap();
        let bench = Bench {
            folder,
            home,
            journal,
            keys,
            system,
        };
        found(&bench, &[EntriesMissing]);
        // The head beside it removed as well: the key shows that there was a ledger.
        std::fs::remove_file(bench.head_file()).unwrap();
        found(&bench, &[HeadMissing]);
    }
}

#[test]
fn an_entry_in_the_middle_deleted() {
    for bench in both(3) {
        bench.behind("DELETE FROM ledger WHERE number = 2");
        found(&bench, &[EntriesMissing, EntryMoved]);
        bench.behind("UPDATE ledger SET number = 2 WHERE number = 3");
        found(&bench, &[EntryMoved]);
    }
}

/// Everything that can be computed without the key is computed anew.
#[test]
fn one_entry_falsified_with_all_hashes_computed_anew() {
    for bench in both(3) {
        let mut statement = bench.journal.ledger(CHAIN).unwrap().remove(1);
        statement.delivered.sha256 = Sha256::of(b"other bytes");
        let envelope: Envelope = serde_json::from_str(&statement.envelope).unwrap();
        let payload = String::from_utf8(envelope.payload().unwrap()).unwrap();
        let honest = bench.journal.ledger(CHAIN).unwrap()[1].delivered.sha256;
        let payload = payload.replace(&honest.to_string(), &statement.delivered.sha256.to_string());
        let forged = Envelope::seal(payload.as_bytes(), None);
        let mut forged = serde_json::to_value(forged).unwrap();
        let original: serde_json::Value = serde_json::from_str(&statement.envelope).unwrap();
        forged["signatures"] = original["signatures"].clone();
        let forged = forged.to_string();
        let hash = leaf(forged.as_bytes());
        bench.behind(&format!(
            "UPDATE ledger SET body = '{forged}', hash = '{hash}' WHERE number = 2;
             UPDATE ledger SET previous = '{hash}' WHERE number = 3;"
        ));
        let report = found(&bench, &[EntryForged, EntryMoved, HeadDiffers, JobDiffers]);
        assert_eq!(report.findings[0].entry, Some(2));
    }
}

#[test]
fn an_invented_verified_appended() {
    for bench in both(2) {
        // With a key of the forger's own, named like the ledger's.
        let head = bench.ledger().head(CHAIN).unwrap().unwrap();
        let ours = Verifier::parse(&head.verifiers[0]).unwrap();
        let (forger, _) = Signer::generate(ours.name()).unwrap();
        let forger = std::sync::Arc::new(forger);
        let entry = super::Delivered {
            chain: CHAIN,
            ..super::test_ledger::delivered("invented.bin")
        };
        let appended = bench
            .journal
            .enqueue(crate::journal::Durability::Now, move |connection| {
                super::append(
                    connection,
                    &entry,
                    &super::Maker::here("cli"),
                    Some(&forger),
                    true,
                )
            });
        appended.wait().unwrap();
        found(&bench, &[KeyReplaced, EntryWithoutJob]);
        // Without the forger's key among those the journal names.
        bench.behind(&format!("UPDATE ledger_head SET verifiers = '{ours}'"));
        found(&bench, &[EntryForged, EntryWithoutJob]);
    }
}

#[test]
fn an_invented_verified_without_a_signature() {
    for bench in both(2) {
        let entry = super::Delivered {
            chain: CHAIN,
            ..super::test_ledger::delivered("invented.bin")
        };
        let appended = bench
            .journal
            .enqueue(crate::journal::Durability::Now, move |connection| {
                super::append(connection, &entry, &super::Maker::here("cli"), None, false)
            });
        appended.wait().unwrap();
        found(&bench, &[EntryUnsigned, EntryWithoutJob]);
        // The next honest entry does not launder it.
        bench.deliver();
        found(&bench, &[EntryUnsigned, EntryWithoutJob]);
    }
}

#[test]
fn entries_written_again_in_the_old_format() {
    for bench in both(2) {
        let entry = bench.journal.ledger(CHAIN).unwrap().remove(0);
        let body = serde_json::to_string(&entry.delivered).unwrap();
        let zero = Sha256::from_bytes([0; 32]);
        let hash = Sha256::of(format!("1\n{zero}\n{body}").as_bytes());
        bench.behind(&format!(
            "DELETE FROM ledger; DELETE FROM ledger_head;
             INSERT INTO ledger (chain, number, previous, hash, body, job, format)
             VALUES ('deliveries', 1, '{zero}', '{hash}', '{body}', '{}', 1);",
            entry.delivered.job
        ));
        found(&bench, &[EntriesMissing, JobWithoutEntry]);
    }
}

#[test]
fn the_chain_renamed() {
    for bench in both(3) {
        bench.behind("UPDATE ledger SET chain = 'demo'; UPDATE ledger_head SET chain = 'demo'");
        found(&bench, &[EntriesMissing, JobWithoutEntry]);
        let demo = bench
            .ledger()
            .verify(Chain::Demo, &Against::default())
            .unwrap();
        assert!(kinds(&demo).contains(&ChainRenamed), "{demo:#?}");
    }
}

#[test]
fn entries_in_another_order() {
    for bench in both(3) {
        bench.behind(
            "UPDATE ledger SET number = 9 WHERE number = 1;
             UPDATE ledger SET number = 1 WHERE number = 2;
             UPDATE ledger SET number = 2 WHERE number = 9;",
        );
        found(&bench, &[EntryMoved, HeadDiffers]);
    }
}

#[test]
fn the_head_rolled_back() {
    for bench in both(2) {
        let older = std::fs::read(bench.head_file()).unwrap();
        bench.deliver();
        std::fs::write(bench.head_file(), older).unwrap();
        found(&bench, &[HeadRolledBack]);
    }
}

/// All files of an earlier day put back: the key store holds the newer head.
#[test]
fn the_whole_home_rolled_back() {
    let bench = Bench::new(FakeKeyStore::default(), 2);
    let older = std::fs::read(bench.head_file()).unwrap();
    bench.deliver();
    std::fs::write(bench.head_file(), older).unwrap();
    bench.behind(
        "DELETE FROM event WHERE job = (SELECT job FROM ledger WHERE number = 3);
         DELETE FROM job WHERE id = (SELECT job FROM ledger WHERE number = 3);
         DELETE FROM ledger WHERE number = 3; DELETE FROM ledger_head;",
    );
    let report = found(&bench, &[EntriesMissing]);
    assert!(
        report.findings[0].words.contains("key store"),
        "{report:#?}"
    );
}

#[test]
fn the_head_removed_or_forged() {
    for bench in both(2) {
        let head = std::fs::read_to_string(bench.head_file()).unwrap();
        std::fs::write(bench.head_file(), head.replacen("\n2\n", "\n1\n", 1)).unwrap();
        found(&bench, &[HeadForged]);
        std::fs::write(bench.head_file(), "nonsense").unwrap();
        found(&bench, &[HeadForged]);
        std::fs::remove_file(bench.head_file()).unwrap();
        found(&bench, &[HeadMissing]);
    }
}

/// The key of the forger in the place of the ledger's, everything signed anew with it.
#[test]
fn the_key_replaced() {
    let mut bench = Bench::new(FakeKeyStore::default(), 2);
    let before = bench.ledger().head(CHAIN).unwrap().unwrap();
    // A file does not replace the key in the key store.
    let (_, text) = Signer::generate("firmdrop.org/ledger/x/deliveries").unwrap();
    let secrets = crate::secret_store::SecretStore::of(&bench.home);
    secrets.store_in_file("ledger+deliveries", &text).unwrap();
    bench.keys_anew();
    assert_eq!(verify(&bench).findings, []);
    // In a file it does, and shows against the entries and every head of before.
    let mut bench = Bench::new(FakeKeyStore::absent(), 2);
    let head = bench.ledger().head(CHAIN).unwrap().unwrap();
    let secrets = crate::secret_store::SecretStore::of(&bench.home);
    secrets.store_in_file("ledger+deliveries", &text).unwrap();
    bench.keys_anew();
    found(&bench, &[KeyReplaced]);
    bench.deliver();
    found(&bench, &[KeyReplaced]);
    // With all of it invented anew, against the key that was noted elsewhere.
    let other = Bench::new(FakeKeyStore::absent(), 2);
    for noted in [&before, &head] {
        let against = Against {
            keys: vec![Verifier::parse(&noted.verifiers[0]).unwrap()],
            heads: noted.checkpoint.iter().cloned().collect(),
        };
        let report = other.ledger().verify(CHAIN, &against).unwrap();
        assert!(!report.intact, "{report:#?}");
        assert!(kinds(&report).contains(&HeadDiffers), "{report:#?}");
    }
}

#[test]
fn a_key_store_that_is_locked_is_no_intact_ledger() {
    let bench = Bench::new(FakeKeyStore::default(), 2);
    bench.system.refuse(Some("locked"));
    found(&bench, &[KeyUnknown]);
    bench.system.refuse(None);
    assert!(verify(&bench).intact);
}

#[test]
fn an_entry_written_while_the_key_store_was_locked_says_so() {
    let mut bench = Bench::new(FakeKeyStore::default(), 1);
    bench.system.refuse(Some("locked"));
    bench.keys_anew();
    bench.deliver();
    bench.system.refuse(None);
    let report = found(&bench, &[EntryUnsigned]);
    assert_eq!(kinds(&report), [EntryUnsigned], "{report:#?}");
}

#[test]
fn a_head_of_an_earlier_day_is_a_beginning_of_the_ledger() {
    let bench = Bench::new(FakeKeyStore::default(), 3);
    let note = bench.ledger().head(CHAIN).unwrap().unwrap().checkpoint;
    bench.deliver();
    bench.deliver();
    let against = Against {
        heads: note.into_iter().collect(),
        keys: Vec::new(),
    };
    let report = bench.ledger().verify(CHAIN, &against).unwrap();
    assert_eq!(report.findings, []);
}

/// Killed between the entry and the head beside the journal: nobody is blamed, and the next delivery
/// publishes both.
#[test]
fn a_crash_before_the_head_is_published_is_no_tampering() {
    let bench = Bench::new(FakeKeyStore::default(), 2);
    let older = std::fs::read(bench.head_file()).unwrap();
    bench.deliver();
    std::fs::write(bench.head_file(), older).unwrap();
    bench.behind("UPDATE ledger_head SET published = 2");
    assert_eq!(verify(&bench).findings, []);
    bench.deliver();
    assert_eq!(verify(&bench).findings, []);
    let head = std::fs::read_to_string(bench.head_file()).unwrap();
    assert!(head.contains("\n4\n"), "{head}");
}

/// A ledger that was changed does not get its evidence overwritten by the next delivery.
#[test]
fn the_next_delivery_does_not_publish_a_changed_ledger() {
    for bench in both(3) {
        bench.behind("DELETE FROM ledger WHERE number = 3; DELETE FROM ledger_head");
        bench.deliver();
        bench.deliver();
        let report = found(&bench, &[HeadDiffers, JobWithoutEntry]);
        assert_eq!(report.entries, 4);
    }
}

#[test]
fn an_export_verifies_anywhere_and_one_that_was_changed_does_not() {
    for bench in both(3) {
        let lines = bench.ledger().export(CHAIN).unwrap();
        let elsewhere = Bench::new(FakeKeyStore::default(), 0);
        let judge = |lines: &[String]| {
            let mut export = Export::parse(&lines.join("\n")).unwrap();
            elsewhere
                .ledger()
                .verify_export(&mut export, &Against::default())
                .unwrap()
        };
        let whole = judge(&lines);
        assert_eq!(whole.findings, [], "{whole:#?}");
        assert_eq!((whole.entries, whole.key_found), (3, KeyFound::NotHere));
        let table: [(&[usize], &[FindingKind]); 5] = [
            (&[0, 1, 2], &[ExportCut]),
            (&[0, 1], &[ExportCut]),
            (&[0, 1, 3], &[ExportCut, EntriesMissing]),
            (&[1, 0, 2, 3], &[EntryMoved, HeadDiffers]),
            (&[0, 2, 3], &[ExportCut, EntryMoved]),
        ];
        for (take, wanted) in table {
            let changed: Vec<String> = take.iter().map(|at| lines[*at].clone()).collect();
            let report = judge(&changed);
            for kind in wanted {
                assert!(kinds(&report).contains(kind), "{take:?}: {report:#?}");
            }
        }
        // Without its head an export names no key: whether its entries were changed is not known.
        let headless = judge(&lines[..3]);
        assert!(kinds(&headless).contains(&KeyUnknown), "{headless:#?}");
        assert!(!kinds(&headless).contains(&EntryForged), "{headless:#?}");
        let marked = format!("\u{feff}{}\r\n", lines.join("\r\n"));
        assert_eq!(judge(&[marked]).findings, []);
        let mut half = lines.clone();
        half[2].truncate(40);
        assert!(kinds(&judge(&half)).contains(&ExportCut));
        // What is shown beside the signed bytes.
        let mut shown = lines.clone();
        shown[1] = shown[1].replacen("\"fw.bin\"", "\"other.bin\"", 1);
        assert!(kinds(&judge(&shown)).contains(&EntryChanged));
        assert!(Export::parse("no export\n").is_none());
    }
}

#[test]
fn an_entry_that_comes_twice_or_elsewhere_is_said_to_be_that_and_none_to_be_missing() {
    let bench = Bench::new(FakeKeyStore::default(), 3);
    let lines = bench.ledger().export(CHAIN).unwrap();
    for (take, words) in [
        (
            [0, 1, 1, 2, 3].as_slice(),
            "Entry 2 stands where entry 3 belongs.",
        ),
        (&[1, 0, 2, 3], "Entry 2 stands where entry 1 belongs."),
    ] {
        let changed: Vec<&str> = take.iter().map(|at| &*lines[*at]).collect();
        let mut export = Export::parse(&changed.join("\n")).unwrap();
        let report = bench
            .ledger()
            .verify_export(&mut export, &Against::default());
        let report = report.unwrap();
        let found: Vec<&str> = report.findings.iter().map(|one| &*one.words).collect();
        assert!(found.contains(&words), "{found:#?}");
        assert!(!kinds(&report).contains(&EntriesMissing), "{found:#?}");
    }
}

#[test]
fn an_export_signed_by_somebody_else_is_not_ours() {
    let bench = Bench::new(FakeKeyStore::default(), 2);
    let head = bench.ledger().head(CHAIN).unwrap().unwrap();
    let forged = Bench::new(FakeKeyStore::default(), 2);
    let export = forged.ledger().export(CHAIN).unwrap().join("\n");
    let against = Against {
        keys: vec![Verifier::parse(&head.verifiers[0]).unwrap()],
        heads: Vec::new(),
    };
    let mut export = Export::parse(&export).unwrap();
    let report = bench.ledger().verify_export(&mut export, &against).unwrap();
    assert!(kinds(&report).contains(&KeyReplaced), "{report:#?}");
}

/// The key never leaves with a home that is copied, when it is in the key store.
#[test]
fn a_copy_of_a_home_verifies_and_says_that_its_key_is_elsewhere() {
    let bench = Bench::new(FakeKeyStore::default(), 3);
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(bench.home.folder()).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    let home = crate::Home::open(copy.path()).unwrap();
    let elsewhere = Bench::new(FakeKeyStore::default(), 0);
    let copy = Bench {
        journal: crate::Journal::open(&home.journal()).unwrap(),
        keys: super::test_ledger::keys(&home, &elsewhere.system),
        home,
        folder: copy,
        system: elsewhere.system,
    };
    let report = verify(&copy);
    assert_eq!(report.findings, [], "{report:#?}");
    assert_eq!(report.key_found, KeyFound::NotHere);
    let key_file = copy.home.keys().join("ledger+deliveries.key");
    assert!(!key_file.exists());
}
