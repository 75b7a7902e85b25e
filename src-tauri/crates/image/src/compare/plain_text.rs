//! Which runs of printable bytes a person would call text: versions, dates, words, addresses, settings.
//!
//! Code, tables and packed data have printable bytes as well. Random ones are eight in a row every few
//! kilobytes, so that a run alone says nothing.

/// Shortest text that counts; a version or a date counts from five characters on.
const SHORTEST: usize = 8;
const SHORTEST_VERSION: usize = 5;
/// From this length on a text needs no end of its own: some languages store text without one.
const LONG: usize = 24;
/// Letters of a word.
const WORD: usize = 4;
/// Consonants in a row that a word may have: "Instrumentstrength".
const CONSONANTS: usize = 5;

/// Whether printable bytes read as text. `end` is the byte behind them; none where the content ends.
pub(super) fn is_plain_text(text: &[u8], end: Option<u8>) -> bool {
    // A null byte, the end of a line, or flash that was not written.
    let is_closed = matches!(end, None | Some(0 | b'\n' | b'\r' | b'\t' | 0xFF));
    if text.len() < SHORTEST_VERSION || !(is_closed || text.len() >= LONG) {
        return false;
    }
    let plain = text.iter().filter(|byte| is_plain(**byte)).count();
    let is_mostly_plain = plain * 8 >= text.len() * 7;
    let is_long_and_plain = text.len() >= SHORTEST + WORD && plain * 4 >= text.len() * 3;
    (is_mostly_plain && (has_version(text) || has_time(text)))
        || (text.len() >= SHORTEST
            && (is_mostly_plain || is_long_and_plain)
            && letters_of_words(text) * 3 >= text.len())
}

/// Letters, digits, and what stands between them in names, addresses and settings.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'_' | b'-' | b'/' | b':' | b'=')
}

/// Two numbers with a point between them, as a word of its own or behind letters: "1.2.3", "v4.0-rc1",
/// "app 2.10".
fn has_version(text: &[u8]) -> bool {
    let words = text.split(|byte| !is_plain(*byte) || matches!(byte, b' ' | b'=' | b':' | b'/'));
    words.filter(|word| word.len() >= 3).any(|word| {
        let numbers: Vec<_> = word
            .split(|byte| !byte.is_ascii_digit() && *byte != b'.')
            .filter(|number| number.contains(&b'.'))
            .collect();
        let is_numbers = |number: &[u8]| {
            let mut parts = number.split(|byte| *byte == b'.');
            parts.clone().count() >= 2 && parts.all(|part| (1..=8).contains(&part.len()))
        };
        matches!(numbers.as_slice(), [number, ..] if is_numbers(number))
    })
}

/// A time of day or a date as compilers write them: "12:30:05", "2026-11-29", "Nov 29 2026".
fn has_time(text: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] = [
        b"Jan ", b"Feb ", b"Mar ", b"Apr ", b"May ", b"Jun ", b"Jul ", b"Aug ", b"Sep ", b"Oct ",
        b"Nov ", b"Dec ",
    ];
    let digit = u8::is_ascii_digit;
    let is_clock = |eight: &[u8]| {
        let mut numbers = eight.split(|byte| *byte == b':');
        numbers.clone().count() == 3
            && numbers.all(|number| number.len() == 2 && number.iter().all(digit))
    };
    let is_day = |ten: &[u8]| {
        let lengths = ten.split(|byte| *byte == b'-').map(<[u8]>::len);
        lengths.eq([4, 2, 2]) && ten.iter().all(|byte| digit(byte) || *byte == b'-')
    };
    let is_month = |eleven: &[u8]| {
        MONTHS.iter().any(|month| eleven.starts_with(month)) && eleven.iter().skip(7).all(digit)
    };
    text.windows(8).any(is_clock) || text.windows(10).any(is_day) || text.windows(11).any(is_month)
}

/// How many letters belong to words.
fn letters_of_words(text: &[u8]) -> usize {
    let words = text.split(|byte| !byte.is_ascii_alphabetic());
    words
        .flat_map(humps)
        .filter(|word| is_word(word))
        .map(<[u8]>::len)
        .sum()
}

/// The parts of a name in camel case: each begins with a capital letter behind a small one.
fn humps(letters: &[u8]) -> impl Iterator<Item = &[u8]> {
    letters.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase()))
}

/// Letters that can be spoken, all small, all capital, or small behind a first capital one.
fn is_word(letters: &[u8]) -> bool {
    let [_, rest @ ..] = letters else {
        return false;
    };
    let is_vowel = |byte: &u8| {
        matches!(
            byte.to_ascii_lowercase(),
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y'
        )
    };
    let of_one_case =
        rest.iter().all(u8::is_ascii_lowercase) || letters.iter().all(u8::is_ascii_uppercase);
    letters.len() >= WORD
        && of_one_case
        && letters.iter().any(is_vowel)
        && letters
            .split(is_vowel)
            .all(|consonants| consonants.len() <= CONSONANTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_text(text: &str) -> bool {
        is_plain_text(text.as_bytes(), Some(0))
    }

    #[test]
    fn versions_dates_words_and_settings_are_text() {
        for text in [
            "1.2.3",
            "v4.0-rc1",
            "app_2.10",
            "12:30:05",
            "Nov 29 2026",
            "2026-11-29",
            "wifi.ssid=lamp",
            "CONFIG_WIFI_SSID",
            "https://update.example.com/v2",
            "mqtt://10.0.0.7:1883",
            "sensorNode",
            "%s: error %d in line %d",
            "*** Booting Zephyr OS build v3.7.0 ***",
        ] {
            assert!(is_text(text), "{text}");
        }
    }

    #[test]
    fn code_and_tables_are_no_text() {
        for text in [
            "[]A\\A]A^A_",
            "\"3DUfw\"3",
            "hGKx9qZr",
            "pG#F(F1F",
            "a.b.c",
            "7.%x{",
        ] {
            assert!(!is_text(text), "{text}");
        }
        // How functions of x86-64 begin.
        assert!(!is_plain_text(b"AWAVAUATUSH", Some(0x83)));
    }

    #[test]
    fn a_short_text_ends_where_text_ends_and_a_long_one_anywhere() {
        assert!(!is_plain_text(b"error in line", Some(0x80)));
        assert!(is_plain_text(b"error in line", Some(b'\n')));
        assert!(is_plain_text(b"error in line", None));
        assert!(is_plain_text(b"error in line of the settings", Some(0x80)));
    }

    #[test]
    fn random_bytes_have_next_to_no_text() {
        // Marsaglia's xorshift, 64 bits; one mebibyte.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let bytes: Vec<u8> = (0..1 << 17)
            .flat_map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()
            })
            .collect();
        let mut runs = 0;
        let mut texts = Vec::new();
        for run in bytes.split_inclusive(|byte| !matches!(byte, b' '..=b'~')) {
            let Some((end, text)) = run.split_last() else {
                continue;
            };
            runs += u32::from(text.len() >= SHORTEST);
            if is_plain_text(text, Some(*end)) {
                texts.push(String::from_utf8_lossy(text).into_owned());
            }
        }
        assert!(runs > 100, "{runs} runs of printable bytes");
        assert!(texts.is_empty(), "{texts:?}");
    }
}
