//! A reader that is the peripheral: its values are carried from and to the port.

use std::thread::JoinHandle;
use std::time::Duration;

use firmdrop_simulator::reader::{
    GattConnection, GattWriter, Radio, SimulatedReader, connect_gatt,
};
use tokio::sync::{mpsc, oneshot};

use super::{Air, Frame, Kind};

/// How often it is looked whether a reader is back.
const LOOK: Duration = Duration::from_millis(20);

/// A reader that is on the air. Dropping it takes it off.
pub struct OnTheAir(Option<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Air {
    /// Makes the peripheral this reader. It leaves and comes back as the reader itself does.
    pub fn with(&'static self, reader: &SimulatedReader) -> OnTheAir {
        let (end, ended) = oneshot::channel::<()>();
        let reader = reader.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                tokio::select! {
                    () = self.carry(&reader) => {}
                    _ = ended => {}
                }
            });
            let _ = self.send(Kind::Leave, &[]);
        });
        OnTheAir(Some((end, thread)))
    }

    /// Until the peripheral is gone.
    async fn carry(&self, reader: &SimulatedReader) {
        let mut frames = self.from_peripheral.lock().await;
        loop {
            while !reader.is_reachable() {
                tokio::time::sleep(LOOK).await;
            }
            let advertises = self.send(Kind::Advertise, &[]);
            if advertises.is_err() || !comes(Kind::Connected, &mut frames).await {
                return;
            }
            let is_there = match connect_gatt(reader, &Radio::default()) {
                Some(connected) => self.carry_connected(connected, &mut frames).await,
                None => self.leave(&mut frames).await,
            };
            if !is_there {
                return;
            }
        }
    }

    /// Carries values until one of both leaves; whether the peripheral is still there.
    async fn carry_connected(
        &self,
        (writer, mut connection): (GattWriter, GattConnection),
        frames: &mut mpsc::UnboundedReceiver<Frame>,
    ) -> bool {
        loop {
            tokio::select! {
                frame = frames.recv() => match frame {
                    // A reader that is gone answers nothing; that it left is said next.
                    Some((Kind::Written, value)) => drop(writer.write(&value)),
                    Some((Kind::Disconnected, _)) => return true,
                    Some(_) => {}
                    None => return false,
                },
                value = connection.notified() => match value {
                    Some(value) => if self.send(Kind::Notify, &value).is_err() {
                        return false;
                    },
                    None => return self.leave(frames).await,
                },
            }
        }
    }

    /// Disconnects; whether the peripheral is still there.
    async fn leave(&self, frames: &mut mpsc::UnboundedReceiver<Frame>) -> bool {
        self.send(Kind::Leave, &[]).is_ok() && comes(Kind::Disconnected, frames).await
    }
}

/// Waits for this; `false` when the peripheral is gone.
async fn comes(kind: Kind, frames: &mut mpsc::UnboundedReceiver<Frame>) -> bool {
    while let Some((came, _)) = frames.recv().await {
        if came == kind {
            return true;
        }
    }
    false
}

impl Drop for OnTheAir {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}
