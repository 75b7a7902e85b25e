//! How a reader is written: a scheme of one of the loaders, and the address of its channel.

use std::sync::Arc;

use firmdrop_engine::Destination;
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{Loader, Scheme};

/// Whether a scheme is that of a reader.
pub(super) fn claims(loaders: &[Arc<dyn Loader>], scheme: &str) -> bool {
    find(loaders, scheme).is_some()
}

/// The loader and the link of a written destination.
pub(super) fn route<'a>(
    loaders: &'a [Arc<dyn Loader>],
    providers: &Providers,
    scheme: &str,
    address: &str,
) -> Result<(&'a Arc<dyn Loader>, LinkAddress), String> {
    let (loader, scheme) =
        find(loaders, scheme).ok_or("No protocol is written with this scheme")?;
    let link = providers
        .parse(&format!("{}:{address}", scheme.channel))
        .map_err(|error| error.why)?;
    Ok((
        loader,
        match scheme.default_port {
            Some(port) => link.with_default_port(port),
            None => link,
        },
    ))
}

/// The destination of a reader that this loader loads over this link; `None` when it does not speak over
/// this channel.
pub(super) fn destination(loader: &Arc<dyn Loader>, link: &LinkAddress) -> Option<Destination> {
    let mut schemes = loader.schemes().iter();
    let scheme = schemes.find(|scheme| scheme.channel == link.channel())?;
    Some(Destination::new(scheme.scheme, link.on_channel()))
}

/// The destination of a reader whose protocol is not known: that of the first loader that speaks over its
/// channel.
pub(super) fn first_destination(
    loaders: &[Arc<dyn Loader>],
    link: &LinkAddress,
) -> Option<Destination> {
    loaders.iter().find_map(|loader| destination(loader, link))
}

/// One example for each channel of each protocol.
pub(super) fn examples(loaders: &[Arc<dyn Loader>]) -> Vec<String> {
    let schemes = loaders.iter().flat_map(|loader| loader.schemes());
    schemes.map(|scheme| scheme.example.into()).collect()
}

/// The destination that a text without a scheme means: the path of a port, or a host with or without a
/// port. `None` when it is written like neither.
pub(super) fn of_bare_text(
    loaders: &[Arc<dyn Loader>],
    providers: &Providers,
    text: &str,
) -> Option<Destination> {
    let is_port = text.starts_with("/dev/") || is_windows_port(text);
    let is_host = !text.contains(['/', '\\', ' ']) && text.contains(['.', ':']);
    let channel = match (is_port, is_host) {
        (true, _) => "serial",
        (false, true) => "udp",
        (false, false) => return None,
    };
    let link = providers.parse(&format!("{channel}:{text}")).ok()?;
    let loader = loaders
        .iter()
        .find(|loader| destination(loader, &link).is_some())?;
    let written = destination(loader, &link)?;
    let (_, link) = route(loaders, providers, &written.scheme, &written.address).ok()?;
    destination(loader, &link)
}

/// `COM3`.
fn is_windows_port(text: &str) -> bool {
    let number = text.strip_prefix("COM").or(text.strip_prefix("com"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn find<'a>(
    loaders: &'a [Arc<dyn Loader>],
    scheme: &str,
) -> Option<(&'a Arc<dyn Loader>, &'static Scheme)> {
    loaders.iter().find_map(|loader| {
        let mut schemes = loader.schemes().iter();
        let found = schemes.find(|known| known.scheme == scheme)?;
        Some((loader, found))
    })
}
