//! Accounts come back with their secrets, and lend them to nobody.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::*;
use crate::account::entry::only_access_key;
use crate::secret_store::fake::FakeKeyStore;

/// A home on a system without a key store.
fn home() -> (tempfile::TempDir, Accounts) {
    home_with(FakeKeyStore::absent()).0
}

fn home_with(system: FakeKeyStore) -> ((tempfile::TempDir, Accounts), Arc<FakeKeyStore>) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let system = Arc::new(system);
    let store = SecretStore::with(&home, Arc::<FakeKeyStore>::clone(&system));
    ((folder, Accounts::with(&home, store)), system)
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
        stored_as: None,
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
        stored_as: None,
        ..simulated(name)
    };
    let place = account.place_of(ACCESS_KEY);
    let key = AccessKey::from("ak_old");
    accounts.secrets.store_in_file(&place, &key).unwrap();
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
    type Change = fn(&mut Account);
    let (_folder, accounts) = home();
    let lab = real(&accounts, "lab", "https://lab.example");
    let changes: [(Change, &str); 5] = [
        (
            |lab| lab.host = "https://other.example".into(),
            "entered for https://lab.example",
        ),
        (
            |lab| lab.proxy = Some("http://127.0.0.1:8080".into()),
            "another proxy",
        ),
        (
            |lab| lab.extra_ca_pem = Some("-----BEGIN CERTIFICATE-----".into()),
            "other certificates",
        ),
        (
            |lab| drop(lab.own.insert("tenant".into(), "other".into())),
            "other settings of the account",
        ),
        (|lab| lab.production = false, "production mark"),
    ];
    for (change, why) in changes {
        let mut changed = lab.clone();
        change(&mut changed);
        let error = accounts.change(changed, &Secrets::default()).unwrap_err();
        assert_eq!(error.code, Code::KeyMissing);
        assert!(error.why.contains(why), "{why}: {}", error.why);
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
            .put_simulated(SimulatedAccount::new("cloud", "demo", &at(1), &key))
            .unwrap()
            .name,
        "demo"
    );
    accounts.remove("demo").unwrap();
    let lab = real(&accounts, "demo", "https://lab.example");
    let simulated = accounts
        .put_simulated(SimulatedAccount::new("cloud", "demo", &at(2), &key))
        .unwrap();
    assert_eq!((&*simulated.name, simulated.simulated), ("demo-2", true));
    let moved = accounts
        .put_simulated(SimulatedAccount::new("cloud", "demo", &at(3), &key))
        .unwrap();
    assert_eq!((&*moved.name, moved.host), ("demo-2", at(3)));
    assert_eq!(accounts.get("demo").unwrap(), lab);
    assert_eq!(key_of(&accounts, "demo"), "ak_old");
}

#[test]
fn a_simulated_account_cannot_be_turned_into_a_real_one() {
    let (_folder, accounts) = home();
    let key = AccessKey::from("ak_demo");
    let demo = accounts.put_simulated(SimulatedAccount::new(
        "cloud",
        "demo",
        "http://127.0.0.1:1",
        &key,
    ));
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

/// A real account as it is entered.
fn entered(name: &str, key_storage: KeyStorage) -> Account {
    Account {
        host: "https://lab.example".into(),
        simulated: false,
        key_storage,
        ..simulated(name)
    }
}

fn key_file(accounts: &Accounts, name: &str) -> std::path::PathBuf {
    accounts.home.keys().join(format!("{name}.key"))
}

#[test]
fn without_a_key_store_a_key_goes_into_a_file_only_with_consent() {
    let (_folder, accounts) = home();
    let key = AccessKey::from("ak_lab");
    let refused = accounts.add(entered("lab", KeyStorage::KeyStore), &key);
    assert_eq!(refused.unwrap_err().code, Code::KeyStoreAbsent);
    assert!(!key_file(&accounts, "lab").exists());
    assert_eq!(accounts.list().unwrap(), []);
    let added = accounts.add(entered("lab", KeyStorage::File), &key);
    assert_eq!(added.unwrap().key_storage, KeyStorage::File);
    assert_eq!(key_of(&accounts, "lab"), "ak_lab");
}

#[test]
fn a_locked_key_store_is_an_error_with_words_and_never_a_file() {
    let ((_folder, accounts), system) = home_with(FakeKeyStore::default());
    system.refuse(Some("the collection is locked"));
    let key = AccessKey::from("ak_lab");
    // Not even with consent: there is a store.
    let refused = accounts.add(entered("lab", KeyStorage::File), &key);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, Code::KeyStoreFailed);
    assert!(refused.why.contains("locked"), "{refused}");
    assert!(!key_file(&accounts, "lab").exists());
    system.refuse(None);
    accounts
        .add(entered("lab", KeyStorage::KeyStore), &key)
        .unwrap();
    system.refuse(Some("the collection is locked"));
    let unread = accounts.with_key("lab").unwrap_err();
    assert_eq!(
        unread.code,
        Code::KeyStoreFailed,
        "no missing key: {unread}"
    );
    let refused = accounts.remove("lab").unwrap_err();
    assert_eq!(refused.code, Code::KeyStoreFailed);
    assert_eq!(accounts.list().unwrap().len(), 1, "its key is still stored");
    system.refuse(None);
    accounts.remove("lab").unwrap();
    assert!(system.is_empty());
}

#[test]
fn a_key_that_moves_into_the_key_store_takes_the_others_along_and_leaves_no_file() {
    let ((_folder, accounts), _) = home_with(FakeKeyStore::default());
    let mut lab = real(&accounts, "lab", "https://lab.example");
    let place = lab.place_of(PROXY_PASSWORD);
    let password = AccessKey::from("pw");
    accounts.secrets.store_in_file(&place, &password).unwrap();
    lab.secrets.push(PROXY_PASSWORD.into());
    accounts.write(vec![lab]).unwrap();
    let moved = accounts.replace_key("lab", &AccessKey::from("ak_new"));
    assert_eq!(moved.unwrap().key_storage, KeyStorage::KeyStore);
    let (_, secrets) = accounts.with_secrets("lab").unwrap();
    let exposed = |name: &str| secrets.get(name).map(|one| one.expose_secret().to_owned());
    assert_eq!(exposed(ACCESS_KEY).as_deref(), Some("ak_new"));
    assert_eq!(exposed(PROXY_PASSWORD).as_deref(), Some("pw"));
    assert_eq!(std::fs::read_dir(accounts.home.keys()).unwrap().count(), 0);
}

#[test]
fn accounts_of_two_kinds_may_share_a_name_and_neither_has_the_secret_of_the_other() {
    let (_folder, accounts) = home();
    let put = |kind: &str, key: &str| {
        let key = AccessKey::from(key.to_owned());
        let request = SimulatedAccount::new(kind, "demo", "http://127.0.0.1:1", &key);
        accounts.put_simulated(request).unwrap()
    };
    put("shop", "one");
    put("cloud", "two");
    // Opened again, as every start of the simulated world does.
    put("shop", "three");
    put("cloud", "four");
    assert_eq!(accounts.list().unwrap().len(), 2);
    let key = |text: &str| {
        let (account, key) = accounts.with_key(text).unwrap();
        (account.kind, key.expose_secret().to_owned())
    };
    assert_eq!(key("shop:demo"), ("shop".into(), "three".into()));
    assert_eq!(key("cloud:demo"), ("cloud".into(), "four".into()));
    // A bare name means the one that had it first, and that one is listed first.
    assert_eq!(accounts.list().unwrap()[0].kind, "shop");
    assert_eq!(key("demo"), ("shop".into(), "three".into()));
    put("store", "five");
    // What a bare name removes would be a guess.
    let refused = accounts.remove("demo").unwrap_err();
    assert_eq!(refused.title, "Several accounts have this name");
    assert_eq!(accounts.list().unwrap().len(), 3);
    accounts.remove("shop:demo").unwrap();
    let ambiguous = accounts.get("demo").unwrap_err();
    assert!(
        ambiguous.why.contains("cloud:demo and store:demo"),
        "{ambiguous:?}"
    );
    accounts.remove("cloud:demo").unwrap();
    assert_eq!(key("demo"), ("store".into(), "five".into()));
}

#[test]
fn a_secret_that_a_sign_in_gave_is_stored_beside_the_others_and_erased_alone() {
    let (_folder, accounts) = home();
    let key = AccessKey::from("ak".to_owned());
    let request = SimulatedAccount::new("cloud", "demo", "http://127.0.0.1:1", &key);
    accounts.put_simulated(request).unwrap();
    for value in ["first", "second"] {
        let value = AccessKey::from(value.to_owned());
        accounts
            .store_secret("cloud:demo", "refresh_token", &value)
            .unwrap();
    }
    let (_, secrets) = accounts.with_secrets("cloud:demo").unwrap();
    assert_eq!(
        secrets.get("refresh_token").unwrap().expose_secret(),
        "second"
    );
    accounts
        .erase_secret("cloud:demo", "refresh_token")
        .unwrap();
    let (account, secrets) = accounts.with_secrets("cloud:demo").unwrap();
    assert!(secrets.get("refresh_token").is_none());
    assert_eq!(account.secrets, [ACCESS_KEY]);
}
