//! Chunks: append, list, view, finish, and every way to do it wrong.

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::{Arrival, LARGEST_REQUEST_BYTES, Storage};

use super::*;

const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

#[tokio::test]
async fn a_chunk_is_answered_with_its_id_hash_and_length() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let bytes = vec![0; 6 * 1024 * 1024];
    let response = world.append(&job, &bytes).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["location"], format!("{job}/chunks/1"));
    assert_eq!(
        response.headers()["content-location"],
        format!("{job}/chunks/1")
    );
    let chunk: Value = response.json().await.unwrap();
    assert_eq!(chunk["id"], 1);
    assert_eq!(chunk["length"], 6 * 1024 * 1024);
    assert_eq!(chunk["hash"], "da6a0d097e307ac52ed9b4ad551801fc");
    for moment in ["created_at", "updated_at", "etag"] {
        assert!(chunk[moment].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(world.store(&job, b"second").await["id"], 2);
    assert_eq!(world.read(&format!("{job}/chunks/1")).await, chunk);
    for missing in ["3", "0", "first", "-1"] {
        let path = format!("{job}/chunks/{missing}");
        assert_refused(world.get(&path).await, 404, "not_found").await;
    }
}

#[tokio::test]
async fn four_chunks_and_an_empty_one_make_an_image_of_all_their_bytes() {
    let world = World::start().await;
    let pieces: Vec<_> = (1..=4).map(|seed| noise(seed, CHUNK_BYTES)).collect();
    let job = world.job("meter").await;
    for (piece, id) in pieces.iter().zip(1..) {
        assert_eq!(world.store(&job, piece).await["id"], id);
    }
    let response = world.append(&job, b"").await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["location"], format!("{job}/chunks/5"));
    let last: Value = response.json().await.unwrap();
    assert_eq!(last["id"], 5);
    assert_eq!(last["length"], 0);
    assert_eq!(last["hash"], MD5_OF_NOTHING);

    let view = world.read(&job).await;
    let image = view["firmware_image_id"].as_str().unwrap();
    let image = world.read(&format!("{IMAGES}/{image}")).await;
    let whole = pieces.concat();
    assert_eq!(image["datafile_checksum"], Sha256::of(&whole).to_string());
    assert_eq!(image["datafile_size"], whole.len());
    assert_eq!(image["name"], "meter");

    let record = world.server.record();
    let entry = record.jobs.values().next().unwrap();
    let stored: Vec<_> = entry
        .chunks
        .iter()
        .map(|c| (c.id, c.offset, c.length))
        .collect();
    let five = CHUNK_BYTES as u64;
    let expected = [
        (1, 0, five),
        (2, five, five),
        (3, 2 * five, five),
        (4, 3 * five, five),
        (5, 4 * five, 0),
    ];
    assert_eq!(stored, expected);
    assert_eq!(entry.chunks[0].md5, Md5::of(&pieces[0]));
    assert_eq!(entry.received_bytes, 4 * five);
    assert!(entry.arrivals.iter().all(|arrival| arrival.times == 1));
    assert_eq!(entry.repeated_chunks(), [0_u32; 0]);
}

#[tokio::test]
async fn the_chunk_list_is_empty_before_the_first_and_after_the_last() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let list = format!("{job}/chunks");
    let empty = json!({"object": "list", "limit": 50, "after": null, "order": "ASC",
        "has_more": false, "data": []});
    assert_eq!(world.read(&list).await, empty);
    let chunk = world.store(&job, b"bytes").await;
    assert_eq!(world.read(&list).await["data"], json!([chunk]));
    world.store(&job, b"").await;
    assert_eq!(world.read(&list).await, empty);
}

#[tokio::test]
async fn the_first_chunk_must_not_be_empty() {
    let world = World::start().await;
    let job = world.job("meter").await;
    assert_refused(world.append(&job, b"").await, 400, "bad_request").await;
    assert_eq!(world.read(&job).await["status"], "not_started");
}

#[tokio::test]
async fn a_completed_job_takes_nothing_more() {
    let world = World::start().await;
    let (job, image) = world.finished("meter", &[b"bytes"]).await;
    assert_refused(world.append(&job, b"more").await, 400, "bad_request").await;
    assert_refused(world.append(&job, b"").await, 400, "bad_request").await;
    assert_eq!(world.read(&image).await["datafile_size"], 5);
}

#[tokio::test]
async fn a_chunk_whose_md5_differs_or_is_no_base64_is_not_stored() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let hex_of_bytes = Md5::of(b"bytes").to_string();
    for md5 in ["1B2M2Y8AsgTpgAmY7PhCfg==", &hex_of_bytes, "???", ""] {
        let request = world
            .request(Method::POST, &format!("{job}/chunks"))
            .header("Content-Type", "binary/octet-stream")
            .header("Content-MD5", md5)
            .body("bytes");
        assert_refused(request.send().await.unwrap(), 400, "bad_request").await;
    }
    assert_eq!(
        world.read(&format!("{job}/chunks")).await["data"],
        json!([])
    );
    world.store(&job, b"bytes").await;
    let record = world.server.record();
    let entry = record.jobs.values().next().unwrap();
    assert_eq!(
        entry.arrivals,
        [Arrival {
            offset: 0,
            times: 2
        }]
    );
    assert_eq!(entry.stored_bytes(), 5);
}

#[tokio::test]
async fn without_content_md5_the_hash_is_empty() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let request = world
        .request(Method::POST, &format!("{job}/chunks"))
        .header("Content-Type", "application/octet-stream")
        .body("bytes");
    let chunk: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(chunk["hash"], "");
    assert_eq!(chunk["length"], 5);
}

#[tokio::test]
async fn a_stale_content_md5_on_other_requests_is_not_looked_at() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let request = world
        .request(Method::GET, &job)
        .header("Content-MD5", "stale");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_chunk_without_its_length_or_of_another_kind_is_refused() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let pieces = futures::stream::iter([Ok::<_, std::io::Error>("bytes")]);
    let streamed = world
        .request(Method::POST, &format!("{job}/chunks"))
        .header("Content-Type", "binary/octet-stream")
        .body(reqwest::Body::wrap_stream(pieces));
    assert_refused(streamed.send().await.unwrap(), 411, "length_required").await;
    let text = world
        .request(Method::POST, &format!("{job}/chunks"))
        .header("Content-Type", "text/plain")
        .body("bytes");
    assert_refused(text.send().await.unwrap(), 415, "unsupported_media_type").await;
    assert_eq!(world.read(&job).await["status"], "not_started");
}

#[tokio::test]
async fn a_short_middle_chunk_is_refused_only_at_the_end() {
    let world = World::start().await;
    let job = world.job("meter").await;
    world.store(&job, &noise(1, CHUNK_BYTES)).await;
    world.store(&job, &noise(2, CHUNK_BYTES - 1)).await;
    world.store(&job, &noise(3, 10)).await;
    assert_refused(world.append(&job, b"").await, 400, "bad_request").await;
    let view = world.read(&job).await;
    assert_eq!(view["status"], "in_progress");
    assert_eq!(view["firmware_image_id"], "");
    assert!(world.server.images().is_empty());
}

#[tokio::test]
async fn a_server_set_to_refuse_early_refuses_the_chunk_after_the_short_one() {
    let mut options = PelionOptions::new(KEY);
    options.refuse_short_chunk_early = true;
    let world = World::with(options).await;
    let job = world.job("meter").await;
    world.store(&job, b"short").await;
    assert_refused(world.append(&job, b"more").await, 400, "bad_request").await;
    world.store(&job, b"").await;
    assert_eq!(world.server.images()[0].size_bytes, 5);
}

#[tokio::test]
async fn a_chunk_of_100_mib_is_taken_and_one_byte_more_is_too_large() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let most = usize::try_from(LARGEST_REQUEST_BYTES).unwrap();
    let mut bytes = vec![7; most];
    assert_eq!(world.store(&job, &bytes).await["length"], most);
    bytes.push(7);
    let refused = world.append(&job, &bytes).await;
    assert_refused(refused, 413, "request_entity_too_large").await;
    assert_eq!(
        world.read(&format!("{job}/chunks")).await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn of_two_chunks_sent_at_once_one_is_stored_and_the_other_is_told() {
    let world = World::start().await;
    let job = world.job("meter").await;
    let (started, go) = tokio::sync::oneshot::channel::<()>();
    let late = futures::stream::once(async move {
        go.await.unwrap();
        Ok::<_, std::io::Error>("late!")
    });
    let slow = world
        .request(Method::POST, &format!("{job}/chunks"))
        .header("Content-Type", "binary/octet-stream")
        .header("Content-Length", 5)
        .body(reqwest::Body::wrap_stream(late));
    let slow = tokio::spawn(slow.send());
    let begun = || {
        world
            .server
            .record()
            .requests
            .iter()
            .any(|r| r.target.ends_with("/chunks"))
    };
    while !begun() {
        tokio::task::yield_now().await;
    }
    world.store(&job, b"quick").await;
    started.send(()).unwrap();
    assert_refused(slow.await.unwrap().unwrap(), 409, "conflict").await;
    world.store(&job, b"").await;
    assert_eq!(world.server.images()[0].sha256, Sha256::of(b"quick"));
}

#[tokio::test]
async fn a_directory_holds_the_image_byte_for_byte_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = PelionOptions::new(KEY);
    options.storage = Storage::Directory(directory.path().join("images"));
    let world = World::with(options).await;
    let (one, two) = (noise(1, CHUNK_BYTES), noise(2, 1000));
    let (_, image) = world.finished("meter", &[&one, &two]).await;
    let whole = [one, two].concat();
    let listed = || std::fs::read_dir(directory.path().join("images")).unwrap();
    let files: Vec<_> = listed().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert!(std::fs::read(&files[0]).unwrap() == whole);

    let view = world.read(&image).await;
    let datafile = world
        .client
        .get(view["datafile"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(datafile.content_length(), Some(whole.len() as u64));
    assert!(datafile.bytes().await.unwrap() == whole);

    world.delete(&image).await;
    assert_eq!(listed().count(), 0);
}

#[tokio::test]
async fn small_images_can_be_downloaded_and_of_large_ones_only_the_hash_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("images");
    let mut options = PelionOptions::new(KEY);
    options.storage = Storage::Small {
        directory: folder.clone(),
        most_bytes: CHUNK_BYTES as u64 + 1000,
    };
    let world = World::with(options).await;
    let (one, two) = (noise(1, CHUNK_BYTES), noise(2, 1000));
    for (name, chunks, is_small) in [
        ("fits", vec![&one, &two], true),
        ("grows too large", vec![&one, &one, &two], false),
        (
            "one chunk too large",
            vec![&[&one[..], &one].concat(), &two],
            false,
        ),
    ] {
        let chunks: Vec<&[u8]> = chunks.into_iter().map(|chunk| &chunk[..]).collect();
        let (_, image) = world.finished(name, &chunks).await;
        let whole = chunks.concat();
        let view = world.read(&image).await;
        assert_eq!(view["datafile_size"], whole.len(), "{name}");
        assert_eq!(
            view["datafile_checksum"],
            Sha256::of(&whole).to_string(),
            "{name}"
        );
        let address = view["datafile"].as_str().unwrap();
        let datafile = world.client.get(address).send().await.unwrap();
        assert_eq!(
            datafile.status().as_u16(),
            if is_small { 200 } else { 404 },
            "{name}"
        );
        if is_small {
            assert!(datafile.bytes().await.unwrap() == whole);
        }
        let files = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, 1, "{name}: only the small image has a file");
    }
}
