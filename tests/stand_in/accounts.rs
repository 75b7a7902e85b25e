//! Accounts of the home that the fixtures are made in. Their keys are nowhere: nothing is sent.

use firmdrop_api::{Account, Home, KeyStorage};

/// The account that is marked as production.
const PRODUCTION: &str = "pelion:production-eu";

fn account(kind: &str, name: &str, host: &str, own: &[(&str, &str)]) -> Account {
    let own = own
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).into()));
    Account {
        name: name.to_owned(),
        kind: kind.to_owned(),
        host: host.to_owned(),
        proxy: None,
        extra_ca_pem: None,
        production: format!("{kind}:{name}") == PRODUCTION,
        simulated: false,
        key_storage: KeyStorage::KeyStore,
        secrets: vec!["access_key".to_owned()],
        stored_as: None,
        own: own.collect(),
    }
}

/// Writes the file of accounts. No key store of this computer is touched.
pub(crate) fn write(home: &Home) {
    let (eu, azure) = (
        "https://api.eu-west-1.mbedcloud.com",
        "https://contoso.api.adu.microsoft.com",
    );
    let all = [
        account("pelion", "staging-eu", eu, &[]),
        account("adu", "contoso-blue", azure, &[("instance", "blue")]),
        account("pelion", "production-eu", eu, &[]),
    ];
    let text = serde_json::to_vec_pretty(&all).unwrap();
    std::fs::write(home.folder().join("accounts.json"), text).unwrap();
}
