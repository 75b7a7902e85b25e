//! The pretend drive itself: its files, what it does with a file that is copied onto it, whether it is
//! there.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use firmdrop_link::{Drive, DriveFile, LinkError};

use super::fault::DriveFaults;
use super::memory::{Memory, arrived, uf2_file};

/// How often it is looked for in vain before it is back.
const LOOKS_AWAY: u32 = 3;

/// What shows the drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriveKind {
    /// A UF2 bootloader that shows its memory.
    Uf2,
    /// A UF2 bootloader that does not.
    Uf2WithoutMemory,
    /// A `DAPLink` probe.
    Daplink,
}

/// A pretend drive. Clones are the same drive.
#[derive(Debug, Clone)]
pub struct SimulatedDrive(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    kind: DriveKind,
    pub(super) folder: String,
    pub(super) id: String,
    /// The USB port it is plugged into.
    pub(super) port: Option<String>,
    texts: BTreeMap<&'static str, String>,
    memory: Memory,
    /// The file that is copied onto it.
    written: Vec<u8>,
    /// Its name.
    name: Option<String>,
    faults: DriveFaults,
    is_plugged: bool,
    looks_away: Option<u32>,
    appearances: u32,
    received_bytes: u64,
    is_touched: bool,
}

impl SimulatedDrive {
    /// A drive at this folder, holding an old image.
    pub fn new(kind: DriveKind, folder: impl Into<String>) -> Self {
        let mut memory = Memory::default();
        let old = uf2_file(&[0x55; 4000]);
        for block in old
            .as_chunks::<512>()
            .0
            .iter()
            .filter_map(|block| arrived(block))
        {
            memory.store(block.address, &block.data);
        }
        Self(Arc::new(Mutex::new(State {
            kind,
            folder: folder.into(),
            id: "0240000032044e4500257009997b00386781000097969900".into(),
            port: None,
            texts: BTreeMap::new(),
            memory,
            written: Vec::new(),
            name: None,
            faults: DriveFaults::default(),
            is_plugged: true,
            looks_away: None,
            appearances: 0,
            received_bytes: 0,
            is_touched: false,
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the faults.
    pub fn set_faults(&self, faults: DriveFaults) {
        self.state().faults = faults;
    }

    /// Plugs it into this USB port: `1-2.3`.
    pub fn set_port(&self, port: &str) {
        self.state().port = Some(port.to_owned());
    }

    /// Puts a text file into its root.
    pub fn put(&self, name: &'static str, text: &str) {
        self.state().texts.insert(name, text.to_owned());
    }

    /// Another one of its kind is plugged in at its place, with this id.
    pub fn exchange(&self, id: &str) {
        let mut state = self.state();
        id.clone_into(&mut state.id);
        state.appearances += 1;
    }

    /// Pulls it out.
    pub fn unplug(&self) {
        self.state().is_plugged = false;
    }

    /// Plugs it in.
    pub fn plug_in(&self) {
        let mut state = self.state();
        state.is_plugged = true;
        state.looks_away = None;
    }

    /// The memory, as a UF2 file.
    pub fn memory(&self) -> Vec<u8> {
        self.state().memory.shown()
    }

    /// Bytes of files that arrived, repeated ones included.
    pub fn received_bytes(&self) -> u64 {
        self.state().received_bytes
    }

    /// Whether nothing was written or removed.
    pub fn is_untouched(&self) -> bool {
        !self.state().is_touched
    }

    /// The file that was copied onto it, if it is still listed.
    pub fn file(&self) -> Option<(String, Vec<u8>)> {
        let state = self.state();
        Some((state.name.clone()?, state.written.clone()))
    }

    /// Somebody looks for it; whether it is there.
    pub(super) fn is_here(&self) -> bool {
        let mut state = self.state();
        match state.looks_away {
            Some(0) => {
                state.looks_away = None;
                state.come_back();
            }
            Some(looks) => state.looks_away = Some(looks - 1),
            None => {}
        }
        state.is_here()
    }

    /// An open way to it.
    pub(super) fn open(&self) -> OpenDrive {
        let state = self.state();
        OpenDrive {
            appearance: state.appearances.to_string(),
            port: state.port.clone(),
            drive: self.clone(),
        }
    }
}

impl State {
    fn is_here(&self) -> bool {
        self.is_plugged && self.looks_away.is_none()
    }

    fn text(&self, name: &str) -> Option<Vec<u8>> {
        let text = match (name, self.kind) {
            ("INFO_UF2.TXT", DriveKind::Uf2 | DriveKind::Uf2WithoutMemory) => {
                "UF2 Bootloader v3.16.0\r\nModel: Zero\r\nBoard-ID: SAMD21G18A-Zero-v0\r\n".into()
            }
            ("CURRENT.UF2", DriveKind::Uf2) => return Some(self.memory.shown()),
            ("DETAILS.TXT", DriveKind::Daplink) => format!(
                "# DAPLink Firmware\r\nUnique ID: {}\r\nHIC ID: 97969900\r\nDaplink Mode: Interface\r\nRemount count: {}\r\n",
                self.id, self.appearances
            ),
            _ => self.texts.get(name)?.clone(),
        };
        Some(text.into_bytes())
    }

    fn leave(&mut self) {
        self.looks_away = Some(if self.faults.stays_away {
            u32::MAX
        } else {
            LOOKS_AWAY
        });
    }

    fn come_back(&mut self) {
        self.appearances += 1;
        self.name = None;
        if let Some(folder) = self.faults.returns_at.take() {
            self.folder = folder;
        }
        if let Some(id) = self.faults.returns_as.take() {
            self.id = id;
        }
        if let Some(port) = self.faults.returns_on.take() {
            self.port = Some(port);
        }
    }

    /// Bytes of the file arrive; `false` when the drive left meanwhile.
    fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let size = (self.written.len() + bytes.len()) as u64;
        if self.faults.room.is_some_and(|room| size > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.is_touched = true;
        self.received_bytes += bytes.len() as u64;
        let before = self.written.len() / 512;
        self.written.extend_from_slice(bytes);
        let whole = self.written.as_chunks::<512>().0;
        let new: Vec<_> = whole
            .iter()
            .skip(before)
            .filter_map(|block| arrived(block))
            .collect();
        if self.kind != DriveKind::Daplink && !self.faults.ignores_blocks {
            for block in new {
                self.program(&block.data, block.address, block.is_first);
                if block.is_last {
                    self.leave();
                    return Ok(!self.faults.leaves_in_last_block);
                }
            }
        }
        if self.faults.cut_at.is_some_and(|at| size >= at) {
            self.faults.cut_at = None;
            if self.kind == DriveKind::Daplink {
                self.report();
            }
            self.leave();
            return Ok(false);
        }
        Ok(true)
    }

    fn program(&mut self, data: &[u8], address: u32, is_first: bool) {
        if is_first {
            self.memory.erase();
        }
        let mut data = data.to_vec();
        if self.faults.damages_flash
            && !is_first
            && let Some(byte) = data.first_mut()
        {
            *byte ^= 0x10;
        }
        self.memory.store(address, &data);
    }

    /// A probe programs a file once it is whole.
    fn flush(&mut self) {
        if self.kind != DriveKind::Daplink || self.name.is_none() || self.faults.ignores_blocks {
            return;
        }
        self.report();
        self.leave();
    }

    /// Writes down what became of a file.
    fn report(&mut self) {
        for (name, text) in [
            ("FAIL.TXT", self.faults.fails_with.clone()),
            ("ASSERT.TXT", self.faults.asserts_with.clone()),
        ] {
            match text {
                Some(text) => self.texts.insert(name, text),
                // It shows the failure of the last file only, and an assertion until it is deleted.
                None if name == "FAIL.TXT" => self.texts.remove(name),
                None => None,
            };
        }
    }
}

/// An open way to a pretend drive.
#[derive(Debug)]
pub(super) struct OpenDrive {
    drive: SimulatedDrive,
    appearance: String,
    port: Option<String>,
}

impl OpenDrive {
    fn state(&self) -> Result<MutexGuard<'_, State>, LinkError> {
        let state = self.drive.state();
        let is_this = state.is_here() && state.appearances.to_string() == self.appearance;
        if is_this {
            Ok(state)
        } else {
            Err(LinkError::Lost {
                place: state.folder.clone(),
            })
        }
    }
}

#[async_trait]
impl Drive for OpenDrive {
    fn appearance(&self) -> &str {
        &self.appearance
    }

    fn port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    async fn read(
        &self,
        name: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, LinkError> {
        let Some(bytes) = self.state()?.text(name) else {
            return Ok(None);
        };
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let mut count = 0;
        for (to, from) in buffer.iter_mut().zip(bytes.iter().skip(from)) {
            *to = *from;
            count += 1;
        }
        Ok(Some(count))
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, LinkError> {
        let state = self.state()?;
        let is_it = state.name.as_deref() == Some(name);
        let size = state
            .faults
            .lists_size
            .unwrap_or(state.written.len() as u64);
        Ok(is_it.then_some(size))
    }

    async fn create(&self, name: &str) -> Result<Box<dyn DriveFile>, LinkError> {
        let mut state = self.state()?;
        if state.faults.read_only {
            return Err(failed(&state, io::ErrorKind::ReadOnlyFilesystem.into()));
        }
        state.is_touched = true;
        state.written.clear();
        state.name = Some(name.to_owned());
        drop(state);
        Ok(Box::new(OpenFile(Self {
            drive: self.drive.clone(),
            appearance: self.appearance.clone(),
            port: self.port.clone(),
        })))
    }

    async fn remove(&self, name: &str) -> Result<(), LinkError> {
        let mut state = self.state()?;
        if state.faults.removes_nothing {
            return Err(failed(&state, io::ErrorKind::PermissionDenied.into()));
        }
        if state.name.as_deref() == Some(name) {
            state.name = None;
        }
        Ok(())
    }

    async fn flush(&self) -> Result<(), LinkError> {
        self.state()?.flush();
        Ok(())
    }
}

#[derive(Debug)]
struct OpenFile(OpenDrive);

#[async_trait]
impl DriveFile for OpenFile {
    async fn append(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let mut state = self.0.state()?;
        let size = (state.written.len() + bytes.len()) as u64;
        if state.faults.silent_from.is_some_and(|from| size > from) {
            return Err(LinkError::Timeout {
                place: state.folder.clone(),
            });
        }
        match state.take(bytes) {
            Ok(true) => Ok(()),
            Ok(false) => Err(LinkError::Lost {
                place: state.folder.clone(),
            }),
            Err(error) => Err(failed(&state, error)),
        }
    }
}

fn failed(state: &State, error: io::Error) -> LinkError {
    LinkError::from_io(&state.folder, error)
}
