//! Microsoft's Python client of blob storage: `tests/peers/azurite/client.py`.

use super::connection::{CONTAINER, Connection};
use crate::command::Run;
use crate::failure::Failure;
use crate::repository;

/// The client, about to do this act with these arguments.
pub(super) fn client(act: &[&str], connection: &Connection, more: &[&str]) -> Run {
    client_of(act, connection.text(), CONTAINER, more)
}

fn client_of(act: &[&str], connection: &str, container: &str, more: &[&str]) -> Run {
    let [python, _] = repository::venvs_of_azure_peers();
    Run::new(python.join("bin/python"))
        .arg("tests/peers/azurite/client.py")
        .args(act)
        .args([connection, container])
        .args(more)
}

/// What the storage holds under this name: `SIZE SHA256`.
pub(super) fn stored(connection: &Connection, blob: &str) -> Result<String, Failure> {
    let printed = client(&["sha256"], connection, &[blob]).output()?;
    Ok(printed.trim().to_owned())
}

/// The names of all blobs of a container, also of those that are only blocks yet.
pub(in super::super) fn listed(
    endpoint: &str,
    account: &str,
    key: &str,
    container: &str,
) -> Result<Vec<String>, Failure> {
    let connection = Connection::of(endpoint, account, key);
    let printed = client_of(&["list"], connection.text(), container, &[]).output()?;
    Ok(printed.lines().map(str::to_owned).collect())
}
