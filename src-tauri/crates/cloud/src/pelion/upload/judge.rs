//! Whether a firmware image, as the service describes it, is our file. Asks nobody.

use firmdrop_core::{ExpectedFile, Sha256, grouped};

use crate::pelion::FirmwareImage;

/// What a comparison says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Size and SHA-256 are ours.
    Same,
    /// The service does not tell enough.
    Unproven(String),
    /// Something differs.
    Different(String),
}

/// Compares what the service tells with what was promised.
pub(super) fn judge(image: &FirmwareImage, expected: &ExpectedFile) -> Comparison {
    if let Some(size) = image
        .datafile_size
        .filter(|size| *size != expected.size_bytes)
    {
        return Comparison::Different(format!(
            "it has {} bytes, the file has {}",
            grouped(size),
            grouped(expected.size_bytes)
        ));
    }
    let Ok(theirs) = Sha256::from_service(&image.datafile_checksum) else {
        return Comparison::Unproven(format!(
            "The service reports the checksum \"{}\", which is no SHA-256, so the remote copy could not be compared.",
            image.datafile_checksum.chars().take(80).collect::<String>()
        ));
    };
    if theirs != expected.sha256 {
        return Comparison::Different(format!(
            "its SHA-256 is {theirs}, the file's is {}",
            expected.sha256
        ));
    }
    if image.datafile_size.is_none() {
        return Comparison::Unproven(
            "The service reports the right SHA-256 but no size of its copy.".to_owned(),
        );
    }
    Comparison::Same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_size_and_sha_256_together_prove_a_copy() {
        let expected = ExpectedFile {
            size_bytes: 27,
            sha256: Sha256::of(b"x"),
        };
        let ours = expected.sha256.to_string();
        let judged = |size: Option<u64>, checksum: &str| {
            let json = serde_json::json!({"id": "a", "datafile_size": size, "datafile_checksum": checksum});
            judge(&serde_json::from_value(json).unwrap(), &expected)
        };
        assert_eq!(judged(Some(27), &ours), Comparison::Same);
        assert!(matches!(judged(Some(27), "1234"), Comparison::Unproven(_)));
        assert!(matches!(judged(Some(27), ""), Comparison::Unproven(_)));
        assert!(matches!(judged(None, &ours), Comparison::Unproven(_)));
        assert!(matches!(judged(Some(26), &ours), Comparison::Different(_)));
        assert!(matches!(judged(Some(26), "1234"), Comparison::Different(_)));
        let other = Sha256::of(b"y").to_string();
        assert!(matches!(judged(Some(27), &other), Comparison::Different(_)));
    }
}
