//! SMP: the cases of every loader over a simulated reader, and its own.
//!
//! A case that passes over the pipe and fails over the port or the network shows a fault of the link.

mod acts;
mod adapting;
mod another_reader;
mod broken_links;
mod builds;
mod closed_ports;
mod exchanged;
mod going_on;
mod images;
mod in_recovery;
mod loaded;
mod odd_answers;
mod other_readers;
mod over_the_air;
mod packages;
mod pieces;
mod renamed_ports;
mod reported;
mod restarts;
mod speed;
mod strange_readers;
mod two_slots;
mod unanswered;
mod whole_loads;
mod world;

use world::{Way, World};

/// The same over the pipe alone, where time passes as soon as everybody waits.
macro_rules! in_no_time {
    ($($module:ident { $($case:ident)* })*) => {
        mod in_no_time {
            $($(#[tokio::test(start_paused = true)]
            async fn $case() {
                super::$module::$case().await;
            })*)*
        }
    };
}

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
        mod radio {
            $($(#[tokio::test] async fn $case() { super::$module::$case(super::Way::Radio).await; })*)*
        }
        mod udp {
            $($(#[tokio::test] async fn $case() { super::$module::$case(super::Way::Network).await; })*)*
        }
    };
}

over_every_way! {
    broken_links {
        a_link_that_is_away_at_any_question_is_opened_again
        a_link_that_breaks_behind_the_first_piece_makes_no_later_piece_shorter
    }
    adapting {
        a_reader_that_takes_less_than_it_says_is_loaded_over_every_way
    }
    restarts {
        a_reader_is_restarted_and_answers_again_with_what_it_ran
    }
    whole_loads {
        ends_verified_with_the_readers_memory_identical
        tells_the_phases_of_the_plan_in_order_and_progress_never_falls
        waits_for_the_disk_only_where_a_later_run_would_know_less
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
    packages {
        the_images_of_a_package_are_stored_and_started_by_one_restart
        the_only_image_inside_of_another_file_is_loaded
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

in_no_time! {
    closed_ports {
        a_port_that_may_not_be_opened_after_the_restart_is_not_said_to_have_stayed_away
        an_application_whose_port_may_not_be_opened_is_not_said_to_be_silent
        a_port_that_may_be_opened_some_seconds_after_the_restart_is_waited_for
        a_resume_waits_for_a_port_that_may_not_be_opened_yet_and_not_for_long
        a_bootloader_that_leaves_the_mark_is_not_said_not_to_have_restarted
    }
    another_reader {
        a_reader_that_falls_into_its_recovery_is_not_overwritten
        behind_a_bridge_a_reader_that_falls_into_its_recovery_is_not_overwritten
        a_bootloader_that_answers_for_a_moment_is_waited_for
        another_reader_at_the_same_address_gets_nothing
        a_reader_with_the_same_images_and_another_serial_number_gets_nothing
        a_reader_that_runs_the_image_already_is_another_one_in_the_middle_of_an_upload
        another_reader_in_recovery_gets_nothing_of_a_load_through_recovery
        an_application_in_the_place_of_a_recovery_gets_nothing
        another_reader_after_the_restart_is_one_of_the_causes_that_are_named
    }
    exchanged {
        another_reader_in_the_place_of_the_planned_one_is_told_by_whatever_differs
        two_readers_of_which_nothing_differs_cannot_be_told_apart
        an_image_that_was_stored_or_removed_meanwhile_is_a_change
        a_reader_that_confirmed_its_image_meanwhile_is_the_one_that_was_planned
        a_resume_goes_on_with_images_that_moved_and_with_its_own_and_with_no_other
        a_resume_does_not_write_through_recovery_what_was_planned_for_an_application
        a_reader_in_recovery_that_started_its_application_is_known_by_its_list_or_serial_number
    }
    renamed_ports {
        a_port_that_comes_back_under_another_name_is_found_at_its_place
        a_reader_that_took_over_the_name_of_the_port_gets_nothing
        a_restart_without_a_load_follows_the_port
        a_link_that_breaks_in_mid_upload_is_opened_again_at_its_place
    }
    two_slots {
        the_image_for_the_slot_that_does_not_run_is_sent
        a_plan_for_two_slots_counts_one_image_and_says_that_the_reader_decides
        a_reader_whose_bootloader_moves_images_gets_none_of_two_slots
        recovery_gets_the_image_for_the_first_slot
        a_resume_after_the_restart_knows_the_image_that_it_sent
    }
    odd_answers {
        offsets_that_move_back_or_are_no_numbers_cost_a_piece_and_never_the_truth
        an_answer_that_contradicts_itself_is_no_answer_and_starts_nothing
        a_restart_whose_answer_cannot_be_read_is_looked_for
    }
    pieces {
        an_offset_beyond_what_was_sent_is_never_called_taken
        a_reader_without_hashes_that_says_it_holds_a_part_gets_the_whole
        a_last_answer_without_an_offset_is_read_in_the_list
        one_answer_without_an_offset_costs_a_piece
        answers_without_an_offset_are_not_said_to_have_a_wrong_one
        a_reader_that_forgot_the_upload_gets_the_image_from_its_start
        a_piece_that_is_refused_again_and_again_ends_with_a_resume
        an_image_that_is_larger_than_its_slot_is_refused_before_a_byte_is_sent
        a_slot_of_no_bytes_refuses_nothing
        a_reader_that_is_silent_to_pieces_alone_is_not_called_silent
    }
    unanswered {
        text_and_an_echo_are_not_called_silence
        a_reader_that_never_lists_an_image_is_not_said_to_be_in_its_bootloader
        a_reader_that_is_busy_and_then_silent_is_not_said_to_answer_something_else
    }
    acts {
        an_image_that_the_application_confirms_itself_is_verified_whatever_the_request_got
        a_refused_confirmation_leaves_an_image_on_trial_and_a_resume
        a_reader_that_confirms_only_what_runs_is_asked_without_a_hash
        a_confirmation_whose_answer_is_lost_is_read_back
        a_trial_that_ended_meanwhile_is_not_confirmed_for_good
        a_reader_that_restarts_while_it_is_marked_is_confirmed
        a_refused_restart_leaves_a_marked_image_and_a_resume
        a_restart_that_is_accepted_and_does_not_come_leaves_a_resume
        a_stop_while_the_reader_is_silent_to_a_mark_or_a_confirmation_is_not_waited_for_long
        an_application_that_lists_nothing_at_first_is_asked_again
        an_application_that_lists_its_old_slot_first_is_asked_again
        an_application_that_lists_nothing_for_good_is_not_said_to_be_in_recovery
        an_application_started_from_recovery_that_lists_nothing_at_first_is_asked_again
        an_application_started_from_recovery_that_lists_nothing_for_good_ends_in_sent
        a_resume_waits_for_an_application_that_lists_nothing_yet
    }
    broken_links {
        a_link_that_is_away_for_eight_seconds_at_any_question_is_waited_for
        in_recovery_a_link_that_is_away_at_any_question_is_opened_again
        a_reader_that_leaves_while_it_is_identified_is_planned_for_and_loaded
        a_link_that_stays_away_ends_the_load_with_a_state_and_a_resume
    }
    adapting {
        a_reader_that_speaks_one_version_only_is_loaded
        a_reader_that_takes_less_than_it_says_is_loaded_soon
        a_reader_with_buffers_of_less_than_128_bytes_is_loaded
        a_reader_whose_buffers_have_no_room_for_an_image_is_loaded_as_one_that_says_nothing
        a_load_that_stood_still_for_a_minute_asks_once_more
        a_reader_that_says_nothing_about_its_buffers_is_loaded_whatever_they_are
        a_reader_that_writes_in_blocks_gets_whole_ones
        a_reader_that_stores_nothing_is_said_to_answer_and_soon
        an_image_with_a_longer_hash_is_known_by_it
        an_image_that_marks_itself_is_not_said_to_be_unmarked
        a_reader_that_decrypts_what_it_got_is_waited_for
        a_reader_that_is_too_busy_to_restart_is_asked_again
        what_a_reader_only_believes_to_hold_is_sent_again
        a_link_that_is_away_for_seconds_is_waited_for
        a_reader_that_falls_silent_is_given_up_after_the_time_that_is_promised
        a_bootloader_that_overwrites_is_loaded_and_verified
        an_image_that_is_too_large_for_recovery_is_said_to_be
        a_refused_piece_is_told_with_its_code
        a_reader_that_erases_sector_by_sector_gets_no_byte_twice
    }
    packages {
        the_plan_of_a_package_has_the_phases_of_its_load_and_counts_every_byte
        a_package_that_is_stopped_at_any_phase_is_finished_by_a_resume
        a_package_is_finished_whatever_request_the_link_breaks_at
        an_image_that_is_there_already_is_not_sent_again
        a_package_whose_images_run_already_writes_nothing
        no_image_is_confirmed_when_the_bootloader_starts_only_some
        an_image_on_trial_is_not_lost_by_the_restart_for_another
        a_failure_after_the_first_image_says_what_is_stored
        recovery_stores_every_image_of_a_package_and_one_restart_starts_them
        recovery_that_is_stopped_between_two_images_is_finished_by_a_resume
        recovery_that_does_not_say_how_it_numbers_its_slots_gets_no_image_of_a_package
    }
    restarts {
        a_restart_that_starts_another_image_is_done_only_when_that_was_accepted
        a_reader_in_recovery_is_restarted_only_when_that_was_accepted
        a_reader_that_refuses_to_restart_is_said_to_be_as_it_was
        a_reader_that_does_not_come_back_is_not_said_to_run_anything
    }
    in_recovery {
        the_image_that_was_sent_runs_after_a_load_of_any_build
    }
    reported {
        a_reader_that_is_busy_now_and_then_is_asked_again
        a_reader_that_stays_busy_is_not_called_silent_and_can_be_resumed
        a_reader_whose_answers_have_the_wrong_number_is_not_called_silent
        an_image_that_is_on_trial_is_confirmed_and_nothing_is_sent
        the_same_image_in_both_slots_is_the_one_that_runs
        where_another_image_is_marked_the_remedy_is_a_restart_and_then_a_resume
        the_answer_to_the_last_piece_may_come_after_its_repetition
        a_bootloader_that_is_silent_to_what_it_does_not_know_is_loaded
        a_reader_that_lost_its_power_on_trial_is_loaded_again_by_a_resume
        of_several_causes_for_the_old_image_none_is_named_as_the_one
        a_reader_that_loses_every_fiftieth_frame_gets_several_at_once_again
    }
    other_readers {
        one_load_after_the_other_goes_to_the_slot_that_does_not_run
        a_version_that_is_not_newer_is_refused_before_a_byte_is_sent
        a_mark_without_effect_is_said_with_what_may_help
        an_image_that_its_bootloader_erases_is_said_not_to_run
        one_that_is_not_confirmed_is_said_to_be_on_trial
        the_plan_says_that_no_older_image_is_started
        a_reader_that_lists_no_hash_is_never_said_to_run_the_image
        a_file_without_a_trailer_is_refused_with_the_reason
    }
    over_the_air {
        a_reader_behind_a_radio_of_any_kind_is_loaded
        never_more_requests_are_on_their_way_than_the_reader_has_buffers
        a_reader_that_is_away_from_the_air_is_not_touched
        three_requests_at_once_take_little_more_than_a_third_of_the_time
    }
    speed {
        a_reader_of_each_habit_is_loaded_nearly_as_fast_as_with_the_best_fixed_pieces
    }
}

mod every_other_reader {
    crate::every_promise! { promises_over_each super::other_readers::worlds() }
}

mod every_build_of_recovery {
    crate::every_promise! { promises_over_each super::builds::sample_of_worlds() }
}

crate::every_loader_over! {
    pipe: World::new(Way::Pipe)
    network: World::new(Way::Network)
    air: World::new(Way::Radio)
}

#[cfg(unix)]
crate::every_loader_over! {
    port: World::new(Way::Port)
}
