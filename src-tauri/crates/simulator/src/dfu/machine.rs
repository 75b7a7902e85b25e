//! The requests of DFU 1.1, chapter 3 and appendix A.

use std::time::Duration;

use tokio::time::Instant;

use super::descriptors::Mode;
use super::fault::LastBlock;
use super::flash::Refusal;
use super::request::{Reply, Setup};
use super::settings::{CAN_DOWNLOAD, CAN_UPLOAD, Dialect, TOLERANT, WILL_DETACH};
use super::state::{State, Work, dfu, status};

/// Numbers of the requests, table 3.2.
mod request {
    pub(super) const DETACH: u8 = 0;
    pub(super) const DOWNLOAD: u8 = 1;
    pub(super) const UPLOAD: u8 = 2;
    pub(super) const GET_STATUS: u8 = 3;
    pub(super) const CLEAR_STATUS: u8 = 4;
    pub(super) const GET_STATE: u8 = 5;
    pub(super) const ABORT: u8 = 6;
}

impl State {
    /// A request of the class.
    pub(super) fn class(&mut self, asked: Setup, data: &[u8]) -> Reply {
        if let Some(state) = self.faults.found_in.take() {
            self.machine = state;
        }
        let after_upload = std::mem::take(&mut self.last_was_upload);
        let is_bootloader = self.mode == Mode::Bootloader;
        if is_bootloader && let Some(status) = self.faults.begins_in_error.take() {
            (self.machine, self.status) = (dfu::ERROR, status);
        }
        self.stopwatch.asked(asked.request == request::DOWNLOAD);
        let wanted = self.faults.only_behind_alternate;
        if is_bootloader && wanted.is_some_and(|one| !self.was_chosen || self.alternate != one) {
            return Reply::Stall;
        }
        match asked.request {
            request::GET_STATUS if !is_bootloader && self.faults.stalls_status_in_application => {
                Reply::Stall
            }
            request::DETACH => Reply::done(self.detach()),
            request::GET_STATUS if after_upload && self.faults.silent_after_upload => Reply::Silent,
            request::GET_STATUS => self.get_status(),
            request::GET_STATE => Reply::Data(vec![self.machine]),
            _ if self.mode == Mode::Application => Reply::Stall,
            request::DOWNLOAD => self.download(asked, data),
            request::UPLOAD => self.upload(asked),
            request::CLEAR_STATUS => self.clear_status(),
            request::ABORT => self.abort(),
            _ => self.stall(status::STALLED),
        }
    }

    /// Refuses a request.
    pub(super) fn stall(&mut self, status: u8) -> Reply {
        self.refuse(status);
        Reply::Stall
    }

    fn download(&mut self, asked: Setup, data: &[u8]) -> Reply {
        let may = matches!(self.machine, dfu::IDLE | dfu::DOWNLOAD_IDLE);
        let fits = data.len() <= usize::from(self.settings.transfer_bytes);
        if !self.settings.has(CAN_DOWNLOAD) || !may || !fits {
            return self.stall(status::STALLED);
        }
        let work = match self.settings.dialect {
            Dialect::St => match self.command(asked.value, data) {
                Ok(work) => work,
                Err(status) => return self.stall(status),
            },
            Dialect::Plain if data.is_empty() && self.machine != dfu::DOWNLOAD_IDLE => {
                return self.stall(status::NOT_DONE);
            }
            Dialect::Plain => {
                if self.machine == dfu::IDLE {
                    self.next_block = asked.value;
                    self.image.clear();
                    self.is_touched = true;
                    self.starts = false;
                }
                if asked.value != self.next_block {
                    return self.stall(status::STALLED);
                }
                self.next_block = self.next_block.wrapping_add(1);
                (!data.is_empty()).then(|| Work::Append(data.to_vec()))
            }
        };
        match work {
            Some(work) => {
                if let Work::Append(data) | Work::Write(_, data) = &work {
                    self.received_bytes += data.len() as u64;
                    self.is_touched = true;
                }
                self.work = Some(work);
                self.machine = dfu::DOWNLOAD_SYNC;
                Reply::Data(Vec::new())
            }
            None => self.last(),
        }
    }

    /// A block without bytes: everything was sent.
    fn last(&mut self) -> Reply {
        match self.faults.last_block {
            LastBlock::Restarts => {
                self.starts = true;
                self.restart();
            }
            LastBlock::Silent => {
                self.starts = true;
                self.silent = true;
            }
            LastBlock::AsSpecified
            | LastBlock::ManifestsForEver
            | LastBlock::Refuses
            | LastBlock::Says(_) => {
                self.machine = dfu::MANIFEST_SYNC;
            }
        }
        Reply::Data(Vec::new())
    }

    fn get_status(&mut self) -> Reply {
        let now = Instant::now();
        let mut leaves = false;
        match self.machine {
            dfu::DOWNLOAD_SYNC => {
                let Some(work) = self.work.take() else {
                    return self.stall(status::UNKNOWN);
                };
                let takes = self.duration(&work);
                // AN3156, 5: every command and block of ST's is seen to be busy once. dfu-util insists on it.
                let is_st = self.settings.dialect == Dialect::St;
                match self.carry_out(work) {
                    Ok(true) => return Reply::Gone,
                    Ok(false) if takes.is_zero() && !is_st => {
                        self.machine = dfu::DOWNLOAD_IDLE;
                    }
                    Ok(false) => {
                        self.machine = dfu::BUSY;
                        self.busy_until = Some(now + takes);
                        self.stopwatch.busy(takes);
                    }
                    Err(status) => self.refuse(status),
                }
                let gives_up = self.faults.gives_up_at_byte;
                if gives_up.is_some_and(|at| self.stored_bytes >= at) {
                    self.faults.gives_up_at_byte = None;
                    self.machine = dfu::IDLE;
                }
            }
            dfu::BUSY if self.is_wedged => {}
            dfu::BUSY if self.is_over(now) => self.machine = dfu::DOWNLOAD_IDLE,
            dfu::BUSY => self.early_polls += 1,
            dfu::MANIFEST_SYNC if self.faults.last_block == LastBlock::Refuses => {
                self.starts = true;
                return Reply::Stall;
            }
            dfu::MANIFEST_SYNC => {
                self.starts = true;
                let takes = self.settings.pace.manifest;
                let is_st = self.settings.dialect == Dialect::St;
                if is_st {
                    self.started_at = Some(self.pointer);
                    leaves = true;
                    self.machine = dfu::MANIFEST;
                } else if takes.is_zero() && self.settings.has(TOLERANT) {
                    self.machine = dfu::IDLE;
                } else {
                    self.machine = dfu::MANIFEST;
                    self.busy_until = Some(now + takes);
                    self.stopwatch.busy(takes);
                }
                if let LastBlock::Says(state) = self.faults.last_block {
                    self.machine = state;
                }
                if self.faults.last_block == LastBlock::ManifestsForEver {
                    self.machine = dfu::MANIFEST;
                    self.busy_until = None;
                }
            }
            dfu::MANIFEST if self.is_over(now) => {
                if self.settings.has(TOLERANT) {
                    self.machine = dfu::IDLE;
                } else {
                    self.machine = dfu::WAIT_RESET;
                    leaves = self.settings.has(WILL_DETACH);
                }
            }
            dfu::MANIFEST if self.busy_until.is_some() => self.early_polls += 1,
            _ => {}
        }
        let answer = self.status_bytes(now);
        if leaves {
            self.restart();
        }
        Reply::Data(answer)
    }

    fn is_over(&self, now: Instant) -> bool {
        self.busy_until.is_some_and(|until| now >= until)
    }

    fn status_bytes(&self, now: Instant) -> Vec<u8> {
        let is_busy = matches!(self.machine, dfu::BUSY | dfu::MANIFEST);
        let left = self.busy_until.filter(|_| is_busy);
        let left = left.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        // What is left of a millisecond is one.
        let needed = u32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u32::MAX);
        let poll = self.faults.says_poll_milliseconds.unwrap_or(needed);
        let [low, middle, high, _] = poll.to_le_bytes();
        let mut bytes = vec![self.status, low, middle, high, self.machine, 0];
        bytes.truncate(self.faults.short_status.unwrap_or(bytes.len()));
        bytes
    }

    /// Does it; whether the device lost its power by it.
    fn carry_out(&mut self, work: Work) -> Result<bool, u8> {
        let is_command = matches!(work, Work::Point(_));
        if let Some(status) = self.faults.protected.filter(|_| !is_command) {
            return Err(status);
        }
        match work {
            Work::Point(address) => {
                self.pointer = address;
                self.has_pointer = true;
            }
            Work::Erase(address) => {
                self.is_touched = true;
                self.starts = false;
                self.flash.erase(address).map_err(|refusal| match refusal {
                    Refusal::NoMemory => status::ADDRESS,
                    Refusal::NotAllowed | Refusal::NotErased => status::ERASE,
                })?;
                self.is_wedged = self.faults.wedged_by_erase;
            }
            Work::EraseAll => {
                self.is_touched = true;
                self.starts = false;
                self.flash.erase_all();
            }
            Work::Append(data) => return self.store(None, data),
            Work::Write(address, data) => return self.store(Some(address), data),
        }
        Ok(false)
    }

    fn store(&mut self, address: Option<u64>, mut data: Vec<u8>) -> Result<bool, u8> {
        let number = self.stored_bytes;
        self.stored_bytes += data.len() as u64;
        if let Some((byte, status)) = self.faults.fails_block
            && self.stored_bytes >= byte
        {
            self.faults.fails_block = None;
            return Err(status);
        }
        if self.faults.damages_flash
            && number > 0
            && let Some(byte) = data.first_mut()
        {
            *byte &= 0x0F;
            *byte ^= 0x01;
        }
        match address {
            _ if self.faults.stores_nothing => {}
            None if self.image.len() + data.len() > self.settings.capacity_bytes => {
                return Err(status::ADDRESS);
            }
            None => self.append(&data),
            Some(address) => {
                self.starts = false;
                let written = self.flash.write(address, &data);
                written.map_err(|refusal| match refusal {
                    Refusal::NoMemory => status::ADDRESS,
                    Refusal::NotAllowed | Refusal::NotErased => status::PROGRAM,
                })?;
            }
        }
        if self
            .faults
            .cut_at_byte
            .is_some_and(|at| self.stored_bytes >= at)
        {
            self.faults.cut_at_byte = None;
            self.lose_power();
            return Ok(true);
        }
        Ok(false)
    }

    fn append(&mut self, data: &[u8]) {
        self.image.extend_from_slice(data);
        self.image
            .truncate(self.faults.drops_beyond.unwrap_or(usize::MAX));
        if let Some(at) = self.faults.wraps_at.filter(|at| *at < self.image.len()) {
            let over = self.image.split_off(at);
            for (byte, new) in self.image.iter_mut().zip(over) {
                *byte = new;
            }
        }
    }

    fn upload(&mut self, asked: Setup) -> Reply {
        let may = matches!(self.machine, dfu::IDLE | dfu::UPLOAD_IDLE);
        if !self.settings.has(CAN_UPLOAD) || !may {
            return self.stall(status::STALLED);
        }
        if let Some(status) = self.faults.protected {
            return self.stall(status);
        }
        self.last_was_upload = true;
        let wanted = usize::from(asked.length);
        let data = match self.settings.dialect {
            Dialect::St => match self.read(asked.value, wanted) {
                Some(data) => data,
                None => return self.stall(status::STALLED),
            },
            Dialect::Plain => {
                if self.machine == dfu::IDLE {
                    self.shown_bytes = 0;
                }
                let all = self.faults.shows_bytes.unwrap_or(usize::MAX);
                let shown = self.image.iter().take(all).skip(self.shown_bytes);
                let data: Vec<u8> = shown.take(wanted).copied().collect();
                self.shown_bytes += data.len();
                data
            }
        };
        self.machine = if data.len() < wanted {
            dfu::IDLE
        } else {
            dfu::UPLOAD_IDLE
        };
        Reply::Data(data)
    }

    fn clear_status(&mut self) -> Reply {
        if std::mem::take(&mut self.is_wedged) {
            return self.stall(status::UNKNOWN);
        }
        if self.machine != dfu::ERROR {
            return self.stall(status::STALLED);
        }
        self.machine = dfu::IDLE;
        self.status = status::OK;
        Reply::Data(Vec::new())
    }

    fn abort(&mut self) -> Reply {
        let may = matches!(
            self.machine,
            dfu::IDLE
                | dfu::DOWNLOAD_SYNC
                | dfu::DOWNLOAD_IDLE
                | dfu::MANIFEST_SYNC
                | dfu::UPLOAD_IDLE
        );
        if !may || self.faults.stalls_abort {
            return self.stall(status::STALLED);
        }
        self.machine = dfu::IDLE;
        self.work = None;
        Reply::Data(Vec::new())
    }
}
