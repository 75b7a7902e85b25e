//! The text of a filter, as a campaign keeps it and as a user types it:
//! `device_class__eq=…&id__in=a,b&custom_attributes__tag=v`.

use super::{
    Collection, Filter, FilterError, FilterWarning, Operator,
    condition::is_keyed,
    encoding::{encoded_sparingly, percent_decoded},
    error::characters,
};

/// Longest text that is read, bytes. A request's address is shorter, and so is every filter that
/// can be tried.
const TEXT_BYTES: usize = 64 * 1024;

/// A filter that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterText {
    /// The conditions, in their order; none matches everything.
    pub conditions: Vec<Filter>,
    /// What is doubtful about them.
    pub warnings: Vec<FilterWarning>,
}

impl FilterText {
    /// Reads a filter for this collection. Values are percent-decoded; a `+` stays a plus. An
    /// unknown field is a warning, because services grow; an unknown operator is an error, because
    /// a service that ignores a condition would match too much.
    pub fn parse(text: &str, collection: Collection) -> Result<Self, FilterError> {
        judge_whole(text)?;
        let mut read = Self::default();
        let mut at = 0;
        for piece in text.split('&') {
            let end = at + piece.len();
            if text.trim().is_empty() {
                break;
            }
            let condition = Piece { text, at, end }.condition()?;
            read.warn(&condition, collection, text, at..end);
            read.conditions.push(condition);
            at = end + 1;
        }
        Ok(read)
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// The id of a saved query, when the text is nothing but one. Its own text must be asked for:
    /// whether a campaign resolves such an id is not certain.
    pub fn saved_query_id(text: &str) -> Option<&str> {
        let id = text.trim();
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then_some(id)
    }

    fn warn(&mut self, new: &Filter, of: Collection, text: &str, at: std::ops::Range<usize>) {
        let piece = text.get(at.clone()).unwrap_or_default();
        let mut warn = |what: String| {
            self.warnings.push(FilterWarning {
                at: characters(text, at.start),
                length: characters(piece, piece.len()),
                text: what,
            });
        };
        let field = &new.field;
        match of.operators(field) {
            None => warn(format!(
                "{} are not known to be filtered by {field}. The service may refuse it, or ignore it and match more.",
                of.title()
            )),
            Some(operators) if !operators.contains(&new.operator) => warn(format!(
                "{field} is not known to be compared by “{}”.",
                new.operator.title()
            )),
            Some(_) => {}
        }
        if piece.contains('+') {
            warn("The + is read as a plus. If a space was meant, write %20.".to_owned());
        }
        if self.conditions.iter().any(|old| old.name() == new.name()) {
            warn(format!("{} is named twice; both must hold.", new.name()));
        }
    }
}

impl From<Vec<Filter>> for FilterText {
    fn from(conditions: Vec<Filter>) -> Self {
        Self {
            conditions,
            warnings: Vec::new(),
        }
    }
}

/// As a campaign's `device_filter` holds it: plain, encoded only where a character would be read as
/// something else.
impl std::fmt::Display for FilterText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, condition) in self.conditions.iter().enumerate() {
            let between = if number == 0 { "" } else { "&" };
            let name = encoded_sparingly(&condition.name());
            write!(f, "{between}{name}={}", encoded_sparingly(&condition.value))?;
        }
        Ok(())
    }
}

fn judge_whole(text: &str) -> Result<(), FilterError> {
    let whole = |why: &str, help: &str| Err(FilterError::at(text, 0..text.len(), why, help));
    if text.len() > TEXT_BYTES {
        return whole(
            "it is longer than any filter",
            "Name fewer devices at a time.",
        );
    }
    if let Some(at) = text.find(char::is_control) {
        let end = at
            + text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
        return Err(FilterError::at(
            text,
            at..end,
            "a filter is one line without control characters",
            "Remove this character.",
        ));
    }
    if FilterText::saved_query_id(text).is_some() {
        return whole(
            "this is an id, probably of a saved query",
            "Choose the saved query from the list, so that its text is used, or write id__eq= before the id of a device.",
        );
    }
    let start = text.trim_start();
    let is_address = start.contains("://") && !start.contains("__");
    if is_address || start.starts_with('?') || start.starts_with("filter=") {
        return whole(
            "this is a part of an address, not a filter",
            "Give only what stands behind filter=, decoded once.",
        );
    }
    Ok(())
}

/// What stands between two `&`.
struct Piece<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl Piece<'_> {
    fn condition(&self) -> Result<Filter, FilterError> {
        let piece = self.text.get(self.at..self.end).unwrap_or_default();
        if piece.trim().is_empty() {
            return Err(self.wrong(
                self.at..self.end,
                "a condition is missing here",
                "Remove the & too many.",
            ));
        }
        let Some((name, value)) = piece.split_once('=') else {
            return Err(self.wrong(
                self.at..self.end,
                "this condition has no =",
                "Write it as field__eq=value, for example state__eq=registered.",
            ));
        };
        let middle = self.at + name.len();
        let value_at = middle + 1;
        let name = self.decoded(
            name.trim(),
            self.at + (name.len() - name.trim_start().len()),
        )?;
        let value = self.decoded(value, value_at)?;
        let (field, operator) = self.split(&name, self.at..middle)?;
        if operator.takes_list() && value.split(',').any(|entry| entry.trim().is_empty()) {
            return Err(self.wrong(
                value_at..self.end,
                "an entry of this list is empty",
                "Put one comma between two values, and none at the ends.",
            ));
        }
        if value.chars().any(char::is_control) {
            return Err(self.wrong(
                value_at..self.end,
                "a control character is encoded here",
                "Remove it.",
            ));
        }
        Ok(Filter {
            field,
            operator,
            value,
        })
    }

    fn split(
        &self,
        name: &str,
        at: std::ops::Range<usize>,
    ) -> Result<(String, Operator), FilterError> {
        let (field, operator) = match name.rsplit_once("__") {
            Some((field, suffix)) => match Operator::of_suffix(suffix) {
                Some(operator)
                    if field != "custom_attributes" && field != "component_attributes" =>
                {
                    (field, operator)
                }
                _ if is_keyed(name) => (name, Operator::Equal),
                _ => return Err(self.unknown_operator(suffix, at)),
            },
            None => (name, Operator::Equal),
        };
        if is_keyed(field) && operator != Operator::Equal {
            return Err(self.wrong(
                at,
                "attributes of this kind are compared for equality only",
                "Write it as custom_attributes__key=value.",
            ));
        }
        let plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let key_follows = field
            .split_once("__")
            .is_some_and(|(_, key)| !key.is_empty());
        let readable = if is_keyed(field) {
            key_follows
        } else {
            !field.is_empty() && field.chars().all(plain)
        };
        if readable {
            return Ok((field.to_owned(), operator));
        }
        Err(self.wrong(
            at,
            "this is not the name of a field",
            "Write it as field__eq=value, for example state__eq=registered.",
        ))
    }

    fn unknown_operator(&self, suffix: &str, at: std::ops::Range<usize>) -> FilterError {
        let why = if suffix == "like" {
            "this service does not compare by likeness".to_owned()
        } else {
            let known = Operator::ALL.map(|known| format!("__{}", known.suffix()));
            format!("__{suffix} is no operator; there are {}", known.join(", "))
        };
        let help = "Compare with __eq, or with __in and a list of values.";
        self.wrong(at, &why, help)
    }

    fn decoded(&self, text: &str, at: usize) -> Result<String, FilterError> {
        percent_decoded(text).map_err(|bad| {
            let begin = at + bad.at;
            self.wrong(
                begin..begin + bad.length,
                bad.why,
                "Write %25 for a percent sign, or correct the two digits behind it.",
            )
        })
    }

    fn wrong(&self, at: std::ops::Range<usize>, why: &str, help: &str) -> FilterError {
        FilterError::at(self.text, at, why, help)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Code, Diagnose};
    use proptest::prelude::*;

    use super::*;

    fn devices(text: &str) -> FilterText {
        FilterText::parse(text, Collection::Devices).unwrap()
    }

    #[test]
    fn a_filter_of_every_form_is_read_and_written_plainly() {
        let read =
            devices("device_class__eq=00ff&id__in=x,y&custom_attributes__tag=v&state=registered");
        assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        let expected = [
            Filter::new("device_class", Operator::Equal, "00ff"),
            Filter::new("id", Operator::In, "x,y"),
            Filter::new("custom_attributes__tag", Operator::Equal, "v"),
            Filter::new("state", Operator::Equal, "registered"),
        ];
        assert_eq!(read.conditions, expected);
        assert_eq!(
            read.to_string(),
            "device_class__eq=00ff&id__in=x,y&custom_attributes__tag=v&state__eq=registered"
        );
    }

    #[test]
    fn encoded_values_are_decoded_once_and_encoded_only_where_they_must_be() {
        let read = devices(
            "created_at__gte=2020-01-01T00%3A00%3A00Z&name__eq=a%20b%26c%3Dd%2B100%25&description__eq=Zürich",
        );
        assert_eq!(read.conditions[0].value, "2020-01-01T00:00:00Z");
        assert_eq!(read.conditions[1].value, "a b&c=d+100%");
        assert_eq!(
            read.to_string(),
            "created_at__gte=2020-01-01T00:00:00Z&name__eq=a%20b%26c%3Dd%2B100%25&description__eq=Zürich"
        );
        assert_eq!(devices(&read.to_string()), read);
    }

    #[test]
    fn a_plus_stays_a_plus_and_is_mentioned() {
        let read = devices("name__eq=a+b");
        assert_eq!(read.conditions[0].value, "a+b");
        assert_eq!(read.warnings.len(), 1);
        assert_eq!(read.to_string(), "name__eq=a%2Bb");
    }

    #[test]
    fn an_unknown_field_is_a_warning_and_an_unknown_operator_an_error() {
        let read = devices("colour__eq=red&state__gte=x");
        assert_eq!(read.conditions.len(), 2);
        assert_eq!(read.warnings.len(), 2);
        assert_eq!((read.warnings[1].at, read.warnings[1].length), (15, 12));
        for text in [
            "name__like=a",
            "name__foo=a",
            "custom_attributes__tag__in=a,b",
        ] {
            assert!(
                FilterText::parse(text, Collection::Devices).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_is_a_filter_that_matches_everything() {
        assert!(devices("").is_empty() && devices("  ").is_empty());
        assert_eq!(devices("").to_string(), "");
    }

    #[test]
    fn what_is_no_filter_is_told_with_its_place_and_what_helps() {
        let cases = [
            ("hello", 0),
            ("state__eq=a&&b__eq=c", 12),
            ("state__eq=a&", 12),
            ("state__eq=a&b", 12),
            ("=x", 0),
            ("ä__eq=x", 0),
            ("name__eq=üü%zz", 11),
            ("id__in=a,,b", 7),
            ("name__eq=%00", 9),
            ("a__eq=b\nc__eq=d", 7),
            ("custom_attributes__=v", 0),
            ("?id__eq=1", 0),
            ("filter=id__eq%3D1", 0),
            ("0164c910000000000000000010010012", 0),
        ];
        for (text, at) in cases {
            let error = FilterText::parse(text, Collection::Devices).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            let diagnosis = error.diagnose();
            assert_eq!(diagnosis.code, Code::FilterUnreadable);
            assert_eq!(diagnosis.remedies.len(), 1, "{text}");
        }
    }

    #[test]
    fn a_filter_that_is_only_an_id_is_told_to_be_a_saved_query() {
        let id = "0164c910000000000000000010010012";
        assert_eq!(FilterText::saved_query_id(id), Some(id));
        assert_eq!(FilterText::saved_query_id("id__eq=1"), None);
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_reader(text in ".{0,200}") {
            let _ = FilterText::parse(&text, Collection::Devices);
        }

        #[test]
        fn what_is_written_is_read_as_the_same(
            value in "[^\\p{Cc}]{0,40}",
            key in "[A-Za-z][A-Za-z0-9 &=+%ü]{0,20}[A-Za-z0-9]",
        ) {
            let filter = FilterText::from(vec![
                Filter::new("name", Operator::Equal, value.clone()),
                Filter::new(format!("custom_attributes__{key}"), Operator::Equal, value),
            ]);
            let read = FilterText::parse(&filter.to_string(), Collection::Devices).unwrap();
            prop_assert_eq!(read.conditions, filter.conditions);
        }
    }
}
