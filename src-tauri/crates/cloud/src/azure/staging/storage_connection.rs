//! The connection test of a storage: name, connection, TLS, access, container, writing, reading by a
//! signed address. It names the step that failed.
//!
//! It stores one small blob under a name of its own and removes it again.

use std::collections::HashMap;
use std::sync::Arc;

use firmdrop_core::{ConnectionReport, Diagnose, Sha256, StepResult};
use firmdrop_image::{MemorySource, Source};
use firmdrop_net::{Http, Method, NetError, Request, Url, probe::Target};

use super::{
    BlobStore, LEAST_LIFE, StorageError,
    block_id::BlockId,
    body::{BlockBody, Taken},
    crc64::Crc64Hasher,
};

/// The steps of the test.
const STEPS: &[(&str, &str)] = &[
    ("name", "Storage: DNS lookup"),
    ("connect", "Storage: TCP connection"),
    ("tls", "Storage: TLS certificate"),
    ("access", "Storage: sign-in"),
    ("container", "Storage: container"),
    ("write", "Storage: write a file"),
    ("read", "Storage: read by signed URL"),
    ("remove", "Storage: delete the test file"),
];

/// What the test stores.
const CONTENT: &[u8] = b"Firmdrop tests the connection. This file can be deleted.\n";

impl BlobStore {
    /// Tests the storage step by step. Fails at the first step that does not work; what it stored is
    /// removed in any case, if the storage allows it.
    pub async fn test(&self) -> ConnectionReport {
        let mut report = ConnectionReport::of(STEPS);
        let net = |source: NetError| StorageError::Net {
            source,
            account: self.options.account.clone(),
            request: "connection test".to_owned(),
        };
        let endpoint = self.place.endpoint();
        let http = &self.options.http;
        let target = match Target::new(endpoint, http) {
            Ok(target) => target,
            Err(error) => return failed(report, "name", &net(error)),
        };
        let addresses = match target.look_up().await {
            Ok(addresses) => addresses,
            Err(error) => return failed(report, "name", &net(error)),
        };
        report.end("name", StepResult::Passed, target.shown());
        match target.connect(&addresses, http).await {
            Ok(address) => report.end("connect", StepResult::Passed, address.to_string()),
            Err(error) => return failed(report, "connect", &net(error)),
        }
        let id = azure_core::Uuid::new_v4().simple().to_string();
        let blob = format!("firmdrop-connection-test/{id}.txt");
        let mut report = self.test_blob(report, &blob).await;
        let stored = report
            .steps
            .iter()
            .any(|step| step.key == "write" && step.result == StepResult::Passed);
        if stored {
            match self.delete(&blob).await {
                Ok(_) => report.end("remove", StepResult::Passed, "it is gone"),
                Err(error) => {
                    let found = format!("the blob {blob} may still be there: {error}");
                    report.end("remove", StepResult::NotMade, found);
                }
            }
        }
        report
    }

    async fn test_blob(&self, mut report: ConnectionReport, blob: &str) -> ConnectionReport {
        if let Err(error) = self.write(blob).await {
            let step = self.step_of(&error);
            for (key, _) in STEPS.iter().skip(2).take_while(|(key, _)| *key != step) {
                self.passed(&mut report, key);
            }
            return failed(report, step, &error);
        }
        for key in ["tls", "access", "container", "write"] {
            self.passed(&mut report, key);
        }
        match self.read_back(blob).await {
            Ok(()) => {
                report.end("read", StepResult::Passed, "the same bytes came back");
                report
            }
            Err(error) => failed(report, "read", &error),
        }
    }

    fn passed(&self, report: &mut ConnectionReport, key: &str) {
        if key == "tls" && self.place.is_plain() {
            report.end(key, StepResult::NotMade, "the address is plain http");
            return;
        }
        let found = match key {
            "tls" => "TLS".to_owned(),
            "container" => self.place.container().to_owned(),
            "write" => format!("{} bytes", CONTENT.len()),
            _ => self.place.account().to_owned(),
        };
        report.end(key, StepResult::Passed, found);
    }

    async fn write(&self, blob: &str) -> Result<(), StorageError> {
        let now = self.clocks.theirs();
        self.access.ensure_it_can_write(now)?;
        let mut crc64 = Crc64Hasher::default();
        crc64.update(CONTENT);
        let id = BlockId::new(0, &Sha256::of(CONTENT));
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(CONTENT));
        let body = BlockBody::new(&source, 0, source.len(), &Taken::default());
        self.put_block(blob, &id, crc64.finish(), body).await?;
        self.commit(blob, &[id], HashMap::new()).await
    }

    /// Reads it as the service that imports will: by its address, with nothing else.
    async fn read_back(&self, blob: &str) -> Result<(), StorageError> {
        let asked = || format!("Get Blob {blob} by its address");
        let unreadable = |why: &str| StorageError::Unreadable {
            request: asked(),
            why: why.to_owned(),
        };
        let address = self.reading_address(blob, LEAST_LIFE).await?;
        let url = address.reveal().and_then(|text| Url::parse(text).ok());
        let url = url.ok_or_else(|| unreadable("It is no address."))?;
        let net = |source| StorageError::Net {
            source,
            account: self.options.account.clone(),
            request: asked(),
        };
        let http = Http::new(&url, &self.options.http).map_err(net)?;
        let answer = http
            .send(Request::new(Method::Get, url))
            .await
            .map_err(net)?;
        match (answer.status(), answer.body()) {
            (200, CONTENT) => Ok(()),
            (200, _) => Err(unreadable("Other bytes came back than were stored.")),
            (status, _) => Err(unreadable(&format!(
                "The storage answered {status}: it does not accept its own signature, or somebody else answered."
            ))),
        }
    }

    /// The step that a failure to write belongs to.
    fn step_of(&self, error: &StorageError) -> &'static str {
        match error {
            StorageError::Unusable { .. }
            | StorageError::Token(_)
            | StorageError::Unreadable { .. } => "access",
            StorageError::Damaged { .. } => "write",
            StorageError::Net { source, .. } => match source {
                NetError::Proxy { .. } | NetError::ProxySignIn { .. } => "connect",
                _ if self.place.is_plain() => "connect",
                _ => "tls",
            },
            StorageError::Refused(refusal) => match (&*refusal.code, refusal.status) {
                ("ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled", _) => {
                    "container"
                }
                ("AuthorizationPermissionMismatch", _) => "write",
                (_, 401 | 403) => "access",
                _ => "write",
            },
        }
    }
}

fn failed(report: ConnectionReport, key: &str, error: &StorageError) -> ConnectionReport {
    report.fail(key, error.to_string(), error.diagnose())
}
