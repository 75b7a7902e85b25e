//! The scratch system as the doctor's crate sees it.

use firmdrop_core::Moment;
use firmdrop_doctor::{Facts, Finding, Fix, KeyStoreState, Root, System, User, examine};
use firmdrop_test_support::scratch_system::ScratchSystem;

pub(crate) struct Scratch {
    files: ScratchSystem,
    pub(crate) system: System,
}

impl std::ops::Deref for Scratch {
    type Target = ScratchSystem;

    fn deref(&self) -> &ScratchSystem {
        &self.files
    }
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let files = ScratchSystem::new();
        let root = Root::at(files.folder());
        let user = User::named(&root, "anna").unwrap();
        let program = "sudo firmdrop-cli".into();
        Self {
            files,
            system: System {
                root,
                user,
                program,
            },
        }
    }

    /// Everything that is found; the home lies outside of the scratch folder.
    pub(crate) fn examine(&self) -> Vec<Finding> {
        let home = tempfile::tempdir().unwrap();
        examine(
            &self.system,
            &Facts {
                home: home.path().to_owned(),
                home_refused: None,
                key_store: KeyStoreState::NotKnown,
                now: Moment::from_millisecond(1_800_000_000_000),
                newest_job: None,
                hosts: Vec::new(),
                proxies: Vec::new(),
            },
        )
    }

    pub(crate) fn finding(&self, id: &str) -> Finding {
        let found = self.examine();
        let one = found.iter().find(|finding| finding.id == id).cloned();
        one.unwrap_or_else(|| panic!("{id} is not among {found:#?}"))
    }

    pub(crate) fn fixes(&self) -> Vec<Fix> {
        self.examine()
            .into_iter()
            .flat_map(|finding| finding.fixes)
            .collect()
    }

    pub(crate) fn fix(&self, id: &str) -> Fix {
        let fixes = self.fixes();
        let one = fixes.iter().find(|fix| fix.id == id).cloned();
        one.unwrap_or_else(|| panic!("{id} is not among {fixes:#?}"))
    }
}
