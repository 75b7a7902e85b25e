//! Packets over Bluetooth Low Energy: one characteristic takes them and sends them, in pieces.
//!
//! Zephyr, "SMP over Bluetooth": a packet goes out in as many writes without response as it needs, and an answer
//! comes in as many notifications. To a session it is a way of datagrams.

use std::{pin::Pin, time::Duration};

use async_trait::async_trait;
use firmdrop_link::{
    ATT_HEADER_BYTES, Characteristic, Datagram, Gatt, GattUuid, LEAST_MTU_BYTES, Link, LinkAddress,
    LinkError, Notifications, Properties, WriteKind,
};
use tokio::sync::{Mutex, mpsc};

use super::fragments::{Assembly, LARGEST_PACKET_BYTES};

/// Zephyr, "SMP over Bluetooth": the service and its characteristic.
const SERVICE: GattUuid = GattUuid(0x8D53_DC1D_1DB7_4CD3_868B_8A52_7460_AA84);
const CHARACTERISTIC: GattUuid = GattUuid(0xDA2E_7828_FBCE_4E01_AE9E_2611_7499_7C48);

/// How long the radio may take for a write or a subscription. It has its own way to say that a device is gone:
/// the supervision timeout, 32 s at most, usually 4 s (Core Specification, volume 6, part B, 4.5.2).
const DEADLINE: Duration = Duration::from_secs(5);
/// Answers that wait to be taken. A window has less.
const MOST_WAITING: usize = 128;
/// The shortest write that every connection carries.
const LEAST_WRITE_BYTES: usize = LEAST_MTU_BYTES - ATT_HEADER_BYTES;

/// A way to the reader at this address as one that a session uses.
pub(super) async fn carry(link: Link, address: &LinkAddress) -> Result<Link, LinkError> {
    Ok(match link {
        Link::Gatt(gatt) => {
            let packets = Packets::over(gatt, address.to_string()).await?;
            Link::Datagram(Box::new(packets))
        }
        link => link,
    })
}

/// A connected reader as a way of packets. Dropping it lets the reader go.
struct Packets {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    exchange: Mutex<Exchange>,
    place: String,
}

/// What happens while somebody receives. It stays where it was when nobody does.
struct Exchange {
    /// Writes and reads; ends with the way.
    both: Option<Pin<Box<dyn Future<Output = LinkError> + Send>>>,
    answers: mpsc::Receiver<Vec<u8>>,
}

impl std::fmt::Debug for Packets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = &self.place;
        f.debug_struct("Packets")
            .field("place", place)
            .finish_non_exhaustive()
    }
}

impl Packets {
    async fn over(gatt: Box<dyn Gatt>, place: String) -> Result<Self, LinkError> {
        // Zephyr notifies; one that indicates is subscribed to in the same way.
        let answers = |one: &Characteristic| {
            [Properties::NOTIFY, Properties::INDICATE].map(|how| one.properties.has(how))
        };
        let ours = |one: &&Characteristic| {
            (one.service, one.uuid) == (SERVICE, CHARACTERISTIC) && answers(one).contains(&true)
        };
        let found = gatt.characteristics().iter().find(ours).cloned();
        let characteristic = found.ok_or_else(|| LinkError::NotSupported {
            place: place.clone(),
            what: "SMP: it offers no such service".into(),
        })?;
        let values = gatt.subscribe(&characteristic, DEADLINE).await?;
        let (outgoing, packets) = mpsc::unbounded_channel();
        let (answers, incoming) = mpsc::channel(MOST_WAITING);
        let both = async move {
            tokio::select! {
                failed = write(gatt.as_ref(), &characteristic, packets) => failed,
                failed = read(values, &answers) => failed,
            }
        };
        Ok(Self {
            outgoing,
            exchange: Mutex::new(Exchange {
                both: Some(Box::pin(both)),
                answers: incoming,
            }),
            place,
        })
    }

    fn gone(&self) -> LinkError {
        LinkError::Lost {
            place: self.place.clone(),
        }
    }
}

/// Writes one packet after the other, each in as many writes as it needs.
async fn write(
    gatt: &dyn Gatt,
    characteristic: &Characteristic,
    mut packets: mpsc::UnboundedReceiver<Vec<u8>>,
) -> LinkError {
    let without = characteristic
        .properties
        .has(Properties::WRITE_WITHOUT_RESPONSE);
    let kind = if without {
        WriteKind::WithoutResponse
    } else {
        WriteKind::WithResponse
    };
    let mut most = gatt.largest_write_bytes();
    while let Some(packet) = packets.recv().await {
        let mut rest = packet.as_slice();
        while !rest.is_empty() {
            let (part, after) = rest.split_at(most.min(rest.len()));
            match gatt.write(characteristic, part, kind, DEADLINE).await {
                Ok(()) => rest = after,
                // The MTU that was said is not the one in use. Nothing of this write was sent.
                Err(LinkError::NotSupported { .. }) if part.len() > LEAST_WRITE_BYTES => {
                    most = (part.len() / 2).max(LEAST_WRITE_BYTES);
                }
                Err(error) => return error,
            }
        }
    }
    // Nobody has a packet any more.
    std::future::pending().await
}

/// Puts answers together from what is notified.
async fn read(mut values: Box<dyn Notifications>, answers: &mpsc::Sender<Vec<u8>>) -> LinkError {
    let mut assembly = Assembly::default();
    loop {
        let value = match values.next().await {
            Ok(value) => value,
            // Some are missing: so is the answer they belong to, which is asked for again.
            Err(LinkError::Overrun { .. }) => {
                assembly = Assembly::default();
                continue;
            }
            Err(error) => return error,
        };
        if let Some(packet) = assembly.take(value) {
            // Whoever takes them is there as long as this.
            let _ = answers.send(packet).await;
        }
    }
}

#[async_trait]
impl Datagram for Packets {
    async fn send(&self, packet: &[u8]) -> Result<(), LinkError> {
        // Why the way ended is said to whoever receives.
        let _ = self.outgoing.send(packet.to_vec());
        Ok(())
    }

    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError> {
        let mut exchange = self.exchange.lock().await;
        let Exchange { both, answers } = &mut *exchange;
        let ended = async {
            match both.as_mut() {
                Some(both) => both.await,
                None => self.gone(),
            }
        };
        let packet = tokio::select! {
            biased;
            Some(packet) = answers.recv() => packet,
            failed = ended => {
                exchange.both = None;
                return Err(failed);
            }
        };
        let count = packet.len().min(buffer.len());
        let (to, from) = (buffer.get_mut(..count), packet.get(..count));
        if let (Some(to), Some(from)) = (to, from) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn largest_bytes(&self) -> usize {
        LARGEST_PACKET_BYTES
    }
}
