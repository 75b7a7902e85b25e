//! The accounts of a home.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::key_store::AccountSecrets;
use super::refusal::{
    ambiguous, check_name, check_secrets, exists, invalid, not_found, refuse_simulated,
};
use super::{ACCESS_KEY, AccessKey, Account, KeyStorage, PROXY_PASSWORD, Secrets};
use crate::home::{Home, write_durably};
use crate::lock;
use crate::secret_store::SecretStore;

/// How often an account that changes while it is read is read again.
const READINGS: usize = 3;

/// An account of the simulated world.
#[derive(Debug, Clone, Default)]
pub struct SimulatedAccount {
    /// Id of its kind.
    pub kind: String,
    /// Its name, unless a real account has it.
    pub name: String,
    /// Address of the service.
    pub host: String,
    /// Fields of its own kind.
    pub own: serde_json::Map<String, serde_json::Value>,
    /// Its secrets.
    pub secrets: Secrets,
}

impl SimulatedAccount {
    /// An account with no field of its own and an access key.
    pub fn new(kind: &str, name: &str, host: &str, key: &AccessKey) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            host: host.to_owned(),
            own: serde_json::Map::new(),
            secrets: Secrets::from(key),
        }
    }
}

/// The accounts of a home. Reads the file each time, since several processes share it.
#[derive(Debug, Clone)]
pub struct Accounts {
    home: Home,
    secrets: AccountSecrets,
}

impl Accounts {
    /// The accounts of this home.
    pub fn of(home: &Home) -> Self {
        Self::with(home, SecretStore::of(home))
    }

    fn with(home: &Home, secrets: SecretStore) -> Self {
        Self {
            home: home.clone(),
            secrets: AccountSecrets::new(home, secrets),
        }
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

    /// One account, by its name or by `KIND:NAME`: two accounts of different kinds may have one name.
    pub fn get(&self, name: &str) -> Result<Account, Diagnosis> {
        let (mut all, at) = self.find(name)?;
        Ok(all.swap_remove(at))
    }

    /// Adds an account with its secrets. Refuses a name that exists, in whatever letters: nothing is
    /// overwritten. Its secrets go into a file only where the system has no key store, and only when
    /// the account asks for [`KeyStorage::File`]. May block on the key store.
    pub fn add(&self, account: Account, secrets: impl Into<Secrets>) -> Result<Account, Diagnosis> {
        let secrets = secrets.into();
        check_secrets(&account.name, &secrets)?;
        let _turn = self.turn()?;
        self.check_new(&account.kind, &account.name)?;
        let mut all = self.list()?;
        let account = stored_beside(&all, account);
        let may_be_a_file = account.key_storage == KeyStorage::File;
        let added = self.store_secrets(account, &secrets, may_be_a_file)?;
        all.push(added.clone());
        self.write(all)?;
        Ok(added)
    }

    /// Refuses a name that a new account of this kind cannot have.
    pub fn check_new(&self, kind: &str, name: &str) -> Result<(), Diagnosis> {
        check_name(name)?;
        let all = self.list()?;
        let same = |other: &&Account| other.name.eq_ignore_ascii_case(name) && other.is_of(kind);
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
        let (mut all, at) = self.find(&account.key())?;
        let old = all.remove(at);
        refuse_simulated(&old)?;
        account.simulated = false;
        account.stored_as.clone_from(&old.stored_as);
        // Whoever had a file before has consented to one.
        let may_be_a_file = [old.key_storage, account.key_storage].contains(&KeyStorage::File);
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
            self.secrets.forget(&old)?;
            account.secrets.clear();
            let mut between = all.clone();
            between.push(account.clone());
            self.write(between)?;
        }
        account = self.store_secrets(account, secrets, may_be_a_file)?;
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
        let had_a_file = old.key_storage == KeyStorage::File;
        let account = self.store_secrets(old, &secrets, had_a_file)?;
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Stores one secret of an account that a sign-in gave, in place of the one before. It goes where
    /// the account's other secrets are, and into a file only where they are in one. May block on the
    /// key store.
    pub fn store_secret(
        &self,
        name: &str,
        secret: &str,
        value: &AccessKey,
    ) -> Result<Account, Diagnosis> {
        let secrets = Secrets::default().with(secret, value.clone());
        check_secrets(name, &secrets)?;
        let _turn = self.turn()?;
        let (mut all, at) = self.find(name)?;
        let old = all.remove(at);
        let may_be_a_file = old.key_storage == KeyStorage::File;
        let account = self.store_secrets(old, &secrets, may_be_a_file)?;
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Removes one secret of an account. May block on the key store.
    pub fn erase_secret(&self, name: &str, secret: &str) -> Result<(), Diagnosis> {
        let _turn = self.turn()?;
        let (mut all, at) = self.find(name)?;
        let mut account = all.remove(at);
        let only = Account {
            secrets: vec![secret.to_owned()],
            ..account.clone()
        };
        self.secrets.forget(&only)?;
        account.secrets.retain(|known| known != secret);
        all.push(account);
        self.write(all)
    }

    /// Makes or moves an account of the simulated world. It is called `name` unless a real account
    /// of its kind is: then the next free name is taken, and the real account stays as it is.
    pub fn put_simulated(&self, request: SimulatedAccount) -> Result<Account, Diagnosis> {
        let _turn = self.turn()?;
        let mut all = self.list()?;
        let kind = &request.kind;
        let of_kind = |other: &Account, name: &str| {
            other.name.eq_ignore_ascii_case(name) && other.is_of(kind)
        };
        let is_real = |name: &str| {
            let mut named = all.iter().filter(|other| of_kind(other, name));
            named.any(|account| !account.simulated)
        };
        let mut names = std::iter::once(request.name.clone())
            .chain((2_u32..).map(|number| format!("{}-{number}", request.name)));
        let name = names.find(|name| !is_real(name)).unwrap_or_default();
        let before = all.iter().position(|other| of_kind(other, &name));
        let before = before.map(|at| all.remove(at));
        let mut account = Account {
            name,
            kind: request.kind.clone(),
            host: request.host,
            proxy: None,
            extra_ca_pem: None,
            production: false,
            simulated: true,
            key_storage: KeyStorage::File,
            secrets: Vec::new(),
            stored_as: None,
            own: request.own,
        };
        account = match before {
            Some(before) => Account {
                stored_as: before.stored_as,
                ..account
            },
            None => stored_beside(&all, account),
        };
        let account = self.store_secrets(account, &request.secrets, true)?;
        all.push(account.clone());
        self.write(all)?;
        Ok(account)
    }

    /// Removes an account and its key. What it uploaded stays with the service. A name that several
    /// accounts have removes none of them.
    pub fn remove(&self, name: &str) -> Result<(), Diagnosis> {
        let _turn = self.turn()?;
        let (mut all, at) = self.find(name)?;
        let mut called =
            (all.iter()).filter(|account| account.is_called(name) && !account.kind.is_empty());
        if let (Some(one), Some(other)) = (called.next(), called.next()) {
            return Err(ambiguous(name, one, other));
        }
        let account = all.remove(at);
        // First the key: an account that is listed no longer could not be removed again.
        self.secrets.forget(&account)?;
        self.write(all)
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
                let secret = self.secrets.read(&place, account.key_storage)?;
                secrets = secrets.with(place.secret, secret);
            }
            let now = self.get(&account.key())?;
            if now == account {
                return Ok((account, secrets));
            }
            account = now;
        }
        Err(invalid(name, "It is being changed all the time.".into()))
    }

    /// All accounts, and where among them the one that is called so stands. A name that several have
    /// means the one that had it first.
    fn find(&self, text: &str) -> Result<(Vec<Account>, usize), Diagnosis> {
        let all = self.list()?;
        let is_first = |account: &Account| account.stored_as.is_none();
        let has_first = all
            .iter()
            .any(|account| account.is_called(text) && is_first(account));
        let mut called = (all.iter().enumerate())
            .filter(|(_, account)| account.is_called(text) && (!has_first || is_first(account)));
        match (called.next(), called.next()) {
            (Some((at, _)), None) => Ok((all, at)),
            (Some((_, one)), Some((_, other))) => Err(ambiguous(text, one, other)),
            (None, _) => Err(not_found(text, &all)),
        }
    }

    /// Stores secrets and says in the account where.
    fn store_secrets(
        &self,
        mut account: Account,
        secrets: &Secrets,
        may_be_a_file: bool,
    ) -> Result<Account, Diagnosis> {
        let before = (account.key_storage, account.secrets.clone());
        for (secret, value) in secrets.iter() {
            let place = account.place_of(secret);
            let storage = if account.simulated {
                self.secrets.store_in_file(&place, value)?
            } else {
                self.secrets.store(&place, value, may_be_a_file)?
            };
            account.key_storage = storage;
            if !account.secrets.iter().any(|name| name == secret) {
                account.secrets.push(secret.to_owned());
            }
        }
        let (from, others) = before;
        let others = others.iter().filter(|name| secrets.get(name).is_none());
        for secret in others.filter(|_| from != account.key_storage) {
            let place = account.place_of(secret);
            self.secrets.follow(&place, from, account.key_storage)?;
        }
        Ok(account)
    }

    fn write(&self, mut all: Vec<Account>) -> Result<(), Diagnosis> {
        // Of one name, the one that had it first comes first.
        let order = |account: &Account| {
            let is_later = account.stored_as.is_some();
            (account.name.clone(), is_later, account.kind.clone())
        };
        all.sort_by_key(order);
        let text =
            serde_json::to_vec_pretty(&all).map_err(|error| self.unreadable(&error.to_string()))?;
        write_durably(&self.home.accounts(), &text).map_err(|error| self.home.not_writable(&error))
    }

    /// Waits until no other process changes the accounts.
    fn turn(&self) -> Result<lock::Held, Diagnosis> {
        lock::wait_turn(&self.home, "accounts").map_err(|error| self.home.not_writable(&error))
    }

    fn unreadable(&self, why: &str) -> Diagnosis {
        let path = self.home.accounts();
        Diagnosis::new(
            Code::ReadFailed,
            format!("The file {} could not be read.", path.display()),
            why,
        )
        .titled("The accounts cannot be read")
        .state("The file was not changed.")
        .remedy(Remedy::Advice {
            text: "Mend the file, or move it away and add the accounts again.".into(),
        })
    }
}

/// The account with a name in the key store that no other account of its name has.
fn stored_beside(all: &[Account], mut account: Account) -> Account {
    let same = |other: &Account| other.name.eq_ignore_ascii_case(&account.name);
    // Names of secrets begin with a letter, so that this is no secret of the other account.
    account.stored_as =
        (all.iter().any(same)).then(|| format!("{}++{}", account.name, account.kind));
    account
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
