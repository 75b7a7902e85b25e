//! The access key stays where it is kept.

use firmdrop_engine::DeliveryOptions;
use firmdrop_simulator::fault::{Effect, Rule};

use super::engine_world::{CHUNK_BYTES, KEY, World, in_chunks, pelion, settled};

#[tokio::test(flavor = "multi_thread")]
async fn the_access_key_is_seen_nowhere_but_in_its_file() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 1, 19);
    let wrong = format!("{KEY}_wrong");
    let trouble = [
        (KEY, None),
        (
            KEY,
            Some(Rule::always(Effect::Html { status: 200 }).times(2)),
        ),
        (
            KEY,
            Some(Rule::once(Effect::LoseAnswer).on("POST", "/chunks")),
        ),
        (&wrong, None),
    ];
    let mut texts = Vec::new();
    for (number, (key, rule)) in trouble.into_iter().enumerate() {
        world.account("bench", &world.server.url(), key);
        if let Some(rule) = rule {
            world.server.dial().add(rule);
        }
        let options = DeliveryOptions {
            name: Some(format!("puck-{number}")),
            ..in_chunks(CHUNK_BYTES)
        };
        let plan = engine
            .plan(&image.clone().into(), &pelion(), &options)
            .await
            .unwrap();
        let id = engine.submit(&plan).await.unwrap();
        settled(&engine, &id).await;
        texts.push(engine.job_log(&id).unwrap());
        texts.push(serde_json::to_string(&engine.job(&id).unwrap()).unwrap());
    }
    texts.push(format!("{engine:?}"));
    for text in &texts {
        assert!(!text.contains(KEY), "{text}");
    }
    let home = world.home();
    for file in std::fs::read_dir(home.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            let shown = content
                .windows(KEY.len())
                .any(|window| window == KEY.as_bytes());
            assert!(!shown, "{} holds the key", path.display());
        }
    }
}
