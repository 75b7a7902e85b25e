//! The simulated Device Update service, asked by an HTTP client that knows nothing of ours.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod faults;
mod imports;
mod jobs;
mod persistence;
mod sign_in;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Sha256;
use firmdrop_simulator::{
    azure::{AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET},
    blob::{BlobOptions, BlobServer},
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

const VERSION: &str = "api-version=2026-06-01";
const HOUR: Duration = Duration::from_hours(1);

/// Both servers, a client, and its token.
struct World {
    server: AzureServer,
    storage: BlobServer,
    client: Client,
    token: String,
}

impl World {
    async fn start() -> Self {
        Self::with(AzureOptions::default()).await
    }

    async fn with(options: AzureOptions) -> Self {
        let server = AzureServer::start(options).await.unwrap();
        let storage = BlobServer::start(BlobOptions {
            bearer: Some(server.bearer()),
            ..BlobOptions::default()
        });
        let mut world = Self {
            storage: storage.await.unwrap(),
            server,
            client: Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            token: String::new(),
        };
        let answer = world
            .sign_in(&[("scope", "https://api.adu.microsoft.com/.default")])
            .await;
        answer["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut world.token);
        world
    }

    /// What the sign-in answers to the application's secret with these fields more.
    async fn sign_in(&self, more: &[(&str, &str)]) -> Value {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", DEMO_CLIENT_ID),
            ("client_secret", DEMO_CLIENT_SECRET),
        ];
        form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        form.extend(more);
        self.form("token", &form).await
    }

    async fn form(&self, endpoint: &str, fields: &[(&str, &str)]) -> Value {
        let (authority, tenant) = (self.server.authority(), self.server.tenant());
        let url = format!("{authority}/{tenant}/oauth2/v2.0/{endpoint}");
        let body = reqwest::Url::parse_with_params("http://x", fields).unwrap();
        let request = self.client.post(url).body(body.query().unwrap().to_owned());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap().json().await.unwrap()
    }

    fn request(&self, method: Method, target: &str) -> RequestBuilder {
        let url = format!("{}{target}", self.server.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Response {
        let target = format!("/deviceUpdate/demo{path}?{VERSION}");
        self.request(Method::GET, &target).send().await.unwrap()
    }

    async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Stores the files and a manifest that names them; an item of an import.
    async fn staged(&self, manifest: &Value, files: &[(&str, &[u8])]) -> Value {
        let mut listed = Vec::new();
        for (name, bytes) in files {
            self.storage.store("updates", name, bytes).await.unwrap();
            let url = self.storage.signed_url("updates", name, "r", HOUR);
            listed.push(json!({"filename": name, "url": url}));
        }
        let text = manifest.to_string();
        let name = format!("{}.importmanifest.json", manifest["updateId"]["name"]);
        self.storage
            .store("updates", &name, text.as_bytes())
            .await
            .unwrap();
        json!({
            "importManifest": {
                "url": self.storage.signed_url("updates", &name, "r", HOUR),
                "sizeInBytes": text.len(),
                "hashes": {"sha256": sha256(text.as_bytes())},
            },
            "friendlyName": "A new one",
            "files": listed,
        })
    }

    async fn import(&self, items: &Value) -> Response {
        let target = format!("/deviceUpdate/demo/updates:import?{VERSION}");
        self.request(Method::POST, &target)
            .json(items)
            .send()
            .await
            .unwrap()
    }

    /// Imports and returns the job once it has ended.
    async fn imported(&self, items: &Value) -> Value {
        let response = self.import(items).await;
        assert_eq!(response.status(), 202);
        let location = response.headers()["operation-location"]
            .to_str()
            .unwrap()
            .to_owned();
        self.ended(&location).await
    }

    /// The job at this address once it has ended.
    async fn ended(&self, location: &str) -> Value {
        loop {
            let job = self.request(Method::GET, location).send().await.unwrap();
            assert_eq!(job.status(), 200);
            let job: Value = job.json().await.unwrap();
            if job["status"] == "Succeeded" || job["status"] == "Failed" {
                return job;
            }
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::of(bytes).as_bytes())
}

/// A manifest with one file.
fn manifest(name: &str, version: &str, file: &str, bytes: &[u8]) -> Value {
    json!({
        "updateId": {"provider": "Contoso", "name": name, "version": version},
        "compatibility": [{"manufacturer": "Contoso", "model": name}],
        "instructions": {"steps": [{"handler": "microsoft/script:1", "files": [file],
            "handlerProperties": {"scriptFileName": file}}]},
        "files": [{"filename": file, "sizeInBytes": bytes.len(), "hashes": {"sha256": sha256(bytes)}}],
        "createdDateTime": "2026-01-19T06:23:52.6996916Z",
        "manifestVersion": "5.0",
    })
}
