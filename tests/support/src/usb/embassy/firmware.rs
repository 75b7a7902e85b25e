//! The firmware: an application with the runtime interface of DFU, and a bootloader.

use std::panic::resume_unwind;

use embassy_time::Duration;
use embassy_usb::class::dfu::consts::{DfuAttributes, Status};
use embassy_usb::class::dfu::{app_mode, dfu_mode};
use embassy_usb::{Builder, Config};

use super::board::Shared;
use super::driver::End;

/// The vendor of pid.codes, and what it hands out for tests.
const VENDOR: u16 = 0x1209;
const APPLICATION: u16 = 0x0001;
const BOOTLOADER: u16 = 0xDF11;
/// How long the application waits for a reset of the bus after it was asked to detach.
const DETACH: Duration = Duration::from_millis(2500);

/// How a restart ends what ran.
pub(super) struct Restart;

fn restart() -> ! {
    resume_unwind(Box::new(Restart))
}

/// Runs what the board starts, until it restarts.
pub(super) fn run(shared: &Shared, end: End) {
    let (settings, runs_application) = {
        let board = shared.board();
        (board.settings.clone(), board.runs_application)
    };
    let product = if runs_application {
        APPLICATION
    } else {
        BOOTLOADER
    };
    let mut config = Config::new(VENDOR, product);
    config.manufacturer = Some("Firmdrop tests");
    config.product = Some("Embassy reader");
    config.serial_number = Some("E-0001");
    let (mut descriptors, mut bos, mut msos) = ([0; 256], [0; 64], [0; 64]);
    // Its stack refuses a block that is longer.
    let mut control = vec![0; settings.transfer_bytes];
    let attributes = || DfuAttributes::from_bits_retain(settings.attributes);
    let mut application = app_mode::DfuState::new(shared.clone(), attributes(), DETACH);
    let mut bootloader = dfu_mode::DfuState::new(
        Flashing {
            board: shared.clone(),
            block: 0,
        },
        attributes(),
    );
    let mut builder = Builder::new(
        end,
        config,
        &mut descriptors,
        &mut bos,
        &mut msos,
        &mut control,
    );
    if runs_application {
        app_mode::usb_dfu(&mut builder, &mut application, |_| ());
    } else {
        dfu_mode::usb_dfu(
            &mut builder,
            &mut bootloader,
            settings.transfer_bytes,
            |_| (),
        );
    }
    let mut stack = builder.build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(stack.run());
}

impl app_mode::Handler for Shared {
    fn enter_dfu(&mut self) {
        {
            let mut board = self.board();
            board.wants_bootloader = true;
            board.wire = None;
        }
        restart()
    }
}

/// What the bootloader does with blocks.
struct Flashing {
    board: Shared,
    block: usize,
}

impl dfu_mode::Handler for Flashing {
    fn start(&mut self) -> Result<(), Status> {
        let mut board = self.board.board();
        board.image.clear();
        board.is_whole = false;
        self.block = 0;
        Ok(())
    }

    fn write(&mut self, data: &[u8]) -> Result<(), Status> {
        let mut board = self.board.board();
        let block = self.block;
        self.block += 1;
        match board.settings.refuses {
            Some((number, status)) if number == block => Err(status),
            _ => {
                board.image.extend_from_slice(data);
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> Result<(), Status> {
        self.board.board().is_whole = true;
        Ok(())
    }

    fn system_reset(&mut self) {
        self.board.board().wire = None;
        restart()
    }
}
