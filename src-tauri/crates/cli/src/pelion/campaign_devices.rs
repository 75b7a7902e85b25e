//! `pelion campaigns devices`.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::PageQuery;

use super::arguments::{OfAccount, Position};
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(
    context: &Context,
    of: &OfAccount,
    id: &str,
    position: &Position,
    csv: bool,
) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    if csv {
        let mut table = firmdrop.pelion(&of.account).campaign_table(id).await?;
        while let Some(lines) = table.lines().await? {
            if !print::part(&lines) {
                break;
            }
        }
        return Ok(Exit::Done);
    }
    let ask = PageQuery {
        after: position.after.clone(),
        limit: position.limit.map(u32::from),
        newest_first: position.newest_first,
        count: position.count,
        ..PageQuery::default()
    };
    print::json(
        &firmdrop
            .pelion(&of.account)
            .campaign_devices(id, &ask)
            .await?,
    );
    Ok(Exit::Done)
}
