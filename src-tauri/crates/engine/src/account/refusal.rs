//! What an account cannot be, and the words for it.

use firmdrop_core::{Code, Diagnosis, Remedy};
use secrecy::ExposeSecret as _;

use super::{Account, Secrets};

pub(super) fn refuse_simulated(account: &Account) -> Result<(), Diagnosis> {
    if account.simulated {
        let why = "It belongs to the demo world, which sets its address and key.";
        return Err(invalid(&account.name, why.into()));
    }
    Ok(())
}

pub(super) fn check_secrets(account: &str, secrets: &Secrets) -> Result<(), Diagnosis> {
    for (name, secret) in secrets.iter() {
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if name.is_empty() || !is_name(name) {
            return Err(invalid(account, format!("It has no secret \"{name}\".")));
        }
        let text = secret.expose_secret().trim();
        let refused = |why: &str| {
            let what = format!("The account \"{account}\" was not saved.");
            let why = format!("The {} {why}.", name.replace('_', " "));
            Err(Diagnosis::new(Code::KeyMissing, what, why).state("No account was changed."))
        };
        if text.is_empty() {
            return refused("is empty");
        }
        // A key or a certificate in PEM has lines; every other secret travels in one.
        if !text.starts_with("-----BEGIN ") {
            if text.lines().nth(1).is_some() {
                return refused("has more than one line");
            }
            if text.chars().any(char::is_control) {
                return refused("has characters that are not text");
            }
        }
    }
    Ok(())
}

pub(super) fn not_found(name: &str, all: &[Account]) -> Diagnosis {
    let is_one_of_several = |account: &Account| {
        let same = |other: &&Account| other.name == account.name;
        all.iter().filter(same).nth(1).is_some()
    };
    let as_written = |account: &Account| {
        if is_one_of_several(account) {
            account.key()
        } else {
            account.name.clone()
        }
    };
    let known: Vec<String> = all.iter().map(as_written).collect();
    let why = if known.is_empty() {
        "No account was added yet.".to_owned()
    } else {
        format!("There are: {}.", known.join(", "))
    };
    let what = format!("There is no account {name}.");
    Diagnosis::new(Code::AccountNotFound, what, why)
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::Advice {
            text: addition(name),
        })
}

/// How an account of this name is added, where one can have it.
fn addition(text: &str) -> String {
    let (kind, name) = match text.split_once(':') {
        Some((kind, name)) => (format!(" --kind {kind}"), name),
        None => (String::new(), text),
    };
    if check_name(name).is_err() {
        return "List the accounts with `firmdrop-cli account list`.".to_owned();
    }
    format!("Add it with `firmdrop-cli account add {name}{kind}`.")
}

/// Two accounts of different kinds have the name.
pub(super) fn ambiguous(name: &str, one: &Account, other: &Account) -> Diagnosis {
    let what = format!("There are several accounts {name}.");
    let why = format!(
        "They are of different kinds: {} and {}.",
        one.key(),
        other.key()
    );
    Diagnosis::new(Code::AccountNotFound, what, why)
        .titled("Several accounts have this name")
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::Advice {
            text: format!("Write {} or {}.", one.key(), other.key()),
        })
}

pub(super) fn exists(account: &Account) -> Diagnosis {
    let name = &account.name;
    let why = if account.simulated {
        format!("The account {name} is that of the demo world.")
    } else {
        format!("The account {name} leads to {}.", account.host)
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
pub(super) fn check_name(name: &str) -> Result<(), Diagnosis> {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(letters) {
        return Err(invalid(
            name,
            "A name has 1 to 64 letters, digits, dots, dashes or underscores and does not begin with a dot.".into(),
        ));
    }
    Ok(())
}

pub(super) fn invalid(name: &str, why: String) -> Diagnosis {
    Diagnosis::new(
        Code::AccountInvalid,
        format!("The account \"{name}\" was not saved."),
        why,
    )
    .state("No account was changed.")
}
