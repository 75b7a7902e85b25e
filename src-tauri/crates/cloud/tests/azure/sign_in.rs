//! Ways to sign in, against a host that answers as an issuer does.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_cloud::azure::{
    Resource, TokenSource,
    sign_in::{
        AssertionAlgorithm, BoundSecret, ClientCertificate, ClientSecret, MemoryRefreshStore,
        RefreshStore, SignInSettings, UserSignIn,
    },
};
use firmdrop_core::{Code, Sha256};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::recorder::{Answer, Recorded, Recorder};

const SECRET: &str = "client~secret~canary";

fn settings(host: &Recorder) -> SignInSettings {
    SignInSettings {
        authority: host.origin(),
        ..SignInSettings::public("contoso.test", "app-1")
    }
}

/// A field of the form that was sent.
fn field(request: &Recorded, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(&request.body);
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn token(name: &str) -> Answer {
    Answer::new(
        200,
        json!({"token_type": "Bearer", "expires_in": 3599, "access_token": name}).to_string(),
    )
}

fn client_secret(host: &Recorder) -> ClientSecret {
    let settings = settings(host);
    let secret = BoundSecret::entered(SECRET.to_owned().into(), &settings);
    ClientSecret::new(settings, &secret).unwrap()
}

#[tokio::test]
async fn a_client_secret_is_sent_to_its_issuer_once_for_each_resource() {
    let host =
        Recorder::start(|request, _| token(&field(request, "scope").unwrap().replace('/', "_")))
            .await;
    let source = client_secret(&host);
    for _ in 0..3 {
        let token = source.token(Resource::DeviceUpdate).await.unwrap();
        assert_eq!(
            token.secret.expose_secret(),
            "https:__api.adu.microsoft.com_.default"
        );
    }
    source.token(Resource::Storage).await.unwrap();
    let requests = host.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].line(), "POST /contoso.test/oauth2/v2.0/token");
    assert_eq!(
        requests[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(requests[0].header("authorization"), None);
    for (name, value) in [
        ("client_id", "app-1"),
        ("client_secret", SECRET),
        ("grant_type", "client_credentials"),
        ("scope", "https://api.adu.microsoft.com/.default"),
    ] {
        assert_eq!(field(&requests[0], name).as_deref(), Some(value));
    }
    assert_eq!(
        field(&requests[1], "scope").as_deref(),
        Some("https://storage.azure.com/.default")
    );
}

#[tokio::test]
async fn a_secret_is_not_sent_to_another_issuer_than_the_one_it_was_entered_for() {
    let host = Recorder::says(200, "{}").await;
    let elsewhere = SignInSettings::public("contoso.test", "app-1");
    let secret = BoundSecret::entered(SECRET.to_owned().into(), &elsewhere);
    let error = ClientSecret::new(settings(&host), &secret).unwrap_err();
    assert_eq!(error.0.code, Code::SignInNeeded);
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_of_the_issuer_does_not_get_the_secret() {
    let other = Recorder::says(200, r#"{"access_token":"stolen"}"#).await;
    let target = format!("{}/token", other.origin());
    let host =
        Recorder::start(move |_, _| Answer::new(307, "").header("Location", target.clone())).await;
    let error = client_secret(&host)
        .token(Resource::DeviceUpdate)
        .await
        .unwrap_err();
    assert!(error.0.what_happened.contains("redirects to"), "{error:?}");
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn an_issuer_that_repeats_the_secret_does_not_get_it_into_an_error() {
    let body = format!(
        r#"{{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret {SECRET} provided.","error_codes":[7000215],"trace_id":"t-1"}}"#
    );
    let host = Recorder::says(401, &body).await;
    let source = client_secret(&host);
    let error = source.token(Resource::DeviceUpdate).await.unwrap_err();
    let said = format!("{error:?} {error} {source:?}");
    assert!(!said.contains(SECRET), "{said}");
    assert!(
        said.contains("AADSTS7000215") && said.contains("not its id"),
        "{said}"
    );
    assert_eq!(host.requests().len(), 1, "nothing is repeated");
}

#[tokio::test]
async fn a_page_of_the_network_is_not_taken_for_the_issuer() {
    for (status, code) in [
        (200, Code::NotThisService),
        (403, Code::NotThisService),
        (503, Code::ServiceFailed),
    ] {
        let host = Recorder::says(status, "<html>Welcome to the hotel</html>").await;
        let error = client_secret(&host)
            .token(Resource::Storage)
            .await
            .unwrap_err();
        assert_eq!(error.0.code, code, "{status}");
    }
}

fn certificate() -> (String, KeyPair, Vec<u8>) {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let params = CertificateParams::new(vec!["app.test".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
    (pem, key, certificate.der().to_vec())
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_that_its_public_key_verifies() {
    let (pem, key, der) = certificate();
    for (algorithm, name) in [
        (AssertionAlgorithm::Ps256, "PS256"),
        (AssertionAlgorithm::Rs256, "RS256"),
    ] {
        let host = Recorder::start(|_, _| token("t")).await;
        let settings = settings(&host);
        let bound = BoundSecret::entered(pem.clone().into(), &settings);
        let source = ClientCertificate::new(settings, &bound, algorithm).unwrap();
        source.token(Resource::DeviceUpdate).await.unwrap();
        let request = host.last();
        assert_eq!(field(&request, "client_secret"), None);
        assert_eq!(
            field(&request, "client_assertion_type").as_deref(),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        let assertion = field(&request, "client_assertion").unwrap();
        let parts: Vec<&str> = assertion.split('.').collect();
        let decoded = |at: usize| URL_SAFE_NO_PAD.decode(parts[at]).unwrap();
        let json = |at| serde_json::from_slice::<serde_json::Value>(&decoded(at)).unwrap();
        let (header, claims) = (json(0), json(1));
        assert_eq!(header["alg"], name);
        assert_eq!(
            header["x5t#S256"],
            URL_SAFE_NO_PAD.encode(Sha256::of(&der).as_bytes())
        );
        assert_eq!(
            claims["aud"],
            format!("{}/contoso.test/oauth2/v2.0/token", host.origin())
        );
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("app-1"), &json!("app-1"))
        );
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(life, 600);
        let parameters = match algorithm {
            AssertionAlgorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            AssertionAlgorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        };
        let signed = format!("{}.{}", parts[0], parts[1]);
        let public = UnparsedPublicKey::new(parameters, key.public_key_raw());
        public.verify(signed.as_bytes(), &decoded(2)).unwrap();
        assert!(!format!("{source:?}").contains("PRIVATE"));
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_sign_says_why() {
    let host = Recorder::says(200, "{}").await;
    let (pem, _, _) = certificate();
    let (other, _, _) = certificate();
    let (key, rest) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").unwrap());
    let foreign = other
        .split_at(other.find("-----BEGIN CERTIFICATE").unwrap())
        .1;
    for (pem, why) in [
        (key.to_owned(), "no certificate"),
        (rest.to_owned(), "no private key"),
        (
            format!("{key}{foreign}"),
            "not that of the first certificate",
        ),
        (
            pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            "passphrase",
        ),
        (
            pem.replace("PRIVATE KEY", "EC PRIVATE KEY"),
            "elliptic curve",
        ),
        (pem.replace("MII", "AAA"), "no RSA key"),
        ("x".repeat(100_000), "larger than"),
        (String::new(), "no certificate"),
    ] {
        let settings = settings(&host);
        let bound = BoundSecret::entered(pem.into(), &settings);
        let error =
            ClientCertificate::new(settings, &bound, AssertionAlgorithm::Ps256).unwrap_err();
        assert!(error.0.why.contains(why), "{why}: {error:?}");
    }
}

fn user(host: &Recorder) -> (UserSignIn, Arc<MemoryRefreshStore>) {
    let store = Arc::new(MemoryRefreshStore::default());
    let user = UserSignIn::new(settings(host), Arc::clone(&store) as _).unwrap();
    (user.with_least_interval(std::time::Duration::ZERO), store)
}

async fn stored(store: &MemoryRefreshStore) -> Option<String> {
    let token = store.load().await.unwrap()?;
    Some(token.secret().expose_secret().to_owned())
}

#[tokio::test]
async fn a_code_is_shown_once_and_asked_for_until_it_was_entered() {
    let host = Recorder::start(|request, number| {
        let refused = |error: &str| Answer::new(400, json!({"error": error}).to_string());
        match (request.target.as_str(), number) {
            ("/contoso.test/oauth2/v2.0/devicecode", _) => Answer::new(
                200,
                r#"{"device_code":"dev-code","user_code":"ABCD-EFGH","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":0}"#,
            ),
            (_, 1 | 2) => refused("authorization_pending"),
            (_, 3) => Answer::new(503, "busy").header("Retry-After", "0"),
            _ => Answer::new(200, r#"{"access_token":"t","expires_in":3599,"refresh_token":"refresh-1"}"#),
        }
    })
    .await;
    let (user, store) = user(&host);
    assert!(!user.is_signed_in().await);
    let shown = Mutex::new(Vec::new());
    user.with_device_code(|prompt| shown.lock().unwrap().push(prompt))
        .await
        .unwrap();
    let shown = shown.into_inner().unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].user_code, "ABCD-EFGH");
    assert_eq!(shown[0].address, "https://microsoft.com/devicelogin");
    let poll = &host.requests()[1];
    assert_eq!(field(poll, "device_code").as_deref(), Some("dev-code"));
    assert_eq!(
        field(poll, "grant_type").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:device_code")
    );
    assert_eq!(stored(&store).await.as_deref(), Some("refresh-1"));
    let count = host.requests().len();
    let token = user.token(Resource::DeviceUpdate).await.unwrap();
    assert_eq!(token.secret.expose_secret(), "t");
    assert_eq!(
        host.requests().len(),
        count,
        "the sign-in's own token is used"
    );
}

#[tokio::test]
async fn a_code_that_is_declined_or_ends_stores_nothing() {
    for (error, code) in [
        ("authorization_declined", Code::SignInFailed),
        ("expired_token", Code::SignInNeeded),
    ] {
        let host = Recorder::start(move |request, _| {
            if request.target.ends_with("devicecode") {
                return Answer::new(
                    200,
                    r#"{"device_code":"dev-code-1","user_code":"U","verification_uri":"https://m.test/","expires_in":900,"interval":0}"#,
                );
            }
            Answer::new(400, json!({"error": error}).to_string())
        })
        .await;
        let (user, store) = user(&host);
        let refused = user.with_device_code(|_| ()).await.unwrap_err();
        assert_eq!(refused.0.code, code);
        assert!(!refused.0.state_now.is_empty());
        assert_eq!(stored(&store).await, None);
    }
}

#[tokio::test]
async fn a_sign_in_without_a_refresh_token_is_none_and_leaves_the_one_before() {
    let host = Recorder::start(|request, _| {
        if request.target.ends_with("devicecode") {
            return Answer::new(
                200,
                r#"{"device_code":"dev-code-1","user_code":"U","verification_uri":"https://m.test/","expires_in":45,"interval":0}"#,
            );
        }
        Answer::new(200, r#"{"access_token":"t","expires_in":3599,"refresh_token":""}"#)
    })
    .await;
    let (user, store) = user(&host);
    let before = BoundSecret::entered("refresh-before".to_owned().into(), &settings(&host));
    store.save(&before).await.unwrap();
    let by_code = user.with_device_code(|_| ()).await.unwrap_err();
    let (send, opened) = tokio::sync::oneshot::channel();
    let sign_in =
        user.interactive(move |url| send.send(url.to_string()).map_err(|_| "closed".to_owned()));
    let visit = async { browser(&opened.await.unwrap(), "code=auth-code").await };
    let (by_browser, _) = tokio::join!(sign_in, visit);
    for error in [by_code, by_browser.unwrap_err()] {
        assert_eq!(error.0.code, Code::SignInFailed);
        let what = &error.0.what_happened;
        assert!(what.contains("no refresh token"), "{what}");
    }
    assert_eq!(stored(&store).await.as_deref(), Some("refresh-before"));
}

#[tokio::test]
async fn a_page_between_two_looks_at_a_code_does_not_end_the_sign_in() {
    let host = Recorder::start(|request, number| {
        if request.target.ends_with("devicecode") {
            return Answer::new(
                200,
                r#"{"device_code":"dev-code-1","user_code":"U","verification_uri":"https://m.test/","expires_in":900,"interval":0}"#,
            );
        }
        match number {
            1 => Answer::new(400, r#"{"error":"authorization_pending"}"#),
            2 => Answer::new(200, "<html>Maintenance</html>"),
            _ => Answer::new(
                200,
                r#"{"access_token":"t","expires_in":3599,"refresh_token":"refresh-1"}"#,
            ),
        }
    })
    .await;
    let (user, store) = user(&host);
    user.with_device_code(|_| ()).await.unwrap();
    assert_eq!(stored(&store).await.as_deref(), Some("refresh-1"));
    assert_eq!(host.requests().len(), 4);
}

#[tokio::test]
async fn a_code_that_has_ended_when_it_comes_is_not_shown() {
    let host = Recorder::says(
        200,
        r#"{"device_code":"dev-code-1","user_code":"U","verification_uri":"https://m.test/","expires_in":0,"interval":0}"#,
    )
    .await;
    let (user, _) = user(&host);
    let shown = std::sync::atomic::AtomicBool::new(false);
    let show = |_| shown.store(true, std::sync::atomic::Ordering::SeqCst);
    let error = user.with_device_code(show).await.unwrap_err();
    assert!(error.0.what_happened.contains("ended"), "{error}");
    assert!(!shown.into_inner());
}

#[tokio::test]
async fn one_refresh_token_serves_both_resources_and_each_use_may_replace_it() {
    let host = Recorder::start(|request, number| {
        let scope = field(request, "scope").unwrap();
        let name = if scope.contains("storage") { "blob" } else { "adu" };
        Answer::new(
            200,
            json!({"access_token": name, "expires_in": 3599, "refresh_token": format!("refresh-{number}")}).to_string(),
        )
    })
    .await;
    let (user, store) = user(&host);
    let bound = BoundSecret::entered("refresh-old".to_owned().into(), &settings(&host));
    store.save(&bound).await.unwrap();
    let (adu, blob) = tokio::join!(
        user.token(Resource::DeviceUpdate),
        user.token(Resource::Storage)
    );
    assert_eq!(adu.unwrap().secret.expose_secret(), "adu");
    assert_eq!(blob.unwrap().secret.expose_secret(), "blob");
    let sent: Vec<_> = host
        .requests()
        .iter()
        .map(|r| field(r, "refresh_token").unwrap())
        .collect();
    assert_eq!(sent, ["refresh-old", "refresh-0"]);
    assert_eq!(stored(&store).await.as_deref(), Some("refresh-1"));
    let first = &host.requests()[0];
    assert_eq!(
        field(first, "scope").as_deref(),
        Some("https://api.adu.microsoft.com/user_impersonation offline_access openid profile")
    );
}

#[tokio::test]
async fn a_refresh_token_of_another_tenant_is_never_sent() {
    let host = Recorder::says(200, r#"{"access_token":"t"}"#).await;
    let (user, store) = user(&host);
    let other = SignInSettings {
        tenant: "fabrikam.test".to_owned(),
        ..settings(&host)
    };
    store
        .save(&BoundSecret::entered("refresh".to_owned().into(), &other))
        .await
        .unwrap();
    let error = user.token(Resource::DeviceUpdate).await.unwrap_err();
    assert_eq!(error.0.code, Code::SignInNeeded);
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn an_expired_sign_in_asks_for_a_new_one_and_signing_out_erases_it() {
    let host = Recorder::says(
        400,
        r#"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity.","error_codes":[700082]}"#,
    )
    .await;
    let (user, store) = user(&host);
    store
        .save(&BoundSecret::entered(
            "refresh".to_owned().into(),
            &settings(&host),
        ))
        .await
        .unwrap();
    let error = user.token(Resource::DeviceUpdate).await.unwrap_err();
    assert_eq!(error.0.code, Code::SignInNeeded);
    user.sign_out().await.unwrap();
    assert_eq!(stored(&store).await, None);
}

/// The browser of a user who accepts: asks the redirect address of the sign-in.
async fn browser(url: &str, answer: &str) -> String {
    let url = firmdrop_net::Url::parse(url).unwrap();
    let parameter = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let redirect = firmdrop_net::Url::parse(&parameter("redirect_uri")).unwrap();
    assert_eq!(redirect.host_str(), Some("localhost"));
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().unwrap()))
        .await
        .unwrap();
    let line = format!(
        "GET /?{answer}&state={} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        parameter("state")
    );
    stream.write_all(line.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page
}

#[tokio::test]
async fn the_browser_signs_a_user_in_with_a_code_that_only_the_verifier_redeems() {
    let host = Recorder::start(|_, _| {
        Answer::new(
            200,
            r#"{"access_token":"t","expires_in":3599,"refresh_token":"refresh-1"}"#,
        )
    })
    .await;
    let (user, store) = user(&host);
    let (send, opened) = tokio::sync::oneshot::channel();
    let sign_in =
        user.interactive(move |url| send.send(url.to_string()).map_err(|_| "closed".to_owned()));
    let visit = async {
        let url = opened.await.unwrap();
        (browser(&url, "code=auth-code").await, url)
    };
    let (signed_in, (page, url)) = tokio::join!(sign_in, visit);
    signed_in.unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && !page.contains("auth-code"));
    let request = host.last();
    let verifier = field(&request, "code_verifier").unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::of(verifier.as_bytes()).as_bytes());
    assert!(
        url.contains(&format!("code_challenge={challenge}"))
            && url.contains("code_challenge_method=S256")
    );
    assert!(!url.contains(&verifier) && url.contains("response_type=code"));
    assert!(verifier.len() >= 43, "RFC 7636, section 4.1");
    assert_eq!(field(&request, "code").as_deref(), Some("auth-code"));
    assert_eq!(
        field(&request, "grant_type").as_deref(),
        Some("authorization_code")
    );
    assert_eq!(stored(&store).await.as_deref(), Some("refresh-1"));
}

#[tokio::test]
async fn a_user_who_declines_in_the_browser_is_not_signed_in() {
    let host = Recorder::says(200, "{}").await;
    let (user, store) = user(&host);
    let (send, opened) = tokio::sync::oneshot::channel();
    let sign_in =
        user.interactive(move |url| send.send(url.to_string()).map_err(|_| "closed".to_owned()));
    let visit = async {
        let url = opened.await.unwrap();
        browser(
            &url,
            "error=access_denied&error_description=AADSTS65004%3A+User+declined",
        )
        .await
    };
    let (signed_in, _) = tokio::join!(sign_in, visit);
    let error = signed_in.unwrap_err();
    assert!(error.0.what_happened.contains("AADSTS65004"), "{error:?}");
    assert!(host.requests().is_empty());
    assert_eq!(stored(&store).await, None);
}
