//! A service that repeats the access key in everything it says, in every form there is.

use std::net::SocketAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Sha256;
use firmdrop_engine::DeliveryOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::engine_world::{CHUNK_BYTES, KEY, World, in_chunks, pelion, settled};

/// How the key may be written.
fn forms() -> Vec<String> {
    let each = |form: fn(u8) -> String| {
        let bytes = KEY.bytes().map(form);
        bytes.collect::<Vec<String>>().concat()
    };
    vec![
        KEY.to_owned(),
        KEY.to_uppercase(),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        STANDARD.encode(KEY),
        STANDARD.encode(format!("Bearer {KEY}")),
        STANDARD.encode(format!("apikey:{KEY}")),
    ]
}

/// The id of what it lists. One that repeats the key is replaced as well, and is then no id.
const IMAGE: &str = "01658f9a586800000000000100100023";

/// What the service answers to everything.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Refuses(&'static str),
    AnswersOddly,
    Redirects,
    HoldsTheName,
    NamesThingsSo,
    ShowsAPage,
}

impl Manner {
    fn answer(self, head: &str) -> String {
        let all = forms().join(" ");
        let posts = head.starts_with("POST");
        let (status, body) = match self {
            Self::Refuses(status) => (
                status,
                format!(
                    r#"{{"type":"{all}","message":"{all}","request_id":"{all}","fields":[{{"name":"{all}","message":"{all}"}}]}}"#
                ),
            ),
            Self::AnswersOddly => ("200 OK", format!(r#"{{"data":"{all}","{all}":["{all}"]}}"#)),
            Self::Redirects => ("307 Temporary Redirect", all.clone()),
            Self::HoldsTheName if posts => ("409 Conflict", format!(r#"{{"message":"{all}"}}"#)),
            Self::HoldsTheName | Self::NamesThingsSo if !posts && head.contains('?') => (
                "200 OK",
                format!(
                    r#"{{"data":[{{"id":"{IMAGE}","name":"puck","description":"{all}","datafile":"http://{all}/","datafile_checksum":"{all}"}}],"has_more":false}}"#
                ),
            ),
            Self::HoldsTheName | Self::NamesThingsSo => (
                "201 Created",
                format!(
                    r#"{{"id":"{IMAGE}","name":"puck","description":"{all}","firmware_image_id":"{IMAGE}","hash":"{all}","length":3}}"#
                ),
            ),
            Self::ShowsAPage => (
                "403 Forbidden",
                format!("<html><title>{all}</title></html>"),
            ),
        };
        let id = KEY;
        let location: String = forms().swap_remove(2);
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nX-Request-ID: {id}\r\nLocation: /{location}/{id}?k={id}\r\n\
             Retry-After: {id}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

async fn service(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, manner));
        }
    });
    address
}

/// Reads the whole request, so that its end is not taken for a broken line.
async fn serve(mut stream: TcpStream, manner: Manner) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let lower = head.to_lowercase();
    let length = lower.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = (&mut stream).take(length.unwrap_or(0));
    let _ = tokio::io::copy(&mut body, &mut tokio::io::sink()).await;
    let _ = stream.write_all(manner.answer(&head).as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Every file below a folder but the one that holds the key.
fn files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_name() != "keys")
        .flat_map(|entry| {
            if entry.path().is_dir() {
                return files(&entry.path());
            }
            let content = std::fs::read(entry.path()).unwrap();
            vec![(entry.path().display().to_string(), content)]
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_repeats_the_key_gets_it_into_nothing_that_is_stored_or_shown() {
    let world = World::start().await;
    let engine = world.engine();
    let manners = [
        Manner::Refuses("400 Bad Request"),
        Manner::Refuses("401 Unauthorized"),
        Manner::Refuses("501 Not Implemented"),
        Manner::AnswersOddly,
        Manner::Redirects,
        Manner::HoldsTheName,
        Manner::NamesThingsSo,
        Manner::ShowsAPage,
    ];
    let images = [
        world.image("small.bin", 1, 19),
        world.image("large.bin", 6, 7),
    ];
    let mut texts = Vec::new();
    for manner in manners {
        let address = service(manner).await;
        world.account("bench", &format!("http://{address}"), KEY);
        for image in &images {
            let options = DeliveryOptions {
                name: Some("puck".to_owned()),
                ..in_chunks(CHUNK_BYTES)
            };
            let planned = engine
                .plan(&image.clone().into(), &pelion(), &options)
                .await;
            let id = engine.submit(&planned.unwrap()).await.unwrap();
            settled(&engine, &id).await;
            let job = engine.job(&id).unwrap();
            texts.push(format!("{manner:?} {job:?}"));
            texts.push(serde_json::to_string(&job).unwrap());
            texts.push(engine.job_log(&id).unwrap());
        }
    }
    let home = world.home();
    texts.extend(
        files(home.folder())
            .into_iter()
            .map(|(name, content)| format!("{name}: {}", String::from_utf8_lossy(&content))),
    );
    let plain_sha256 = Sha256::of(KEY.as_bytes()).to_string();
    for text in &texts {
        for form in forms() {
            // What is left of a form of base64 is two characters at its edges at most.
            let inner = form.get(4..form.len() - 4).unwrap();
            assert!(!text.contains(inner), "{form} in {text}");
        }
        assert!(!text.contains(&plain_sha256));
    }
}
