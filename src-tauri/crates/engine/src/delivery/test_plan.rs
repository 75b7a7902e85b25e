//! A plan for tests that need one and do not carry it out.

use crate::{AccessKey, DeliveryOptions, Engine, EngineOptions, Home, ImageFile, Plan};

/// A plan of an upload in three chunks.
pub(crate) fn test_plan() -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path().join("home")).unwrap();
    let engine = Engine::open(EngineOptions::new(home)).unwrap();
    let key = AccessKey::from("ak");
    let accounts = engine.accounts();
    accounts
        .put_simulated("bench", "http://127.0.0.1:1", &key)
        .unwrap();
    let path = folder.path().join("puck.bin");
    std::fs::write(&path, vec![1; 12 << 20]).unwrap();
    let options = DeliveryOptions {
        chunk_bytes: Some(5 << 20),
        ..DeliveryOptions::default()
    };
    let image = ImageFile::read(&path).unwrap();
    engine
        .plan(&image, &"pelion:bench".parse().unwrap(), &options)
        .unwrap()
}
