//! `account`: cloud accounts.

use firmdrop_api::StepResult;
use firmdrop_api::{AccountDraft, AccountView, Code, Diagnosis, KeyStorage};

use super::Context;
use crate::arguments::{Account, AccountAdd};
use crate::exit::Exit;
use crate::{print, prompt};

pub(super) async fn run(context: &Context, command: Account) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match command {
        Account::Add(add) => {
            let account = firmdrop.save_account(draft(add)?).await?;
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
    let key = prompt::access_key(add.key_file.as_deref())?;
    let extra_ca_pem = match &add.ca {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            let what = format!("{} could not be read.", path.display());
            Diagnosis::new(Code::AccountInvalid, what, error.to_string())
                .state("Nothing was changed.")
        })?),
        None => None,
    };
    Ok(AccountDraft {
        name: add.name,
        host: add.host,
        access_key: Some(key),
        proxy: add.proxy,
        extra_ca_pem,
        production: add.production,
    })
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
