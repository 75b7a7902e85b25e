//! Answers of a reader: whatever comes back to a probe, over datagrams and over the lines of a console.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use firmdrop_link::{Datagram, Link, LinkAddress, LinkError, Provider, Providers, Reader, Watch};
use firmdrop_loader::{Loader as _, ProbeContext, SmpLoader, SmpTiming};
use tokio::io::AsyncWriteExt as _;

use crate::harness::fuzz;

/// Bytes of a packet's header: operation, flags, length, group, sequence, command.
const HEADER_BYTES: usize = 8;

#[test]
fn no_answer_of_a_reader_over_datagrams_panics_or_hangs_a_probe() {
    fuzz("smp", seeds(), |input| probe(input, Way::Datagrams));
}

#[test]
fn no_answer_of_a_reader_on_a_console_panics_or_hangs_a_probe() {
    fuzz("console", lines(), |input| probe(input, Way::Console));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Datagrams,
    Console,
}

/// A reader that answers everything with the input.
#[derive(Debug)]
struct Bench {
    input: Vec<u8>,
    way: Way,
}

#[async_trait]
impl Provider for Bench {
    fn channel(&self) -> &'static str {
        match self.way {
            Way::Datagrams => "udp",
            Way::Console => "serial",
        }
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        Ok(Vec::new())
    }

    fn watch(self: Arc<Self>) -> Watch {
        unreachable!("a probe watches nothing")
    }

    async fn open(&self, _: &LinkAddress) -> Result<Link, LinkError> {
        if self.way == Way::Datagrams {
            return Ok(Link::Datagram(Box::new(Answering {
                input: self.input.clone(),
                asked: Mutex::default(),
            })));
        }
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let input = self.input.clone();
        tokio::spawn(async move {
            // The other end may be gone already.
            let _ = theirs.write_all(&input).await;
        });
        Ok(Link::Stream(Box::new(ours)))
    }
}

/// Answers each request with the input, in its own sequence so that it is read.
#[derive(Debug)]
struct Answering {
    input: Vec<u8>,
    asked: Mutex<Vec<Vec<u8>>>,
}

#[async_trait]
impl Datagram for Answering {
    async fn send(&self, datagram: &[u8]) -> Result<(), LinkError> {
        self.asked.lock().unwrap().push(datagram.to_vec());
        Ok(())
    }

    async fn receive(&self, buffer: &mut [u8]) -> Result<usize, LinkError> {
        let asked = self.asked.lock().unwrap().pop();
        let Some(asked) = asked else {
            return std::future::pending().await;
        };
        let mut answer = self.input.clone();
        if let (Some(header), Some(of)) =
            (answer.get_mut(..HEADER_BYTES), asked.get(..HEADER_BYTES))
        {
            // Version, group, sequence and command of the request, and the flags and the length of the input.
            header[0] = of[0] | 1;
            header[4..].copy_from_slice(&of[4..]);
        }
        let count = answer.len().min(buffer.len());
        buffer[..count].copy_from_slice(&answer[..count]);
        Ok(count)
    }

    fn largest_bytes(&self) -> usize {
        1024
    }
}

fn probe(input: &[u8], way: Way) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        let bench = Bench {
            input: input.to_vec(),
            way,
        };
        let address = LinkAddress::new(bench.channel(), "fuzz");
        let context = ProbeContext {
            providers: Providers::default().with(Arc::new(bench)),
            address,
        };
        let loader = SmpLoader::with_timing(SmpTiming::default());
        let probed = tokio::time::timeout(Duration::from_mins(10), loader.probe(&context));
        if let Ok(target) = probed.await.unwrap() {
            let described = format!("{target:?}");
            assert!(described.len() < 1 << 20, "{}", described.len());
        }
    });
}

/// A header and a map, as a reader sends them.
fn packet(map: &[u8]) -> Vec<u8> {
    let length = u16::try_from(map.len()).unwrap().to_be_bytes();
    let mut packet = vec![1, 0, length[0], length[1], 0, 1, 0, 0];
    packet.extend(map);
    packet
}

fn seeds() -> Vec<Vec<u8>> {
    let mut image =
        b"\xa1\x66images\x81\xa7\x64slot\x00\x67version\x651.0.0\x64hash\x58\x20".to_vec();
    image.extend([0x5a; 32]);
    image.extend(b"\x68bootable\xf5\x67pending\xf4\x69confirmed\xf5\x66active\xf5");
    vec![
        packet(&image),
        packet(b"\xa2\x68buf_size\x19\x09\x94\x69buf_count\x04"),
        packet(b"\xa1\x62rc\x08"),
        packet(b"\xa1\x63err\xa2\x65group\x01\x62rc\x02"),
        packet(b"\xa1\x6abootloader\x67MCUboot"),
        packet(b"\xa1\x66images\x81\xa2\x65image\x00\x65slots\x81\xa2\x64slot\x00\x64size\x1a\x00\x08\x00\x00"),
        packet(b"\xbf\x66images\x9f\xbf\x64slot\x00\xff\xff\xff"),
        packet(b""),
    ]
}

/// The same as lines of a console: two bytes, then base64 of length, packet and CRC.
fn lines() -> Vec<Vec<u8>> {
    vec![
        b"\x06\x09AAwBAAACAAEAAKEHYnJjCAAA\n".to_vec(),
        b"boot\r\n\x06\x09ABQBAAAKAAEAAKFmaW1hZ2Vz\r\n\x04\x14gAAA\n".to_vec(),
        b"\x06\x09////\n\x04\x14////\n".to_vec(),
        [b"\x06\x09".as_slice(), &[b'A'; 4000], b"\n"].concat(),
    ]
}
