//! From an account to clients of its service and its storage.

use std::sync::Arc;

use firmdrop_cloud::azure::import_manifest::ApiProfile;
use firmdrop_cloud::azure::sign_in::{
    AssertionAlgorithm, AzureCli, BoundSecret, ClientCertificate, ClientSecret, PastedToken,
    RefreshStore, RefusedFlow, SignInSettings, UserSignIn,
};
use firmdrop_cloud::azure::staging::{BlobStore, StorageAccess, StoragePlace, StoreOptions};
use firmdrop_cloud::azure::{ApiVersion, AzureAccount, DeviceUpdate, TokenError, TokenSource};
use firmdrop_core::{Code, ConnectionReport, Diagnose as _, Diagnosis, Remedy};
use firmdrop_engine::{
    Account, AccountForm, Accounts, FormField, PROXY_PASSWORD, Secrets, blocking, with_password,
};
use firmdrop_net::{HttpOptions, Secret};

use super::refresh::{REFRESH_TOKEN, StoredRefresh};
use super::{SCHEME, destination};

/// Keys of the form, as accounts hold them.
const INSTANCE: &str = "instance";
const API_VERSION: &str = "api_version";
const SIGN_IN: &str = "sign_in";
const TENANT: &str = "tenant";
const CLIENT_ID: &str = "client_id";
const AUTHORITY: &str = "authority";
const STORAGE_ACCESS: &str = "storage_access";
const STORAGE: &str = "storage";
const CONTAINER: &str = "container";
const PREFIX: &str = "prefix";
const CLIENT_SECRET: &str = "client_secret";
const CERTIFICATE: &str = "certificate";
const ACCESS_TOKEN: &str = "access_token";
const STORAGE_KEY: &str = "storage_key";
const CONNECTION_STRING: &str = "connection_string";
const CONTAINER_ADDRESS: &str = "container_address";
const READING_ADDRESS: &str = "reading_address";

/// The public cloud's issuer.
const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

/// Ways to sign in.
const WAYS: [(&str, &str); 6] = [
    ("client_secret", "Application with a client secret"),
    ("certificate", "Application with a certificate"),
    ("azure_cli", "Azure CLI (az login)"),
    ("browser", "User, in the browser"),
    ("device_code", "User, with a code on another device"),
    ("token", "An access token, for an hour"),
];

/// Ways into the storage.
const STORAGE_WAYS: [(&str, &str); 4] = [
    ("sign_in", "The same sign-in"),
    ("account_key", "Key of the storage account"),
    ("connection_string", "Connection string"),
    ("sas", "Signed address of the container (SAS)"),
];

/// What an account needs.
pub(super) fn form() -> AccountForm {
    let with_app = ["client_secret", "certificate", "browser", "device_code"];
    let with_place = ["sign_in", "account_key"];
    let versions: Vec<(&str, &str)> = ApiVersion::ALL
        .iter()
        .map(|one| (one.as_str(), one.as_str()))
        .collect();
    AccountForm {
        kind: SCHEME.to_owned(),
        title: "Azure Device Update".to_owned(),
        hint: "An instance of Device Update for IoT Hub, and the storage it imports from."
            .to_owned(),
        host: FormField::required("host", "Account endpoint")
            .hint("https://NAME.api.adu.microsoft.com"),
        fields: vec![
            FormField::required(INSTANCE, "Instance")
                .hint("Name of the instance within the account"),
            FormField::required(API_VERSION, "API version")
                .usual(ApiVersion::default().as_str())
                .choices(&versions),
            FormField::required(SIGN_IN, "Sign in with")
                .usual(WAYS[0].0)
                .choices(&WAYS),
            FormField::required(TENANT, "Tenant")
                .hint("Id or domain of the tenant")
                .only_when(SIGN_IN, &with_app),
            FormField::required(CLIENT_ID, "Application id")
                .hint("Application (client) id of the app registration")
                .only_when(SIGN_IN, &with_app),
            FormField::required(AUTHORITY, "Sign-in host")
                .hint("Another one in sovereign clouds")
                .usual(PUBLIC_AUTHORITY)
                .only_when(SIGN_IN, &with_app),
            FormField::required(STORAGE_ACCESS, "Access to the storage")
                .usual(STORAGE_WAYS[0].0)
                .choices(&STORAGE_WAYS),
            FormField::required(STORAGE, "Blob endpoint")
                .hint("https://NAME.blob.core.windows.net")
                .only_when(STORAGE_ACCESS, &with_place),
            FormField::required(CONTAINER, "Container").only_when(
                STORAGE_ACCESS,
                &["sign_in", "account_key", "connection_string"],
            ),
            FormField::optional(PREFIX, "Folder in the container"),
        ],
        secrets: vec![
            FormField::required(CLIENT_SECRET, "Client secret")
                .only_when(SIGN_IN, &["client_secret"]),
            FormField::required(CERTIFICATE, "Certificate and private key (PEM)")
                .only_when(SIGN_IN, &["certificate"]),
            FormField::required(ACCESS_TOKEN, "Access token").only_when(SIGN_IN, &["token"]),
            FormField::required(STORAGE_KEY, "Key of the storage account")
                .only_when(STORAGE_ACCESS, &["account_key"]),
            FormField::required(CONNECTION_STRING, "Connection string")
                .only_when(STORAGE_ACCESS, &["connection_string"]),
            FormField::required(
                CONTAINER_ADDRESS,
                "Address with write, create and read permissions",
            )
            .only_when(STORAGE_ACCESS, &["sas"]),
            FormField::required(READING_ADDRESS, "Address with read permission only")
                .only_when(STORAGE_ACCESS, &["sas"]),
        ],
    }
}

/// Clients of one account.
#[derive(Debug, Clone)]
pub struct Connected {
    /// What the account is called.
    pub name: String,
    /// The service.
    pub service: DeviceUpdate,
    /// The storage.
    pub store: BlobStore,
    /// Folder in the container; may be empty.
    pub prefix: String,
    /// Which manifests the API takes.
    pub profile: ApiProfile,
    /// Part of the simulated world.
    pub simulated: bool,
    /// Marked as production.
    pub production: bool,
}

/// Clients of the account of this name. Waits for the key store; connects to nothing.
pub async fn client(accounts: &Accounts, name: &str) -> Result<Connected, Diagnosis> {
    let (accounts, key) = (accounts.clone(), destination(name).to_string());
    blocking(move || {
        let (account, secrets) = accounts.with_secrets(&key)?;
        connect(&account, &secrets, Some(&accounts))
    })
    .await
}

/// A client of the account's service alone.
pub async fn service_of(accounts: &Accounts, name: &str) -> Result<DeviceUpdate, Diagnosis> {
    let (accounts, key) = (accounts.clone(), destination(name).to_string());
    blocking(move || {
        let (account, secrets) = accounts.with_secrets(&key)?;
        let tokens = tokens(&account, &secrets, Some(&accounts))?;
        service(&account, &secrets, tokens)
    })
    .await
}

/// Whether the account's users sign in with a code.
pub async fn signs_in_with_code(accounts: &Accounts, name: &str) -> Result<bool, Diagnosis> {
    let (accounts, key) = (accounts.clone(), destination(name).to_string());
    blocking(move || Ok(text(&accounts.get(&key)?, SIGN_IN) == "device_code")).await
}

/// The sign-in of a user of this account, to be carried out.
pub async fn user_sign_in(accounts: &Accounts, name: &str) -> Result<UserSignIn, Diagnosis> {
    let (accounts, key) = (accounts.clone(), destination(name).to_string());
    blocking(move || {
        let (account, secrets) = accounts.with_secrets(&key)?;
        let way = text(&account, SIGN_IN);
        if !["browser", "device_code"].contains(&way) {
            return Err(unusable(&account, "It does not sign a user in.").remedy(
                Remedy::EditAccount {
                    account: account.name.clone(),
                },
            ));
        }
        user(&account, &secrets, Some(&accounts))
    })
    .await
}

/// Clients of an account with these secrets.
pub fn connect(
    account: &Account,
    secrets: &Secrets,
    accounts: Option<&Accounts>,
) -> Result<Connected, Diagnosis> {
    let tokens = tokens(account, secrets, accounts)?;
    let service = service(account, secrets, Arc::clone(&tokens))?;
    let (place, access) = storage(account, secrets, tokens)?;
    let options = StoreOptions {
        http: http_options(account, secrets),
        ..StoreOptions::of(&account.name)
    };
    let store = BlobStore::new(place, access, options).map_err(|error| error.diagnose())?;
    let profile = service.api_version().manifests();
    Ok(Connected {
        name: account.name.clone(),
        service,
        store,
        prefix: text(account, PREFIX).to_owned(),
        profile,
        simulated: account.simulated,
        production: account.production,
    })
}

/// Refuses an account that no client can be made of, whatever its secrets are.
pub(super) fn check(account: &Account) -> Result<(), Diagnosis> {
    address(account, &Secrets::default())?;
    settings(account, &Secrets::default())?;
    if ["sign_in", "account_key"].contains(&text(account, STORAGE_ACCESS)) {
        place_of(account)?;
    }
    Ok(())
}

/// What two jobs must not use at once: the instance, however its account is called.
pub(super) fn place(account: &Account) -> String {
    format!("{SCHEME} {} {}", account.host, text(account, INSTANCE))
}

/// The instance and, as far as no secret says it, the container of the storage.
pub(super) fn address_of(account: &Account) -> String {
    let host = account.host.trim_end_matches('/');
    let instance = format!("{host}, instance {}", text(account, INSTANCE));
    let storage = text(account, STORAGE).trim_end_matches('/');
    match text(account, CONTAINER) {
        "" => instance,
        container if storage.is_empty() => format!("{instance}, container {container}"),
        container => format!("{instance}, container {storage}/{container}"),
    }
}

/// Tries the service, then the storage.
pub(super) async fn test(
    account: &Account,
    accounts: &Accounts,
) -> Result<ConnectionReport, Diagnosis> {
    let connected = client(accounts, &account.name).await?;
    let service = connected.service.test().await;
    if !service.is_usable() {
        return Ok(service);
    }
    Ok(service.followed_by(connected.store.test().await))
}

fn service(
    account: &Account,
    secrets: &Secrets,
    tokens: Arc<dyn TokenSource>,
) -> Result<DeviceUpdate, Diagnosis> {
    let address = address(account, secrets)?;
    DeviceUpdate::new(&address, tokens).map_err(|error| error.diagnose())
}

fn address(account: &Account, secrets: &Secrets) -> Result<AzureAccount, Diagnosis> {
    let version = text(account, API_VERSION);
    let api_version = if version.is_empty() {
        Ok(ApiVersion::default())
    } else {
        version.parse::<ApiVersion>()
    };
    let address = AzureAccount {
        name: account.name.clone(),
        service: account.host.clone(),
        instance: text(account, INSTANCE).to_owned(),
        api_version: api_version.map_err(|error| unusable(account, &format!("{error}.")))?,
        proxy: http_options(account, secrets).proxy,
        extra_ca_pem: account.extra_ca_pem.clone(),
        production: account.production,
    };
    address.check().map_err(|error| error.diagnose())?;
    Ok(address)
}

fn http_options(account: &Account, secrets: &Secrets) -> HttpOptions {
    let password = secrets.get(PROXY_PASSWORD);
    let proxy = account.proxy.as_deref();
    HttpOptions {
        proxy: proxy.map(|proxy| with_password(proxy, password)),
        extra_ca_pem: account.extra_ca_pem.clone().map(String::into_bytes),
        ..HttpOptions::default()
    }
}

fn settings(account: &Account, secrets: &Secrets) -> Result<SignInSettings, Diagnosis> {
    let mut settings = SignInSettings::public(text(account, TENANT), text(account, CLIENT_ID));
    let authority = text(account, AUTHORITY);
    if !authority.is_empty() {
        authority.clone_into(&mut settings.authority);
    }
    settings.proxy = http_options(account, secrets).proxy;
    settings.extra_ca_pem.clone_from(&account.extra_ca_pem);
    let way = text(account, SIGN_IN);
    if !WAYS.iter().any(|(known, _)| *known == way) && !way.is_empty() {
        return Err(no_way(account, way));
    }
    Ok(settings)
}

/// Whoever signs in. A secret belongs to the account, which is bound to its issuer, tenant and
/// application: another one of these needs the secret again.
fn tokens(
    account: &Account,
    secrets: &Secrets,
    accounts: Option<&Accounts>,
) -> Result<Arc<dyn TokenSource>, Diagnosis> {
    let settings = settings(account, secrets)?;
    let bound = |name: &str| {
        let secret = secrets.get(name).cloned().unwrap_or_default();
        BoundSecret::entered(secret, &settings)
    };
    let failed = |error: TokenError| *error.0;
    Ok(match text(account, SIGN_IN) {
        "certificate" => {
            let pem = bound(CERTIFICATE);
            let source = ClientCertificate::new(settings, &pem, AssertionAlgorithm::default());
            Arc::new(source.map_err(failed)?)
        }
        "azure_cli" => Arc::new(AzureCli::new(settings, None)),
        "token" => Arc::new(PastedToken::new(
            secrets.get(ACCESS_TOKEN).cloned().unwrap_or_default(),
        )),
        "browser" | "device_code" => Arc::new(user(account, secrets, accounts)?),
        _ => {
            let secret = bound(CLIENT_SECRET);
            Arc::new(ClientSecret::new(settings, &secret).map_err(failed)?)
        }
    })
}

fn user(
    account: &Account,
    secrets: &Secrets,
    accounts: Option<&Accounts>,
) -> Result<UserSignIn, Diagnosis> {
    let settings = settings(account, secrets)?;
    let store: Arc<dyn RefreshStore> = Arc::new(StoredRefresh::new(
        accounts.cloned(),
        account.key(),
        secrets.get(REFRESH_TOKEN),
    ));
    UserSignIn::new(settings, store).map_err(|error| *error.0)
}

fn storage(
    account: &Account,
    secrets: &Secrets,
    tokens: Arc<dyn TokenSource>,
) -> Result<(StoragePlace, StorageAccess), Diagnosis> {
    let secret = |name: &str| -> Secret { secrets.get(name).cloned().unwrap_or_default() };
    let found = match text(account, STORAGE_ACCESS) {
        "account_key" => {
            let place = place_of(account)?;
            return Ok((place, StorageAccess::AccountKey(secret(STORAGE_KEY))));
        }
        "connection_string" => {
            let text_of = secret(CONNECTION_STRING);
            StorageAccess::from_connection_string(&text_of, text(account, CONTAINER))
        }
        "sas" => {
            let reading = secrets.get(READING_ADDRESS);
            StorageAccess::from_container_address(&secret(CONTAINER_ADDRESS), reading)
        }
        _ => return Ok((place_of(account)?, StorageAccess::SignedIn(tokens))),
    };
    found.map_err(|error| error.diagnose())
}

fn place_of(account: &Account) -> Result<StoragePlace, Diagnosis> {
    let place = StoragePlace::at(text(account, STORAGE), text(account, CONTAINER));
    place.map_err(|error| error.diagnose())
}

fn text<'a>(account: &'a Account, key: &str) -> &'a str {
    let value = account.own.get(key).and_then(|value| value.as_str());
    value.map_or("", str::trim)
}

/// A way to sign in that is not offered, and why.
fn no_way(account: &Account, way: &str) -> Diagnosis {
    if let Some(flow) = RefusedFlow::named(way) {
        return *flow.error().0;
    }
    let ways = WAYS.map(|(way, _)| way).join(", ");
    unusable(
        account,
        &format!("There is no way to sign in called {way}."),
    )
    .remedy(Remedy::advice(format!("Choose one of these: {ways}.")))
}

fn unusable(account: &Account, why: &str) -> Diagnosis {
    let what = format!("The account {} cannot be used.", account.name);
    Diagnosis::new(Code::AccountInvalid, what, why).state("Nothing was sent.")
}
