//! How a reader is written: the protocol, the channel, and the channel's own address.

use std::sync::Arc;

use firmdrop_engine::Destination;
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{Loader, Protocol, SMP_UDP_PORT};

/// The scheme of simulated readers is their channel; their protocol is the first one.
use firmdrop_link::SIMULATED;

fn id(loader: &dyn Loader) -> &'static str {
    match loader.protocol() {
        Protocol::Smp => "smp",
    }
}

/// Network port of a protocol when the address names none.
fn default_port(loader: &dyn Loader) -> u16 {
    match loader.protocol() {
        Protocol::Smp => SMP_UDP_PORT,
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
    providers: &Providers,
    scheme: &str,
    address: &str,
) -> Result<(&'a Arc<dyn Loader>, LinkAddress), String> {
    let (loader, channel) = match scheme.split_once('+') {
        Some((protocol, channel)) => (find(loaders, protocol), channel),
        None => (loaders.first(), scheme),
    };
    let loader = loader.ok_or("No protocol of this name is known")?;
    let link = providers
        .parse(&format!("{channel}:{address}"))
        .map_err(|error| error.why)?;
    Ok((loader, link.with_default_port(default_port(&**loader))))
}

/// The destination of a reader that this loader loads over this link.
pub(super) fn destination(loader: &Arc<dyn Loader>, link: &LinkAddress) -> Destination {
    let channel = link.channel();
    if link.is_simulated() {
        return Destination::new(channel, link.on_channel());
    }
    Destination::new(format!("{}+{channel}", id(&**loader)), link.on_channel())
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
