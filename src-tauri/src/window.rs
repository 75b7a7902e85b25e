//! The one window: where it opens, with what, and what a second start does to it.

use std::error::Error;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use tauri::plugin::TauriPlugin;
use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{App, AppHandle, Manager as _, Url, WebviewWindowBuilder, Wry};
use tauri_specta::Event as _;

use firmdrop_api::Theme;

use crate::arguments::Arguments;
use crate::backend::Backend;
use crate::event::FilesOpened;
use crate::home;

/// The ground of the light theme.
const LIGHT: Color = Color(0xF6, 0xF8, 0xFA, 0xFF);
/// Name other starts look for; a home has one window, two homes may have two.
const BUS_NAME: &str = "org.firmdrop.window";

/// One window for each home: a second start hands its files over and ends.
pub(crate) fn single_instance(arguments: &Arguments) -> TauriPlugin<Wry> {
    let mut hasher = DefaultHasher::new();
    arguments.home.as_deref().map(absolute).hash(&mut hasher);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("{BUS_NAME}.Home{:016x}", hasher.finish()))
        .callback(|app, argv, folder| take_over(app, argv, Path::new(&folder)))
        .build()
}

/// Opens the window where it was closed; stored in the home when one was named.
pub(crate) fn remembered_place(arguments: &Arguments) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_window_state::Builder::new();
    match arguments.home.as_deref().map(absolute) {
        Some(home) => builder
            .with_filename(home.join("window.json").to_string_lossy())
            .build(),
        None => builder.build(),
    }
}

/// Opens the home, then the window: the page finds everything it may ask for.
pub(crate) fn open(app: &mut App, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let firmdrop = tauri::async_runtime::block_on(home::open(arguments));
    let is_light = firmdrop
        .as_ref()
        .is_ok_and(|firmdrop| firmdrop.settings().theme == Theme::Light);
    let folder = std::env::current_dir().unwrap_or_default();
    app.manage(Backend::new(firmdrop, arguments.paths(&folder)));
    let config = app.config().app.windows.first().cloned();
    let mut config = config.ok_or("tauri.conf.json names no window")?;
    if is_light {
        // No flash of the dark ground before the page is drawn.
        config.background_color = Some(LIGHT);
    }
    let development = app.config().build.dev_url.clone();
    WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(move |url| is_own_page(url, development.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    Ok(())
}

/// Whether an address is the page itself. Nothing else is loaded in the window.
fn is_own_page(url: &Url, development: Option<&Url>) -> bool {
    let own = match url.scheme() {
        // Linux and macOS have a scheme of their own, Windows a host.
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    };
    let developed = cfg!(not(feature = "custom-protocol"))
        && development.is_some_and(|page| page.origin() == url.origin());
    own || developed
}

fn take_over(app: &AppHandle, argv: Vec<String>, folder: &Path) {
    for window in app.webview_windows().values() {
        // Each may be refused by the window manager; the files arrive all the same.
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
    let paths = Arguments::of_second_start(argv).map(|arguments| arguments.paths(folder));
    let Some(backend) = app.try_state::<Backend>() else {
        return;
    };
    if let Some(paths) = paths.filter(|paths| !paths.is_empty()) {
        let files = backend.files.open_all(paths);
        let _ = FilesOpened { files }.emit(app);
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a window can be shown. Only Linux starts programs without a display.
pub(crate) fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_loads_its_own_page_and_no_other() {
        let own = |text: &str| is_own_page(&text.parse().unwrap(), None);
        assert!(own("tauri://localhost/") && own("tauri://localhost/index.html"));
        assert!(own("http://tauri.localhost/"));
        for foreign in [
            "https://example.org/",
            "http://localhost:1420/",
            "http://tauri.localhost.example.org/",
            "http://tauri.localhost:8080/",
            "http://tauri.example.org/",
            "tauri://elsewhere/",
            "data:text/html,x",
            "file:///etc/passwd",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }
}
