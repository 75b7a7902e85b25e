//! The doctor: what stands in the way here, changed once the user confirmed it outside of the page.

use firmdrop_api::{Code, Diagnosis, Doctor, DoctorReport, System, SystemChanged, home_folder};
use tauri::AppHandle;

use super::{Answer, State};
use crate::backend::Backend;
use crate::confirm;

/// How the command line is called with root's rights; it comes with the window.
const PROGRAM: &str = "sudo firmdrop-cli";

/// Looks at this computer. Changes nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor(backend: State<'_>) -> Answer<DoctorReport> {
    at_work(&backend)?.report().await
}

/// Makes the change of this name, when it is still the one whose digest the page showed and the user confirms it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_fix(
    app: AppHandle,
    backend: State<'_>,
    id: String,
    digest: String,
) -> Answer<SystemChanged> {
    let doctor = at_work(&backend)?;
    let fix = doctor.fix(&id).await?;
    if fix.digest != digest {
        let what = "The change is not the one that was shown any more.";
        return Err(Diagnosis::new(
            Code::SystemNotChanged,
            what,
            "Something of the system changed since.",
        )
        .state("Nothing of the system was changed."));
    }
    let files = fix.files.iter().map(|file| file.path.clone());
    confirm::system_change(&app, fix.title.clone(), files.collect(), "Write").await?;
    doctor.apply(fix).await
}

/// Undoes a change, once the user confirmed it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_fix(app: AppHandle, backend: State<'_>, id: u32) -> Answer<SystemChanged> {
    let doctor = at_work(&backend)?;
    let changes = doctor.report().await?.changes;
    let files = changes.iter().find(|change| change.id == id);
    let files = files.map_or_else(Vec::new, |change| {
        change.files.iter().map(|file| file.path.clone()).collect()
    });
    confirm::system_change(&app, format!("Undo change {id}"), files, "Restore").await?;
    doctor.undo(&id.to_string()).await
}

fn at_work(backend: &Backend) -> Answer<Doctor> {
    let firmdrop = backend.firmdrop();
    let home = match &firmdrop {
        Ok(firmdrop) => firmdrop.engine().home().folder().to_owned(),
        Err(_) => home_folder(None)?,
    };
    Ok(Doctor::new(
        System::running(PROGRAM),
        home,
        firmdrop.cloned(),
    ))
}
