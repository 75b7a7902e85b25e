//! Whoever is signed in stages over https and gets addresses made by a delegation key.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_cloud::azure::staging::{
    BlobStore, StagingState, StorageAccess, StoragePlace, StoreOptions, stage,
};
use firmdrop_cloud::azure::{AccessToken, Resource, TokenError, TokenSource};
use firmdrop_core::{Clock as _, SystemClock};
use firmdrop_net::{Http, HttpOptions, Method, Request, Url};
use tokio_util::sync::CancellationToken;

use crate::world::{ACCOUNT, Azurite, CONTAINER, Journal, file, request};

/// Tokens as Azurite takes them: it does not ask who signed them.
#[derive(Debug)]
struct Unsigned;

#[async_trait]
impl TokenSource for Unsigned {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        assert_eq!(resource, Resource::Storage);
        let now = SystemClock.now();
        let seconds = now.as_millisecond() / 1000;
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        let claims = serde_json::json!({
            "aud": "https://storage.azure.com",
            "iss": format!("https://sts.windows.net/{tenant}/"),
            "iat": seconds - 60, "nbf": seconds - 60, "exp": seconds + 3600,
            "oid": "23657296-5cd5-45b0-a809-d972a7f4dfe1", "tid": tenant,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = serde_json::json!({"alg": "none", "typ": "JWT"});
        let token = format!("{}.{}.bm9uZQ", part(&head), part(&claims));
        Ok(AccessToken {
            secret: token.into(),
            expires: now.after(Duration::from_hours(1)),
        })
    }

    fn refused(&self, _: Resource) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_stages_and_its_delegation_key_signs_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let paths = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&paths[0], made.cert.pem()).unwrap();
    std::fs::write(&paths[1], made.signing_key.serialize_pem()).unwrap();
    let [cert, key] = paths.each_ref().map(|path| path.to_str().unwrap());
    let azurite = Azurite::start(&["--oauth", "basic", "--cert", cert, "--key", key]).await;
    assert!(azurite.url.starts_with("https://"), "{}", azurite.url);
    let place = StoragePlace::at(&format!("{}/{ACCOUNT}", azurite.url), CONTAINER).unwrap();
    let access = StorageAccess::SignedIn(Arc::new(Unsigned));
    let http = HttpOptions {
        extra_ca_pem: Some(made.cert.pem().into_bytes()),
        ..HttpOptions::default()
    };
    let options = StoreOptions {
        http: http.clone(),
        ..StoreOptions::of("azurite")
    };
    let store = BlobStore::new(place, access, options).unwrap();
    assert!(store.create_container().await.unwrap());
    let bytes: Vec<u8> = (0..=250).cycle().take(100_000).collect();
    let source = firmdrop_image::MemorySource::new(bytes.clone());
    let (request, journal) = (
        request(vec![file("a b.swu", Arc::new(source))]),
        Journal::default(),
    );
    let cancel = CancellationToken::new();
    let begin = StagingState::default();
    let staged = stage(&store, &request, &begin, &journal, &journal, &cancel).await;
    let staged = staged.unwrap();
    let address = staged[0].url.reveal().unwrap();
    assert!(address.contains("spr=https&"), "{address}");
    let get = |url: &str| {
        let url = Url::parse(url).unwrap();
        let http = Http::new(&url, &http).unwrap();
        async move { http.send(Request::new(Method::Get, url)).await.unwrap() }
    };
    let read = get(address).await;
    assert_eq!((read.status(), read.body()), (200, bytes.as_slice()));
    let forged = address.replace("skoid=2", "skoid=3");
    assert_eq!(get(&forged).await.status(), 403);
}
