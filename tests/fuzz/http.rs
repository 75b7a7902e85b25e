//! Answers of a service: status, headers and body of every kind of object.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use firmdrop_cloud::pelion::{AccessKey, ListQuery, Pelion, PelionAccount};

use crate::harness::fuzz;

const MARKER: &str = "ak_marker0123456789";

#[test]
fn no_answer_of_a_service_panics_hangs_or_gives_the_key_away() {
    let answer: Arc<Mutex<Vec<u8>>> = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::clone(&answer);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = answers.lock().unwrap().clone();
            serve(connection, &answer);
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let account = PelionAccount {
        name: "fuzz".into(),
        host,
        proxy: None,
        extra_ca_pem: None,
        production: false,
    };
    let pelion = Pelion::new(&account, AccessKey::from(MARKER)).unwrap();
    let mut turn = 0_usize;
    fuzz("http", seeds(), |input| {
        input.clone_into(&mut answer.lock().unwrap());
        turn += 1;
        let said = runtime.block_on(async {
            let asked = ask(&pelion, turn);
            tokio::time::timeout(Duration::from_secs(15), asked).await
        });
        let said = said.unwrap();
        assert!(!said.contains(MARKER), "{said}");
    });
}

fn serve(mut connection: std::net::TcpStream, answer: &[u8]) {
    // A peer that went away is the next one's turn.
    let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
    let mut request: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend(&buffer[..count]),
        }
    }
    let _ = connection.write_all(answer);
}

/// One of the questions, and everything that is said of its answer.
async fn ask(pelion: &Pelion, turn: usize) -> String {
    let query = ListQuery::default();
    match turn % 6 {
        0 => format!("{:?}", pelion.upload_job("1").await),
        1 => format!("{:?}", pelion.upload_jobs(&query).await),
        2 => format!("{:?}", pelion.chunks("1", &query).await),
        3 => format!("{:?}", pelion.firmware_images(&query).await),
        4 => format!("{:?}", pelion.update_campaign("1").await),
        _ => format!("{:?}", pelion.devices(&query).await),
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

fn seeds() -> Vec<Vec<u8>> {
    let json = "content-type: application/json\r\n";
    let job = r#"{"object":"upload-job","id":"01","etag":"e","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","name":"n","description":"","status":"in_progress","firmware_image_id":null}"#;
    let page = format!(
        r#"{{"object":"list","limit":50,"after":null,"order":"ASC","has_more":false,"total_count":1,"data":[{job}]}}"#
    );
    let refusal = format!(
        r#"{{"object":"error","code":401,"type":"invalid_token","message":"{MARKER} is unknown","request_id":"r","fields":[{{"name":"Authorization","message":"Bearer {MARKER}"}}]}}"#
    );
    vec![
        answer("200 OK", json, job),
        answer("200 OK", json, &page),
        answer("401 Unauthorized", json, &refusal),
        answer(
            "400 Bad Request",
            "content-type: text/html\r\n",
            "<html>no</html>",
        ),
        answer(
            "429 Too Many Requests",
            "retry-after: 99999999999999999999\r\n",
            "",
        ),
        answer("503 Service Unavailable", "retry-after: -1\r\n", "{}"),
        answer(
            "302 Found",
            &format!("location: https://elsewhere.example/?key={MARKER}\r\n"),
            "",
        ),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n{}".to_vec(),
    ]
}
