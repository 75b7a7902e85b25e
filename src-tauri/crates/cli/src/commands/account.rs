//! `account`: cloud accounts.

use std::path::Path;

use firmdrop_api::{AccountDraft, AccountView, Code, Diagnosis, KeyStorage, StepResult};

use super::Context;
use crate::arguments::{Account, AccountAdd, AccountEdit};
use crate::exit::Exit;
use crate::{print, prompt};

pub(super) async fn run(context: &Context, command: Account) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match command {
        Account::Add(add) => {
            firmdrop.engine().accounts().check_new(&add.name)?;
            let account = firmdrop.add_account(draft(add)?).await?;
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
            firmdrop.engine().accounts().get(&name)?;
            if let Some(account) = accounts.iter().find(|account| account.name == name) {
                show(account, context.json);
            }
        }
        Account::Test { name } => return test(context, &name).await,
        Account::Remove { name } => {
            firmdrop.remove_account(&name).await?;
            print::done(context.json);
        }
    }
    Ok(Exit::Done)
}

fn draft(add: AccountAdd) -> Result<AccountDraft, Diagnosis> {
    Ok(AccountDraft {
        name: add.name,
        host: add.host,
        access_key: Some(prompt::access_key(add.key_file.as_deref())?),
        proxy: add.proxy,
        extra_ca_pem: certificates(add.ca.as_deref())?,
        production: add.production,
    })
}

/// What an account becomes. The key is asked for only when the stored one may not serve it.
fn changed(context: &Context, edit: AccountEdit) -> Result<AccountDraft, Diagnosis> {
    let old = context.firmdrop.engine().accounts().get(&edit.name)?;
    let removed = |asked: bool| asked.then(String::new);
    let mut draft = AccountDraft {
        host: edit.host.unwrap_or_else(|| old.host.clone()),
        access_key: None,
        proxy: edit.proxy.or(removed(edit.no_proxy)),
        extra_ca_pem: certificates(edit.ca.as_deref())?.or(removed(edit.no_ca)),
        production: (old.production || edit.production) && !edit.no_production,
        name: edit.name,
    };
    if edit.key_file.is_some() || context.firmdrop.change_needs_key(&draft)? {
        draft.access_key = Some(prompt::access_key(edit.key_file.as_deref())?);
    }
    Ok(draft)
}

fn certificates(file: Option<&Path>) -> Result<Option<String>, Diagnosis> {
    let read = file.map(|path| {
        std::fs::read_to_string(path).map_err(|error| {
            let what = format!("{} could not be read.", path.display());
            Diagnosis::new(Code::AccountInvalid, what, error.to_string())
                .state("Nothing was changed.")
        })
    });
    read.transpose()
}

fn warn(account: &AccountView) {
    if account.key_storage == KeyStorage::File && !account.simulated {
        print::line_to_error(
            "This system has no key store: the access key lies in a file that only this user can read.",
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
        "{:<16} {}  {key}  {}",
        account.name,
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
            print::diagnosis(diagnosis, false);
        }
    }
    Ok(if report.is_usable() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
