//! The accounts of a home.

use firmdrop_core::{Code, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

use super::key_store::{forget, keep, keep_in_file, read};
use super::{AccessKey, KeyStorage};
use crate::home::{Home, write_durably};

/// An account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it is called here.
    pub name: String,
    /// Id of the backend whose account it is; empty in files written before accounts had a kind.
    #[serde(default)]
    pub kind: String,
    /// Address of the service, `https://…`.
    pub host: String,
    /// Proxy.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Certificates of an own authority, PEM, trusted besides the system's.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Shown with the red frame.
    #[serde(default)]
    pub production: bool,
    /// Part of the simulated world.
    #[serde(default)]
    pub simulated: bool,
    /// Where its key lies.
    pub key_storage: KeyStorage,
    /// Fields of its own kind.
    #[serde(flatten)]
    pub own: serde_json::Map<String, serde_json::Value>,
}

/// The accounts of a home. Reads the file each time, since several processes share it.
#[derive(Debug, Clone)]
pub struct Accounts {
    home: Home,
}

impl Accounts {
    /// The accounts of this home.
    pub fn of(home: &Home) -> Self {
        Self { home: home.clone() }
    }

    /// All accounts, by name.
    pub fn list(&self) -> Result<Vec<Account>, Diagnosis> {
        let text = match std::fs::read(self.home.accounts()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unreadable(&error.to_string())),
        };
        serde_json::from_slice(&text).map_err(|error| self.unreadable(&error.to_string()))
    }

    /// One account.
    pub fn get(&self, name: &str) -> Result<Account, Diagnosis> {
        let all = self.list()?;
        let known: Vec<&str> = all.iter().map(|account| account.name.as_str()).collect();
        let why = if known.is_empty() {
            "No account was added yet.".to_owned()
        } else {
            format!("There are: {}.", known.join(", "))
        };
        all.iter()
            .find(|account| account.name == name)
            .cloned()
            .ok_or_else(|| {
                Diagnosis::new(
                    Code::AccountNotFound,
                    format!("There is no account {name}."),
                    why,
                )
                .state("Nothing was sent.")
                .remedy(Remedy::Advice {
                    text: "Add it with `firmdrop-cli account add`.".into(),
                })
            })
    }

    /// Adds an account or changes the one of that name; `key` replaces its key.
    ///
    /// A new account without a key is refused. May block on the key store.
    pub fn save(
        &self,
        mut account: Account,
        key: Option<&AccessKey>,
    ) -> Result<Account, Diagnosis> {
        check_name(&account.name)?;
        let _turn = self.turn()?;
        let mut all = self.list()?;
        let old = all.iter().position(|other| other.name == account.name);
        account.key_storage = match (key, old.and_then(|at| all.get(at))) {
            (Some(key), _) if account.simulated => keep_in_file(&self.home, &account.name, key)?,
            (Some(key), _) => keep(&self.home, &account.name, key)?,
            (None, Some(old)) => old.key_storage,
            (None, None) => {
                return Err(invalid(&account.name, "It has no access key.".into()));
            }
        };
        match old.and_then(|at| all.get_mut(at)) {
            Some(place) => *place = account.clone(),
            None => all.push(account.clone()),
        }
        self.write(all)?;
        Ok(account)
    }

    /// Removes an account and its key. What it uploaded stays with the service.
    pub fn remove(&self, name: &str) -> Result<(), Diagnosis> {
        let account = self.get(name)?;
        let _turn = self.turn()?;
        let mut all = self.list()?;
        all.retain(|other| other.name != name);
        self.write(all)?;
        forget(&self.home, name, account.key_storage);
        Ok(())
    }

    /// The access key of an account. May block on the key store.
    pub fn key(&self, account: &Account) -> Result<AccessKey, Diagnosis> {
        read(&self.home, &account.name, account.key_storage)
    }

    fn write(&self, mut all: Vec<Account>) -> Result<(), Diagnosis> {
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let text =
            serde_json::to_vec_pretty(&all).map_err(|error| self.unreadable(&error.to_string()))?;
        write_durably(&self.home.accounts(), &text).map_err(|error| self.home.not_writable(&error))
    }

    /// Waits until no other process changes the accounts.
    fn turn(&self) -> Result<std::fs::File, Diagnosis> {
        let path = self.home.locks().join("accounts");
        std::fs::File::create(path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| self.home.not_writable(&error))
    }

    fn unreadable(&self, why: &str) -> Diagnosis {
        let path = self.home.accounts();
        Diagnosis::new(
            Code::AccountInvalid,
            format!("{} could not be read.", path.display()),
            why,
        )
        .state("The file was not changed.")
        .remedy(Remedy::Advice {
            text: "Mend the file, or move it away and add the accounts again.".into(),
        })
    }
}

/// A name is part of a destination on a command line and of a file's name.
fn check_name(name: &str) -> Result<(), Diagnosis> {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(letters) {
        return Err(invalid(
            name,
            "A name has 1 to 64 letters, digits, dots, dashes or underscores and does not begin with a dot.".into(),
        ));
    }
    Ok(())
}

fn invalid(name: &str, why: String) -> Diagnosis {
    Diagnosis::new(
        Code::AccountInvalid,
        format!("The account \"{name}\" was not saved."),
        why,
    )
    .state("No account was changed.")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn home() -> (tempfile::TempDir, Accounts) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        (folder, Accounts::of(&home))
    }

    fn simulated(name: &str) -> Account {
        Account {
            name: name.into(),
            kind: "cloud".into(),
            host: "http://127.0.0.1:1".into(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
            simulated: true,
            key_storage: KeyStorage::File,
            own: serde_json::Map::new(),
        }
    }

    #[test]
    fn an_account_comes_back_with_its_key_and_the_key_is_not_in_the_list() {
        let (_folder, accounts) = home();
        let key = AccessKey::from("ak_marker");
        accounts.save(simulated("demo"), Some(&key)).unwrap();
        let account = accounts.get("demo").unwrap();
        assert_eq!(accounts.key(&account).unwrap().expose_secret(), "ak_marker");
        let text = std::fs::read_to_string(accounts.home.accounts()).unwrap();
        assert!(!text.contains("ak_marker"), "{text}");
    }

    #[test]
    fn a_change_without_a_key_keeps_the_key() {
        let (_folder, accounts) = home();
        accounts
            .save(simulated("demo"), Some(&AccessKey::from("ak_1")))
            .unwrap();
        let changed = Account {
            host: "http://127.0.0.1:2".into(),
            ..simulated("demo")
        };
        let saved = accounts.save(changed, None).unwrap();
        assert_eq!(accounts.key(&saved).unwrap().expose_secret(), "ak_1");
        assert_eq!(accounts.list().unwrap().len(), 1);
    }

    #[test]
    fn a_removed_account_leaves_no_key_behind() {
        let (_folder, accounts) = home();
        let account = accounts
            .save(simulated("demo"), Some(&AccessKey::from("ak_1")))
            .unwrap();
        accounts.remove("demo").unwrap();
        assert_eq!(
            accounts.get("demo").unwrap_err().code,
            Code::AccountNotFound
        );
        assert_eq!(accounts.key(&account).unwrap_err().code, Code::KeyMissing);
    }

    #[test]
    fn a_name_that_could_leave_the_folder_is_refused() {
        let (_folder, accounts) = home();
        for name in ["", "../x", "a/b", ".hidden", "a b"] {
            let error = accounts
                .save(simulated(name), Some(&AccessKey::from("k")))
                .unwrap_err();
            assert_eq!(error.code, Code::AccountInvalid, "{name}");
        }
    }
}
