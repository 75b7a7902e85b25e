//! What a file in a manifest may not be called.

/// Whether a name leads out of a folder, or is none.
pub(super) fn is_path(name: &str) -> bool {
    let is_dots = !name.is_empty() && name.bytes().all(|byte| byte == b'.');
    is_dots || name.contains(['/', '\\', ':']) || name.chars().any(char::is_control)
}
