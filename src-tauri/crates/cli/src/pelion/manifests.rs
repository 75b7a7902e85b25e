//! `pelion manifests`: manifests on the service. Making them is `manifest`.

use firmdrop_api::pelion::Collection;
use firmdrop_api::{Code, Diagnosis};

use super::answer::{answer, done};
use super::arguments::{Confirmed, Listed, Manifests, One};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Manifests) -> Result<Exit, Diagnosis> {
    match command {
        Manifests::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .firmware_manifests(&query(&page, Collection::FirmwareManifests)?)
                .await,
        ),
        Manifests::Show(One { id, of }) => {
            let view = context.firmdrop.pelion(&of.account).manifest(&id).await?;
            print::json(&view);
            Ok(Exit::Done)
        }
        Manifests::Create {
            file,
            name,
            description,
            of,
        } => {
            let file_name = file.file_name().unwrap_or_default().to_string_lossy();
            let name = name.unwrap_or_else(|| file_name.into_owned());
            let description = description.unwrap_or_default();
            let path = file.to_string_lossy();
            let service = context.firmdrop.pelion(&of.account);
            print::json(&service.send_manifest(&path, &name, &description).await?);
            Ok(Exit::Done)
        }
        Manifests::Download { id, output, of } => {
            let client = client(context, &of).await?;
            let manifest = client.firmware_manifest(&id).await?;
            let bytes = client.firmware_manifest_bytes(&manifest.datafile).await?;
            std::fs::write(&output, &bytes).map_err(|error| {
                let what = format!("The file {} was not written.", output.display());
                Diagnosis::new(Code::FileNotWritten, what, error.to_string())
                    .state("The service was only read.")
            })?;
            print::done(context.json);
            Ok(Exit::Done)
        }
        Manifests::Delete(Confirmed { id, yes, of }) => {
            let what = format!("Delete the manifest {id}? It cannot be undone.");
            if let Err(exit) = context.may(yes, &what) {
                return Ok(exit);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_firmware_manifest(&id).await)
        }
    }
}
