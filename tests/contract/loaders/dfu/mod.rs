//! USB devices that load firmware: the cases of every loader over simulated ones, and their own.

mod alternates;
mod brick;
mod exchanged;
mod files;
mod identities;
mod other_protocols;
mod restarts;
mod saves;
mod sentences;
mod sizes;
mod speed;
mod strange_devices;
mod world;

use firmdrop_simulator::dfu::DfuSettings;
use world::World;

crate::every_loader_over! {
    application: World::new(DfuSettings::with_application())
    by_address: World::new(DfuSettings::st())
}
