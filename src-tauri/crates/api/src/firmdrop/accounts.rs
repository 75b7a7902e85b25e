//! Cloud accounts.

use firmdrop_core::{Code, ConnectionReport, Diagnosis, Remedy};
use firmdrop_engine::{
    ACCESS_KEY, AccessKey, Account, AccountForm, Accounts, Backends, KeyStorage, PROXY_PASSWORD,
    Secrets, blocking, split_password,
};

use super::Firmdrop;
use crate::{AccountDraft, AccountView};

impl Firmdrop {
    /// All accounts, by name.
    #[expect(
        clippy::unused_async,
        reason = "every question of the facade is asked the same way"
    )]
    pub async fn accounts(&self) -> Result<Vec<AccountView>, Diagnosis> {
        let accounts = self.inner.engine.accounts().list()?;
        Ok(accounts
            .into_iter()
            .map(|account| view(self.inner.engine.backends(), account))
            .collect())
    }

    /// Adds an account. Refuses a name that exists, a draft without a key, and, where the system has no
    /// key store, one without consent to a file.
    pub async fn add_account(&self, draft: AccountDraft) -> Result<AccountView, Diagnosis> {
        let (accounts, backends) = self.accounts_and_backends();
        blocking(move || {
            let account = account_of(&backends, &draft, None)?;
            let secrets = secrets_of(&draft);
            let form = backends.of_account(&account)?.account_form();
            if let Some(form) = &form {
                check_fields(form, &draft)?;
                for field in &form.secrets {
                    let is_used = field.required && form.uses(field, &draft.fields);
                    if is_used && secrets.get(&field.key).is_none() {
                        return Err(no_secret(&draft.name, &field.label));
                    }
                }
            }
            Ok(view(&backends, accounts.add(account, secrets)?))
        })
        .await
    }

    /// Changes an account. Refuses to lend its stored key to another address, proxy or authority,
    /// and to take the production mark away without the key.
    pub async fn change_account(&self, draft: AccountDraft) -> Result<AccountView, Diagnosis> {
        let (accounts, backends) = self.accounts_and_backends();
        blocking(move || {
            let old = accounts.get(&draft.key())?;
            let account = account_of(&backends, &draft, Some(&old))?;
            let changed = accounts.change(account, &secrets_of(&draft))?;
            Ok(view(&backends, changed))
        })
        .await
    }

    /// What an account of each kind needs.
    pub fn account_forms(&self) -> Vec<AccountForm> {
        let backends = self.inner.engine.backends().iter();
        backends
            .filter_map(|backend| backend.account_form())
            .collect()
    }

    /// Whether a change needs the access key of the account again.
    pub fn change_needs_key(&self, draft: &AccountDraft) -> Result<bool, Diagnosis> {
        let old = self.inner.engine.accounts().get(&draft.key())?;
        Ok(old.may_lend_its_key(&merged(draft, Some(&old))).is_err())
    }

    /// Replaces the access key of an account and nothing else.
    pub async fn replace_key(&self, name: &str, key: AccessKey) -> Result<AccountView, Diagnosis> {
        let (accounts, backends) = self.accounts_and_backends();
        let name = name.to_owned();
        blocking(move || Ok(view(&backends, accounts.replace_key(&name, &key)?))).await
    }

    /// Removes an account and its key. What it uploaded stays with the service.
    pub async fn remove_account(&self, name: &str) -> Result<(), Diagnosis> {
        let (accounts, name) = (self.inner.engine.accounts().clone(), name.to_owned());
        blocking(move || accounts.remove(&name)).await
    }

    fn accounts_and_backends(&self) -> (Accounts, Backends) {
        let engine = &self.inner.engine;
        (engine.accounts().clone(), engine.backends().clone())
    }

    /// Tries an account layer by layer and names the first that fails. Sends nothing but a look.
    pub async fn test_account(&self, name: &str) -> Result<ConnectionReport, Diagnosis> {
        self.inner.engine.test_account(name).await
    }
}

/// What a draft makes of an account. Refuses an address, proxy or certificate that no client can be
/// made of.
fn account_of(
    backends: &Backends,
    draft: &AccountDraft,
    old: Option<&Account>,
) -> Result<Account, Diagnosis> {
    let account = merged(draft, old);
    let backend = backends.of_account(&account)?;
    if let Some(form) = backend.account_form() {
        check_names(&form, draft)?;
    }
    let checked = backend.check_account(&account);
    checked.map_err(|refused| match old {
        Some(_) => refused,
        None => of_no_account_yet(refused),
    })?;
    Ok(account)
}

/// Refuses a field that accounts of this kind do not have: it would be stored and change nothing.
fn check_names(form: &AccountForm, draft: &AccountDraft) -> Result<(), Diagnosis> {
    let is_known = |key: &str| form.fields.iter().any(|field| field.key == key);
    let Some(key) = draft.fields.keys().find(|key| !is_known(key)) else {
        return Ok(());
    };
    let what = format!("The account \"{}\" was not saved.", draft.name);
    let known: Vec<&str> = form.fields.iter().map(|field| &*field.key).collect();
    let (why, help) = if known.is_empty() {
        let why = format!("An account of this kind has no field \"{key}\", nor any other.");
        (why, "Leave the field out.".to_owned())
    } else {
        let why = format!("An account of this kind has no field \"{key}\".");
        (why, format!("Give one of {}.", known.join(", ")))
    };
    Err(Diagnosis::new(Code::ArgumentInvalid, what, why)
        .titled("There is no such field")
        .state("No account was changed.")
        .remedy(Remedy::advice(help)))
}

/// What refuses an account that is to be added. There is none to be edited yet.
fn of_no_account_yet(mut refused: Diagnosis) -> Diagnosis {
    let before = refused.remedies.len();
    let is_of_an_account = |remedy: &Remedy| matches!(remedy, Remedy::EditAccount { .. });
    refused.remedies.retain(|remedy| !is_of_an_account(remedy));
    if refused.remedies.len() == before {
        return refused;
    }
    refused
        .state("No account was changed.")
        .remedy(Remedy::advice("Correct it, and add the account again."))
}

fn merged(draft: &AccountDraft, old: Option<&Account>) -> Account {
    let merge = |new: &Option<String>, old: Option<&Option<String>>| match new {
        Some(text) => (!text.trim().is_empty()).then(|| text.clone()),
        None => old.cloned().flatten(),
    };
    let proxy = draft.proxy.as_deref().map(|proxy| split_password(proxy).0);
    // Earlier versions stored the password within the address: what is shown of it means it.
    let stored = old.and_then(|old| old.proxy.clone());
    let same = stored.filter(|stored| Some(split_password(stored).0) == proxy);
    let proxy = same.or(proxy);
    let mut own = old.map(|old| old.own.clone()).unwrap_or_default();
    let fields = draft.fields.iter();
    own.extend(fields.map(|(key, value)| (key.clone(), value.clone().into())));
    let kind = old.map(|old| old.kind.clone()).or(draft.kind.clone());
    Account {
        name: draft.name.clone(),
        kind: kind.unwrap_or_default(),
        host: draft.host.trim().trim_end_matches('/').to_owned(),
        proxy: merge(&proxy, old.map(|old| &old.proxy)),
        extra_ca_pem: merge(&draft.extra_ca_pem, old.map(|old| &old.extra_ca_pem)),
        production: draft.production,
        simulated: false,
        key_storage: if draft.key_in_file {
            KeyStorage::File
        } else {
            KeyStorage::KeyStore
        },
        secrets: old.map(|old| old.secrets.clone()).unwrap_or_default(),
        stored_as: old.and_then(|old| old.stored_as.clone()),
        own,
    }
}

/// The secrets that were entered, the password in a proxy's address included.
fn secrets_of(draft: &AccountDraft) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, secret) in &draft.secrets {
        secrets = secrets.with(name, secret.clone());
    }
    if let Some(key) = &draft.access_key {
        secrets = secrets.with(ACCESS_KEY, key.clone());
    }
    let proxy = draft.proxy.as_deref().map(split_password);
    match proxy {
        Some((_, Some(password))) => secrets.with(PROXY_PASSWORD, password),
        _ => secrets,
    }
}

/// Refuses a value that a field cannot have, and a field that is missing.
fn check_fields(form: &AccountForm, draft: &AccountDraft) -> Result<(), Diagnosis> {
    let refused = |why: String| {
        let what = format!("The account \"{}\" was not added.", draft.name);
        Diagnosis::new(Code::AccountInvalid, what, why).state("No account was changed.")
    };
    for field in form
        .fields
        .iter()
        .filter(|field| form.uses(field, &draft.fields))
    {
        let value = draft.fields.get(&field.key).map(|value| value.trim());
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            if field.required && field.usual.is_none() {
                return Err(refused(format!("{}: nothing was entered.", field.label)));
            }
            continue;
        };
        let known = field.choices.iter().any(|choice| choice.value == value);
        if !field.choices.is_empty() && !known {
            let all: Vec<&str> = field.choices.iter().map(|choice| &*choice.value).collect();
            let why = format!("{}: {value} is none of {}.", field.label, all.join(", "));
            return Err(refused(why));
        }
    }
    Ok(())
}

fn no_secret(account: &str, label: &str) -> Diagnosis {
    let what = format!("The account \"{account}\" was not added.");
    Diagnosis::new(
        Code::KeyMissing,
        what,
        format!("{label}: nothing was entered."),
    )
    .state("No account was changed.")
}

fn view(backends: &Backends, account: Account) -> AccountView {
    let kind = backends
        .of_account(&account)
        .map_or_else(|_| account.kind.clone(), |backend| backend.id().to_owned());
    AccountView {
        id: format!("{kind}:{}", account.name),
        name: account.name,
        kind,
        host: account.host,
        proxy: account.proxy.map(|proxy| split_password(&proxy).0),
        has_extra_ca: account.extra_ca_pem.is_some(),
        production: account.production,
        simulated: account.simulated,
        key_storage: account.key_storage,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use firmdrop_engine::Home;

    use super::*;
    use crate::FirmdropOptions;

    fn draft(host: &str) -> AccountDraft {
        AccountDraft {
            name: "lab".into(),
            host: host.into(),
            access_key: None,
            proxy: None,
            extra_ca_pem: None,
            production: true,
            kind: None,
            fields: BTreeMap::new(),
            secrets: BTreeMap::new(),
            key_in_file: true,
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_a_secret_and_no_part_of_an_account() {
        let mut with_proxy = draft("https://lab.example");
        with_proxy.proxy = Some("http://lab:marker@proxy.example:8080".into());
        let account = merged(&with_proxy, None);
        assert_eq!(
            account.proxy.as_deref(),
            Some("http://lab@proxy.example:8080")
        );
        assert!(secrets_of(&with_proxy).get(PROXY_PASSWORD).is_some());
    }

    /// What the page of the window sends when it was taken over: a host of its own, no key.
    #[tokio::test]
    async fn a_stored_key_is_sent_to_no_host_that_it_was_not_entered_for() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let firmdrop = Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap();
        let no_key = firmdrop.add_account(draft("https://lab.example")).await;
        assert_eq!(no_key.unwrap_err().code, Code::KeyMissing);
        let mut first = draft("https://lab.example");
        first.access_key = Some(AccessKey::from("ak_lab"));
        firmdrop.add_account(first.clone()).await.unwrap();
        let again = firmdrop.add_account(first).await;
        assert_eq!(again.unwrap_err().code, Code::AccountExists);
        let moved = firmdrop.change_account(draft("https://evil.example")).await;
        assert_eq!(moved.unwrap_err().code, Code::KeyMissing);
        let account = firmdrop.accounts().await.unwrap().remove(0);
        assert_eq!(account.host, "https://lab.example");
        assert!(account.production);
    }

    #[test]
    fn what_a_change_leaves_out_stays_and_what_is_empty_goes() {
        let mut old = merged(&draft("https://lab.example"), None);
        old.extra_ca_pem = Some("a certificate".into());
        old.proxy = Some("http://127.0.0.1:1".into());
        assert_eq!(merged(&draft("https://lab.example/"), Some(&old)), old);
        let mut emptied = draft("https://lab.example");
        (emptied.proxy, emptied.extra_ca_pem) = (Some(String::new()), Some(String::new()));
        let emptied = merged(&emptied, Some(&old));
        assert_eq!((emptied.proxy, emptied.extra_ca_pem), (None, None));
    }
}
