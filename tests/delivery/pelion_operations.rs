//! Each operation of the guide against the simulated service, and what stands on the wire.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use firmdrop_test_support::pelion_world;
use std::net::SocketAddr;

use firmdrop_cloud::pelion::{ListQuery, NewImage, Operator, Order, PelionError};
use firmdrop_core::StepResult;
use firmdrop_core::{Code, Diagnose, MIB, Md5};
use firmdrop_net::StreamedBody;
use firmdrop_simulator::fault::{Effect, Rule};
use pelion_world::{KEY, World, bytes, pelion_at};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn body(bytes: Vec<u8>) -> StreamedBody {
    StreamedBody {
        length_bytes: bytes.len() as u64,
        pieces: Box::pin(futures::stream::iter([Ok(bytes.into())])),
    }
}

fn status(error: &PelionError) -> Option<u16> {
    error.status()
}

#[tokio::test]
async fn the_eight_operations_of_the_guide_work() {
    let world = World::start().await;
    let pelion = world.pelion();
    let job = pelion.create_upload_job("one", "").await.unwrap();
    assert_eq!(
        (job.status.as_str(), job.completed),
        ("not_started", Some(false))
    );
    assert!(job.firmware_image_id.is_empty());

    let page = pelion.upload_jobs(&ListQuery::default()).await.unwrap();
    assert_eq!((page.data.len(), page.limit, page.has_more), (1, 50, false));

    let renamed = pelion
        .update_upload_job(&job.id, Some("two"), Some("d"))
        .await
        .unwrap();
    assert_eq!(
        (renamed.name.as_str(), renamed.description.as_str()),
        ("two", "d")
    );
    assert_eq!(pelion.upload_job(&job.id).await.unwrap().name, "two");

    assert!(pelion.all_chunks(&job.id).await.unwrap().is_empty());
    let part = bytes(5 * MIB, 1);
    let md5 = Md5::of(&part);
    let (chunk, _) = pelion.append_chunk(&job.id, body(part), md5).await.unwrap();
    assert_eq!(
        (chunk.id, chunk.length, chunk.hash),
        (1, 5 * MIB, md5.to_string())
    );
    assert_eq!(pelion.chunk(&job.id, 1).await.unwrap().length, 5 * MIB);
    assert_eq!(
        pelion.upload_job(&job.id).await.unwrap().status,
        "in_progress"
    );

    let last = pelion.finish_upload(&job.id).await.unwrap();
    assert_eq!(
        (last.id, last.length, last.hash),
        (2, 0, Md5::EMPTY.to_string())
    );
    let done = pelion.upload_job(&job.id).await.unwrap();
    assert!(done.is_completed() && !done.firmware_image_id.is_empty());
    assert!(pelion.all_chunks(&job.id).await.unwrap().is_empty());

    pelion.delete_upload_job(&job.id).await.unwrap();
    assert_eq!(
        status(&pelion.upload_job(&job.id).await.unwrap_err()),
        Some(404)
    );
    assert!(pelion.firmware_image(&done.firmware_image_id).await.is_ok());
}

#[tokio::test]
async fn the_first_chunk_may_not_be_empty() {
    let world = World::start().await;
    let pelion = world.pelion();
    let job = pelion.create_upload_job("one", "").await.unwrap();
    let error = pelion.finish_upload(&job.id).await.unwrap_err();
    assert_eq!(status(&error), Some(400));
}

#[tokio::test]
async fn a_finished_upload_job_takes_no_chunk() {
    let world = World::start().await;
    let pelion = world.pelion();
    let job = pelion.create_upload_job("one", "").await.unwrap();
    let part = bytes(100, 1);
    let md5 = Md5::of(&part);
    pelion
        .append_chunk(&job.id, body(part.clone()), md5)
        .await
        .unwrap();
    pelion.finish_upload(&job.id).await.unwrap();
    let error = pelion
        .append_chunk(&job.id, body(part), md5)
        .await
        .unwrap_err();
    assert_eq!(status(&error), Some(400));
    assert_eq!(
        status(&pelion.finish_upload(&job.id).await.unwrap_err()),
        Some(400)
    );
}

#[tokio::test]
async fn a_name_is_unique_among_images_and_upload_jobs() {
    let world = World::start().await;
    let pelion = world.pelion();
    pelion.create_upload_job("job", "").await.unwrap();
    let image = NewImage {
        name: "image",
        description: "",
        file_name: "a.bin",
    };
    pelion
        .post_firmware_image(image, body(bytes(10, 1)))
        .await
        .unwrap();
    for name in ["job", "image"] {
        let error = pelion.create_upload_job(name, "").await.unwrap_err();
        assert_eq!(status(&error), Some(409));
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::NameTaken);
        assert!(
            diagnosis
                .details
                .iter()
                .any(|detail| detail.label == "Request id")
        );
    }
}

#[tokio::test]
async fn lists_are_paged_ordered_and_filtered() {
    let world = World::start().await;
    let pelion = world.pelion();
    for name in ["a", "b c&d", "c"] {
        pelion.create_upload_job(name, "").await.unwrap();
    }
    let first = pelion
        .upload_jobs(&ListQuery::default().limit(2))
        .await
        .unwrap();
    assert_eq!((first.data.len(), first.has_more), (2, true));
    let rest = ListQuery::default()
        .limit(2)
        .after(first.data[1].id.clone());
    let rest = pelion.upload_jobs(&rest).await.unwrap();
    assert_eq!((rest.data.len(), rest.data[0].name.as_str()), (1, "c"));
    let newest = ListQuery {
        order: Order::Descending,
        total_count: true,
        ..ListQuery::default()
    };
    let newest = pelion.upload_jobs(&newest).await.unwrap();
    assert_eq!(
        (newest.data[0].name.as_str(), newest.total_count),
        ("c", Some(3))
    );
    let named = pelion
        .upload_jobs(&ListQuery::named("b c&d"))
        .await
        .unwrap();
    assert_eq!(named.data.len(), 1);
    let others = ListQuery::default().filter("name", Operator::NotEqual, "a");
    assert_eq!(pelion.upload_jobs(&others).await.unwrap().data.len(), 2);
}

#[tokio::test]
async fn images_are_listed_viewed_and_deleted() {
    let world = World::start().await;
    let pelion = world.pelion();
    let new = NewImage {
        name: "image",
        description: "d",
        file_name: "größe 1.bin",
    };
    let image = pelion
        .post_firmware_image(new, body(bytes(1000, 1)))
        .await
        .unwrap();
    assert_eq!(image.datafile_size, Some(1000));
    assert_eq!(
        pelion
            .firmware_images(&ListQuery::named("image"))
            .await
            .unwrap()
            .data
            .len(),
        1
    );
    assert_eq!(
        pelion.firmware_image(&image.id).await.unwrap().description,
        "d"
    );
    pelion.delete_firmware_image(&image.id).await.unwrap();
    assert!(world.server.images().is_empty());
}

#[tokio::test]
async fn an_id_from_a_person_never_leaves_its_path() {
    let world = World::start().await;
    let pelion = world.pelion();
    for id in ["..", "../x", "a/b", ""] {
        assert!(
            matches!(pelion.upload_job(id).await, Err(PelionError::Id(_))),
            "{id}"
        );
    }
    assert!(world.server.record().requests.is_empty());
}

#[tokio::test]
async fn the_connection_test_passes_step_by_step_or_names_the_failing_one() {
    let world = World::start().await;
    let failing = |report: &firmdrop_core::ConnectionReport| {
        let mut failed = report
            .steps
            .iter()
            .filter(|step| step.result == StepResult::Failed);
        failed.next().map(|step| step.key.clone())
    };
    let report = world.pelion().test().await;
    assert!(report.is_usable(), "{report:?}");
    assert_eq!(failing(&report), None);

    let report = world.pelion_with_key("ak_other").test().await;
    assert_eq!(failing(&report).as_deref(), Some("key"));
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(diagnosis.code, Code::KeyRefused);
    assert!(
        diagnosis
            .details
            .iter()
            .any(|detail| detail.label == "Request id")
    );

    let report = pelion_at("http://127.0.0.1:1", KEY).test().await;
    assert_eq!(failing(&report).as_deref(), Some("connect"));
    let report = pelion_at("https://no-such-host.invalid", KEY).test().await;
    assert_eq!(failing(&report).as_deref(), Some("name"));
    assert_eq!(report.diagnosis.unwrap().code, Code::HostNotFound);
    let tls = world.server.url().replace("http://", "https://");
    let report = pelion_at(&tls, KEY).test().await;
    assert_eq!(failing(&report).as_deref(), Some("tls"));
    assert_eq!(report.diagnosis.unwrap().code, Code::TlsFailed);

    world
        .server
        .dial()
        .add(Rule::always(Effect::Html { status: 200 }));
    let report = world.pelion().test().await;
    assert_eq!(failing(&report).as_deref(), Some("service"));
    assert_eq!(report.diagnosis.unwrap().code, Code::NotThisService);
}

/// A host that takes one request, answers each with the next text, and tells what it was sent.
async fn scripted(answers: Vec<String>) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = tokio::spawn(async move {
        let mut heads = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            heads.push(String::from_utf8(head).unwrap().to_lowercase());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        heads
    });
    (address, heads)
}

fn json(text: &str) -> String {
    let length = text.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}

#[tokio::test]
async fn the_finishing_chunk_really_says_that_it_has_no_bytes() {
    let answer = json(r#"{"id":5,"length":0,"hash":"d41d8cd98f00b204e9800998ecf8427e"}"#);
    let (address, heads) = scripted(vec![answer]).await;
    let pelion = pelion_at(&format!("http://{address}"), KEY);
    pelion.finish_upload("j1").await.unwrap();
    let head = heads.await.unwrap().remove(0);
    assert!(head.starts_with("post /v3/firmware-images/upload-jobs/j1/chunks http/1.1\r\n"));
    assert!(head.contains("\r\ncontent-length: 0\r\n"), "{head}");
    assert!(
        head.contains("\r\ncontent-md5: 1b2m2y8asgtpgamy7phcfg==\r\n"),
        "{head}"
    );
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(head.matches("content-length").count(), 1);
}

#[tokio::test]
async fn every_page_of_a_chunk_list_is_read() {
    let page = |range: std::ops::RangeInclusive<u32>, more: bool| {
        let data: Vec<_> = range
            .map(|id| serde_json::json!({"id": id, "length": 5_242_880}))
            .collect();
        json(&serde_json::json!({"data": data, "has_more": more, "after": null}).to_string())
    };
    let answers = vec![
        page(1..=50, true),
        page(51..=100, true),
        page(101..=130, false),
    ];
    let (address, heads) = scripted(answers).await;
    let chunks = pelion_at(&format!("http://{address}"), KEY)
        .all_chunks("j1")
        .await
        .unwrap();
    assert!(chunks.iter().map(|chunk| chunk.id).eq(1..=130));
    let heads = heads.await.unwrap();
    assert!(heads[1].contains("after=50") && heads[2].contains("after=100"));
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let page = json(r#"{"data":[{"id":1,"length":5242880}],"has_more":true}"#);
    let (address, heads) = scripted(vec![page.clone(), page]).await;
    let chunks = pelion_at(&format!("http://{address}"), KEY)
        .all_chunks("j1")
        .await
        .unwrap();
    assert_eq!(chunks.len(), 1);
    assert_eq!(heads.await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}",
        " ".repeat(2 << 20)
    );
    let (address, _heads) = scripted(vec![endless]).await;
    let error = pelion_at(&format!("http://{address}"), KEY)
        .upload_job("j1")
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::AnswerUnreadable);
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (address, heads) = scripted(vec![answer.to_owned()]).await;
    let pelion = pelion_at(&format!("http://{address}"), KEY);
    let error = pelion.create_upload_job("n", "").await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::NotThisService);
    assert_eq!(heads.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_done_when_it_belongs_to_no_task() {
    for lost in [Effect::LoseAnswer, Effect::ReplaceAnswer { status: 504 }] {
        let world = World::start().await;
        let job = world.pelion().create_upload_job("one", "").await.unwrap();
        let rule = Rule::always(lost.clone())
            .on("DELETE", "upload-jobs")
            .times(1);
        world.server.dial().add(rule);
        let deleted = world.pelion().alone().delete_upload_job(&job.id).await;
        assert!(deleted.is_ok(), "{lost:?}: {deleted:?}");
        let again = world.pelion().alone().delete_upload_job(&job.id).await;
        assert_eq!(
            status(&again.unwrap_err()),
            Some(404),
            "nothing was lost there"
        );
    }
}

#[tokio::test]
async fn a_question_that_belongs_to_no_task_is_asked_again_when_it_meets_trouble_once() {
    for effect in [
        Effect::ServerError { status: 503 },
        Effect::RateLimit {
            retry_after_seconds: 1,
        },
        Effect::LoseAnswer,
        Effect::ReplaceAnswer { status: 504 },
    ] {
        let world = World::start().await;
        let once = || {
            Rule::always(effect.clone())
                .on("GET", "firmware-images")
                .times(1)
        };
        world.server.dial().add(once());
        let query = ListQuery::default();
        let asked = world.pelion().alone().firmware_images(&query).await;
        assert!(asked.is_ok(), "{effect:?}: {asked:?}");
        world.server.dial().add(once());
        let asked = world.pelion().firmware_images(&query).await;
        assert!(
            asked.is_err(),
            "a task repeats its questions itself: {effect:?}"
        );
    }
}

#[tokio::test]
async fn what_creates_something_is_never_repeated_by_itself() {
    let world = World::start().await;
    let rule = Rule::always(Effect::LoseAnswer)
        .on("POST", "upload-jobs")
        .times(1);
    world.server.dial().add(rule);
    let error = world.pelion().alone().create_upload_job("one", "").await;
    assert!(matches!(error, Err(PelionError::Net { .. })), "{error:?}");
    let page = world.pelion().upload_jobs(&ListQuery::default()).await;
    assert_eq!(page.unwrap().data.len(), 1);
}
