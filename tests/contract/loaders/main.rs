//! What every loader promises, asked of each of them.
//!
//! The devices are simulated ones that speak their protocol on code of their own. `harness` holds the promises;
//! a folder for each protocol holds its device and the cases that it alone has.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise; one prints the figures of a bench"
)]

mod dfu;
mod harness;
mod record;
mod smp;
mod volume;

/// Hands the name of every promise to a macro, with what it makes tests over.
macro_rules! every_promise {
    ($tests:ident $over:expr) => {
        crate::$tests! { $over =>
            the_device_holds_every_byte_after_a_load
            the_phases_that_begin_are_those_of_the_plan_in_order
            identifying_and_planning_change_nothing
            an_image_of_no_kind_it_takes_is_refused_and_nothing_is_touched
            an_option_it_does_not_have_is_refused_and_nothing_is_touched
            stopped_before_it_began_it_touches_nothing
            stopped_half_way_it_resumes_and_holds_every_byte
            a_broken_link_costs_at_most_a_few_pieces
            what_was_stored_wrongly_is_never_called_verified
            a_device_that_is_not_there_is_said_to_be_untouched
            a_step_that_cannot_be_written_down_is_not_taken
            bytes_it_holds_already_are_not_sent_again
            another_device_in_the_place_of_the_planned_one_gets_nothing
        }
    };
}

/// A test for each promise, over devices made by these expressions.
macro_rules! every_loader_over {
    ($($name:ident: $device:expr)*) => {
        $(mod $name {
            use super::*;
            crate::every_promise! { promises $device }
        })*
    };
}

/// One test for each of these promises.
macro_rules! promises {
    ($device:expr => $($promise:ident)*) => {
        $(#[tokio::test]
        async fn $promise() {
            let device = $device.await;
            crate::harness::$promise(&device).await;
        })*
    };
}

/// One test for each of these promises, over every device in turn. Time passes as soon as all wait.
macro_rules! promises_over_each {
    ($devices:expr => $($promise:ident)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $promise() {
            for device in $devices {
                let device = device.await;
                crate::harness::$promise(&device).await;
            }
        })*
    };
}

pub(crate) use every_loader_over;
pub(crate) use every_promise;
pub(crate) use promises;
pub(crate) use promises_over_each;
