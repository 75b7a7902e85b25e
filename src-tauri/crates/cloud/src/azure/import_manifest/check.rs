//! One manifest against all rules: its own, those of its files, those of what the service holds.

use super::check_context::CheckContext;
use super::finding::{Finding, Rule, shown};
use super::model::ImportManifest;
use super::pointer::is_within;
use super::rules;
use super::service;

/// Most findings that are returned: a manifest with more is not mended one by one.
const MOST_FINDINGS: usize = 500;

/// How the name of a manifest ends for Azure's portal.
const FILE_NAME_END: &str = ".importmanifest.json";

/// Reads a manifest and checks it. Bytes that are none are one finding.
pub fn check_bytes(bytes: &[u8], context: &CheckContext<'_>) -> Vec<Finding> {
    match ImportManifest::read(bytes) {
        Ok(manifest) => manifest.check(context),
        Err(error) => vec![error.finding()],
    }
}

impl ImportManifest {
    /// Everything that is wrong with it, errors and warnings: what could not be read first. No
    /// error means that the service takes it, as far as that can be known here. Rules between
    /// several manifests of one import are checked by [`super::check_batch`].
    pub fn check(&self, context: &CheckContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        file_name(context, &mut found);
        rules::identity(self, context, &mut found);
        rules::compatibility(self, &mut found);
        if self.manifest_version.has_steps() {
            rules::steps(self, &mut found);
        } else {
            rules::legacy(self, &mut found);
        }
        rules::files(self, context, &mut found);
        if let Some(given) = &context.files {
            rules::content(self, given, &mut found);
        }
        if let Some(known) = context.known_updates {
            service::check(self, known, context.tier, &mut found);
        }
        self.settle(found)
    }

    /// With what was found while reading. What could not be read breaks rules because it is empty,
    /// and that is not said again.
    fn settle(&self, found: Vec<Finding>) -> Vec<Finding> {
        let unread: Vec<&str> = self
            .misread
            .iter()
            .filter(|finding| is_unread(finding.rule))
            .map(|finding| finding.pointer.as_str())
            .collect();
        let is_said = |finding: &Finding| {
            let within = |outer: &&str| is_within(&finding.pointer, outer);
            unread.iter().any(within)
        };
        let is_inside_unread = |finding: &Finding| {
            let inside = |outer: &&str| {
                finding.pointer.len() > outer.len() && is_within(&finding.pointer, outer)
            };
            unread.iter().any(inside)
        };
        let misread = self.misread.iter().filter(|one| !is_inside_unread(one));
        let mut all: Vec<Finding> = misread.cloned().collect();
        all.extend(found.into_iter().filter(|finding| !is_said(finding)));
        all.truncate(MOST_FINDINGS);
        all
    }
}

/// Whether a finding says that a field has no value.
fn is_unread(rule: Rule) -> bool {
    matches!(rule, Rule::WrongType | Rule::Required | Rule::FileSize)
}

fn file_name(context: &CheckContext<'_>, found: &mut Vec<Finding>) {
    if let Some(name) = context.file_name
        && !name.to_ascii_lowercase().ends_with(FILE_NAME_END)
    {
        let what = format!("The manifest's file is called {}.", shown(name));
        found.push(Finding::new(Rule::ManifestFileName, "", what));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use firmdrop_core::Sha256;

    use super::*;
    use crate::azure::import_manifest::{
        ApiProfile, FileFacts, FilesGiven, Json, KnownUpdate, Limits, Members, Severity, UpdateId,
        samples,
    };

    #[test]
    fn manifests_that_are_right_have_no_findings() {
        for sample in samples::GOOD {
            assert_eq!(check_bytes(sample.as_bytes(), &CheckContext::default()), []);
        }
    }

    #[test]
    fn each_rule_is_found_at_its_field_and_nothing_else_is_said() {
        let mut seen = BTreeSet::new();
        for case in samples::broken() {
            let mut found = check_bytes(&case.bytes, &CheckContext::default());
            if found.iter().any(Finding::is_error) {
                found.retain(Finding::is_error);
            }
            let said: Vec<(&str, &str)> = found
                .iter()
                .map(|one| (one.rule.id(), one.pointer.as_str()))
                .collect();
            let text = String::from_utf8_lossy(&case.bytes);
            assert_eq!(said, [(case.rule, case.pointer)], "{found:#?} in {text}");
            seen.insert(found[0].rule);
        }
        // What one manifest cannot break by itself.
        let elsewhere = [
            Rule::VersionOfApi,
            Rule::ManifestFileName,
            Rule::CompatibilityTaken,
            Rule::FileNotThere,
            Rule::FileSizeDiffers,
            Rule::FileHashDiffers,
            Rule::FileExtra,
            Rule::ItemCount,
            Rule::ParentCount,
            Rule::Orphan,
            Rule::IdentityRepeated,
            Rule::ReferenceAbsent,
            Rule::ReferenceUnchecked,
            Rule::ChildReferences,
            Rule::ChildDeployable,
            Rule::AlreadyImported,
            Rule::QuotaNearlyFull,
        ];
        let missing: Vec<_> = Rule::ALL
            .iter()
            .filter(|rule| !seen.contains(rule) && !elsewhere.contains(rule))
            .collect();
        assert!(missing.is_empty(), "never broken: {missing:?}");
    }

    fn rules(manifest: &ImportManifest, context: &CheckContext<'_>) -> Vec<(Rule, String)> {
        let found = manifest.check(context).into_iter();
        found.map(|one| (one.rule, one.pointer)).collect()
    }

    #[test]
    fn what_is_known_beside_the_manifest_is_checked_too() {
        let manifest = ImportManifest::read(samples::FULL.as_bytes()).unwrap();
        let plain = CheckContext::default;
        let one = |rule: Rule, pointer: &str| vec![(rule, pointer.to_owned())];
        let named = |name| CheckContext {
            file_name: Some(name),
            ..plain()
        };
        assert_eq!(rules(&manifest, &named("a.ImportManifest.json")), []);
        let wrong = one(Rule::ManifestFileName, "");
        assert_eq!(rules(&manifest, &named("manifest.json")), wrong);
        let legacy = CheckContext {
            profile: Some(ApiProfile::Legacy),
            ..plain()
        };
        assert_eq!(
            rules(&manifest, &legacy),
            one(Rule::VersionOfApi, "/manifestVersion")
        );
        let mut known = [KnownUpdate {
            id: UpdateId::new("Contoso", "Toaster", "01.00"),
            compatibility: manifest.compatibility.clone(),
        }];
        let there = |known: &[KnownUpdate]| {
            let known_updates = Some(known);
            let context = CheckContext {
                known_updates,
                ..plain()
            };
            rules(&manifest, &context)
        };
        assert_eq!(there(&known), one(Rule::AlreadyImported, "/updateId"));
        known[0].id.name = "Kettle".to_owned();
        known[0].compatibility = vec![
            Members::default()
                .with("model", Json::from("Toaster"))
                .with("manufacturer", "Contoso"),
        ];
        assert_eq!(
            there(&known),
            one(Rule::CompatibilityTaken, "/compatibility/0")
        );
        let limits = Limits { files_bytes: 10 };
        let small = CheckContext { limits, ..plain() };
        assert_eq!(rules(&manifest, &small), one(Rule::FileSizeSum, "/files"));
    }

    #[test]
    fn a_manifest_is_compared_with_its_files() {
        let manifest = ImportManifest::read(samples::FULL.as_bytes()).unwrap();
        let mut files: Vec<FileFacts> = manifest
            .all_files()
            .map(|file| FileFacts {
                name: file.name.clone(),
                size_bytes: file.size_bytes,
                sha256: file.sha256().unwrap(),
            })
            .collect();
        let found = |files: &[FileFacts], is_exact| {
            let files = Some(FilesGiven { files, is_exact });
            rules(
                &manifest,
                &CheckContext {
                    files,
                    ..CheckContext::default()
                },
            )
        };
        assert_eq!(found(&files, true), []);
        files[1].size_bytes += 1;
        files[2].sha256 = Sha256::of(b"changed");
        files[3].name = "Check.sh".to_owned();
        let three = vec![
            (
                Rule::FileSizeDiffers,
                "/files/0/relatedFiles/0/sizeInBytes".to_owned(),
            ),
            (Rule::FileHashDiffers, "/files/1/hashes/sha256".to_owned()),
            (Rule::FileNotThere, "/files/2/filename".to_owned()),
        ];
        assert_eq!(found(&files, false), three);
        assert_eq!(
            found(&files, true).last(),
            Some(&(Rule::FileExtra, String::new()))
        );
    }

    #[test]
    fn a_manifest_of_thousands_of_mistakes_has_a_bounded_report() {
        let file = r#"{"filename":5,"a":1,"a":2}"#;
        let text = format!(r#"{{"files":[{}]}}"#, vec![file; 20_000].join(","));
        let found = check_bytes(text.as_bytes(), &CheckContext::default());
        assert_eq!(found.len(), MOST_FINDINGS);
        assert!(found.iter().all(|one| one.severity <= Severity::Warning));
    }
}
