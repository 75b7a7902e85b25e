//! Tests of watching, with the clock stopped.

use std::sync::Mutex;

use tokio::time::timeout;

use super::*;
use crate::{Access, Channel, Link, LinkAddress, Providers};

/// A provider that sees what it is given.
#[derive(Debug, Default)]
struct Bench {
    seen: Mutex<Option<Vec<Reader>>>,
}

#[async_trait]
impl Provider for Bench {
    fn channel(&self) -> &'static str {
        "bench"
    }
    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let seen = self.seen.lock().unwrap().clone();
        seen.ok_or_else(|| LinkError::Busy {
            place: "the bench".into(),
        })
    }
    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, Duration::from_secs(1))
    }
    async fn open(&self, _: &LinkAddress) -> Result<Link, LinkError> {
        Err(LinkError::NotFound {
            place: "the bench".into(),
        })
    }
}

fn reader(id: &str, access: Access) -> Reader {
    Reader {
        id: id.into(),
        name: "SMP reader".into(),
        serial: Some("1".into()),
        place: "bench".into(),
        channel: Channel::Serial,
        address: LinkAddress::new("bench", id),
        access,
        simulated: false,
    }
}

fn set(bench: &Bench, readers: Option<Vec<Reader>>) {
    *bench.seen.lock().unwrap() = readers;
}

#[tokio::test(start_paused = true)]
async fn readers_appear_change_and_go_and_a_failed_look_changes_nothing() {
    let bench = Arc::new(Bench::default());
    let providers = Providers::default().with(Arc::clone(&bench) as _);
    let mut watch = providers.watch();
    let (ready, held) = (
        reader("a", Access::Ready),
        reader("a", Access::InUse { by: None }),
    );
    set(&bench, Some(vec![ready.clone()]));
    assert_eq!(watch.next().await, Some(ReaderChange::Appeared(ready)));
    set(&bench, Some(vec![held.clone(), reader("b", Access::Ready)]));
    assert_eq!(
        watch.next().await,
        Some(ReaderChange::Changed(held.clone()))
    );
    assert_eq!(
        watch.next().await,
        Some(ReaderChange::Appeared(reader("b", Access::Ready)))
    );
    // Failing looks for a while, then the same readers: nothing to report.
    set(&bench, None);
    let long = Duration::from_mins(1);
    assert!(timeout(long, watch.next()).await.is_err());
    set(&bench, Some(vec![held.clone()]));
    assert_eq!(
        watch.next().await,
        Some(ReaderChange::Gone(reader("b", Access::Ready)))
    );
    assert!(timeout(long, watch.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_watch_of_channels_that_announce_nothing_waits() {
    let mut watch = Watch::merged(vec![Watch::silent(), Watch::silent()]);
    let waited = timeout(Duration::from_mins(1), watch.next()).await;
    assert!(waited.is_err());
}

#[tokio::test]
async fn two_readers_of_one_id_are_distinguished_by_their_addresses() {
    let bench = Bench::default();
    let (one, mut two) = (reader("a", Access::Ready), reader("a", Access::Ready));
    two.address = LinkAddress::new("bench", "b");
    set(&bench, Some(vec![one, two]));
    let seen = Providers::default().with(Arc::new(bench)).discover().await;
    let ids: Vec<_> = seen.iter().map(|reader| reader.id.as_str()).collect();
    assert_eq!(ids, ["a@bench:a", "a@bench:b"]);
}
