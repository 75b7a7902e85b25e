//! The only name resolver of the house: it names the host it did not find, and refuses addresses
//! that a guarded download may not reach. The connection goes to exactly the addresses it judged.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{AddressKind, address_kind};

/// Why a name led nowhere; found again in the chain of the client's error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    #[error("the name {host} is not known")]
    NotKnown { host: String },
    #[error("{host} leads to {address}")]
    Refused {
        host: String,
        address: SocketAddr,
        kind: AddressKind,
    },
}

/// Resolves with the system, and judges the result when it guards.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    guard: Option<Arc<BTreeSet<String>>>,
}

impl Resolver {
    /// Every address is welcome.
    pub(crate) fn open() -> Self {
        Self { guard: None }
    }

    /// Only public addresses are welcome, except for hosts in `allowed` (lower case).
    pub(crate) fn guarded(allowed: BTreeSet<String>) -> Self {
        Self {
            guard: Some(Arc::new(allowed)),
        }
    }

    /// The addresses of the host, or why there are none.
    pub(crate) async fn look_up(&self, host: &str) -> Result<Vec<SocketAddr>, ResolveError> {
        let not_known = || ResolveError::NotKnown {
            host: host.to_owned(),
        };
        let found = tokio::net::lookup_host((host, 0)).await;
        let addresses: Vec<SocketAddr> = found.map_err(|_| not_known())?.collect();
        if addresses.is_empty() {
            return Err(not_known());
        }
        self.judge(host, &addresses)?;
        Ok(addresses)
    }

    /// One unwelcome address spoils the whole answer: a name that leads to both kinds is a trap.
    pub(crate) fn judge(&self, host: &str, addresses: &[SocketAddr]) -> Result<(), ResolveError> {
        let Some(allowed) = &self.guard else {
            return Ok(());
        };
        if allowed.contains(&host.to_ascii_lowercase()) {
            return Ok(());
        }
        for address in addresses {
            let kind = address_kind(address.ip());
            if kind != AddressKind::Public {
                return Err(ResolveError::Refused {
                    host: host.to_owned(),
                    address: *address,
                    kind,
                });
            }
        }
        Ok(())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.look_up(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_public_and_private_places_is_refused() {
        let guard = Resolver::guarded(BTreeSet::from(["factory.test".to_owned()]));
        let mixed = ["8.8.8.8:0".parse().unwrap(), "10.0.0.1:0".parse().unwrap()];
        assert!(guard.judge("rebind.test", &mixed).is_err());
        assert!(guard.judge("rebind.test", &mixed[..1]).is_ok());
        assert!(guard.judge("Factory.test", &mixed).is_ok());
        assert!(Resolver::open().judge("rebind.test", &mixed).is_ok());
    }
}
