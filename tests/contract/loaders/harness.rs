//! What a loader's tests bring, so that the promises of every loader can be asked of it.
//!
//! A new loader is a folder beside `smp` with its device, an implementation of [`Harness`], and a line in
//! `main.rs`. Cases that only one protocol has lie in its folder.

use std::sync::Arc;

use firmdrop_core::{Code, Diagnose, Fit, NoteKind, Outcome};
use firmdrop_image::{Format, Inspection};
use firmdrop_loader::{LoadContext, LoadError, Loader, Options, ProbeContext};

use crate::record::{Record, Stop};

/// A simulated device of a protocol, and the loader for it.
pub(crate) trait Harness: Send + Sync {
    /// The loader, with times that suit a device without delays.
    fn loader(&self) -> Box<dyn Loader>;
    /// Everything the loader needs to put this image onto the device.
    fn context(&self, image: &[u8], record: &Arc<Record>) -> LoadContext;
    /// Everything the loader needs to identify it.
    fn probe_context(&self) -> ProbeContext;
    /// An image of about so many bytes that the device does not hold yet.
    fn image(&self, size_bytes: u32) -> Vec<u8>;
    /// The bytes the device holds where its image runs from.
    fn runs(&self) -> Vec<u8>;
    /// Image bytes that reached the device, repeated ones included.
    fn received_bytes(&self) -> u64;
    /// Whether nothing arrived that changes the device.
    fn is_untouched(&self) -> bool;
    /// The link breaks once when so many bytes of the image were stored.
    fn break_at(&self, byte: u64);
    /// Every byte of the image arrives, and one is stored wrongly.
    fn damage(&self);
    /// The device is gone until [`Self::come_back`].
    fn leave(&self);
    /// It is there again.
    fn come_back(&self);
    /// Another device of its kind is put into its place, that holds another image or has another serial number.
    fn exchange(&self);
    /// The most bytes that may go again after an interruption.
    fn piece_bytes(&self) -> u64;
}

async fn load(device: &dyn Harness, image: &[u8]) -> Result<Outcome, LoadError> {
    load_into(device, image, &Arc::default()).await
}

async fn load_into(
    device: &dyn Harness,
    image: &[u8],
    record: &Arc<Record>,
) -> Result<Outcome, LoadError> {
    device.loader().load(&device.context(image, record)).await
}

/// Loads until the device, which may be coming back, is there.
async fn load_when_back(device: &dyn Harness, image: &[u8]) -> Outcome {
    for _ in 0..100_000 {
        match load(device, image).await {
            Err(LoadError::Link { .. }) => tokio::task::yield_now().await,
            ended => return ended.unwrap(),
        }
    }
    panic!("the device stayed away");
}

/// The failure leaves the reader in a state that is said, and says itself whether a resume helps.
fn assert_explained(error: &LoadError) {
    let diagnosis = error.diagnose();
    assert!(!diagnosis.state_now.is_empty(), "{error:?}");
    assert!(!diagnosis.remedies.is_empty(), "{error:?}");
    let resume = diagnosis.remedies.contains(&firmdrop_core::Remedy::Resume);
    assert_eq!(resume, error.can_resume(), "{error:?}");
}

pub(crate) async fn the_device_holds_every_byte_after_a_load(device: &dyn Harness) {
    let image = device.image(20_000);
    let target = device.loader().probe(&device.probe_context()).await;
    let record = Record::planned_for(target.unwrap());
    load_into(device, &image, &record).await.unwrap();
    assert!(device.runs() == image, "the memory differs");
    let progress = record.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|progress| progress.confirmed_bytes));
    assert_eq!(
        progress.last().map(|progress| progress.confirmed_bytes),
        Some(image.len() as u64)
    );
}

pub(crate) async fn the_phases_that_begin_are_those_of_the_plan_in_order(device: &dyn Harness) {
    let image = device.image(3000);
    let record = Arc::new(Record::default());
    let context = device.context(&image, &record);
    let loader = device.loader();
    let target = loader.probe(&device.probe_context()).await.unwrap();
    let plan = loader.plan(&context.inspection, Some(&target), &Options::new());
    let plan = plan.unwrap();
    for sentence in [&plan.impact, &plan.verified_when, &plan.if_stopped] {
        assert!(sentence.ends_with('.'), "{sentence}");
    }
    loader.load(&context).await.unwrap();
    let mut planned = plan.phases.iter().map(|phase| phase.key.clone());
    for began in record.phases.lock().unwrap().iter() {
        assert!(
            planned.any(|key| key == *began),
            "{began} is not next in the plan"
        );
    }
}

pub(crate) async fn identifying_and_planning_change_nothing(device: &dyn Harness) {
    let image = device.image(2000);
    let context = device.context(&image, &Arc::default());
    let loader = device.loader();
    let target = loader.probe(&device.probe_context()).await.unwrap();
    let none = Options::new();
    let fit = loader.fit(&context.inspection, Some(&target), &none);
    assert!(!matches!(fit, Fit::DoesNotFit { .. }), "{fit:?}");
    loader.plan(&context.inspection, None, &none).unwrap();
    assert!(device.is_untouched());
}

pub(crate) async fn an_image_of_no_kind_it_takes_is_refused_and_nothing_is_touched(
    device: &dyn Harness,
) {
    let image = device.image(2000);
    let mut context = device.context(&image, &Arc::default());
    context.inspection = Inspection {
        format: Format::Gbl,
        image_hash: None,
        parts: Vec::new(),
        ..context.inspection
    };
    let loader = device.loader();
    let fit = loader.fit(&context.inspection, None, &Options::new());
    assert!(matches!(fit, Fit::DoesNotFit { .. }), "{fit:?}");
    let error = loader.load(&context).await.unwrap_err();
    assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    assert_explained(&error);
    assert!(device.is_untouched());
}

pub(crate) async fn an_option_it_does_not_have_is_refused_and_nothing_is_touched(
    device: &dyn Harness,
) {
    let image = device.image(2000);
    let mut context = device.context(&image, &Arc::default());
    context.options.insert("no-such-option".into(), 1.into());
    let loader = device.loader();
    let planned = loader.plan(&context.inspection, None, &context.options);
    assert!(matches!(planned, Err(LoadError::BadOption { .. })));
    let error = loader.load(&context).await.unwrap_err();
    assert!(matches!(error, LoadError::BadOption { .. }), "{error:?}");
    assert_explained(&error);
    assert!(device.is_untouched());
}

pub(crate) async fn stopped_before_it_began_it_touches_nothing(device: &dyn Harness) {
    let record = Arc::new(Record::default());
    record.cancel.cancel();
    let error = load_into(device, &device.image(2000), &record)
        .await
        .unwrap_err();
    assert!(matches!(error, LoadError::Stopped { .. }), "{error:?}");
    assert_explained(&error);
    assert!(device.is_untouched());
}

pub(crate) async fn stopped_half_way_it_resumes_and_holds_every_byte(device: &dyn Harness) {
    let image = device.image(20_000);
    let target = device.loader().probe(&device.probe_context()).await;
    let target = target.unwrap();
    let stopping = Record::stopping(Stop::AtByte(image.len() as u64 / 2));
    let error = load_into(device, &image, &stopping).await.unwrap_err();
    assert!(error.can_resume(), "{error:?}");
    assert_explained(&error);
    let began = stopping.phases.lock().unwrap().clone();
    let keys: Vec<&str> = began.iter().map(String::as_str).collect();
    let untouched = device.loader().state_after(&[]);
    assert_ne!(device.loader().state_after(&keys), untouched);
    let record = Record::planned_for_and_after(target, &began);
    load_into(device, &image, &record).await.unwrap();
    assert!(device.runs() == image, "the memory differs");
}

pub(crate) async fn a_broken_link_costs_at_most_a_few_pieces(device: &dyn Harness) {
    let image = device.image(20_000);
    device.break_at(10_000);
    if let Err(error) = load(device, &image).await {
        assert_explained(&error);
        assert!(error.can_resume(), "{error:?}");
        load_when_back(device, &image).await;
    }
    assert!(device.runs() == image, "the memory differs");
    let again = device.received_bytes() - image.len() as u64;
    assert!(
        again <= 4 * device.piece_bytes(),
        "{again} bytes were sent again"
    );
}

pub(crate) async fn what_was_stored_wrongly_is_never_called_verified(device: &dyn Harness) {
    device.damage();
    match load(device, &device.image(3000)).await {
        Ok(outcome) => assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}"),
        Err(error) => assert_explained(&error),
    }
}

pub(crate) async fn a_device_that_is_not_there_is_said_to_be_untouched(device: &dyn Harness) {
    device.leave();
    let image = device.image(2000);
    let error = load(device, &image).await.unwrap_err();
    assert_explained(&error);
    assert!(error.can_resume(), "{error:?}");
    assert!(error.state().contains("not touched"), "{}", error.state());
    device.come_back();
    load_when_back(device, &image).await;
    assert!(device.runs() == image, "the memory differs");
}

pub(crate) async fn a_step_that_cannot_be_written_down_is_not_taken(device: &dyn Harness) {
    let record = Record::without_a_journal();
    let error = load_into(device, &device.image(2000), &record)
        .await
        .unwrap_err();
    assert!(
        matches!(error, LoadError::NotWrittenDown { .. }),
        "{error:?}"
    );
    assert_explained(&error);
    assert!(device.is_untouched());
}

pub(crate) async fn bytes_it_holds_already_are_not_sent_again(device: &dyn Harness) {
    let image = device.image(3000);
    load(device, &image).await.unwrap();
    let received = device.received_bytes();
    let record = Arc::new(Record::default());
    load_into(device, &image, &record).await.unwrap();
    assert_eq!(device.received_bytes(), received);
    assert!(record.has_note(NoteKind::Step) || record.has_note(NoteKind::Resumed));
}

pub(crate) async fn another_device_in_the_place_of_the_planned_one_gets_nothing(
    device: &dyn Harness,
) {
    let image = device.image(3000);
    let loader = device.loader();
    let planned = loader.probe(&device.probe_context()).await.unwrap();
    device.exchange();
    let found = loader.probe(&device.probe_context()).await.unwrap();
    if found == planned {
        // It lists neither hash nor version: nothing that it says tells the two apart.
        return;
    }
    let record = Record::planned_for(planned);
    let error = load_into(device, &image, &record).await.unwrap_err();
    let LoadError::NotAsPlanned { changes, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(!changes.is_empty());
    assert_explained(&error);
    assert_eq!(error.diagnose().code, Code::AnotherAnswers);
    assert!(error.state().contains("not touched"), "{}", error.state());
    assert!(device.is_untouched());
    let record = Record::planned_for(found);
    load_into(device, &image, &record).await.unwrap();
    assert!(device.runs() == image, "the memory differs");
}
