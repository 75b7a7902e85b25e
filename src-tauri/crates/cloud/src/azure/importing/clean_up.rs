//! What was staged is deleted, once nobody reads it any more.

use firmdrop_core::{Note, NoteKind};

use super::run::Run;
use super::{ImportFact, phases};
use crate::azure::staging::{Removal, remove_staged};

/// Deletes the blobs of this import. What could not be deleted is a note: the import itself ended. Says whether there
/// was anything to delete.
pub(super) async fn clean_up(run: &mut Run<'_>) -> bool {
    if run.request.leave_staged || run.state.staging.files.is_empty() {
        return false;
    }
    run.phase(phases::CLEAN_UP);
    let removed = remove_staged(run.store, &run.state.staging, run.events, run.cancel).await;
    let left = removed.iter().filter(|(_, removal)| match removal {
        Removal::Removed | Removal::WasNotThere => false,
        Removal::Failed(_) | Removal::NotTried => true,
    });
    let left: Vec<&str> = left.map(|(blob, _)| &**blob).collect();
    if left.is_empty() {
        // Best effort: a blob that is gone is looked for once more by the next run.
        let _ = run.fact(ImportFact::CleanedUp).await;
        return true;
    }
    let why = removed.iter().find_map(|(_, removal)| match removal {
        Removal::Failed(diagnosis) => Some(diagnosis.what_happened.clone()),
        _ => None,
    });
    let text = format!("{} staged files were not deleted", left.len());
    let detail = format!(
        "{}: {}",
        why.unwrap_or_else(|| "It was stopped.".to_owned()),
        left.join(", ")
    );
    run.events
        .note(Note::new(NoteKind::Warning, text).detail(detail));
    let there: Vec<String> = left.into_iter().map(str::to_owned).collect();
    for file in &mut run.state.staging.files {
        file.staged &= there.contains(&file.blob);
    }
    true
}
