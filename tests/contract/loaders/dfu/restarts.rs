//! Devices that are asked to start what they hold, without being loaded.

use firmdrop_core::{Code, Diagnose};
use firmdrop_loader::LoadError;
use firmdrop_simulator::dfu::DfuSettings;

use super::world::{World, bytes, verified};
use crate::harness::Harness;

async fn restart(world: &World, accepted: bool) -> Result<String, LoadError> {
    let restarted = world
        .loader()
        .restart(&world.probe_context(), accepted)
        .await;
    restarted.map(|restarted| restarted.statement)
}

#[tokio::test]
async fn an_application_is_not_restarted_into_a_bootloader_and_its_reason_is_said() {
    let world = World::of(DfuSettings::with_application());
    for accepted in [false, true] {
        let refused = restart(&world, accepted).await.unwrap_err().diagnose();
        assert_eq!(refused.code, Code::NotRestartable);
        assert!(
            refused.why.contains("only into its bootloader"),
            "{}",
            refused.why
        );
        assert_eq!(refused.state_now, "The reader was not restarted.");
    }
    assert!(world.device.runs_its_application() && world.is_untouched());
}

#[tokio::test]
async fn a_bootloader_is_asked_to_start_what_it_holds_only_when_that_was_accepted() {
    for settings in [DfuSettings::st(), DfuSettings::plain()] {
        let world = World::of(settings);
        let image = bytes(5000);
        verified(world.load_with(&image, &[("leave", "no")]).await.unwrap());
        let requests = world.device.requests();
        let needed = restart(&world, false).await.unwrap_err().diagnose();
        assert_eq!(needed.code, Code::ConfirmationMissing);
        assert!(needed.why.contains("is not known"), "{}", needed.why);
        assert!(world.device.requests() >= requests);
        let statement = restart(&world, true).await.unwrap();
        assert!(
            statement.contains("asked to start the program that it holds"),
            "{statement}"
        );
        assert_eq!(world.device.memory(image.len()), image);
    }
}
