//! Addresses that read one blob: made by the key, by a delegation key, or by the signature that was
//! given for it.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Moment, SignedUrl};

use super::{
    BlobStore, StorageAccess, StorageError,
    access::base64_key,
    sas::{DelegationKey, Lifetime, SigningKey, reading},
};

/// A delegation key is asked for so much longer than the first address needs, so that the next ones
/// are made with it too.
const LONGER: Duration = Duration::from_mins(30);

impl BlobStore {
    /// An address that reads this blob, and nothing else, for that long; at least
    /// [`LEAST_LIFE`](super::LEAST_LIFE). Asks the storage only for a delegation key.
    pub async fn reading_address(
        &self,
        blob: &str,
        life: Duration,
    ) -> Result<SignedUrl, StorageError> {
        let now = self.clocks.theirs();
        self.access.ensure_it_can_sign(now)?;
        let life = Lifetime::from(now, life);
        match &self.access {
            StorageAccess::AccountKey(key) => {
                let key = base64_key(key);
                reading(&self.place, blob, &SigningKey::Account(&key), life)
            }
            StorageAccess::Sas { read, write } => {
                let mut url = self.place.blob_url(blob);
                // Checked above: there is one that only reads.
                url.set_query(Some(read.as_ref().unwrap_or(write).query()));
                Ok(SignedUrl::new(url))
            }
            StorageAccess::SignedIn(_) => {
                let key = self.key_until(life).await?;
                reading(&self.place, blob, &SigningKey::Delegation(&key), life)
            }
        }
    }

    /// A delegation key that does not end before the address.
    async fn key_until(&self, life: Lifetime) -> Result<DelegationKey, StorageError> {
        let delegation = Arc::clone(&self.delegation);
        let mut held = delegation.lock().await;
        if let Some((key, end)) = &*held
            && *end >= life.end()
        {
            return Ok(key.clone());
        }
        let end: Moment = life.end().after(LONGER);
        let key = self.delegation_key(life.start(), end).await?;
        *held = Some((key.clone(), end));
        Ok(key)
    }
}
