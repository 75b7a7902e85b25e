//! The accounts of a home.

use firmdrop_core::{Code, Diagnosis, Remedy};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::key_store::{Place, forget, read, store, store_in_file};
use super::{ACCESS_KEY, AccessKey, KeyStorage, PROXY_PASSWORD, Secrets};
use crate::home::{Home, write_durably};

/// How often an account that changes while it is read is read again.
const READINGS: usize = 3;

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
    /// Additional CA certificates, PEM, trusted besides the system's.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Shown with the red frame.
    #[serde(default)]
    pub production: bool,
    /// Part of the simulated world.
    #[serde(default)]
    pub simulated: bool,
    /// Where its secrets lie.
    pub key_storage: KeyStorage,
    /// Names of its secrets; only the access key in files written before there were others.
    #[serde(default = "only_access_key")]
    pub secrets: Vec<String>,
    /// Fields of its own kind.
    #[serde(flatten)]
    pub own: serde_json::Map<String, serde_json::Value>,
}

impl Account {
    /// Where its secrets go, and through what. They are bound to it.
    fn has_origin_of(&self, other: &Self) -> bool {
        (&self.kind, &self.host, &self.proxy) == (&other.kind, &other.host, &other.proxy)
            && (&self.extra_ca_pem, &self.own) == (&other.extra_ca_pem, &other.own)
    }

    /// Where its secrets are stored.
    pub(super) fn secret_places(&self) -> impl Iterator<Item = Place<'_>> {
        self.secrets.iter().map(|secret| Place {
            account: &self.name,
            secret,
        })
    }

    /// Refuses a change of the account that needs its key again.
    pub fn may_lend_its_key(&self, changed: &Self) -> Result<(), Diagnosis> {
        let why = if self.host != changed.host {
            format!("Its access key was entered for {}.", self.host)
        } else if !self.has_origin_of(changed) {
            "Its access key was entered for another proxy or other certificates.".to_owned()
        } else if self.production && !changed.production {
            "Taking the production mark away is confirmed with the access key.".to_owned()
        } else {
            return Ok(());
        };
        let what = format!("The account \"{}\" was not changed.", self.name);
        Err(Diagnosis::new(Code::KeyMissing, what, why)
            .titled("Enter the access key again")
            .state("The account is as it was. Nothing was sent.")
            .remedy(Remedy::Advice {
                text: "Enter the access key together with the change.".into(),
            }))
    }
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
        let (mut all, at) = self.find(name)?;
        Ok(all.swap_remove(at))
    }

    /// Adds an account with its secrets. Refuses a name that exists, in whatever letters: nothing is
    /// overwritten. May block on the key store.
    pub fn add(&self, account: Account, secrets: impl Into<Secrets>) -> Result<Account, Diagnosis> {
        let secrets = secrets.into();
        check_secrets(&account.name, &secrets)?;
        let _turn = self.turn()?;
        self.check_new(&account.name)?;
        let mut all = self.list()?;
        let added = self.store_secrets(account, &secrets)?;
        all.push(added.clone());
        self.write(all)?;
        Ok(added)
    }

    /// Refuses a name that a new account cannot have.
    pub fn check_new(&self, name: &str) -> Result<(), Diagnosis> {
        check_name(name)?;
        let all = self.list()?;
        let same = |other: &&Account| other.name.eq_ignore_ascii_case(name);
        all.iter()
            .find(same)
            .map_or(Ok(()), |other| Err(exists(other)))
    }

    /// Changes the account of that name; `secrets` replace those it has.
    ///
    /// Secrets are bound to where they go: another address, proxy, authority or field of its kind is
    /// refused without all of them, and taking the production mark away without the access key. May
    /// block on the key store.
    pub fn change(&self, mut account: Account, secrets: &Secrets) -> Result<Account, Diagnosis> {
        check_secrets(&account.name, secrets)?;
        let _turn = self.turn()?;
        let (mut all, at) = self.find(&account.name)?;
        let old = all.remove(at);
        refuse_simulated(&old)?;
        account.simulated = false;
        account.key_storage = old.key_storage;
        account.secrets.clone_from(&old.secrets);
        // The password of a proxy that is used no longer is needed no longer.
        let has = |name: &str| {
            secrets.get(name).is_some() || name == PROXY_PASSWORD && old.proxy != account.proxy
        };
        if !old.secrets.iter().all(|name| has(name)) {
            old.may_lend_its_key(&account)?;
        }
        if !old.has_origin_of(&account) {
            // Between these steps the account has no secret: no crash sends one to the other host.
            forget(&self.home, &old);
            account.secrets.clear();
            let mut between = all.clone();
            between.push(account.clone());
            self.write(between)?;
        }
        account = self.store_secrets(account, secrets)?;
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Replaces the key of an account and nothing else. May block on the key store.
    pub fn replace_key(&self, name: &str, key: &AccessKey) -> Result<Account, Diagnosis> {
        let secrets = Secrets::from(key);
        check_secrets(name, &secrets)?;
        let _turn = self.turn()?;
        let (mut all, at) = self.find(name)?;
        let old = all.remove(at);
        refuse_simulated(&old)?;
        let account = self.store_secrets(old, &secrets)?;
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Makes or moves the account of the simulated world. It is called `name` unless a real account
    /// is: then the next free name is taken, and the real account stays as it is.
    pub fn put_simulated(
        &self,
        kind: &str,
        name: &str,
        host: &str,
        key: &AccessKey,
    ) -> Result<Account, Diagnosis> {
        let _turn = self.turn()?;
        let mut all = self.list()?;
        let is_real = |name: &str| {
            let mut named = all.iter().filter(|a| a.name.eq_ignore_ascii_case(name));
            named.any(|account| !account.simulated)
        };
        let mut names = std::iter::once(name.to_owned())
            .chain((2_u32..).map(|number| format!("{name}-{number}")));
        let name = names.find(|name| !is_real(name)).unwrap_or_default();
        let account = Account {
            name,
            kind: kind.to_owned(),
            host: host.to_owned(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
            simulated: true,
            key_storage: KeyStorage::File,
            secrets: Vec::new(),
            own: serde_json::Map::new(),
        };
        let account = self.store_secrets(account, &key.into())?;
        all.retain(|other| !other.name.eq_ignore_ascii_case(&account.name));
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Removes an account and its key. What it uploaded stays with the service.
    pub fn remove(&self, name: &str) -> Result<(), Diagnosis> {
        let _turn = self.turn()?;
        let (mut all, at) = self.find(name)?;
        let account = all.remove(at);
        self.write(all)?;
        forget(&self.home, &account);
        Ok(())
    }

    /// An account and its access key, which belong together although another process may change both
    /// meanwhile. May block on the key store.
    pub fn with_key(&self, name: &str) -> Result<(Account, AccessKey), Diagnosis> {
        let (account, secrets) = self.with_secrets(name)?;
        let key = secrets.get(ACCESS_KEY).cloned().unwrap_or_default();
        Ok((account, key))
    }

    /// An account and all its secrets, which belong together as in [`Accounts::with_key`].
    pub fn with_secrets(&self, name: &str) -> Result<(Account, Secrets), Diagnosis> {
        let mut account = self.get(name)?;
        for _ in 0..READINGS {
            let mut secrets = Secrets::default();
            for place in account.secret_places() {
                let secret = read(&self.home, &place, account.key_storage)?;
                secrets = secrets.with(place.secret, secret);
            }
            let now = self.get(name)?;
            if now == account {
                return Ok((account, secrets));
            }
            account = now;
        }
        Err(invalid(name, "It is being changed all the time.".into()))
    }

    /// All accounts, and where among them the one of this name stands.
    fn find(&self, name: &str) -> Result<(Vec<Account>, usize), Diagnosis> {
        let all = self.list()?;
        match all.iter().position(|account| account.name == name) {
            Some(at) => Ok((all, at)),
            None => Err(not_found(name, &all)),
        }
    }

    /// Stores secrets and says in the account where.
    fn store_secrets(&self, mut account: Account, secrets: &Secrets) -> Result<Account, Diagnosis> {
        for (secret, value) in secrets.iter() {
            let place = Place {
                account: &account.name,
                secret,
            };
            account.key_storage = if account.simulated {
                store_in_file(&self.home, &place, value)?
            } else {
                store(&self.home, &place, value)?
            };
            if !account.secrets.iter().any(|name| name == secret) {
                account.secrets.push(secret.to_owned());
            }
        }
        Ok(account)
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

fn only_access_key() -> Vec<String> {
    vec![ACCESS_KEY.to_owned()]
}

fn refuse_simulated(account: &Account) -> Result<(), Diagnosis> {
    if account.simulated {
        let why = "It belongs to the demo world, which sets its address and key.";
        return Err(invalid(&account.name, why.into()));
    }
    Ok(())
}

fn check_secrets(account: &str, secrets: &Secrets) -> Result<(), Diagnosis> {
    for (name, secret) in secrets.iter() {
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if name.is_empty() || !is_name(name) {
            return Err(invalid(account, format!("It has no secret \"{name}\".")));
        }
        if secret.expose_secret().trim().is_empty() {
            let what = format!("The account \"{account}\" was not saved.");
            let why = format!("The {} is empty.", name.replace('_', " "));
            return Err(
                Diagnosis::new(Code::KeyMissing, what, why).state("No account was changed.")
            );
        }
    }
    Ok(())
}

fn not_found(name: &str, all: &[Account]) -> Diagnosis {
    let known: Vec<&str> = all.iter().map(|account| account.name.as_str()).collect();
    let why = if known.is_empty() {
        "No account was added yet.".to_owned()
    } else {
        format!("There are: {}.", known.join(", "))
    };
    let what = format!("There is no account {name}.");
    Diagnosis::new(Code::AccountNotFound, what, why)
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Add it with `firmdrop-cli account add`.".into(),
        })
}

fn exists(account: &Account) -> Diagnosis {
    let name = &account.name;
    let why = if account.simulated {
        format!("{name} is the account of the demo world.")
    } else {
        format!("{name} leads to {}.", account.host)
    };
    let diagnosis = Diagnosis::new(Code::AccountExists, "The account was not added.", why)
        .state("The account that exists was not changed.");
    if account.simulated {
        return diagnosis.remedy(Remedy::Advice {
            text: "Choose another name for the account.".into(),
        });
    }
    diagnosis.remedy(Remedy::EditAccount {
        account: name.clone(),
    })
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
            secrets: Vec::new(),
            own: serde_json::Map::new(),
        }
    }

    /// A real account, its key stored in a file as on a system without a key store.
    fn real(accounts: &Accounts, name: &str, host: &str) -> Account {
        let account = Account {
            host: host.into(),
            simulated: false,
            production: true,
            secrets: only_access_key(),
            ..simulated(name)
        };
        let place = Place {
            account: name,
            secret: ACCESS_KEY,
        };
        store_in_file(&accounts.home, &place, &AccessKey::from("ak_old")).unwrap();
        let mut all = accounts.list().unwrap();
        all.push(account.clone());
        accounts.write(all).unwrap();
        account
    }

    fn key_of(accounts: &Accounts, name: &str) -> String {
        let (_, key) = accounts.with_key(name).unwrap();
        key.expose_secret().to_owned()
    }

    #[test]
    fn an_account_comes_back_with_its_key_and_the_key_is_not_in_the_list() {
        let (_folder, accounts) = home();
        let key = AccessKey::from("ak_marker");
        accounts.add(simulated("demo"), &key).unwrap();
        assert_eq!(key_of(&accounts, "demo"), "ak_marker");
        let text = std::fs::read_to_string(accounts.home.accounts()).unwrap();
        assert!(!text.contains("ak_marker"), "{text}");
    }

    #[test]
    fn a_name_that_exists_is_refused_and_the_account_stays_as_it_is() {
        let (_folder, accounts) = home();
        let lab = real(&accounts, "lab", "https://lab.example");
        for name in ["lab", "LAB"] {
            let other = Account {
                host: "https://other.example".into(),
                ..simulated(name)
            };
            let error = accounts.add(other, &AccessKey::from("ak_new")).unwrap_err();
            assert_eq!(error.code, Code::AccountExists, "{name}");
        }
        assert_eq!(accounts.list().unwrap(), [lab]);
        assert_eq!(key_of(&accounts, "lab"), "ak_old");
    }

    #[test]
    fn a_key_goes_to_no_other_host_proxy_or_authority_without_being_entered_again() {
        let (_folder, accounts) = home();
        let lab = real(&accounts, "lab", "https://lab.example");
        let changes: [fn(&mut Account); 4] = [
            |account| account.host = "https://other.example".into(),
            |account| account.proxy = Some("http://127.0.0.1:8080".into()),
            |account| account.extra_ca_pem = Some("-----BEGIN CERTIFICATE-----".into()),
            |account| account.production = false,
        ];
        for change in changes {
            let mut changed = lab.clone();
            change(&mut changed);
            let error = accounts.change(changed, &Secrets::default()).unwrap_err();
            assert_eq!(error.code, Code::KeyMissing);
            assert_eq!(accounts.get("lab").unwrap(), lab);
        }
        assert_eq!(key_of(&accounts, "lab"), "ak_old");
    }

    #[test]
    fn a_change_of_what_is_only_shown_leaves_the_key() {
        let (_folder, accounts) = home();
        let mut lab = real(&accounts, "lab", "https://lab.example");
        lab.production = false;
        accounts.write(vec![lab.clone()]).unwrap();
        lab.production = true;
        accounts.change(lab, &Secrets::default()).unwrap();
        assert_eq!(key_of(&accounts, "lab"), "ak_old");
        assert!(accounts.get("lab").unwrap().production);
    }

    #[test]
    fn a_simulated_account_takes_no_name_of_a_real_one() {
        let (_folder, accounts) = home();
        let key = AccessKey::from("ak_demo");
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        assert_eq!(
            accounts
                .put_simulated("cloud", "demo", &at(1), &key)
                .unwrap()
                .name,
            "demo"
        );
        accounts.remove("demo").unwrap();
        let lab = real(&accounts, "demo", "https://lab.example");
        let simulated = accounts
            .put_simulated("cloud", "demo", &at(2), &key)
            .unwrap();
        assert_eq!((&*simulated.name, simulated.simulated), ("demo-2", true));
        let moved = accounts
            .put_simulated("cloud", "demo", &at(3), &key)
            .unwrap();
        assert_eq!((&*moved.name, moved.host), ("demo-2", at(3)));
        assert_eq!(accounts.get("demo").unwrap(), lab);
        assert_eq!(key_of(&accounts, "demo"), "ak_old");
    }

    #[test]
    fn a_simulated_account_cannot_be_turned_into_a_real_one() {
        let (_folder, accounts) = home();
        let key = AccessKey::from("ak_demo");
        let demo = accounts.put_simulated("cloud", "demo", "http://127.0.0.1:1", &key);
        let real = Account {
            simulated: false,
            ..demo.unwrap()
        };
        let error = accounts.change(real, &(&key).into()).unwrap_err();
        assert_eq!(error.code, Code::AccountInvalid);
        assert!(accounts.get("demo").unwrap().simulated);
    }

    #[test]
    fn several_secrets_come_back_by_name_and_go_with_their_account() {
        let (_folder, accounts) = home();
        let secrets =
            Secrets::from(&AccessKey::from("ak_1")).with("client_secret", AccessKey::from("cs_1"));
        accounts.add(simulated("lab"), secrets).unwrap();
        let (account, secrets) = accounts.with_secrets("lab").unwrap();
        assert_eq!(account.secrets, [ACCESS_KEY, "client_secret"]);
        let exposed = |name: &str| secrets.get(name).map(|one| one.expose_secret().to_owned());
        assert_eq!(exposed("client_secret").as_deref(), Some("cs_1"));
        assert_eq!(exposed(ACCESS_KEY).as_deref(), Some("ak_1"));
        // The name of a secret leaves no folder.
        let wrong = Secrets::default().with("../x", AccessKey::from("x"));
        assert!(accounts.add(simulated("other"), wrong).is_err());
        accounts.remove("lab").unwrap();
        assert_eq!(std::fs::read_dir(accounts.home.keys()).unwrap().count(), 0);
    }

    #[test]
    fn another_host_needs_every_secret_again() {
        let (_folder, accounts) = home();
        let mut lab = real(&accounts, "lab", "https://lab.example");
        lab.secrets.push("client_secret".into());
        accounts.write(vec![lab.clone()]).unwrap();
        lab.host = "https://other.example".into();
        let one = Secrets::from(&AccessKey::from("ak_new"));
        let refused = accounts.change(lab.clone(), &one).unwrap_err();
        assert_eq!(refused.code, Code::KeyMissing);
        let both = one.with("client_secret", AccessKey::from("cs_new"));
        let changed = accounts.change(lab, &both).unwrap();
        assert_eq!(changed.host, "https://other.example");
        assert_eq!(key_of(&accounts, "lab"), "ak_new");
    }

    #[test]
    fn a_removed_account_leaves_no_key_behind() {
        let (_folder, accounts) = home();
        accounts
            .add(simulated("demo"), &AccessKey::from("ak_1"))
            .unwrap();
        accounts.remove("demo").unwrap();
        assert_eq!(
            accounts.get("demo").unwrap_err().code,
            Code::AccountNotFound
        );
        assert!(!accounts.home.keys().join("demo.key").exists());
    }

    #[test]
    fn a_name_that_could_leave_the_folder_is_refused() {
        let (_folder, accounts) = home();
        for name in ["", "../x", "a/b", ".hidden", "a b"] {
            let error = accounts
                .add(simulated(name), &AccessKey::from("k"))
                .unwrap_err();
            assert_eq!(error.code, Code::AccountInvalid, "{name}");
        }
    }
}
