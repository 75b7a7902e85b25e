//! Dates of HTTP headers.

use firmdrop_core::Moment;

/// A moment as HTTP headers write it (RFC 9110, 5.6.7).
pub(crate) fn http_date(moment: Moment) -> String {
    let timestamp = jiff::Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or_default();
    timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_the_standard_shows_it() {
        let moment = Moment::from_millisecond(784_111_777_000);
        assert_eq!(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
