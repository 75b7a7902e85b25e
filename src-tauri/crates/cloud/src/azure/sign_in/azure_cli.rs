//! Sign-in through the Azure CLI: whoever is signed in there. Bounded in time and output.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use firmdrop_core::{Clock, Code, Diagnosis, Remedy, SystemClock};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

use super::{
    SignInSettings,
    error::{failed, needed},
    issuer::Granted,
    renewing::{Grant, Renewing},
};
use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// Longest time for an answer. The CLI starts an interpreter and may ask the issuer.
const TIME: Duration = Duration::from_mins(1);

/// Most bytes of its output.
const OUTPUT_BYTES: u64 = 64 * 1024;

/// Life of a token whose end the CLI does not say: versions before 2.54 write local time only.
const UNSAID_LIFE: Duration = Duration::from_mins(5);

/// Whoever is signed in at the Azure CLI.
#[derive(Debug)]
pub struct AzureCli(Renewing<CliGrant>);

#[derive(Debug)]
struct CliGrant {
    settings: SignInSettings,
    program: Option<PathBuf>,
}

impl AzureCli {
    /// The `az` of this computer, or this program. The settings give resources and tenant; the tenant
    /// may be empty, then it is the CLI's own. Starts nothing.
    pub fn new(settings: SignInSettings, program: Option<PathBuf>) -> Self {
        Self(Renewing::new(CliGrant { settings, program }))
    }
}

#[async_trait]
impl TokenSource for AzureCli {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        self.0.token(resource).await
    }

    fn refused(&self, resource: Resource) {
        self.0.refused(resource);
    }
}

#[async_trait]
impl Grant for CliGrant {
    async fn grant(&self, resource: Resource) -> Result<Granted, TokenError> {
        let program = match &self.program {
            Some(program) => program.clone(),
            None => found().ok_or_else(not_installed)?,
        };
        let scope = self.settings.app_scope(resource);
        let mut arguments = vec![
            "account",
            "get-access-token",
            "--output",
            "json",
            "--scope",
            &scope,
        ];
        let tenant = self.settings.tenant.trim();
        let is_plain = tenant
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        if !is_plain || tenant.starts_with('-') {
            return Err(super::error::unusable(
                "The tenant cannot be used.",
                "It must be the id or a domain of a tenant.",
            ));
        }
        if !tenant.is_empty() {
            arguments.extend(["--tenant", tenant]);
        }
        let ended = timeout(TIME, run(&program, &arguments)).await;
        let ended = ended.map_err(|_| {
            failed(
                "The Azure CLI did not answer within a minute.",
                "It was ended. Probably it waits for a network, or for a question in its own window.",
                "Run \"az account get-access-token\" in a terminal and see what it asks.",
            )
        })?;
        let (output, words, succeeded) = ended?;
        if succeeded {
            granted(&output)
        } else {
            Err(refusal(&words))
        }
    }
}

/// Output, words of the failure, and whether it ended well.
async fn run(program: &Path, arguments: &[&str]) -> Result<(Vec<u8>, String, bool), TokenError> {
    let mut command = Command::new(program);
    for name in firmdrop_core::own_variables() {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            failed(
                &format!("The Azure CLI could not be started: {error}."),
                "The program is there but did not start.",
                "Run \"az version\" in a terminal.",
            )
        })?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = tokio::join!(bounded(out), bounded(err));
    let output = out.ok_or_else(too_much)?;
    let words = String::from_utf8_lossy(&err.ok_or_else(too_much)?).into_owned();
    let status = child.wait().await;
    Ok((output, words, status.is_ok_and(|status| status.success())))
}

/// All of it, or `None` when it is more than any token.
async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // A broken pipe ends the output like its end.
        let _ = stream.take(OUTPUT_BYTES + 1).read_to_end(&mut bytes).await;
    }
    (bytes.len() as u64 <= OUTPUT_BYTES).then_some(bytes)
}

fn too_much() -> TokenError {
    failed(
        "The Azure CLI wrote more than a token.",
        "Its output is longer than 64 KiB, and was not read on.",
        "Run \"az account get-access-token\" in a terminal and look at its output.",
    )
}

/// The token in its output. Some versions write warnings before it.
fn granted(output: &[u8]) -> Result<Granted, TokenError> {
    let begin = output.iter().position(|byte| *byte == b'{').unwrap_or(0);
    let json = output.get(begin..).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_slice(json).into_iter::<Value>();
    let value = values.next().and_then(Result::ok).unwrap_or_default();
    let token = value.get("accessToken").and_then(Value::as_str);
    let token =
        token.filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
    let token = token.ok_or_else(|| {
        failed(
            "The Azure CLI answered without a token.",
            "Its output has no accessToken.",
            "Update the Azure CLI: az upgrade.",
        )
    })?;
    Ok(Granted {
        token: token.to_owned().into(),
        life: life(&value).unwrap_or(UNSAID_LIFE),
        refresh: None,
    })
}

/// Seconds until `expires_on`, which counts from 1970.
fn life(value: &Value) -> Option<Duration> {
    let end = super::issuer::seconds(value.get("expires_on"))?.as_secs();
    let now = u64::try_from(SystemClock.now().as_millisecond()).ok()? / 1000;
    Some(Duration::from_secs(end.saturating_sub(now).min(86_400)))
}

/// Why it gave none.
fn refusal(words: &str) -> TokenError {
    let visible = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    let words: String = visible.take(400).collect();
    let words = words.trim();
    let what = match words.trim_end_matches('.') {
        "" => "The Azure CLI gave no token and no reason.".to_owned(),
        words => format!("The Azure CLI gave no token: {words}."),
    };
    let meaning = super::error::meaning_in(words);
    if let Some((code, why, help)) = meaning.filter(|(code, ..)| *code != Code::SignInNeeded) {
        let diagnosis = Diagnosis::new(code, what, why)
            .titled("The Azure CLI gave no token")
            .state("Nobody was signed in.")
            .remedy(Remedy::advice(help));
        return TokenError(Box::new(diagnosis));
    }
    if words.contains("unrecognized arguments") {
        return failed(
            &what,
            "This version of the Azure CLI does not know an option that it is asked with.",
            "Update the Azure CLI: az upgrade.",
        );
    }
    if ["az login", "AADSTS", "InteractionRequired"]
        .iter()
        .any(|word| words.contains(word))
    {
        return needed(
            &what,
            "Nobody is signed in at the Azure CLI, or the sign-in has ended.",
            "Run \"az login\" in a terminal, with --tenant when the account belongs to another tenant.",
        );
    }
    failed(
        &what,
        "Its own words are the only reason it gives.",
        "Run \"az account get-access-token\" in a terminal.",
    )
}

fn not_installed() -> TokenError {
    failed(
        "The Azure CLI was not found on this computer.",
        "There is no az in the folders of PATH, nor where its installers put it.",
        "Install the Azure CLI, or choose another way to sign in.",
    )
}

/// The CLI in a folder of PATH, or where installers put it: a window that was not started from a
/// terminal has a short PATH on macOS. Folders that are relative are not searched.
fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"].map(PathBuf::from);
    let programs = ["ProgramFiles", "ProgramFiles(x86)"].into_iter();
    let windows = programs.filter_map(std::env::var_os).map(|folder| {
        let folder = PathBuf::from(folder);
        folder
            .join("Microsoft SDKs")
            .join("Azure")
            .join("CLI2")
            .join("wbin")
    });
    let name = if cfg!(windows) { "az.cmd" } else { "az" };
    std::env::split_paths(&path)
        .chain(usual)
        .chain(windows)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use secrecy::ExposeSecret as _;

    use super::*;

    /// A program that stands for the CLI.
    fn program(script: &str) -> (PathBuf, PathBuf) {
        let folder = std::env::temp_dir().join(format!("firmdrop-az-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("az");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    async fn asked(script: &str) -> Result<AccessToken, TokenError> {
        let (folder, path) = program(script);
        let settings = SignInSettings::public("contoso.test", "");
        // A program that was just written may still be busy for a fork of another test.
        let mut result = AzureCli::new(settings.clone(), Some(path.clone()))
            .token(Resource::Storage)
            .await;
        while matches!(&result, Err(error) if error.0.what_happened.contains("busy")) {
            tokio::task::yield_now().await;
            result = AzureCli::new(settings.clone(), Some(path.clone()))
                .token(Resource::Storage)
                .await;
        }
        fs::remove_dir_all(folder).unwrap();
        result
    }

    #[tokio::test]
    async fn the_cli_is_asked_for_one_resource_and_its_end_is_believed() {
        let end = SystemClock.now().as_millisecond() / 1000 + 3000;
        let script = format!(
            r#"echo 'WARNING: a new version'
asked=$(echo "$*" | tr ' ' '_')
echo "{{\"accessToken\": \"$asked\", \"expires_on\": {end}}}""#
        );
        let token = asked(&script).await.unwrap();
        assert_eq!(
            token.secret.expose_secret(),
            "account_get-access-token_--output_json_--scope_https://storage.azure.com/.default_--tenant_contoso.test"
        );
        let seconds = token.expires.as_millisecond() / 1000;
        assert!((end - 5..=end + 5).contains(&seconds), "{seconds} {end}");
    }

    #[tokio::test]
    async fn a_cli_without_a_sign_in_says_what_to_do() {
        let error =
            asked("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1").await;
        let error = error.unwrap_err();
        assert_eq!(error.0.code, Code::SignInNeeded);
        assert!(error.0.what_happened.contains("az login"));
    }

    #[tokio::test]
    async fn a_cli_that_gives_the_issuers_reason_is_believed() {
        for (words, code, word) in [
            (
                "AADSTS53003: Access has been blocked by Conditional Access policies.",
                Code::KeyForbidden,
                "policy",
            ),
            (
                "AADSTS500011: The resource principal was not found. Please run: az login",
                Code::SignInFailed,
                "principal",
            ),
            (
                "AADSTS70043: The refresh token has expired. az logout; az login",
                Code::SignInNeeded,
                "ended",
            ),
            (
                "argument --scope: unrecognized arguments: --scope",
                Code::SignInFailed,
                "version",
            ),
            (
                "(pii). Status: Response_Status.Status_InteractionRequired",
                Code::SignInNeeded,
                "ended",
            ),
        ] {
            let error = asked(&format!("echo \"ERROR: {words}\" >&2; exit 1")).await;
            let error = error.unwrap_err();
            assert_eq!(error.0.code, code, "{words}");
            assert!(error.0.why.contains(word), "{words}: {}", error.0.why);
        }
    }

    #[tokio::test]
    async fn output_without_an_end_and_output_that_is_no_token_are_failures() {
        let endless = asked("yes '{\"accessToken\":'").await.unwrap_err();
        assert!(endless.0.why.contains("64 KiB"), "{endless:?}");
        for script in [
            "echo '{}'",
            "echo 'x'",
            "true",
            "echo '{\"accessToken\":\"a b\"}'",
        ] {
            let error = asked(script).await.unwrap_err();
            assert!(error.0.why.contains("accessToken"), "{script}: {error:?}");
        }
    }

    #[tokio::test]
    async fn a_tenant_cannot_become_an_option() {
        let settings = SignInSettings::public("--debug", "");
        let cli = AzureCli::new(settings, Some(PathBuf::from("az")));
        let error = cli.token(Resource::Storage).await.unwrap_err();
        assert_eq!(error.0.code, Code::AccountInvalid);
    }
}
