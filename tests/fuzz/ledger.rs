//! Exports, keys and heads of a ledger, which may come from anywhere.

use firmdrop_engine::{Against, Chain, Engine, EngineOptions, Export, Home, Verifier};

use crate::harness::fuzz;

#[test]
fn no_export_of_a_ledger_panics_or_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path().join("home")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let engine = Engine::open(EngineOptions::new(home)).unwrap();
    fuzz("ledger", seeds(), |input| {
        let text = String::from_utf8_lossy(input);
        let key = text.lines().next().and_then(Verifier::parse);
        let against = Against {
            keys: key.into_iter().collect(),
            heads: vec![text.clone().into_owned()],
        };
        if let Some(mut export) = Export::parse(&text) {
            let report = engine.ledger().verify_export(&mut export, &against);
            assert!(
                !report.unwrap().intact,
                "an export with a head that is none"
            );
        }
        let report = engine.ledger().verify(Chain::Deliveries, &against);
        assert!(report.is_ok_and(|report| !report.intact));
    });
}

fn seeds() -> Vec<Vec<u8>> {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let entry = r#"{"number":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000","hash":"0000000000000000000000000000000000000000000000000000000000000000","envelope":"{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"keyid\":\"\",\"sig\":\"AAAA\"}]}","at":"2026-01-01T00:00:00Z","job":"00000000-0000-4000-8000-000000000000","file_name":"a.bin","size_bytes":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","destination":"a:b","remote_id":null,"chain":"deliveries","result":{"result":"cancelled","state_now":""}}"#;
    let head = format!(
        r#"{{"head":{{"entries":1,"chain":"deliveries","checkpoint":"a\n1\nAAAA\n\n\u2014 a AAAA\n","verifiers":["{key}"],"public_key_pem":null}}}}"#
    );
    vec![
        key.into(),
        format!("{entry}\n{head}\n").into(),
        "firmdrop.org/ledger/1/demo\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} firmdrop.org/ledger/1/demo AAAA\n".into(),
    ]
}
