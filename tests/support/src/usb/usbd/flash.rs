//! The flash that the class stores into: 64 KiB at the place where STM32 have theirs, in sectors of 2 KiB.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use usbd_dfu::{DFUManifestationError, DFUMemError, DFUMemIO};

const START: u32 = 0x0800_0000;
const SECTOR_BYTES: usize = 2048;
const SECTORS: usize = 32;
const ERASED: u8 = 0xFF;

/// How a restart ends what ran.
pub(super) struct Restart;

pub(super) struct Flash(Vec<u8>);

impl Flash {
    pub(super) fn new() -> Self {
        Self(vec![0xA5; SECTOR_BYTES * SECTORS])
    }

    pub(super) fn bytes(&self, count: usize) -> Vec<u8> {
        self.0.iter().take(count).copied().collect()
    }

    fn range(&mut self, address: u32, count: usize) -> Result<&mut [u8], DFUMemError> {
        let offset = address.checked_sub(START).ok_or(DFUMemError::Address)?;
        let begin = usize::try_from(offset).map_err(|_| DFUMemError::Address)?;
        let range = begin..begin + count;
        self.0.get_mut(range).ok_or(DFUMemError::Address)
    }
}

/// What the class has of the board.
pub(super) struct Memory {
    flash: Arc<Mutex<Flash>>,
    block: Vec<u8>,
    read: Vec<u8>,
}

impl Memory {
    pub(super) fn new(flash: &Arc<Mutex<Flash>>) -> Self {
        Self {
            flash: Arc::clone(flash),
            block: Vec::new(),
            read: Vec::new(),
        }
    }

    fn flash(&self) -> MutexGuard<'_, Flash> {
        self.flash.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DFUMemIO for Memory {
    const INITIAL_ADDRESS_POINTER: u32 = START;
    const MEM_INFO_STRING: &'static str = "@Flash/0x08000000/32*2Kg";
    const PROGRAM_TIME_MS: u32 = 1;
    const ERASE_TIME_MS: u32 = 2;
    const FULL_ERASE_TIME_MS: u32 = 20;
    const MANIFESTATION_TOLERANT: bool = false;
    const TRANSFER_SIZE: u16 = 256;

    fn store_write_buffer(&mut self, source: &[u8]) -> Result<(), ()> {
        self.block = source.to_vec();
        Ok(())
    }

    fn read(&mut self, address: u32, length: usize) -> Result<&[u8], DFUMemError> {
        let bytes = self.flash().range(address, length)?.to_vec();
        self.read = bytes;
        Ok(&self.read)
    }

    fn program(&mut self, address: u32, length: usize) -> Result<(), DFUMemError> {
        let mut flash = self.flash();
        let place = flash.range(address, length)?;
        // Flash is written once after an erase.
        if place.iter().any(|byte| *byte != ERASED) {
            return Err(DFUMemError::CheckErased);
        }
        place.copy_from_slice(&self.block[..length]);
        Ok(())
    }

    fn erase(&mut self, address: u32) -> Result<(), DFUMemError> {
        let sector = u32::try_from(SECTOR_BYTES).unwrap();
        let mut flash = self.flash();
        flash
            .range(address - address % sector, SECTOR_BYTES)?
            .fill(ERASED);
        Ok(())
    }

    fn erase_all(&mut self) -> Result<(), DFUMemError> {
        self.flash().0.fill(ERASED);
        Ok(())
    }

    fn manifestation(&mut self) -> Result<(), DFUManifestationError> {
        resume_unwind(Box::new(Restart))
    }
}
