//! The devices of a campaign as comma-separated values, a page at a time: a fleet is larger than
//! what should be held at once.
//!
//! Where the lines go is the caller's business.

use firmdrop_cloud::pelion::Pelion;
use firmdrop_core::Diagnosis;

use super::campaign_devices::campaign_devices;
use super::{CampaignDeviceRow, PageQuery, Service};

/// Entries of a page: the largest the service gives.
const PAGE: u32 = 1000;

const HEADINGS: [&str; 7] = [
    "device_id",
    "name",
    "state",
    "since",
    "event",
    "meaning",
    "what_to_do",
];

/// A table that is being read.
#[derive(Debug)]
pub struct CampaignTable {
    pelion: Pelion,
    campaign: String,
    next: Next,
}

/// What comes next.
#[derive(Debug)]
enum Next {
    Headings,
    Page { after: Option<String> },
    Nothing,
}

impl Service {
    /// The table of a campaign's devices. Nothing is asked before its lines are.
    pub async fn campaign_table(&self, id: &str) -> Result<CampaignTable, Diagnosis> {
        Ok(CampaignTable {
            pelion: self.client().await?,
            campaign: id.to_owned(),
            next: Next::Headings,
        })
    }
}

impl CampaignTable {
    /// The next lines: the headings, then those of a page of up to 1,000 devices, `None` after the
    /// last. After a failure the same lines can be asked for again.
    pub async fn lines(&mut self) -> Result<Option<String>, Diagnosis> {
        let after = match &self.next {
            Next::Headings => {
                self.next = Next::Page { after: None };
                return Ok(Some(csv_line(&HEADINGS)));
            }
            Next::Page { after } => after.clone(),
            Next::Nothing => return Ok(None),
        };
        let query = PageQuery {
            limit: Some(PAGE),
            after,
            ..PageQuery::default()
        };
        let page = campaign_devices(&self.pelion, &self.campaign, &query).await?;
        let last = page.data.last().map(|row| row.id.clone());
        // A page that brings nothing new ends the list, whatever the service says about more.
        self.next = if page.has_more && last.is_some() && last != query.after {
            Next::Page { after: last }
        } else {
            Next::Nothing
        };
        Ok(Some(page.data.iter().map(line_of).collect()))
    }
}

fn line_of(row: &CampaignDeviceRow) -> String {
    csv_line(&[
        &row.device_id,
        &row.name,
        &row.state,
        &row.since,
        row.event_type.as_deref().unwrap_or_default(),
        row.event_meaning.as_deref().unwrap_or_default(),
        row.what_to_do.as_deref().unwrap_or_default(),
    ])
}

/// One line; a field that a spreadsheet would compute is shielded from that by an apostrophe.
fn csv_line(fields: &[&str]) -> String {
    let quoted: Vec<String> = fields
        .iter()
        .map(|field| {
            let guard = if field.starts_with(['=', '+', '-', '@']) {
                "'"
            } else {
                ""
            };
            format!("\"{guard}{}\"", field.replace('"', "\"\""))
        })
        .collect();
    format!("{}\r\n", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_breaks_a_line_or_becomes_a_formula() {
        let line = csv_line(&["a\"b", "=1+1", "x,y"]);
        assert_eq!(line, "\"a\"\"b\",\"'=1+1\",\"x,y\"\r\n");
    }
}
