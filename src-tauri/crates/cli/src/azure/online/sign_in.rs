//! `adu sign-in` and `adu sign-out`.

use firmdrop_api::Diagnosis;

use crate::context::Context;
use crate::exit::Exit;
use crate::{print, words};

/// Signs the user of an account in.
pub(super) async fn sign_in(
    context: &Context,
    account: &str,
    code: bool,
) -> Result<Exit, Diagnosis> {
    let service = context.firmdrop.azure(account);
    if code || service.signs_in_with_code().await? {
        let signed_in = service.sign_in_with_code(|prompt| {
            let time = u32::try_from(prompt.valid_for.as_secs()).unwrap_or(u32::MAX);
            print::line_to_error(&format!(
                "Open {} and enter the code {} within {}.",
                prompt.address,
                prompt.user_code,
                words::seconds(time)
            ));
        });
        signed_in.await?;
    } else {
        let signed_in = service.sign_in(|address| {
            print::line_to_error(
                "The browser opens the sign-in. If it does not, open this address:",
            );
            print::line_to_error(address);
            open(address);
            Ok(())
        });
        signed_in.await?;
    }
    print::done(context.json);
    Ok(Exit::Done)
}

/// Forgets the user of an account.
pub(super) async fn sign_out(context: &Context, account: &str) -> Result<Exit, Diagnosis> {
    context.firmdrop.azure(account).sign_out().await?;
    print::done(context.json);
    Ok(Exit::Done)
}

/// Opens an address in the system's browser. Where that fails the printed address is left.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut browser = std::process::Command::new(program);
    for name in firmdrop_core::own_variables() {
        browser.env_remove(name);
    }
    let opened = browser
        .arg(address)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    drop(opened);
}
