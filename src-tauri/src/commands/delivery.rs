//! Plans, and their confirmation.

use firmdrop_api::{DeliveryOptions, JobId, Plan, PlanId};

use super::{Answer, State};

/// What a delivery would do, one plan for each destination. Touches nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan(
    backend: State<'_>,
    path: String,
    destinations: Vec<String>,
    options: DeliveryOptions,
) -> Answer<Vec<Plan>> {
    backend
        .firmdrop()?
        .plan(&path, &destinations, options)
        .await
}

/// Makes jobs of confirmed plans.
#[tauri::command]
#[specta::specta]
pub(crate) async fn deliver(backend: State<'_>, plans: Vec<PlanId>) -> Answer<Vec<JobId>> {
    backend.firmdrop()?.deliver(&plans).await
}
