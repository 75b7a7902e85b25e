//! The operation that imports an update: the body of each version, and what comes back.
//!
//! Files are staged and manifests made elsewhere; the service reads both at the addresses given here.

use firmdrop_core::{Sha256, SignedUrl};
use firmdrop_net::{Method, Response, Url};
use serde_json::{Value, json};

use super::{
    AzureError, DeviceUpdate, OperationLocation, Update,
    account::is_this_computer,
    address::Area,
    api_version::Profile,
    bounds::{FRIENDLY_NAME_CHARACTERS, MOST_FILES, MOST_IMPORT_ITEMS},
};

/// One update to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportItem {
    /// Its manifest.
    pub manifest: StagedManifest,
    /// A name for people, 1 to 512 characters. The first generation has none, and it is left out there.
    pub friendly_name: Option<String>,
    /// Its files, related ones too. A parent of reference steps alone has none.
    pub files: Vec<StagedFile>,
}

/// A manifest where the service can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedManifest {
    /// Where.
    pub url: SignedUrl,
    /// Its exact length, bytes.
    pub size_bytes: u64,
    /// Of its bytes as they were uploaded.
    pub sha256: Sha256,
}

/// A file where the service can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Its name, as the manifest has it.
    pub file_name: String,
    /// Where.
    pub url: SignedUrl,
}

/// What came of the request.
#[derive(Debug, Clone, PartialEq)]
pub enum Accepted {
    /// The service imports it; whether it succeeds is known by this operation. To be written down
    /// before anything else is done.
    Running(OperationLocation),
    /// It is imported already.
    Finished(Box<Update>),
    /// The service accepted it without naming an operation: the list of operations has it.
    Unnamed,
}

impl DeviceUpdate {
    /// Asks to import an update, or a parent with its children in one request.
    ///
    /// Must not be repeated blindly: after an unclear answer the list of operations, and the update
    /// itself, show whether it was accepted. `items` are 1 to 11; the first generation takes one.
    pub async fn import_update(&self, items: &[ImportItem]) -> Result<Accepted, AzureError> {
        let body = self.import_body(items)?;
        let call = match self.version.profile() {
            Profile::Current => {
                self.call(Method::Post, Area::Instance, &["updates:import"], &[])?
            }
            Profile::Earlier | Profile::Legacy => self.call(
                Method::Post,
                Area::Instance,
                &["updates"],
                &[("action", "import")],
            )?,
        };
        let answer = self.exchange(call.json(&body)).await?;
        Ok(accepted(&answer))
    }

    /// The body of [`Self::import_update`]. It contains the signed addresses: a secret.
    fn import_body(&self, items: &[ImportItem]) -> Result<Value, AzureError> {
        let several = self.version.imports_several();
        let most = if several { MOST_IMPORT_ITEMS } else { 1 };
        if !(1..=most).contains(&items.len()) {
            let why = format!("version {} takes 1 to {most}", self.version);
            return Err(wrong(
                &format!("an import of {} updates", items.len()),
                &why,
            ));
        }
        let mut bodies = Vec::new();
        for item in items {
            bodies.push(self.item_body(item)?);
        }
        Ok(if several {
            Value::Array(bodies)
        } else {
            bodies.pop().unwrap_or_default()
        })
    }

    fn item_body(&self, item: &ImportItem) -> Result<Value, AzureError> {
        let is_legacy = self.version.profile() == Profile::Legacy;
        if item.files.len() > MOST_FILES {
            return Err(wrong(
                &format!("an update of {} files", item.files.len()),
                &format!("the service takes {MOST_FILES}"),
            ));
        }
        if is_legacy && item.files.is_empty() {
            return Err(wrong(
                "an update without files",
                "version legacy-v2 needs one",
            ));
        }
        let mut files = Vec::new();
        for file in &item.files {
            let url = self.checked_url(&file.file_name, &file.url)?;
            files.push(json!({ "filename": file.file_name, "url": url }));
        }
        let manifest = &item.manifest;
        let mut body = json!({
            "importManifest": {
                "url": self.checked_url("the import manifest", &manifest.url)?,
                "sizeInBytes": manifest.size_bytes,
                "hashes": { "sha256": manifest.sha256.to_base64() },
            },
        });
        if let Some(name) = item.friendly_name.as_ref().filter(|_| !is_legacy) {
            if !(1..=FRIENDLY_NAME_CHARACTERS).contains(&name.chars().count()) {
                let why = format!("it must have 1 to {FRIENDLY_NAME_CHARACTERS} characters");
                return Err(wrong("the friendly name", &why));
            }
            body["friendlyName"] = json!(name);
        }
        if !files.is_empty() {
            body["files"] = Value::Array(files);
        }
        Ok(body)
    }

    /// An address that the service is to read. A signed one is a secret, so it goes over https; the
    /// first generation also takes plain addresses without a signature.
    fn checked_url<'a>(&self, what: &str, url: &'a SignedUrl) -> Result<&'a str, AzureError> {
        let what = format!("the address of {what}");
        let text = url
            .reveal()
            .ok_or_else(|| wrong(&what, "its signature is not there; it must be signed again"))?;
        let parsed = Url::parse(text).map_err(|_| wrong(&what, "it is no address"))?;
        let is_signed = parsed
            .query_pairs()
            .any(|(key, _)| key.eq_ignore_ascii_case("sig"));
        let may_be_plain = self.version.profile() == Profile::Legacy && !is_signed;
        match parsed.scheme() {
            "https" => Ok(text),
            "http" if may_be_plain || is_this_computer(&parsed) => Ok(text),
            _ => Err(wrong(&what, "it must be https: its signature is a secret")),
        }
    }
}

fn wrong(what: &str, why: &str) -> AzureError {
    AzureError::Argument {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}

fn accepted(answer: &Response) -> Accepted {
    let update = || answer.json::<Update>().ok();
    // 200 with an update means that it is over; 202 may have one too, and is not.
    if answer.status() == 200
        && let Some(update) = update().filter(|update| !update.update_id.name.is_empty())
    {
        return Accepted::Finished(Box::new(update));
    }
    OperationLocation::of(answer).map_or(Accepted::Unnamed, Accepted::Running)
}
