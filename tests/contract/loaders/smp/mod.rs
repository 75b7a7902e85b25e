//! SMP: the cases of every loader over a simulated reader, and its own.
//!
//! A case that passes over the pipe and fails over the port or the network shows a fault of the link.

mod going_on;
mod images;
mod in_recovery;
mod loaded;
mod strange_readers;
mod whole_loads;
mod world;

use world::{Way, World};

/// Each case makes its own world, so they may run at the same time.
macro_rules! over_every_way {
    ($($module:ident { $($case:ident)* })*) => {
        mod in_process {
            $($(#[tokio::test] async fn $case() { super::$module::$case(super::Way::Pipe).await; })*)*
        }
        #[cfg(unix)]
        mod serial {
            $($(#[tokio::test] async fn $case() { super::$module::$case(super::Way::Port).await; })*)*
        }
        mod udp {
            $($(#[tokio::test] async fn $case() { super::$module::$case(super::Way::Network).await; })*)*
        }
    };
}

over_every_way! {
    whole_loads {
        ends_verified_with_the_readers_memory_identical
        tells_the_phases_of_the_plan_in_order_and_progress_never_falls
        writes_nothing_when_the_reader_already_runs_these_bytes
        refuses_an_image_of_another_kind_and_touches_nothing
        says_in_words_why_the_reader_refuses_an_image
        probing_and_planning_change_nothing
        a_reader_is_held_by_one_program_at_a_time
        a_reader_with_one_buffer_gets_one_request_at_a_time
    }
    going_on {
        stops_at_each_phase_with_the_truth_and_goes_on_later
        a_load_that_goes_on_while_the_reader_restarts_waits_for_it
        survives_a_link_that_breaks_at_each_request
        goes_on_by_itself_after_a_cut_in_the_upload
        a_lost_last_answer_does_not_send_the_image_again
        a_reader_that_lost_its_power_gets_the_whole_image_again
        sends_only_what_is_missing_from_every_tenth
    }
    strange_readers {
        is_patient_with_a_slow_reader
        waits_for_a_slot_to_be_erased_and_sends_no_byte_twice
        loses_nothing_when_frames_are_lost
        says_that_a_dying_reader_is_silent_and_resumes_once_it_lives
        says_that_the_reader_did_not_return
        says_that_the_reader_came_back_with_its_old_image
        says_that_the_reader_did_not_keep_the_image
        says_that_the_reader_stored_something_else
        a_refused_mark_is_never_taken_as_yes
        a_mark_that_was_accepted_and_is_not_listed_restarts_nothing
        says_that_the_reader_waits_in_its_bootloader_after_the_restart
        an_application_that_lists_only_set_flags_is_loaded_like_any_other
    }
    images {
        of_two_images_none_is_replaced_that_was_not_named
        the_named_image_is_replaced_and_the_other_is_not
        recovery_that_does_not_say_how_it_numbers_its_slots_gets_no_second_image
    }
    in_recovery {
        the_image_that_was_sent_is_the_one_that_runs
        an_image_that_the_bootloader_rejects_is_not_started
        an_image_it_holds_already_is_started_and_not_said_to_run_before
        the_same_image_in_the_second_slot_does_not_count_as_held
        another_image_that_is_marked_is_not_started_unawares
        an_application_that_never_answers_ends_in_sent_with_what_the_bootloader_listed
        a_reader_that_stays_in_recovery_is_not_said_to_run
        stopped_in_recovery_says_that_the_image_it_had_is_gone
    }
}

crate::every_loader_over! {
    pipe: World::new(Way::Pipe)
    network: World::new(Way::Network)
}

#[cfg(unix)]
crate::every_loader_over! {
    port: World::new(Way::Port)
}
