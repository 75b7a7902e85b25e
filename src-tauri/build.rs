//! Compiles the window's configuration, capabilities and permissions into the program.

use tauri_build::{AppManifest, Attributes};

fn main() {
    // Naming a place for own permissions makes every own command refused unless a capability allows it.
    let permissions = AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(permissions);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("the window's configuration is not valid: {error:#}");
    }
    // tauri-build does not watch folders it was given by pattern.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
}
