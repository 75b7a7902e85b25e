//! What arrives instead of a list of images: from elsewhere, text, an echo, answers to something else, a refusal.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use firmdrop_core::{Code, Diagnose, Diagnosis};
use firmdrop_link::{Link, LinkAddress, LinkError, Provider, Providers, Reader, Watch};
use firmdrop_loader::Loader as _;
use firmdrop_simulator::reader::{
    Arrival, Faults, Quirk, QuirkAction, QuirkAnswer, Request, Settings,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream},
    net::UdpSocket,
};

use super::world::{Way, World, new_image};

/// A line on which this happens to what is sent.
#[derive(Debug)]
struct Line(fn(&[u8]) -> Vec<u8>);

#[async_trait]
impl Provider for Line {
    fn channel(&self) -> &'static str {
        "sim"
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::silent()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        Ok(Vec::new())
    }

    async fn open(&self, _: &LinkAddress) -> Result<Link, LinkError> {
        let (ours, theirs) = tokio::io::duplex(4096);
        tokio::spawn(answer(theirs, self.0));
        Ok(Link::Stream(Box::new(ours)))
    }
}

async fn answer(mut line: DuplexStream, with: fn(&[u8]) -> Vec<u8>) {
    let mut bytes = [0; 512];
    while let Ok(count @ 1..) = line.read(&mut bytes).await {
        if line.write_all(&with(&bytes[..count])).await.is_err() {
            return;
        }
    }
}

/// What a load and an identification of the reader at this address end in: the same.
async fn ended(providers: Providers, address: &str) -> Diagnosis {
    let world = World::new(Way::Pipe).await.behind(providers, address);
    let loaded = world.load(&new_image(3000)).await.unwrap_err().diagnose();
    let probed = world.loader().probe(&world.probe_context()).await;
    let probed = probed.unwrap_err().diagnose();
    assert_eq!((probed.code, &probed.why), (loaded.code, &loaded.why));
    loaded
}

async fn over_a_line(with: fn(&[u8]) -> Vec<u8>) -> Diagnosis {
    ended(Providers::default().with(Arc::new(Line(with))), "sim:line").await
}

/// Answers each datagram to `peer` over `from` with what is made of it.
fn serve(peer: Arc<UdpSocket>, from: Arc<UdpSocket>, with: fn(Vec<u8>) -> Vec<u8>) {
    tokio::spawn(async move {
        let mut datagram = [0; 2048];
        while let Ok((count, to)) = peer.recv_from(&mut datagram).await {
            let _ = from.send_to(&with(datagram[..count].to_vec()), to).await;
        }
    });
}

/// An empty map, in answer to whatever is asked.
fn accepted(mut request: Vec<u8>) -> Vec<u8> {
    request[0] |= 1;
    request[2..4].copy_from_slice(&1_u16.to_be_bytes());
    request.truncate(8);
    request.push(0xA0);
    request
}

async fn over_the_network(with: fn(Vec<u8>) -> Vec<u8>) -> Diagnosis {
    let peer = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let address = format!("udp:{}", peer.local_addr().unwrap());
    serve(Arc::clone(&peer), peer, with);
    ended(firmdrop_link::all(), &address).await
}

#[tokio::test]
async fn an_answer_from_another_address_is_not_taken_and_its_address_is_said() {
    let peer = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let other = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let (address, from) = (peer.local_addr().unwrap(), other.local_addr().unwrap());
    serve(peer, other, accepted);
    let said = ended(firmdrop_link::all(), &format!("udp:{address}")).await;
    assert_eq!(said.code, Code::LinkTimeout);
    assert!(said.what_happened.contains(&from.to_string()), "{said:?}");
}

pub(crate) async fn text_and_an_echo_are_not_called_silence() {
    let text = over_a_line(|_| b"uart:~$ \r\n[00:00:01.000] <inf> app: started\r\n".to_vec()).await;
    assert_eq!(text.code, Code::LinkTimeout);
    assert!(text.what_happened.contains("no frame of SMP"), "{text:?}");
    let echo = over_a_line(<[u8]>::to_vec).await;
    assert!(echo.what_happened.contains("came back"), "{echo:?}");
    // A tab that a terminal made blanks of: its marker is gone.
    let tabs = over_a_line(|sent| {
        let text = String::from_utf8_lossy(sent).replace('\t', "        ");
        text.into_bytes()
    })
    .await;
    assert!(tabs.what_happened.contains("no frame of SMP"), "{tabs:?}");
    let silence = over_a_line(|_| Vec::new()).await;
    assert!(silence.why.contains("silent"), "{silence:?}");
}

#[tokio::test]
async fn answers_to_something_else_are_not_called_silence() {
    let others = over_the_network(|request| {
        let mut answer = accepted(request);
        answer[6] = answer[6].wrapping_add(100);
        answer
    })
    .await;
    assert!(others.what_happened.contains("none answers"), "{others:?}");
}

#[tokio::test]
async fn a_reader_without_image_management_is_said_to_be_that() {
    // {"rc": 8}
    let said = over_the_network(|request| {
        let mut answer = accepted(request);
        answer.truncate(8);
        answer[3] = 5;
        answer.extend(b"\xa1\x62rc\x08");
        answer
    })
    .await;
    assert_eq!(said.code, Code::ReaderRefused);
    assert!(said.why.contains("image management"), "{said:?}");
    assert!(format!("{:?}", said.remedies).contains("CONFIG_MCUMGR_GRP_IMG"));
}

pub(crate) async fn a_reader_that_never_lists_an_image_is_not_said_to_be_in_its_bootloader() {
    let world = World::with(Way::Pipe, Settings::default()).await;
    let refuses = QuirkAction::OfDoing(QuirkAnswer::Code(8));
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(move |asked: &Arrival| match asked.request {
            Request::ReadState => QuirkAction::OfDoing(QuirkAnswer::Fields(vec![(
                "images",
                ciborium::Value::Array(Vec::new()),
            )])),
            Request::BootloaderInfo | Request::ConsoleEcho => refuses.clone(),
            _ => QuirkAction::Nothing,
        })),
        ..Faults::default()
    });
    let said = world.load(&new_image(3000)).await.unwrap_err().diagnose();
    assert_eq!(said.code, Code::ProtocolFault, "{said:?}");
    assert!(said.state_now.contains("is not known"), "{said:?}");
    assert_eq!(world.reader.counters().restarts, 0);
}

pub(crate) async fn a_reader_that_is_busy_and_then_silent_is_not_said_to_answer_something_else() {
    let world = World::with(Way::Pipe, Settings::default()).await;
    let is_first = AtomicBool::new(true);
    world.reader.set_faults(Faults {
        quirk: Some(Quirk::new(move |asked: &Arrival| {
            let is_busy =
                asked.request == Request::ReadState && is_first.swap(false, Ordering::Relaxed);
            QuirkAction::OfDoing(if is_busy {
                QuirkAnswer::Code(10)
            } else {
                QuirkAnswer::Silence
            })
        })),
        ..Faults::default()
    });
    let probed = world.loader().probe(&world.probe_context()).await;
    let said = probed.unwrap_err().diagnose();
    assert_eq!(said.code, Code::LinkTimeout, "{said:?}");
    assert!(!said.what_happened.contains("came"), "{said:?}");
}
