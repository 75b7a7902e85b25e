//! Files that are dropped onto the window: the page gets tokens for them and the place, and names no path itself.

use tauri::{DragDropEvent, Manager as _, Window, WindowEvent};
use tauri_specta::Event as _;

use crate::backend::Backend;
use crate::event::FilesDropped;

/// Opens what was let go over the window.
pub(crate) fn take(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(DragDropEvent::Drop { paths, position }) = event else {
        return;
    };
    let Some(backend) = window.try_state::<Backend>() else {
        return;
    };
    let paths = paths.iter().map(|path| path.to_string_lossy().into_owned());
    let dropped = FilesDropped {
        files: backend.files.open_all(paths.collect()),
        x: position.x,
        y: position.y,
    };
    // A page that is gone has nothing to drop onto.
    let _ = dropped.emit(window.app_handle());
}
