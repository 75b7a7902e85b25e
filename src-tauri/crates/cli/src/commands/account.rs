//! `account`: cloud accounts.

use std::collections::BTreeMap;
use std::path::Path;

use firmdrop_api::{
    ACCESS_KEY, AccessKey, AccountDraft, AccountForm, AccountView, Code, Diagnosis, KeyStorage,
    PROXY_PASSWORD, Remedy, StepResult,
};
use firmdrop_core::{Diagnose as _, read_file};

use crate::arguments::{Account, AccountAdd, AccountEdit};
use crate::context::Context;
use crate::exit::Exit;
use crate::once::ensure_once;
use crate::{failure, print, prompt};

/// Longest file with certificates, bytes: those of every public authority have a quarter of it.
const CERTIFICATES_BYTES: u64 = 1024 * 1024;

/// Codes by which an account is refused for what was given of it.
const GIVEN: [Code; 2] = [Code::AccountInvalid, Code::KeyMissing];

pub(super) async fn run(context: &Context, command: Account) -> Result<Exit, Diagnosis> {
    let gives = matches!(
        command,
        Account::Add(_) | Account::Edit(_) | Account::Key { .. }
    );
    let ended = carry_out(context, command).await;
    if gives {
        failure::as_usage(ended, &GIVEN, context.json)
    } else {
        ended
    }
}

async fn carry_out(context: &Context, command: Account) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match command {
        Account::Add(add) => {
            let accounts = firmdrop.engine().accounts();
            accounts.check_new(&add.kind, &add.name)?;
            let account = add_account(context, draft(context, add)?).await?;
            warn(&account);
            show(&account, context.json);
        }
        Account::Edit(edit) => {
            let account = firmdrop.change_account(changed(context, edit)?).await?;
            warn(&account);
            show(&account, context.json);
        }
        Account::Key { name, key_file } => {
            firmdrop.engine().accounts().get(&name)?;
            let key = prompt::access_key(key_file.as_deref())?;
            let account = firmdrop.replace_key(&name, key).await?;
            warn(&account);
            show(&account, context.json);
        }
        Account::List => {
            let accounts = firmdrop.accounts().await?;
            if context.json {
                print::json(&accounts);
            } else if accounts.is_empty() {
                print::line("No account yet. Add one with `firmdrop-cli account add NAME`.");
            } else {
                for account in &accounts {
                    show(account, false);
                }
            }
        }
        Account::Show { name } => {
            let accounts = firmdrop.accounts().await?;
            let one = firmdrop.engine().accounts().get(&name)?;
            let is_it =
                |account: &&AccountView| [&*account.id, &*account.name].contains(&&*one.key());
            if let Some(account) = accounts.iter().find(is_it) {
                show(account, context.json);
            }
        }
        Account::Test { name } => {
            context.waiting.for_something_harmless();
            return test(context, &name).await;
        }
        Account::Remove { name } => {
            firmdrop.remove_account(&name).await?;
            print::done(context.json);
        }
    }
    Ok(Exit::Done)
}

/// Adds it; where the system has no key store, the user at the terminal decides about a file.
async fn add_account(context: &Context, mut draft: AccountDraft) -> Result<AccountView, Diagnosis> {
    match context.firmdrop.add_account(draft.clone()).await {
        Err(refused) if refused.code == Code::KeyStoreAbsent => {
            let question = "This system has no key store. Store the key in a file that only your user can read?";
            let asked = prompt::at_terminal() && !context.json;
            if !asked || prompt::confirm(question, false).is_err() {
                return Err(refused);
            }
            draft.key_in_file = true;
            context.firmdrop.add_account(draft).await
        }
        added => added,
    }
}

/// A new account, by the form of its kind. What is a secret is asked for.
fn draft(context: &Context, add: AccountAdd) -> Result<AccountDraft, Diagnosis> {
    let forms = context.firmdrop.account_forms();
    let form = forms.into_iter().find(|form| form.kind == add.kind);
    let form = form.ok_or_else(|| missing(&add.name, "There is no such kind of account."))?;
    let host = add.host.or(form.host.usual.clone());
    let host = host.ok_or_else(|| missing(&add.name, "Give its address with --host."))?;
    ensure_once("field", &add.set)?;
    ensure_once("secret", &add.secret_file)?;
    let is_secret = |name: &str| form.secrets.iter().any(|secret| secret.key == name);
    if let Some((name, _)) = add.secret_file.iter().find(|(name, _)| !is_secret(name)) {
        return Err(no_such_secret(&add.name, name, &form));
    }
    let mut fields: BTreeMap<String, String> = add.set.into_iter().collect();
    for field in &form.fields {
        let used = form.uses(field, &fields);
        let value = fields.get(&field.key).or(field.usual.as_ref()).cloned();
        match value.filter(|_| used) {
            Some(value) => drop(fields.insert(field.key.clone(), value)),
            None if used && field.required => {
                let why = format!("Give {} with --set {}=VALUE.", field.label, field.key);
                return Err(missing(&add.name, &why));
            }
            None => {}
        }
    }
    // A script has the key in a file, a pipe or the environment, in plain text already. Whoever types it
    // is asked.
    let from_file = add.key_file.is_some() || !add.secret_file.is_empty();
    let key_in_file = add.key_in_file || from_file || !prompt::at_terminal();
    let (mut access_key, mut secrets) = (None, BTreeMap::new());
    for field in &form.secrets {
        if !field.required || !form.uses(field, &fields) {
            continue;
        }
        let in_file = add.secret_file.iter().find(|(key, _)| *key == field.key);
        let in_file = in_file.map(|(_, path)| Path::new(path));
        if field.key == ACCESS_KEY {
            access_key = Some(prompt::access_key(add.key_file.as_deref().or(in_file))?);
        } else {
            let secret = prompt::secret(&field.label, &field.key, in_file)?;
            secrets.insert(field.key.clone(), secret);
        }
    }
    secrets.extend(proxy_password(add.proxy.as_deref()));
    Ok(AccountDraft {
        name: add.name,
        kind: Some(add.kind),
        host,
        access_key,
        proxy: add.proxy,
        extra_ca_pem: certificates(add.ca.as_deref())?,
        production: add.production,
        fields,
        secrets,
        key_in_file,
    })
}

/// The password of a proxy whose address names a user only: from the environment or a prompt, where
/// no other program can read it. Nothing entered is no password.
fn proxy_password(proxy: Option<&str>) -> Option<(String, AccessKey)> {
    let (user, _) = proxy?.split_once("://")?.1.rsplit_once('@')?;
    if user.contains(':') {
        print::line_to_error(
            "Other programs can read arguments. Give the proxy's address with the user name only; its password is asked for, or taken from FIRMDROP_PROXY_PASSWORD.",
        );
        return None;
    }
    let password = prompt::secret("Password of the proxy", PROXY_PASSWORD, None).ok()?;
    Some((PROXY_PASSWORD.to_owned(), password))
}

fn missing(account: &str, why: &str) -> Diagnosis {
    let what = format!("The account \"{account}\" was not added.");
    Diagnosis::new(Code::AccountInvalid, what, why).state("Nothing was changed.")
}

fn no_such_secret(account: &str, name: &str, form: &AccountForm) -> Diagnosis {
    let known: Vec<&str> = form.secrets.iter().map(|secret| &*secret.key).collect();
    let what = format!("The account \"{account}\" was not added.");
    let why = format!("An account of this kind has no secret \"{name}\".");
    Diagnosis::new(Code::ArgumentInvalid, what, why)
        .titled("There is no such secret")
        .state("Nothing was changed.")
        .remedy(Remedy::advice(format!("Give {}.", known.join(" or "))))
}

/// What an account becomes. The key is asked for only when the stored one may not serve it.
fn changed(context: &Context, edit: AccountEdit) -> Result<AccountDraft, Diagnosis> {
    let old = context.firmdrop.engine().accounts().get(&edit.name)?;
    ensure_once("field", &edit.set)?;
    let removed = |asked: bool| asked.then(String::new);
    let secrets = proxy_password(edit.proxy.as_deref());
    let mut draft = AccountDraft {
        host: edit.host.unwrap_or_else(|| old.host.clone()),
        access_key: None,
        proxy: edit.proxy.or(removed(edit.no_proxy)),
        extra_ca_pem: certificates(edit.ca.as_deref())?.or(removed(edit.no_ca)),
        production: (old.production || edit.production) && !edit.no_production,
        name: old.name.clone(),
        kind: (!old.kind.is_empty()).then(|| old.kind.clone()),
        fields: edit.set.into_iter().collect(),
        secrets: secrets.into_iter().collect(),
        key_in_file: edit.key_file.is_some(),
    };
    if edit.key_file.is_some() || context.firmdrop.change_needs_key(&draft)? {
        for name in old.secrets.iter().filter(|name| *name != PROXY_PASSWORD) {
            if name == ACCESS_KEY {
                draft.access_key = Some(prompt::access_key(edit.key_file.as_deref())?);
            } else {
                let secret = prompt::secret(&name.replace('_', " "), name, None)?;
                draft.secrets.insert(name.clone(), secret);
            }
        }
    }
    Ok(draft)
}

fn certificates(file: Option<&Path>) -> Result<Option<String>, Diagnosis> {
    let Some(path) = file else { return Ok(None) };
    let unchanged = |diagnosis: Diagnosis| diagnosis.state("Nothing was changed.");
    let bytes = read_file(path, CERTIFICATES_BYTES).map_err(|error| unchanged(error.diagnose()))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let what = format!("{} was not used.", path.display());
        let why = "Certificates are expected as PEM, and this is no text.";
        unchanged(Diagnosis::new(Code::AccountInvalid, what, why))
    })?;
    Ok(Some(text))
}

fn warn(account: &AccountView) {
    if account.key_storage == KeyStorage::File && !account.simulated {
        print::line_to_error(
            "This system has no key store: the access key is in a file that only this user can read.",
        );
    }
}

fn show(account: &AccountView, as_json: bool) {
    if as_json {
        print::json(account);
        return;
    }
    let key = match account.key_storage {
        KeyStorage::KeyStore => "key in the system's key store",
        KeyStorage::File => "key in a file",
    };
    let marks = [
        (account.simulated, "simulated"),
        (account.production, "production"),
    ];
    let marks: Vec<&str> = marks
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
        .collect();
    print::line(&format!(
        "{:<24} {}  {key}  {}",
        account.id,
        account.host,
        marks.join(", ")
    ));
}

async fn test(context: &Context, name: &str) -> Result<Exit, Diagnosis> {
    let report = context.firmdrop.test_account(name).await?;
    if context.json {
        print::json(&report);
    } else {
        for step in &report.steps {
            let result = match step.result {
                StepResult::Passed => "passed",
                StepResult::Failed => "FAILED",
                StepResult::NotMade => "not made",
            };
            print::line(&format!("{:<32} {result:<9} {}", step.title, step.found));
        }
        if let Some(diagnosis) = &report.diagnosis {
            failure::show(diagnosis, false);
        }
    }
    Ok(if report.is_usable() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
