//! Tokens that are asked for when they are needed and held until shortly before they end.
//!
//! One request per resource at a time: whoever asks meanwhile gets its result, also when it fails.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use firmdrop_core::{Clock, Moment, SystemClock};

use super::issuer::Granted;
use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// How long before its end a token is replaced.
const RENEW_BEFORE: Duration = Duration::from_mins(5);

/// A token that is younger is not thrown away for a refusal: it was meant for the one before.
const TOO_YOUNG: Duration = Duration::from_secs(2);

/// A way to get a token.
#[async_trait]
pub(super) trait Grant: std::fmt::Debug + Send + Sync {
    /// Asks for a token, once.
    async fn grant(&self, resource: Resource) -> Result<Granted, TokenError>;
}

#[derive(Debug, Default)]
struct Slot {
    /// Held while a request is under way.
    flight: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    held: Option<Held>,
    /// Requests that ended so far.
    flights: u64,
    /// How the last one failed.
    failed: Option<TokenError>,
}

#[derive(Debug, Clone)]
struct Held {
    token: AccessToken,
    obtained: Moment,
    renew: Moment,
}

/// A token source over a way to get tokens.
#[derive(Debug)]
pub(super) struct Renewing<G> {
    grant: G,
    clock: Arc<dyn Clock>,
    device_update: Slot,
    storage: Slot,
}

impl<G: Grant> Renewing<G> {
    pub(super) fn new(grant: G) -> Self {
        Self::with_clock(grant, Arc::new(SystemClock))
    }

    pub(super) fn with_clock(grant: G, clock: Arc<dyn Clock>) -> Self {
        Self {
            grant,
            clock,
            device_update: Slot::default(),
            storage: Slot::default(),
        }
    }

    pub(super) fn grant(&self) -> &G {
        &self.grant
    }

    fn slot(&self, resource: Resource) -> &Slot {
        match resource {
            Resource::DeviceUpdate => &self.device_update,
            Resource::Storage => &self.storage,
        }
    }

    /// A token that came with something else: the end of an interactive sign-in.
    pub(super) fn put(&self, resource: Resource, granted: &Granted) -> AccessToken {
        let now = self.clock.now();
        // Half of a short life, so that such a token is used at all.
        let before = RENEW_BEFORE.min(granted.life / 2);
        let token = AccessToken {
            secret: granted.token.clone(),
            expires: now.after(granted.life),
        };
        self.slot(resource).with(|state| {
            state.held = Some(Held {
                token: token.clone(),
                obtained: now,
                renew: now.after(granted.life.saturating_sub(before)),
            });
            state.failed = None;
        });
        token
    }

    /// Forgets every token.
    pub(super) fn forget(&self) {
        for slot in [&self.device_update, &self.storage] {
            slot.with(|state| state.held = None);
        }
    }
}

impl Slot {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<G: Grant> TokenSource for Renewing<G> {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        let slot = self.slot(resource);
        let fresh = |state: &State| {
            let held = state.held.as_ref()?;
            (self.clock.now() < held.renew).then(|| held.token.clone())
        };
        let (found, before) = slot.with(|state| (fresh(state), state.flights));
        if let Some(token) = found {
            return Ok(token);
        }
        let _flight = slot.flight.lock().await;
        let state = slot.with(|state| state.clone());
        if let Some(token) = fresh(&state) {
            return Ok(token);
        }
        if let Some(error) = state.failed.filter(|_| state.flights > before) {
            return Err(error);
        }
        let result = self.grant.grant(resource).await;
        slot.with(|state| state.flights += 1);
        match result {
            Ok(granted) => Ok(self.put(resource, &granted)),
            Err(error) => {
                let now = self.clock.now();
                let still = slot.with(|state| {
                    state.failed = Some(error.clone());
                    let held = state.held.as_ref()?;
                    (now < held.token.expires).then(|| held.token.clone())
                });
                // The old one is good for some minutes yet.
                still.ok_or(error)
            }
        }
    }

    fn refused(&self, resource: Resource) {
        let now = self.clock.now();
        self.slot(resource).with(|state| {
            let is_old = |held: &Held| now >= held.obtained.after(TOO_YOUNG);
            if state.held.as_ref().is_some_and(is_old) {
                state.held = None;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;
    use crate::azure::sign_in::error::failed;

    #[derive(Debug, Default)]
    struct TestClock(AtomicI64);

    impl Clock for TestClock {
        fn now(&self) -> Moment {
            Moment::from_millisecond(self.0.load(Ordering::SeqCst) * 1000)
        }
    }

    /// Gives numbered tokens; each request needs a permit.
    #[derive(Debug)]
    struct Numbered {
        asked: AtomicUsize,
        permits: Semaphore,
        fails_from: usize,
        life: u64,
    }

    #[async_trait]
    impl Grant for Numbered {
        async fn grant(&self, _: Resource) -> Result<Granted, TokenError> {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            self.permits.acquire().await.unwrap().forget();
            if number >= self.fails_from {
                return Err(failed("no", "", ""));
            }
            Ok(Granted {
                token: format!("t{number}").into(),
                life: Duration::from_secs(self.life),
                refresh: None,
            })
        }
    }

    fn source(
        permits: usize,
        fails_from: usize,
        life: u64,
    ) -> (Arc<Renewing<Numbered>>, Arc<TestClock>) {
        let clock = Arc::new(TestClock::default());
        let numbered = Numbered {
            asked: AtomicUsize::new(0),
            permits: Semaphore::new(permits),
            fails_from,
            life,
        };
        (
            Arc::new(Renewing::with_clock(numbered, Arc::clone(&clock) as _)),
            clock,
        )
    }

    async fn token(source: &Renewing<Numbered>) -> String {
        let token = source.token(Resource::DeviceUpdate).await.unwrap();
        secrecy::ExposeSecret::expose_secret(&token.secret).to_owned()
    }

    fn asked(source: &Renewing<Numbered>) -> usize {
        source.grant().asked.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_token_is_replaced_five_minutes_before_its_end() {
        let (source, clock) = source(9, 9, 3600);
        for (second, expected) in [(0, "t0"), (3299, "t0"), (3300, "t1"), (3301, "t1")] {
            clock.0.store(second, Ordering::SeqCst);
            assert_eq!(token(&source).await, expected, "{second} s");
        }
        let (short, clock) = self::source(9, 9, 60);
        for (second, expected) in [(0, "t0"), (29, "t0"), (30, "t1")] {
            clock.0.store(second, Ordering::SeqCst);
            assert_eq!(
                token(&short).await,
                expected,
                "{second} s of a life of 60 s"
            );
        }
    }

    #[tokio::test]
    async fn a_hundred_callers_share_one_request_and_each_resource_has_its_own() {
        let (source, _) = source(0, 9, 3600);
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let source = Arc::clone(&source);
                tokio::spawn(async move { token(&source).await })
            })
            .collect();
        while asked(&source) == 0 {
            tokio::task::yield_now().await;
        }
        source.grant().permits.add_permits(5);
        for call in calls {
            assert_eq!(call.await.unwrap(), "t0");
        }
        assert_eq!(asked(&source), 1);
        source.token(Resource::Storage).await.unwrap();
        assert_eq!(asked(&source), 2);
    }

    #[tokio::test]
    async fn callers_that_waited_for_a_failure_share_it() {
        let (source, _) = source(0, 0, 3600);
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let source = Arc::clone(&source);
                tokio::spawn(async move { source.token(Resource::DeviceUpdate).await.is_err() })
            })
            .collect();
        // Each has looked before the first request ends.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        source.grant().permits.add_permits(50);
        for call in calls {
            assert!(call.await.unwrap());
        }
        assert_eq!(asked(&source), 1);
        assert!(source.token(Resource::DeviceUpdate).await.is_err());
        assert_eq!(asked(&source), 2, "a later one asks anew");
    }

    #[tokio::test]
    async fn a_renewal_that_fails_leaves_the_old_token_until_its_end() {
        let (source, clock) = source(9, 1, 3600);
        for (second, expected) in [(0, Some("t0")), (3400, Some("t0")), (3600, None)] {
            clock.0.store(second, Ordering::SeqCst);
            let found = source.token(Resource::DeviceUpdate).await.ok();
            let found =
                found.map(|token| secrecy::ExposeSecret::expose_secret(&token.secret).to_owned());
            assert_eq!(found.as_deref(), expected, "{second} s");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_however_many_requests_it_was_refused_for() {
        let (source, clock) = source(9, 9, 3600);
        token(&source).await;
        clock.0.store(100, Ordering::SeqCst);
        for _ in 0..10 {
            source.refused(Resource::DeviceUpdate);
            assert_eq!(token(&source).await, "t1");
        }
        assert_eq!(asked(&source), 2);
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_take_the_request_of_others_along() {
        let (source, _) = source(0, 9, 3600);
        let first = {
            let source = Arc::clone(&source);
            tokio::spawn(async move { token(&source).await })
        };
        while asked(&source) == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        let _ = first.await;
        source.grant().permits.add_permits(1);
        assert_eq!(token(&source).await, "t1");
    }
}
