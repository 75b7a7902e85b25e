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
            Err(Diagnosis::new(Code::KeyMissing, what, why)
                .titled("The secret cannot be stored")
                .state("No account was changed.")
                .remedy(Remedy::advice(NOT_ONE_LINE)))
        };
        if text.is_empty() {
            return refused("is empty");
        }
        // A key or a certificate in PEM has lines, and words of its maker before them (RFC 7468, section 2); every
        // other secret travels in one.
        if !has_pem(text) {
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

/// What helps where a secret is not what an account takes.
const NOT_ONE_LINE: &str = "Give it as one line of text. A certificate or key is given in PEM form; one in a PFX or DER file is converted first: openssl pkcs12 -in FILE -nodes, or openssl x509 -inform der -in FILE.";

/// Whether a line of it begins something in PEM form.
fn has_pem(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("-----BEGIN "))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), Diagnosis> {
        let secrets = Secrets::default().with("certificate", text.to_owned().into());
        check_secrets("contoso", &secrets)
    }

    #[test]
    fn a_certificate_may_have_words_of_its_maker_before_it() {
        let pem = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        assert!(checked(pem).is_ok());
        assert!(
            checked(&format!(
                "Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n{pem}"
            ))
            .is_ok()
        );
    }

    #[test]
    fn a_certificate_in_a_binary_file_is_answered_with_the_way_to_pem() {
        for wrong in ["0\u{82}\n\u{0}\u{2}\u{1}", "0\u{1}\u{2}", "one\ntwo"] {
            let refused = checked(wrong).unwrap_err();
            assert!(!refused.title.contains("access key"), "{}", refused.title);
            let help = |remedy: &Remedy| matches!(remedy, Remedy::Advice { text } if text.contains("pkcs12"));
            assert!(refused.remedies.iter().any(help), "{refused:?}");
        }
    }
}
