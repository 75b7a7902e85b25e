//! The demo world in a process of its own, imports into it, and what its services say of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::super::product::{Product, Server, ask_json, quietly};
use super::super::scratch::Scratch;
use super::super::staging;
use crate::command::Run;
use crate::failure::{Doing as _, Done, Failure};

/// The storage of the demo world. No secret: it opens nothing but a pretend storage on loopback.
const ACCOUNT: &str = "firmdropdemo";
const KEY: &str = "RmlybWRyb3AgZGVtbyB3b3JsZDogdGhpcyBrZXkgb3BlbnMgbm90aGluZyBidXQgYSBwcmV0ZW5k";
const CONTAINER: &str = "updates";

/// The update whose versions are imported.
const PROVIDER: &str = "Firmdrop";
const NAME: &str = "Bench";

pub(super) struct World {
    product: Product,
    service: String,
    storage: String,
    file: PathBuf,
    sha256: String,
    bytes: u64,
    imports: u32,
    /// Blobs and accepted imports of before the present import.
    blobs: BTreeSet<String>,
    accepted: usize,
    _demo: Server,
}

impl World {
    pub(super) fn open(scratch: &Scratch, file: PathBuf) -> Result<Self, Failure> {
        let home = scratch.path("home");
        let product = Product::new(home.clone());
        let mut demo = Server::start(product.cli().args(["demo", "--pelion-only", "--json"]))?;
        let served = demo.line()?;
        let service = served["adu"]["host"].as_str().map(str::to_owned);
        let service =
            service.ok_or_else(|| Failure::new("the demo world has no update service"))?;
        let port = fs::read_to_string(home.join("demo/adu/storage.port"));
        let port = port.doing("read where the demo world's storage listens")?;
        let digest = Run::new("openssl")
            .args(["dgst", "-sha256", "-binary", "-out"])
            .arg(scratch.path("digest"))
            .arg(&file);
        quietly(digest)?;
        let base64 = Run::new("openssl").args(["base64", "-in"]);
        let base64 = base64.arg(scratch.path("digest")).output()?;
        let bytes = fs::metadata(&file).doing("read the file's size")?.len();
        Ok(Self {
            product,
            service,
            storage: format!("http://127.0.0.1:{}", port.trim()),
            file,
            sha256: base64.trim().to_owned(),
            bytes,
            imports: 0,
            blobs: BTreeSet::new(),
            accepted: 0,
            _demo: demo,
        })
    }

    /// The next import, of a version of its own.
    pub(super) fn import(&mut self) -> Result<Run, Failure> {
        self.imports += 1;
        self.blobs = self
            .recorded_blobs()?
            .into_iter()
            .map(|one| one.0)
            .collect();
        self.accepted = self.accepted_imports()?;
        let deliver = self.product.cli().arg("deliver").arg(&self.file);
        Ok(deliver
            .args(["--to", "adu:demo", "--provider", PROVIDER])
            .args(["--update-name", NAME, "--update-version", &self.version()])
            .args(["--compat", "manufacturer=Firmdrop,model=Bench"])
            .args(["--handler", "microsoft/simulator:1", "--yes", "--json"]))
    }

    /// The version of the present import.
    pub(super) fn version(&self) -> String {
        format!("1.{}", self.imports)
    }

    pub(super) fn resume(&self, job: &str) -> Done {
        quietly(self.product.cli().args(["job", "resume", job, "--json"]))
    }

    /// The update is there with the bytes of the file and was imported once. Answers how many blocks of
    /// it arrived whole once more than they had to.
    pub(super) fn check(&self) -> Result<u64, Failure> {
        let id = format!("{PROVIDER}/{NAME}/{}", self.version());
        let show = ["adu", "updates", "show", &id, "--account", "demo", "--json"];
        let shown = self.product.cli().args(show).output()?;
        let shown: Value = serde_json::from_str(&shown).doing("read the update")?;
        let files = shown["files"].as_array().map_or(&[][..], Vec::as_slice);
        let [file] = files else {
            return Err(Failure::new(format!("{id} has {} files", files.len())));
        };
        if file["sha256"] != *self.sha256 || file["size_bytes"] != self.bytes {
            return Err(Failure::new(format!("{id} has other bytes: {file}")));
        }
        let imports = self.accepted_imports()? - self.accepted;
        if imports != 1 {
            return Err(Failure::new(format!("{id} was imported {imports} times")));
        }
        let blobs = self.recorded_blobs()?.into_iter();
        let new = blobs.filter(|(name, _)| !self.blobs.contains(name));
        Ok(new.map(|(_, blob)| arrived_again(&blob)).sum())
    }

    /// What lies in the container at the end.
    pub(super) fn left(&self) -> Result<Vec<String>, Failure> {
        let endpoint = format!("{}/{ACCOUNT}", self.storage);
        staging::listed(&endpoint, ACCOUNT, KEY, CONTAINER)
    }

    /// Every blob that a byte was sent for, also of deleted ones.
    fn recorded_blobs(&self) -> Result<Vec<(String, Value)>, Failure> {
        match ask_json(&self.storage, "/simulator/record", None)?["blobs"].take() {
            Value::Object(blobs) => Ok(blobs.into_iter().collect()),
            _ => Err(Failure::new("the storage's record has no blobs")),
        }
    }

    /// How many imports the service has accepted.
    fn accepted_imports(&self) -> Result<usize, Failure> {
        let record = ask_json(&self.service, "/simulator/record", None)?;
        let requests = record["requests"].as_array();
        let requests =
            requests.ok_or_else(|| Failure::new("the service's record has no requests"))?;
        let is_import = |request: &&Value| {
            let target = request["target"].as_str().unwrap_or_default();
            let status = request["status"].as_u64().unwrap_or_default();
            request["method"] == "POST"
                && target.contains("updates:import")
                && (200..300).contains(&status)
        };
        Ok(requests.iter().filter(is_import).count())
    }
}

/// Whole arrivals of the blocks of a blob beyond one of each.
fn arrived_again(blob: &Value) -> u64 {
    let blocks = blob["blocks"].as_object().into_iter().flatten();
    let arrivals = blocks.map(|(_, block)| block["arrivals"].as_u64().unwrap_or_default());
    arrivals.map(|arrivals| arrivals.saturating_sub(1)).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_that_arrived_three_times_arrived_twice_again() {
        let blob = json!({ "blocks": { "a": { "arrivals": 1 }, "b": { "arrivals": 3 } } });
        assert_eq!(arrived_again(&blob), 2);
    }
}
