//! ST's extensions: AN3156, *USB DFU protocol used in the STM32 bootloader*.

use super::state::{State, Work, dfu, status};

const SET_ADDRESS: u8 = 0x21;
const ERASE: u8 = 0x41;
const READ_UNPROTECT: u8 = 0x92;
const GET_COMMANDS: u8 = 0x00;

impl State {
    /// What a block asks for; nothing when it is the last one.
    pub(super) fn command(&mut self, block: u16, data: &[u8]) -> Result<Option<Work>, u8> {
        if data.is_empty() {
            let starts = self.has_pointer || !self.faults.leaves_after_address_only;
            return if starts {
                Ok(None)
            } else {
                Err(status::UNKNOWN)
            };
        }
        if block >= 2 {
            return Ok(Some(Work::Write(self.address_of(block), data.to_vec())));
        }
        let (Some(command), 0) = (data.first(), block) else {
            return Err(status::STALLED);
        };
        let address = data.get(1..).and_then(|rest| rest.first_chunk::<4>());
        let address = address.map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
        match (*command, address, data.len()) {
            (SET_ADDRESS, Some(address), 5) => Ok(Some(Work::Point(address))),
            (ERASE, Some(address), 5) => Ok(Some(Work::Erase(address))),
            (ERASE, None, 1) => Ok(Some(Work::EraseAll)),
            _ => Err(status::STALLED),
        }
    }

    /// The bytes of a block that is read.
    pub(super) fn read(&mut self, block: u16, count: usize) -> Option<Vec<u8>> {
        match block {
            0 => Some(vec![GET_COMMANDS, SET_ADDRESS, ERASE, READ_UNPROTECT]),
            1 => None,
            _ if self.machine == dfu::IDLE || self.machine == dfu::UPLOAD_IDLE => {
                Some(self.flash.read(self.address_of(block), count))
            }
            _ => None,
        }
    }

    /// Block 2 is at the pointer, each further one behind it: AN3156, 4.1.
    fn address_of(&self, block: u16) -> u64 {
        let blocks = u64::from(block.saturating_sub(2));
        self.pointer + blocks * u64::from(self.settings.transfer_bytes)
    }
}
