//! The channel alone: what is listed, how a device is opened, and how transfers fail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use firmdrop_link::{
    Access, ControlRequest, FollowUp, LinkError, Provider as _, ReaderChange, Series, UsbDevices,
    Write,
};
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, LastBlock, SimulatedDfu};

use crate::rig::{open, providers, run, until};
use firmdrop_test_support::usb::below_the_bed;

fn at(place: &str, settings: DfuSettings) -> SimulatedDfu {
    SimulatedDfu::new(DfuSettings {
        port_chain: place.into(),
        ..settings
    })
}

#[test]
fn a_device_is_listed_with_its_place_its_ids_and_its_texts() {
    below_the_bed(|bed| {
        bed.plug(&at("1-2", DfuSettings::st()), "1-2");
        run(async {
            let readers = providers().discover().await;
            assert_eq!(readers.len(), 1, "{readers:?}");
            assert_eq!(readers[0].address.to_string(), "usb:1-2");
            assert_eq!(readers[0].name, "STM32 BOOTLOADER (0483:DF11)");
            assert_eq!(readers[0].serial.as_deref(), Some("356D38743439"));
            assert_eq!(readers[0].access, Access::Ready);
            assert!(!readers[0].simulated);
        });
    });
}

#[test]
fn of_two_devices_with_one_serial_number_each_has_its_own_id_and_address() {
    below_the_bed(|bed| {
        for place in ["1-2", "1-3"] {
            bed.plug(&at(place, DfuSettings::plain()), place);
        }
        run(async {
            let providers = providers();
            let readers = until("both", || async {
                Some(providers.discover().await).filter(|readers| readers.len() == 2)
            })
            .await;
            assert_ne!(readers[0].id, readers[1].id);
            assert_eq!(readers[0].serial, readers[1].serial);
            let both = providers.parse("usb:1209:DF11:0001").unwrap();
            let refused = providers.open(&both).await;
            assert!(
                matches!(refused, Err(LinkError::Ambiguous { .. })),
                "{refused:?}"
            );
            let one = open(&providers, "usb:1209:df11@1-3").await;
            assert_eq!(one.device().port_chain, "1-3");
        });
    });
}

#[test]
fn a_device_that_comes_or_goes_is_reported_by_the_system_and_not_found_by_looking() {
    below_the_bed(|bed| {
        let (there, comes) = (
            at("1-2", DfuSettings::plain()),
            at("1-3", DfuSettings::plain()),
        );
        bed.plug(&there, "1-2");
        run(async {
            let hour = Duration::from_hours(1);
            let mut watch = Arc::new(UsbDevices::default().looking_every(hour)).watch();
            let is_at = |change: Option<ReaderChange>, place: &str| match change {
                Some(ReaderChange::Appeared(reader) | ReaderChange::Gone(reader)) => {
                    reader.address.to_string() == place
                }
                _ => false,
            };
            // The one look of this hour is over.
            assert!(is_at(watch.next().await, "usb:1-2"));
            bed.plug(&comes, "1-3");
            let began = Instant::now();
            assert!(is_at(watch.next().await, "usb:1-3"));
            println!("plugged to listed: {:?}", began.elapsed());
            assert!(began.elapsed() < Duration::from_secs(1));
            comes.unplug();
            let began = Instant::now();
            assert!(is_at(watch.next().await, "usb:1-3"));
            assert!(began.elapsed() < Duration::from_secs(1));
        });
    });
}

#[test]
fn a_device_that_comes_and_goes_is_reported_within_a_second() {
    below_the_bed(|bed| {
        let device = at("1-2", DfuSettings::plain());
        run(async {
            let providers = providers();
            let mut watch = providers.watch();
            // The first look finds nobody; it has to be over before the device is there.
            assert_eq!(providers.discover().await, []);
            bed.plug(&device, "1-2");
            let began = Instant::now();
            let change = watch.next().await;
            assert!(
                matches!(change, Some(ReaderChange::Appeared(_))),
                "{change:?}"
            );
            assert!(
                began.elapsed() < Duration::from_secs(1),
                "{:?}",
                began.elapsed()
            );
            device.unplug();
            let change = watch.next().await;
            assert!(matches!(change, Some(ReaderChange::Gone(_))), "{change:?}");
        });
    });
}

#[test]
fn a_refusal_silence_and_an_unplugged_device_are_told_apart() {
    below_the_bed(|bed| {
        let device = at("1-2", DfuSettings::plain());
        bed.plug(&device, "1-2");
        run(async {
            let usb = open(&providers(), "usb:1-2").await;
            usb.claim(0).await.unwrap();
            let second = Duration::from_secs(1);
            let get_status = ControlRequest::class_to_interface(3, 0, 0);
            let status = usb.control_in(get_status, 6, second).await.unwrap();
            assert_eq!(status, [0, 0, 0, 0, 2, 0]);

            let nonsense = ControlRequest::class_to_interface(77, 0, 0);
            let stalled = usb.control_in(nonsense, 6, second).await;
            assert!(
                matches!(stalled, Err(LinkError::Stalled { .. })),
                "{stalled:?}"
            );
            // The link stays usable.
            let clear = ControlRequest::class_to_interface(4, 0, 0);
            usb.control_out(clear, &[], second).await.unwrap();

            device.set_faults(DfuFaults {
                last_block: LastBlock::Silent,
                ..DfuFaults::default()
            });
            let download = ControlRequest::class_to_interface(1, 0, 0);
            usb.control_out(download, &[1, 2, 3], second).await.unwrap();
            usb.control_in(get_status, 6, second).await.unwrap();
            let end = ControlRequest::class_to_interface(1, 1, 0);
            usb.control_out(end, &[], second).await.unwrap();
            let began = Instant::now();
            let silent = usb
                .control_in(get_status, 6, Duration::from_millis(300))
                .await;
            assert!(
                matches!(silent, Err(LinkError::Timeout { .. })),
                "{silent:?}"
            );
            assert!(began.elapsed() < second);

            device.unplug();
            until("the unplugged device is lost", || async {
                let lost = usb.control_in(get_status, 6, second).await;
                matches!(lost, Err(LinkError::Lost { .. })).then_some(())
            })
            .await;
        });
    });
}

#[test]
fn a_transfer_that_nobody_waits_for_any_more_is_over_by_its_deadline() {
    below_the_bed(|bed| {
        let device = at("1-2", DfuSettings::plain());
        bed.plug(&device, "1-2");
        run(async {
            let usb = open(&providers(), "usb:1-2").await;
            usb.claim(0).await.unwrap();
            device.set_faults(DfuFaults {
                silent_after_upload: true,
                ..DfuFaults::default()
            });
            let second = Duration::from_secs(1);
            let upload = ControlRequest::class_to_interface(2, 0, 0);
            usb.control_in(upload, 64, second).await.unwrap();
            let get_status = ControlRequest::class_to_interface(3, 0, 0);
            let asking = usb.control_in(get_status, 6, Duration::from_millis(300));
            let gave_up = tokio::time::timeout(Duration::from_millis(20), asking).await;
            assert!(gave_up.is_err());
            // The next one is answered behind it.
            let began = Instant::now();
            usb.control_in(get_status, 6, second).await.unwrap();
            assert!(began.elapsed() < second, "{:?}", began.elapsed());
        });
    });
}

#[test]
fn a_transfer_that_is_under_way_when_the_device_is_unplugged_ends_at_once() {
    below_the_bed(|bed| {
        let device = at("1-2", DfuSettings::plain());
        bed.plug(&device, "1-2");
        run(async {
            let usb = open(&providers(), "usb:1-2").await;
            usb.claim(0).await.unwrap();
            device.set_faults(DfuFaults {
                silent_after_upload: true,
                ..DfuFaults::default()
            });
            let minute = Duration::from_mins(1);
            let upload = ControlRequest::class_to_interface(2, 0, 0);
            usb.control_in(upload, 64, minute).await.unwrap();
            let asked = device.requests();
            let get_status = ControlRequest::class_to_interface(3, 0, 0);
            let asking = usb.control_in(get_status, 6, minute);
            let unplugging = async {
                until("it was asked", || async {
                    (device.requests() > asked).then_some(())
                })
                .await;
                device.unplug();
                Instant::now()
            };
            let (lost, unplugged) = tokio::join!(asking, unplugging);
            assert!(matches!(lost, Err(LinkError::Lost { .. })), "{lost:?}");
            let took = unplugged.elapsed();
            assert!(took < Duration::from_secs(1), "{took:?}");
        });
    });
}

#[test]
fn what_was_handed_over_is_sent_in_order_and_nothing_behind_a_refusal() {
    below_the_bed(|bed| {
        let device = at("1-2", DfuSettings::plain());
        device.set_faults(DfuFaults {
            fails_block: Some((100, 7)),
            ..DfuFaults::default()
        });
        bed.plug(&device, "1-2");
        run(async {
            let usb = open(&providers(), "usb:1-2").await;
            usb.claim(0).await.unwrap();
            let then = FollowUp {
                request: ControlRequest::class_to_interface(3, 0, 0),
                most_bytes: 6,
                // dfuDNBUSY, for so long.
                pause: |status| match *status {
                    [0, poll, _, _, 4, _] => Some(Duration::from_millis(poll.into())),
                    _ => None,
                },
                // dfuDNLOAD-IDLE.
                lets_next: |status| matches!(status, [0, _, _, _, 5, _]),
            };
            let series = Series::default();
            let write = |block, count: usize| {
                let write = Write {
                    request: ControlRequest::class_to_interface(1, block, 0),
                    data: vec![7; count],
                    deadline: Duration::from_secs(1),
                };
                usb.hand_over(&series, write, then)
            };
            let (first, second, third) = (write(0, 64), write(1, 64), write(2, 64));
            // Nobody has looked at the answers to the first one yet.
            let refused = second.await.unwrap().unwrap();
            let status = &refused.answers.last().unwrap().bytes;
            assert_eq!(status[..], [7, 0, 0, 0, 10, 0], "{refused:?}");
            let sent = third.await.unwrap();
            assert!(sent.is_none(), "{sent:?}");
            let taken = first.await.unwrap().unwrap();
            assert!(taken.failure.is_none(), "{taken:?}");
            assert!(series.has_ended());
            // The refused one was received.
            assert_eq!(device.received_bytes(), 128);
        });
    });
}
