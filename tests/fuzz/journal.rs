//! Lines of a journal that somebody else wrote, or a disk changed: a row is one unreadable job at worst.

use firmdrop_engine::{Against, Chain, Engine, EngineOptions, Home};

use crate::harness::fuzz;

/// A journal of an older program, which has every kind of line.
const JOURNAL: &[u8] = include_bytes!("../delivery/old_homes/ea370d6.sqlite");

#[test]
fn no_line_of_a_journal_panics_or_hides_the_other_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path().join("home")).unwrap();
    std::fs::write(home.journal(), JOURNAL).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let engine = Engine::open(EngineOptions::new(home.clone())).unwrap();
    let behind = rusqlite::Connection::open(home.journal()).unwrap();
    behind
        .execute_batch("DROP TRIGGER ledger_is_never_changed")
        .unwrap();
    let jobs = engine.jobs(100).unwrap();
    let id = jobs[0].id.clone();
    let seeds: Vec<Vec<u8>> = [
        "SELECT body FROM event",
        "SELECT plan FROM job",
        "SELECT state FROM job",
        "SELECT body FROM ledger",
    ]
    .iter()
    .flat_map(|query| {
        let mut rows = behind.prepare(query).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|row| row.unwrap().into_bytes())
            .collect::<Vec<_>>()
    })
    .collect();
    let places = [
        "UPDATE event SET body = ?1 WHERE number = (SELECT MAX(number) FROM event WHERE job = ?2)",
        "UPDATE job SET plan = ?1 WHERE id = ?2",
        "UPDATE job SET state = ?1 WHERE id = ?2",
        "UPDATE ledger SET body = ?1 WHERE ?2 <> '' AND number = 2",
    ];
    let mut turn = 0_usize;
    fuzz("journal", seeds, |input| {
        turn += 1;
        let place = places[turn % places.len()];
        let text = String::from_utf8_lossy(input);
        behind.execute("SAVEPOINT whole", []).unwrap();
        behind.execute(place, [text.as_ref(), id.as_str()]).unwrap();
        behind.execute("RELEASE whole", []).unwrap();
        assert_eq!(
            engine.jobs(100).unwrap().len(),
            jobs.len(),
            "a job vanished"
        );
        let _ = engine.job(&id);
        let _ = engine.unfinished();
        let _ = engine.job_log(&id);
        let _ = engine.ledger().entries(Chain::Demo);
        let report = engine
            .ledger()
            .verify(Chain::Demo, &Against::default())
            .unwrap();
        assert!(serde_json::to_vec(&report).unwrap().len() < 1 << 20);
    });
}
