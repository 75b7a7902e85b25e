//! The client of an account.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::Pelion as Client;

use super::arguments::OfAccount;
use crate::context::Context;

pub(super) async fn client(context: &Context, of: &OfAccount) -> Result<Client, Diagnosis> {
    context.waiting.for_a_service();
    context.firmdrop.pelion(&of.account).client().await
}
