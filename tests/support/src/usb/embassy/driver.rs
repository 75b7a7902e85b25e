//! The bus as embassy-usb sees it: requests come over a channel, and nothing but the control endpoint is there.

use std::future::pending;
use std::sync::mpsc as answers;
use std::time::Duration;

use embassy_usb::driver::{
    Bus, ControlPipe, Driver, Endpoint, EndpointAddress, EndpointAllocError, EndpointError,
    EndpointIn, EndpointInfo, EndpointOut, EndpointType, Event, Unsupported,
};
use firmdrop_simulator::dfu::Reply;
use tokio::sync::mpsc;

/// The host's end.
#[derive(Clone)]
pub(super) struct Wire {
    requests: mpsc::UnboundedSender<Request>,
    resets: mpsc::UnboundedSender<answers::Sender<()>>,
}

/// The device's end, which becomes the driver.
pub(super) struct End {
    requests: mpsc::UnboundedReceiver<Request>,
    resets: mpsc::UnboundedReceiver<answers::Sender<()>>,
}

/// A control transfer that waits for its answer.
struct Request {
    setup: [u8; 8],
    data: Vec<u8>,
    answer: answers::Sender<Reply>,
}

/// A bus between a host and a device.
pub(super) fn wire() -> (Wire, End) {
    let (requests, its_requests) = mpsc::unbounded_channel();
    let (resets, its_resets) = mpsc::unbounded_channel();
    let end = End {
        requests: its_requests,
        resets: its_resets,
    };
    (Wire { requests, resets }, end)
}

impl Wire {
    /// One control transfer. A device that restarts in the middle of it is gone.
    pub(super) fn control(&self, setup: [u8; 8], data: &[u8], longest: Duration) -> Reply {
        let (answer, answered) = answers::channel();
        let request = Request {
            setup,
            data: data.to_vec(),
            answer,
        };
        if self.requests.send(request).is_err() {
            return Reply::Gone;
        }
        match answered.recv_timeout(longest) {
            Ok(reply) => reply,
            Err(answers::RecvTimeoutError::Timeout) => Reply::Silent,
            Err(answers::RecvTimeoutError::Disconnected) => Reply::Gone,
        }
    }

    /// A reset of the bus; whether the device is still there when its stack was informed of it.
    pub(super) fn reset(&self) -> bool {
        let (done, was_done) = answers::channel();
        self.resets.send(done).is_ok() && was_done.recv().is_ok()
    }
}

impl Driver<'_> for End {
    type EndpointOut = NoEndpoint;
    type EndpointIn = NoEndpoint;
    type ControlPipe = Pipe;
    type Bus = Events;

    fn alloc_endpoint_out(
        &mut self,
        _: EndpointType,
        _: Option<EndpointAddress>,
        _: u16,
        _: u8,
    ) -> Result<NoEndpoint, EndpointAllocError> {
        Err(EndpointAllocError)
    }

    fn alloc_endpoint_in(
        &mut self,
        _: EndpointType,
        _: Option<EndpointAddress>,
        _: u16,
        _: u8,
    ) -> Result<NoEndpoint, EndpointAllocError> {
        Err(EndpointAllocError)
    }

    fn start(self, control_max_packet_size: u16) -> (Events, Pipe) {
        let pipe = Pipe {
            packet_bytes: control_max_packet_size.into(),
            requests: self.requests,
            now: None,
            taken: 0,
            read: Vec::new(),
        };
        let events = Events {
            resets: self.resets,
            first: vec![Event::Reset, Event::PowerDetected],
            under_way: None,
        };
        (events, pipe)
    }
}

/// What happens on the bus beside transfers.
pub(super) struct Events {
    resets: mpsc::UnboundedReceiver<answers::Sender<()>>,
    /// What every device sees first, last one first.
    first: Vec<Event>,
    /// A reset that the stack acts on until it asks for the next event.
    under_way: Option<answers::Sender<()>>,
}

impl Bus for Events {
    async fn enable(&mut self) {}

    async fn disable(&mut self) {}

    async fn poll(&mut self) -> Event {
        if let Some(event) = self.first.pop() {
            return event;
        }
        if let Some(done) = self.under_way.take() {
            let _ = done.send(());
        }
        match self.resets.recv().await {
            Some(done) => {
                self.under_way = Some(done);
                Event::Reset
            }
            None => pending().await,
        }
    }

    fn endpoint_set_enabled(&mut self, _: EndpointAddress, _: bool) {}

    fn endpoint_set_stalled(&mut self, _: EndpointAddress, _: bool) {}

    fn endpoint_is_stalled(&mut self, _: EndpointAddress) -> bool {
        false
    }

    async fn remote_wakeup(&mut self) -> Result<(), Unsupported> {
        Err(Unsupported)
    }
}

/// The control endpoint.
pub(super) struct Pipe {
    packet_bytes: usize,
    requests: mpsc::UnboundedReceiver<Request>,
    now: Option<Request>,
    /// Bytes of the request that the stack has.
    taken: usize,
    /// Bytes of the answer so far.
    read: Vec<u8>,
}

impl Pipe {
    fn answer(&mut self, reply: Reply) {
        if let Some(request) = self.now.take() {
            // Who asked may have left.
            let _ = request.answer.send(reply);
        }
    }
}

impl ControlPipe for Pipe {
    fn max_packet_size(&self) -> usize {
        self.packet_bytes
    }

    async fn setup(&mut self) -> [u8; 8] {
        let Some(request) = self.requests.recv().await else {
            return pending().await;
        };
        let setup = request.setup;
        self.now = Some(request);
        self.taken = 0;
        self.read.clear();
        setup
    }

    async fn data_out(&mut self, buf: &mut [u8], _: bool, _: bool) -> Result<usize, EndpointError> {
        let request = self.now.as_ref().ok_or(EndpointError::Disabled)?;
        let rest = &request.data[self.taken..];
        let count = rest.len().min(buf.len()).min(self.packet_bytes);
        buf[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }

    async fn data_in(&mut self, data: &[u8], _: bool, last: bool) -> Result<(), EndpointError> {
        self.read.extend_from_slice(data);
        if last {
            let read = std::mem::take(&mut self.read);
            self.answer(Reply::Data(read));
        }
        Ok(())
    }

    async fn accept(&mut self) {
        self.answer(Reply::Data(Vec::new()));
    }

    async fn reject(&mut self) {
        self.answer(Reply::Stall);
    }

    async fn accept_set_address(&mut self, _: u8) {
        self.accept().await;
    }
}

/// DFU needs none beside the control endpoint.
pub(super) enum NoEndpoint {}

impl Endpoint for NoEndpoint {
    fn info(&self) -> &EndpointInfo {
        match *self {}
    }

    async fn wait_enabled(&mut self) {}
}

impl EndpointOut for NoEndpoint {
    async fn read(&mut self, _: &mut [u8]) -> Result<usize, EndpointError> {
        match *self {}
    }
}

impl EndpointIn for NoEndpoint {
    async fn write(&mut self, _: &[u8]) -> Result<(), EndpointError> {
        match *self {}
    }
}
