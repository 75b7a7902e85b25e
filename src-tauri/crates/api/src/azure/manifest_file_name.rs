//! How the manifest of an update is called as a file.

use firmdrop_cloud::azure::import_manifest::ImportManifest;

/// How a manifest is called as a file: the update's identity, in characters that every file system
/// takes.
pub fn manifest_file_name(text: &str) -> String {
    let id = ImportManifest::read(text.as_bytes()).map(|manifest| manifest.update_id);
    let parts = id.map(|id| format!("{}.{}.{}", id.provider, id.name, id.version));
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || ".-_".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = parts
        .unwrap_or_default()
        .chars()
        .map(plain)
        .take(180)
        .collect();
    let name = name.trim_matches('.');
    let name = if name.is_empty() { "update" } else { name };
    format!("{name}.importmanifest.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manifest of an update of this provider.
    fn manifest(provider: &str) -> String {
        format!(
            r#"{{
  "updateId": {{"provider": "{provider}", "name": "door panel", "version": "3.2.0"}},
  "compatibility": [{{"manufacturer": "contoso", "model": "door"}}],
  "instructions": {{"steps": [{{"handler": "microsoft/script:1", "files": ["a.sh"],
    "handlerProperties": {{"scriptFileName": "a.sh"}}}}]}},
  "files": [{{"filename": "a.sh", "sizeInBytes": 3, "hashes": {{"sha256": "x"}}}}],
  "createdDateTime": "2026-03-01T12:00:00Z",
  "manifestVersion": "5.0"
}}"#
        )
    }

    #[test]
    fn a_manifest_is_called_after_its_update_in_plain_characters() {
        let name = manifest_file_name(&manifest("contoso"));
        assert_eq!(name, "contoso.door_panel.3.2.0.importmanifest.json");
        assert_eq!(manifest_file_name("no"), "update.importmanifest.json");
        let hostile = manifest_file_name(&manifest("../..\\u0000/"));
        assert!(
            hostile.ends_with("door_panel.3.2.0.importmanifest.json"),
            "{hostile}"
        );
        assert!(!hostile.contains('/'), "{hostile}");
    }
}
