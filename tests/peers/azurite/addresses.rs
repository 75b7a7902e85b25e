//! Addresses that read one blob and do nothing else, for plain HTTP clients.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_cloud::azure::staging::{
    BlobStore, StagingState, StorageAccess, StoreOptions, USUAL_LIFE, stage,
};
use firmdrop_core::{Clock, Moment, SignedUrl, SystemClock};
use firmdrop_net::{Http, HttpOptions, Method, Request, Response, Url};
use tokio_util::sync::CancellationToken;

use crate::world::{ACCOUNT, Azurite, CONTAINER, Journal, KEY, file, request};

async fn send(method: Method, url: &str) -> Response {
    let url = Url::parse(url).unwrap();
    let http = Http::new(&url, &HttpOptions::default()).unwrap();
    let request = Request::new(method, url).header("x-ms-blob-type", "BlockBlob");
    let request = if method == Method::Put {
        request.empty_body()
    } else {
        request.response_limit(1024 * 1024 * 1024)
    };
    http.send(request).await.unwrap()
}

fn revealed(url: &SignedUrl) -> &str {
    url.reveal().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staged_files_are_read_by_plain_get_and_by_nothing_else() {
    let azurite = Azurite::start(&[]).await;
    let store = azurite.container().await;
    let sources: Vec<Vec<u8>> = vec![vec![7; 1], (0..=250).cycle().take(9_000_000).collect()];
    let names = ["a b#1%é.swu", "plain.importmanifest.json"];
    let files = names.iter().zip(&sources);
    let files = files.map(|(name, bytes)| {
        file(
            name,
            Arc::new(firmdrop_image::MemorySource::new(bytes.clone())),
        )
    });
    let (request, journal) = (request(files.collect()), Journal::default());
    let cancel = CancellationToken::new();
    let state = StagingState::default();
    let staged = stage(&store, &request, &state, &journal, &journal, &cancel).await;
    let staged = staged.unwrap();
    for (staged, bytes) in staged.iter().zip(&sources) {
        let url = revealed(&staged.url);
        let read = send(Method::Get, url).await;
        assert_eq!((read.status(), read.body()), (200, bytes.as_slice()));
        // What is not signed, changed, or more than reading.
        let (plain, query) = url.split_once('?').unwrap();
        assert_eq!(send(Method::Get, plain).await.status(), 403);
        let longer = query.replace("se=2", "se=3");
        let wider = query.replace("sp=r", "sp=rwd");
        for query in [&longer, &wider] {
            let url = format!("{plain}?{query}");
            assert_eq!(send(Method::Get, &url).await.status(), 403, "{query}");
        }
        let other = plain.replace("Toaster", "Toasted");
        let url_of_other = format!("{other}?{query}");
        assert_eq!(send(Method::Get, &url_of_other).await.status(), 403);
        assert_eq!(send(Method::Put, url).await.status(), 403);
        assert_eq!(send(Method::Delete, url).await.status(), 403);
        assert_eq!(send(Method::Get, url).await.status(), 200);
    }
    assert_eq!(azurite.listed().await.len(), 2);
    let last = *journal.progress().last().unwrap();
    assert_eq!(last.confirmed_bytes, 9_000_001);
}

/// A clock that stands some hours from the real one.
#[derive(Debug)]
struct Wrong(i64);

impl Clock for Wrong {
    fn now(&self) -> Moment {
        let now = SystemClock.now().as_millisecond();
        Moment::from_millisecond(now + self.0 * 3_600_000)
    }
}

fn store_with_clock(azurite: &Azurite, hours: i64) -> BlobStore {
    let text = azurite.connection_string().into();
    let (place, access) = StorageAccess::from_connection_string(&text, CONTAINER).unwrap();
    let options = StoreOptions {
        clock: Arc::new(Wrong(hours)),
        ..StoreOptions::of("azurite")
    };
    BlobStore::new(place, access, options).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_ended_reads_nothing_and_a_wrong_clock_is_seen_in_time() {
    let azurite = Azurite::start(&[]).await;
    let store = azurite.container().await;
    let request = request(vec![file(
        "a.bin",
        Arc::new(firmdrop_image::MemorySource::new([1; 9])),
    )]);
    let journal = Journal::default();
    let cancel = CancellationToken::new();
    let state = StagingState::default();
    let staged = stage(&store, &request, &state, &journal, &journal, &cancel).await;
    let blob = staged.unwrap().remove(0).blob;
    let late = store_with_clock(&azurite, -10);
    let ended = late.reading_address(&blob, USUAL_LIFE).await.unwrap();
    assert!(ended.expires().unwrap() < SystemClock.now());
    assert_eq!(send(Method::Get, revealed(&ended)).await.status(), 403);
    // Any answer of the storage says what time it is.
    assert!(!late.create_container().await.unwrap());
    let warning = late.clock_warning().unwrap();
    assert!(
        ["599 min behind", "600 min behind"].contains(&&*warning),
        "{warning}"
    );
    let anew = late.reading_address(&blob, USUAL_LIFE).await.unwrap();
    assert_eq!(send(Method::Get, revealed(&anew)).await.status(), 200);
    let until = SystemClock.now().after(Duration::from_hours(7));
    assert!(anew.expires().unwrap() > until);
}

/// A signature for the whole container, as the portal generates it.
fn container_address(azurite: &Azurite, permissions: &str) -> firmdrop_net::Secret {
    let end = "2099-01-01T00:00:00Z";
    let resource = format!("/blob/{ACCOUNT}/{CONTAINER}");
    let lines = [
        permissions,
        "",
        end,
        &resource,
        "",
        "",
        "https,http",
        "2023-11-03",
        "c",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
    ];
    let key = azure_core::credentials::Secret::new(KEY);
    let signature = azure_core::hmac::hmac_sha256(&lines.join("\n"), &key).unwrap();
    let mut url = Url::parse(&format!("{}/{ACCOUNT}/{CONTAINER}", azurite.url)).unwrap();
    url.query_pairs_mut()
        .append_pair("sv", "2023-11-03")
        .append_pair("spr", "https,http")
        .append_pair("se", end)
        .append_pair("sr", "c")
        .append_pair("sp", permissions)
        .append_pair("sig", &signature);
    url.to_string().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_signatures_of_a_container_stage_and_one_alone_is_refused_before_a_byte() {
    let azurite = Azurite::start(&[]).await;
    azurite.container().await;
    let request = request(vec![file(
        "a.bin",
        Arc::new(firmdrop_image::MemorySource::new([1; 9])),
    )]);
    let writes = container_address(&azurite, "rcw");
    let reads = container_address(&azurite, "r");
    for reading in [None, Some(&reads)] {
        let (place, access) = StorageAccess::from_container_address(&writes, reading).unwrap();
        let store = BlobStore::new(place, access, StoreOptions::of("azurite")).unwrap();
        let journal = Journal::default();
        let cancel = CancellationToken::new();
        let state = StagingState::default();
        let staged = stage(&store, &request, &state, &journal, &journal, &cancel).await;
        let Some(_) = reading else {
            let error = staged.unwrap_err().to_string();
            assert!(error.contains("cannot be narrowed"), "{error}");
            assert!(azurite.listed().await.is_empty());
            continue;
        };
        let staged = staged.unwrap();
        let read = send(Method::Get, revealed(&staged[0].url)).await;
        assert_eq!((read.status(), read.body()), (200, &[1; 9][..]));
        assert_eq!(
            send(Method::Put, revealed(&staged[0].url)).await.status(),
            403
        );
    }
}
