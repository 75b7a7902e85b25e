//! Filters: comparisons with `eq`, joined by `and` and `or`; `and` binds tighter.
//!
//! No parentheses and no other operators: no documented filter has them.

use super::answer::Refusal;

/// What a text stands in.
const QUOTE: char = '\'';

/// One comparison; no value is `null`.
type Comparison = (String, Option<String>);

/// A filter: one of these lists must hold whole. An empty filter lets everything pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter(Vec<Vec<Comparison>>);

impl Filter {
    /// Reads a filter on these fields, none when there is no text.
    pub(crate) fn read(text: Option<&str>, fields: &[&str]) -> Result<Self, Refusal> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let wrong =
            || Refusal::invalid("filter", format!("The filter cannot be used here: {text}"));
        let words = words(text).ok_or_else(wrong)?;
        let mut all = vec![Vec::new()];
        let mut rest = words.as_slice();
        loop {
            let [field, operator, value, behind @ ..] = rest else {
                return Err(wrong());
            };
            let known = fields.iter().find(|one| one.eq_ignore_ascii_case(field));
            let known = known.filter(|_| operator == "eq").ok_or_else(wrong)?;
            let value = match value.as_str() {
                "null" => None,
                other => Some(without_quotes(other)),
            };
            if let Some(last) = all.last_mut() {
                last.push(((*known).to_owned(), value));
            }
            match behind.split_first() {
                None => return Ok(Self(all)),
                Some((word, behind)) if word == "and" => rest = behind,
                Some((word, behind)) if word == "or" => {
                    all.push(Vec::new());
                    rest = behind;
                }
                Some(_) => return Err(wrong()),
            }
        }
    }

    /// Whether something passes whose fields have these values.
    pub(crate) fn passes(&self, value_of: impl Fn(&str) -> Option<String>) -> bool {
        let holds = |(field, wanted): &Comparison| value_of(field) == *wanted;
        self.0.is_empty() || self.0.iter().any(|all| all.iter().all(holds))
    }
}

/// A text in quotes as what it stands for; within it, two quotes are one (`OData` 4.01, URL conventions, 5.1.1.6.1).
fn without_quotes(word: &str) -> String {
    let inner = word
        .strip_prefix(QUOTE)
        .and_then(|text| text.strip_suffix(QUOTE));
    inner.map_or_else(|| word.to_owned(), |text| text.replace("''", "'"))
}

/// Length of a text in quotes, quotes included; `None` when it is not closed.
fn quoted_length(text: &str) -> Option<usize> {
    let mut from = 1;
    loop {
        let end = from + text.get(from..)?.find(QUOTE)?;
        if !text.get(end + 1..)?.starts_with(QUOTE) {
            return Some(end + 1);
        }
        from = end + 2;
    }
}

/// Words separated by spaces; a text in quotes is one word.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = if rest.starts_with(QUOTE) {
            quoted_length(rest)?
        } else {
            rest.find(' ').unwrap_or(rest.len())
        };
        let (word, behind) = rest.split_at_checked(end)?;
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_holds_when_one_of_its_alternatives_does() {
        let text = "status eq 'Not Started' or status eq 'Running' and kind eq null";
        let filter = Filter::read(Some(text), &["status", "kind"]).unwrap();
        let passes = |status: &str, kind: Option<&str>| {
            filter.passes(|field| match field {
                "status" => Some(status.to_owned()),
                _ => kind.map(str::to_owned),
            })
        };
        assert!(passes("Not Started", Some("x")));
        assert!(passes("Running", None));
        assert!(!passes("Running", Some("x")));
        assert!(!passes("Failed", None));
    }

    #[test]
    fn two_quotes_within_a_text_are_one() {
        for (text, value) in [
            ("group eq 'O''Hare'", "O'Hare"),
            ("group eq '''quoted'''", "'quoted'"),
            ("group eq ''", ""),
            ("group eq ''''", "'"),
        ] {
            let filter = Filter::read(Some(text), &["group"]).unwrap();
            assert!(filter.passes(|_| Some(value.to_owned())), "{text}");
            assert!(!filter.passes(|_| Some("other".to_owned())), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filtered_is_refused() {
        for bad in [
            "",
            "status",
            "status ne 'a'",
            "other eq 'a'",
            "status eq 'a' xor status eq 'b'",
            "status eq 'a' and",
            "status eq 'a",
            "status eq 'a''",
        ] {
            assert!(Filter::read(Some(bad), &["status"]).is_err(), "{bad}");
        }
        assert!(Filter::read(None, &[]).unwrap().passes(|_| None));
    }
}
