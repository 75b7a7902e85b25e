//! A file argument: a path, or an address that is downloaded first.

use std::collections::BTreeSet;

use firmdrop_api::Diagnosis;

use crate::arguments::Fetch;
use crate::context::Context;
use crate::print;

/// The path of a file argument.
pub(super) async fn path_of(
    context: &Context,
    file: &str,
    fetch: &Fetch,
) -> Result<String, Diagnosis> {
    if !(file.starts_with("https://") || file.starts_with("http://")) {
        return Ok(file.to_owned());
    }
    let hosts: BTreeSet<String> = fetch.allow_host.iter().cloned().collect();
    let path = context
        .firmdrop
        .fetch_url_from(file, hosts, |_, _| {})
        .await?;
    if !context.json {
        print::line_to_error(&format!("Downloaded to {path}"));
    }
    Ok(path)
}
