//! Drives of bootloaders: the cases of every loader over a simulated one, and their own.

#[cfg(target_os = "linux")]
mod mounted;
mod probes;
mod uf2;
mod world;

use world::World;

crate::every_loader_over! {
    drive: World::new()
}
