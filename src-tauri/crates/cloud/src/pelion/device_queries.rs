//! The operations of saved queries.

use firmdrop_net::Method;
use serde_json::json;

use super::{ListQuery, Page, Pelion, PelionError, SavedQuery, exchange::checked_id};

const QUERIES: &str = "v3/device-queries";

impl Pelion {
    /// One page of the saved queries.
    pub async fn device_queries(&self, query: &ListQuery) -> Result<Page<SavedQuery>, PelionError> {
        self.list(QUERIES, query).await
    }

    /// One saved query.
    pub async fn device_query(&self, id: &str) -> Result<SavedQuery, PelionError> {
        let path = format!("{QUERIES}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// Saves a query: a name of at most [`QUERY_NAME_CHARACTERS`](super::QUERY_NAME_CHARACTERS)
    /// and conditions of at most [`QUERY_CHARACTERS`](super::QUERY_CHARACTERS).
    pub async fn create_device_query(
        &self,
        name: &str,
        query: &str,
    ) -> Result<SavedQuery, PelionError> {
        let body = json!({ "name": name, "query": query });
        let call = self.call(Method::Post, QUERIES)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// Gives a saved query another name and other conditions; both are always written.
    pub async fn change_device_query(
        &self,
        id: &str,
        name: &str,
        query: &str,
    ) -> Result<SavedQuery, PelionError> {
        let path = format!("{QUERIES}/{}", checked_id(id)?);
        let body = json!({ "name": name, "query": query });
        let call = self.call(Method::Put, &path)?;
        self.execute(call.map(|request| request.json(&body))).await
    }

    /// Deletes a saved query. No device is touched.
    pub async fn delete_device_query(&self, id: &str) -> Result<(), PelionError> {
        let path = format!("{QUERIES}/{}", checked_id(id)?);
        self.exchange(self.call(Method::Delete, &path)?).await?;
        Ok(())
    }
}
