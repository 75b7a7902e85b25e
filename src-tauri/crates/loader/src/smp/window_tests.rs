//! Pieces under way, answered, lost and repeated.

use super::*;

/// Sends whatever may be sent in pieces of a hundred bytes; returns the offsets.
fn send(window: &mut Window, sequence: &mut u8) -> Vec<u64> {
    let mut offsets = Vec::new();
    while let Some(offset) = window.next() {
        window.sent(*sequence, (offset + 100).min(1000));
        *sequence += 1;
        offsets.push(offset);
        if !window.has_begun() {
            break;
        }
    }
    offsets
}

fn begun(buffers: usize) -> (Window, u8) {
    let (mut window, mut sequence) = (Window::new(1000, buffers), 0);
    assert_eq!(send(&mut window, &mut sequence), [0]);
    assert_eq!(window.next(), None, "the first piece goes alone");
    assert_eq!(window.answered(0, 100), Meaning::Forward);
    (window, sequence)
}

#[test]
fn the_window_grows_to_one_less_than_the_buffers() {
    let (mut window, mut sequence) = begun(4);
    assert_eq!(send(&mut window, &mut sequence), [100, 200, 300]);
    assert_eq!(window.answered(1, 200), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence), [400]);
}

#[test]
fn a_reader_that_states_no_buffers_gets_one_request_at_a_time() {
    let (mut window, mut sequence) = begun(0);
    assert_eq!(send(&mut window, &mut sequence), [100]);
}

#[test]
fn a_lost_piece_goes_again_alone_and_so_does_everything_after_it() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    assert_eq!(
        window.answered(2, 100),
        Meaning::Back,
        "200 came before 100"
    );
    assert_eq!(send(&mut window, &mut sequence), [100]);
    assert_eq!(
        window.answered(3, 100),
        Meaning::Nothing,
        "the answer to 300 is stale"
    );
    assert_eq!(window.answered(4, 200), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence), [200]);
}

#[test]
fn a_lost_answer_costs_nothing_when_a_later_one_arrives() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(3, 400), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence), [400, 500, 600]);
}

#[test]
fn answers_out_of_order_take_nothing_back() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    window.answered(3, 400);
    assert_eq!(window.answered(1, 200), Meaning::Nothing);
    assert_eq!(window.confirmed(), 400);
}

#[test]
fn a_late_answer_after_silence_shows_that_the_burst_was_not_lost() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    window.silence();
    assert_eq!(send(&mut window, &mut sequence), [100]);
    assert_eq!(window.answered(3, 400), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence), [400, 500, 600]);
}

#[test]
fn a_resumed_upload_goes_on_where_the_reader_stands() {
    let (mut window, mut sequence) = (Window::new(1000, 4), 0);
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(0, 700), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence), [700, 800, 900]);
    assert_eq!(window.answered(3, 1000), Meaning::Forward);
    assert!(window.is_complete());
}

#[test]
fn a_reader_that_forgot_everything_is_begun_again_and_progress_does_not_fall() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(1, 0), Meaning::Back);
    assert!(!window.has_begun());
    assert_eq!(send(&mut window, &mut sequence), [0]);
    assert_eq!(window.confirmed(), 100);
}

#[test]
fn a_piece_that_was_taken_in_part_is_gone_on_with_from_there() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(1, 150), Meaning::Forward);
    assert_eq!(send(&mut window, &mut sequence).first(), Some(&150));
}

#[test]
fn an_offset_beyond_what_was_sent_is_never_progress() {
    for (sequence, offset) in [(1, 1001), (1, 1000), (3, 401)] {
        let (mut window, mut next) = begun(4);
        send(&mut window, &mut next);
        assert_eq!(window.answered(sequence, offset), Meaning::Beyond);
        assert_eq!(window.confirmed(), 100, "{offset}");
    }
    // Nor is one in an answer to what does not wait for one.
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(90, 800), Meaning::Nothing);
    assert_eq!(window.confirmed(), 100);
}

#[test]
fn over_another_link_the_reader_holds_no_more_than_was_sent_over_the_first() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    window.reopen();
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(sequence - 1, 401), Meaning::Beyond);
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    window.reopen();
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(sequence - 1, 400), Meaning::Forward);
}

#[test]
fn a_reader_that_cannot_know_the_upload_holds_nothing_of_it_at_first() {
    let (mut window, mut sequence) = (Window::new(1000, 4), 0);
    window.holds_nothing();
    send(&mut window, &mut sequence);
    assert_eq!(window.answered(0, 700), Meaning::Beyond);
}

#[test]
fn a_window_that_lost_something_is_widened_again_after_a_while() {
    let (mut window, mut sequence) = (Window::new(100_000, 4), 0);
    let mut one = |window: &mut Window, wanted: u64| {
        window.sent(sequence, wanted);
        sequence += 1;
        window.answered(sequence - 1, wanted)
    };
    one(&mut window, 100);
    for step in 2..40 {
        one(&mut window, step * 100);
    }
    window.silence();
    assert_eq!(window.width, 1);
    for step in 40..60 {
        one(&mut window, step * 100);
    }
    assert!(window.width > 1, "a frame was lost on the way");
}

#[test]
fn a_reader_that_loses_some_of_several_each_time_gets_them_more_and_more_rarely() {
    let mut window = Window::new(1_000_000, 4);
    let (mut silences, mut offset) = (0, 0);
    for piece in 0..2000_u32 {
        offset += 100;
        window.sent(u8::try_from(piece % 200).unwrap_or(0), offset);
        window.answered(u8::try_from(piece % 200).unwrap_or(0), offset);
        if window.width > 1 && piece > 0 {
            window.silence();
            silences += 1;
        }
    }
    assert!(silences <= 6, "{silences}");
}

#[test]
fn a_silence_that_was_only_slow_narrows_nothing() {
    let (mut window, mut sequence) = begun(4);
    send(&mut window, &mut sequence);
    let width = window.width;
    window.silence();
    assert_eq!(window.width, 1);
    assert_eq!(window.answered(1, 200), Meaning::Forward);
    assert!(window.width >= width);
}

#[test]
fn a_reader_that_takes_nothing_is_counted_until_it_takes_something_new() {
    let (mut window, mut sequence) = begun(1);
    for _ in 0..3 {
        send(&mut window, &mut sequence);
        assert_eq!(window.answered(sequence - 1, 100), Meaning::Back);
    }
    assert_eq!(window.refusals(), 3);
    send(&mut window, &mut sequence);
    window.answered(sequence - 1, 200);
    assert_eq!(window.refusals(), 0);
}
