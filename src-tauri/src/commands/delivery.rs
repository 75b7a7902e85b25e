//! Plans, and their confirmation.

use firmdrop_api::{ConfirmedPlan, DeliveryOptions, JobId, Plan, PlanId};
use tauri::AppHandle;

use super::{Answer, State};
use crate::confirm;
use crate::open_files::FileToken;

/// What a delivery would do, one plan for each destination. Touches nothing. A destination that is not known here is
/// contacted once the user confirmed it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan(
    app: AppHandle,
    backend: State<'_>,
    file: FileToken,
    destinations: Vec<String>,
    options: DeliveryOptions,
) -> Answer<Vec<Plan>> {
    let path = backend.files.path(file)?;
    let firmdrop = backend.firmdrop()?;
    for destination in &destinations {
        confirm::destination(&app, firmdrop, destination).await?;
    }
    firmdrop.plan(&path, &destinations, options).await
}

/// Makes jobs of confirmed plans, once the user confirmed them outside of the page as well.
#[tauri::command]
#[specta::specta]
pub(crate) async fn deliver(
    app: AppHandle,
    backend: State<'_>,
    plans: Vec<ConfirmedPlan>,
) -> Answer<Vec<JobId>> {
    let firmdrop = backend.firmdrop()?;
    let ids: Vec<PlanId> = plans.iter().map(|each| each.plan.clone()).collect();
    let waiting = firmdrop.waiting_plans(&ids)?;
    confirm::deliveries(&app, firmdrop, &waiting).await?;
    firmdrop.deliver_confirmed(&plans).await
}
