//! The system's own file dialogs, asked for from here so that the page needs no right to them.

use std::path::{Path, PathBuf};

use firmdrop_api::{Code, Diagnosis, Remedy};
use rfd::{
    AsyncFileDialog, AsyncMessageDialog, MessageButtons, MessageDialog, MessageDialogResult,
    MessageLevel,
};
use tauri::AppHandle;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;

/// Lets the user pick several files; empty when they changed their mind.
pub(crate) async fn pick_files(app: &AppHandle) -> Vec<PathBuf> {
    #[cfg(feature = "e2e")]
    if let Some(paths) = std::env::var_os("FIRMDROP_E2E_PICK") {
        return std::env::split_paths(&paths).collect();
    }
    let picked = on_main_thread(app, || {
        AsyncFileDialog::new()
            .set_title("Choose files")
            .pick_files()
    });
    let files = picked.await.flatten().unwrap_or_default();
    files.iter().map(|file| file.path().to_owned()).collect()
}

/// Lets the user choose a place for `text`, writes it there and returns where. `None` when they
/// changed their mind.
pub(crate) async fn save_text(
    app: &AppHandle,
    suggestion: String,
    text: String,
) -> Result<Option<PathBuf>, Diagnosis> {
    let Some(path) = place(app, suggestion).await else {
        return Ok(None);
    };
    fs::write(&path, text)
        .await
        .map_err(|error| not_written(&path, &error))?;
    Ok(Some(path))
}

/// A file that is written part by part. What was there before stays until the whole is written.
#[derive(Debug)]
pub(crate) struct PartFile {
    path: PathBuf,
    beside: PathBuf,
    file: fs::File,
    is_whole: bool,
}

impl PartFile {
    /// Lets the user choose a place and begins there. `None` when they changed their mind.
    pub(crate) async fn choose(
        app: &AppHandle,
        suggestion: String,
    ) -> Result<Option<Self>, Diagnosis> {
        let Some(path) = place(app, suggestion).await else {
            return Ok(None);
        };
        let beside = path.with_added_extension("part");
        let file = fs::File::create(&beside)
            .await
            .map_err(|error| not_written(&path, &error))?;
        Ok(Some(Self {
            path,
            beside,
            file,
            is_whole: false,
        }))
    }

    /// Appends a part.
    pub(crate) async fn write(&mut self, part: &str) -> Result<(), Diagnosis> {
        let written = self.file.write_all(part.as_bytes()).await;
        written.map_err(|error| not_written(&self.path, &error))
    }

    /// Puts the whole file at its place, and returns the place.
    pub(crate) async fn finish(mut self) -> Result<PathBuf, Diagnosis> {
        let failed = |error| not_written(&self.path, &error);
        self.file.sync_all().await.map_err(failed)?;
        fs::rename(&self.beside, &self.path).await.map_err(failed)?;
        self.is_whole = true;
        Ok(self.path.clone())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.is_whole {
            // It holds nothing that could not be had again.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Asks a question that only the user can answer; `button` is the word for yes.
pub(crate) async fn confirm(
    app: &AppHandle,
    title: String,
    text: String,
    button: &'static str,
) -> bool {
    #[cfg(feature = "e2e")]
    if let Some(answer) = std::env::var_os("FIRMDROP_E2E_CONFIRM") {
        return answer == "yes";
    }
    let asked = on_main_thread(app, move || {
        AsyncMessageDialog::new()
            .set_level(MessageLevel::Warning)
            .set_title(title)
            .set_description(text)
            .set_buttons(MessageButtons::OkCancelCustom(
                button.to_owned(),
                "Cancel".to_owned(),
            ))
            .show()
    });
    match asked.await {
        Some(MessageDialogResult::Ok) => true,
        Some(MessageDialogResult::Custom(pressed)) => pressed == button,
        _ => false,
    }
}

/// Says why the window could not be opened, when there is no window to say it in.
pub(crate) fn last_words(why: &str) {
    MessageDialog::new()
        .set_level(MessageLevel::Error)
        .set_title("Firmdrop")
        .set_description(format!("The window could not be opened: {why}"))
        .show();
}

/// Says that there is no display, where a dialog could not be seen either.
#[expect(clippy::print_stderr, reason = "the terminal is all there is")]
pub(crate) fn no_display() {
    eprintln!(
        "There is no display here, so the window was not opened. `firmdrop-cli` does the same in a terminal."
    );
}

pub(crate) async fn place(app: &AppHandle, suggestion: String) -> Option<PathBuf> {
    #[cfg(feature = "e2e")]
    if let Some(path) = std::env::var_os("FIRMDROP_E2E_SAVE") {
        return Some(path.into());
    }
    let chosen = on_main_thread(app, move || {
        AsyncFileDialog::new().set_file_name(suggestion).save_file()
    });
    Some(chosen.await.flatten()?.path().to_owned())
}

/// Dialogs must be made on the main thread; their answer may be awaited anywhere.
async fn on_main_thread<T, F>(
    app: &AppHandle,
    ask: impl FnOnce() -> F + Send + 'static,
) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    app.run_on_main_thread(move || {
        let asked = ask();
        tauri::async_runtime::spawn(async move { answer.send(asked.await) });
    })
    .ok()?;
    answered.await.ok()
}

fn not_written(path: &Path, error: &std::io::Error) -> Diagnosis {
    Diagnosis::new(
        Code::FileNotWritten,
        format!("{} could not be written.", path.display()),
        format!("The system says: {error}."),
    )
    .state("Nothing else changed.")
    .remedy(Remedy::Advice {
        text: "Choose another folder".to_owned(),
    })
}
