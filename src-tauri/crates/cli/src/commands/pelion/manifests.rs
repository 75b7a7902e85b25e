//! `pelion manifests`: manifests on the service. Making them is `manifest`.

use std::path::Path;

use firmdrop_api::pelion::{Collection, MANIFEST_BYTES, NewManifest, Pelion as Client};
use firmdrop_api::{Code, Diagnosis, Remedy};

use super::{answer, client, done, may, query, told};
use crate::arguments::Manifests;
use crate::commands::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Manifests) -> Result<Exit, Diagnosis> {
    match command {
        Manifests::List { page, of } => answer(
            client(context, &of)
                .await?
                .firmware_manifests(&query(&page, Collection::FirmwareManifests)?)
                .await,
        ),
        Manifests::Show { id, of } => {
            let view = context.firmdrop.cloud_manifest(&of.account, &id).await?;
            print::json(&view);
            Ok(Exit::Done)
        }
        Manifests::Create {
            file,
            name,
            description,
            of,
        } => {
            let client = client(context, &of).await?;
            create(&client, &file, name, description).await
        }
        Manifests::Download { id, output, of } => {
            let client = client(context, &of).await?;
            let manifest = told(client.firmware_manifest(&id).await)?;
            let bytes = told(client.firmware_manifest_bytes(&manifest.datafile).await)?;
            std::fs::write(&output, &bytes).map_err(|error| {
                let what = format!("{} was not written.", output.display());
                Diagnosis::new(Code::FileNotWritten, what, error.to_string())
                    .state("The service was only read.")
            })?;
            print::done(context.json);
            Ok(Exit::Done)
        }
        Manifests::Delete { id, yes, of } => {
            let what = format!("Delete the manifest {id}? It cannot be undone.");
            if !may(yes, &what)? {
                return Ok(Exit::Cancelled);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_firmware_manifest(&id).await)
        }
    }
}

async fn create(
    client: &Client,
    file: &Path,
    name: Option<String>,
    description: Option<String>,
) -> Result<Exit, Diagnosis> {
    let bytes = read(file)?;
    let file_name = file.file_name().map_or_else(
        || "manifest.bin".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let manifest = NewManifest {
        name: name.as_deref().unwrap_or(&file_name),
        description: description.as_deref().unwrap_or_default(),
        file_name: &file_name,
    };
    answer(client.post_firmware_manifest(manifest, bytes).await)
}

/// The file, which has to be a manifest: the service would take anything small and tell nobody.
fn read(file: &Path) -> Result<Vec<u8>, Diagnosis> {
    let size_bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    if size_bytes > MANIFEST_BYTES as u64 {
        let what = format!("{} has {size_bytes} bytes.", file.display());
        let why = format!("The service takes manifests of at most {MANIFEST_BYTES} bytes.");
        return Err(Diagnosis::new(Code::ManifestTooLarge, what, why)
            .state("Nothing was sent.")
            .remedy(Remedy::ChooseAnotherFile));
    }
    let bytes = std::fs::read(file).map_err(|error| {
        let what = format!("{} could not be read.", file.display());
        Diagnosis::new(Code::FileNotReadable, what, error.to_string()).state("Nothing was sent.")
    })?;
    match firmdrop_manifest::parse(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(firmdrop_core::Diagnose::diagnose(&error).state("Nothing was sent.")),
    }
}
