//! The simulated Device Update service as a face opens it: the service, its sign-in and its storage.

use std::path::Path;

use firmdrop_api::{AccessKey, DemoAddress, DemoService, Secrets};
use firmdrop_simulator::SimulatorError;
use firmdrop_simulator::azure::{AzureWorld, AzureWorldOptions, DEMO_CLIENT_SECRET};
use firmdrop_simulator::blob::DEMO_STORAGE_KEY;
use firmdrop_simulator::fault::Dial;

/// Scheme of its destinations.
pub(crate) const SCHEME: &str = "adu";

/// Starts all of it; what it holds is stored in the folder, at the same addresses. Its faults are those
/// of the whole world.
pub(crate) async fn start(
    folder: Option<&Path>,
    dial: &Dial,
) -> Result<AzureWorld, SimulatorError> {
    AzureWorld::start(AzureWorldOptions {
        state: folder.map(|folder| folder.join(SCHEME)),
        dial: dial.clone(),
        ..AzureWorldOptions::default()
    })
    .await
}

/// The account that leads to this world.
pub(crate) fn service_of(world: &AzureWorld) -> DemoService {
    let fields = world.fields().into_iter();
    service(DemoAddress {
        scheme: SCHEME.to_owned(),
        host: world.server().url(),
        fields: fields
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect(),
    })
}

/// The service at this address, of this process or another.
pub(crate) fn service(address: DemoAddress) -> DemoService {
    let secret = |text: &str| AccessKey::from(text.to_owned());
    DemoService {
        address,
        title: "Device Update".to_owned(),
        secrets: Secrets::default()
            .with("client_secret", secret(DEMO_CLIENT_SECRET))
            .with("storage_key", secret(DEMO_STORAGE_KEY)),
    }
}
