//! The keys that seal the ledgers of a home: one for each chain, in the key store or, where there is
//! none, in a file.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Chain;
use super::note::Signer;
use crate::secret_store::{KeyStorage, SecretError, SecretStore, StoreError};
use crate::{Home, lock};

/// Where a ledger's key is, as it was found.
#[derive(Debug)]
pub(super) enum FoundKey {
    /// Here.
    Found(Signer, KeyStorage),
    /// There is none.
    None,
    /// Whether there is one is not known.
    Refused(String),
}

/// The keys of a home. Each is read once.
#[derive(Debug)]
pub(crate) struct LedgerKeys {
    home: Home,
    secrets: SecretStore,
    known: Mutex<HashMap<Chain, Arc<Signer>>>,
}

impl LedgerKeys {
    pub(crate) fn new(home: &Home, secrets: SecretStore) -> Self {
        Self {
            home: home.clone(),
            secrets,
            known: Mutex::default(),
        }
    }

    /// The key that seals a chain, made when there is none. `None` when the key store refuses: then an
    /// entry has no signature and says so. May block on the key store.
    pub(crate) fn get_or_make(&self, chain: Chain) -> Option<Arc<Signer>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = known.get(&chain) {
            return Some(Arc::clone(signer));
        }
        let signer = Arc::new(self.read_or_make(chain)?);
        known.insert(chain, Arc::clone(&signer));
        Some(signer)
    }

    fn read_or_make(&self, chain: Chain) -> Option<Signer> {
        // One process makes it, the others find it.
        let _turn = lock::wait_turn(&self.home, "ledger-key").ok()?;
        match self.find(chain) {
            FoundKey::Found(signer, _) => Some(signer),
            FoundKey::Refused(_) => None,
            FoundKey::None => self.make(chain),
        }
    }

    fn make(&self, chain: Chain) -> Option<Signer> {
        let id = uuid::Uuid::new_v4().simple();
        let origin = format!("firmdrop.org/ledger/{id}/{}", chain.name());
        let (signer, text) = Signer::generate(&origin)?;
        let name = secret_name(chain);
        let stored = if chain == Chain::Demo {
            self.secrets.store_in_file(&name, &text)
        } else {
            match self.secrets.store(&name, &text) {
                Err(SecretError::Store(StoreError::Absent)) => {
                    self.secrets.store_in_file(&name, &text)
                }
                stored => stored,
            }
        };
        stored.ok()?;
        Some(signer)
    }

    /// Looks for the key of a chain. The key store comes first: a file put into the home does not
    /// replace what is there. May block on the key store.
    pub(super) fn find(&self, chain: Chain) -> FoundKey {
        let name = secret_name(chain);
        let places: &[KeyStorage] = match chain {
            Chain::Deliveries => &[KeyStorage::KeyStore, KeyStorage::File],
            Chain::Demo => &[KeyStorage::File],
        };
        for place in places {
            match self.secrets.read(&name, *place) {
                Ok(Some(text)) => {
                    return match Signer::parse(&text) {
                        Some(signer) => FoundKey::Found(signer, *place),
                        None => FoundKey::Refused("the stored key is not one of Firmdrop's".into()),
                    };
                }
                Ok(None) | Err(SecretError::Store(StoreError::Absent)) => {}
                Err(error) => return FoundKey::Refused(error.to_string()),
            }
        }
        FoundKey::None
    }

    /// The head in the key store, for a chain whose key is there.
    pub(super) fn stored_head(&self, chain: Chain) -> Option<String> {
        use secrecy::ExposeSecret as _;
        if chain == Chain::Demo {
            return None;
        }
        let head = self.secrets.read(&head_name(chain), KeyStorage::KeyStore);
        Some(head.ok()??.expose_secret().to_owned())
    }

    /// Puts the head into the key store, when there is one.
    pub(super) fn store_head(&self, chain: Chain, note: &str) {
        if chain == Chain::Deliveries {
            // A store that refuses holds an older head, which is still a beginning of the ledger.
            let _ = self
                .secrets
                .store(&head_name(chain), &note.to_owned().into());
        }
    }
}

/// A plus sign is in no account's name.
fn secret_name(chain: Chain) -> String {
    format!("ledger+{}", chain.name())
}

fn head_name(chain: Chain) -> String {
    format!("ledger+{}+head", chain.name())
}
