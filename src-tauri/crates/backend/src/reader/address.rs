//! How a reader is written: the protocol, the channel, and the channel's own address.

use std::sync::Arc;

use firmdrop_engine::Destination;
use firmdrop_link::{AddressError, LinkAddress};
use firmdrop_loader::{Loader, Protocol};

/// The scheme of simulated readers; their protocol is the first one.
const SIMULATED: &str = "sim";

fn id(loader: &dyn Loader) -> &'static str {
    match loader.protocol() {
        Protocol::Smp => "smp",
    }
}

/// Whether a scheme is that of a reader.
pub(super) fn claims(loaders: &[Arc<dyn Loader>], scheme: &str) -> bool {
    scheme == SIMULATED
        || scheme
            .split_once('+')
            .is_some_and(|(protocol, _)| find(loaders, protocol).is_some())
}

/// The loader and the link of a written destination.
pub(super) fn route<'a>(
    loaders: &'a [Arc<dyn Loader>],
    scheme: &str,
    address: &str,
) -> Result<(&'a Arc<dyn Loader>, LinkAddress), String> {
    let (loader, channel) = match scheme.split_once('+') {
        Some((protocol, channel)) => (find(loaders, protocol), channel),
        None => (loaders.first(), scheme),
    };
    let loader = loader.ok_or("No protocol of this name is known")?;
    let link = format!("{channel}:{address}")
        .parse()
        .map_err(|error: AddressError| error.why)?;
    Ok((loader, link))
}

/// The destination of a reader that this loader loads over this link.
pub(super) fn destination(loader: &Arc<dyn Loader>, link: &LinkAddress) -> Destination {
    let text = link.to_string();
    let (channel, address) = text.split_once(':').unwrap_or(("", &text));
    if channel == SIMULATED {
        return Destination::new(channel, address);
    }
    Destination::new(format!("{}+{channel}", id(&**loader)), address)
}

/// One example for each channel of each protocol.
pub(super) fn examples(loaders: &[Arc<dyn Loader>]) -> Vec<String> {
    let of = |loader: &Arc<dyn Loader>| {
        let id = id(&**loader);
        [format!("{id}+serial:PORT"), format!("{id}+udp:HOST:PORT")]
    };
    loaders.iter().flat_map(of).collect()
}

fn find<'a>(loaders: &'a [Arc<dyn Loader>], protocol: &str) -> Option<&'a Arc<dyn Loader>> {
    loaders.iter().find(|loader| id(&***loader) == protocol)
}

/// Whether a loader speaks this protocol.
pub(super) fn is(loader: &dyn Loader, protocol: &str) -> bool {
    id(loader) == protocol
}
