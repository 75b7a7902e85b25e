//! `adu groups`, `adu devices`, `adu health`, `adu compliance` and `adu best-updates`.

use firmdrop_api::Diagnosis;

use super::arguments::OfAccount;
use super::ready::ready;
use super::tables;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn groups(context: &Context, of: &OfAccount) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let groups = context.firmdrop.azure(&of.account).groups().await?;
    Ok(context.show(&groups, |groups| {
        tables::or_none(groups.iter().map(tables::group), "No group.")
    }))
}

pub(super) async fn devices(
    context: &Context,
    group: Option<String>,
    of: &OfAccount,
) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let devices = context.firmdrop.azure(&of.account).devices(group).await?;
    Ok(context.show(&devices, |devices| {
        tables::or_none(devices.iter().map(tables::device), "No device.")
    }))
}

pub(super) async fn health(
    context: &Context,
    device: &str,
    of: &OfAccount,
) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let service = context.firmdrop.azure(&of.account);
    let health = service.device_health(device).await?;
    Ok(context.show(&health, |health| match health {
        None => vec![format!("The service reports nothing of {device}.")],
        Some(health) => tables::health(health),
    }))
}

pub(super) async fn compliance(
    context: &Context,
    group: Option<String>,
    of: &OfAccount,
) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let service = context.firmdrop.azure(&of.account);
    let compliance = service.compliance(group.as_deref()).await?;
    Ok(context.show(&compliance, tables::compliance))
}

pub(super) async fn best_updates(
    context: &Context,
    group: &str,
    of: &OfAccount,
) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let best = context.firmdrop.azure(&of.account);
    let best = best.best_updates(group).await?;
    Ok(context.show(&best, |best| {
        tables::or_none(best.iter().map(tables::best_update), "No update fits.")
    }))
}
