//! Labels by templates: `{lot}-{unit:4}` becomes `4711-0012`. What can be named, each kind of label says.

/// Longest template and longest label, characters.
const LONGEST: usize = 200;
/// Most digits a number is filled up to.
const MOST_DIGITS: usize = 12;

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Named { name: &'static str, digits: usize },
}

impl Template {
    /// Reads a template of these names, or says why it is none. Braces name something; there is no other meaning of
    /// them.
    pub(crate) fn parse(template: &str, names: &[&'static str]) -> Result<Self, String> {
        if template.chars().count() > LONGEST || template.chars().any(char::is_control) {
            return Err(format!(
                "It is longer than {LONGEST} characters, or more than one line."
            ));
        }
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find(['{', '}']) {
            let (text, from) = rest.split_at(open);
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
            let inner = from.strip_prefix('{').and_then(|from| from.split_once('}'));
            let (name, after) = inner.ok_or("A brace has no partner.")?;
            parts.push(part(name, names).ok_or_else(|| format!("There is no {{{name}}}."))?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The label of one thing; `value` answers a name with its text, filled up to so many digits.
    pub(crate) fn label(&self, value: impl Fn(&str, usize) -> String) -> String {
        let mut label = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => label.push_str(text),
                Part::Named { name, digits } => label.push_str(&value(name, *digits)),
            }
        }
        label
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST)
            .collect()
    }
}

/// A name, or one with a number of digits behind it where the kind of label has `NAME:`.
fn part(written: &str, names: &[&'static str]) -> Option<Part> {
    let is_it = |name: &&&'static str| **name == written && !name.ends_with(':');
    if let Some(name) = names.iter().find(is_it) {
        return Some(Part::Named { name, digits: 0 });
    }
    let mut counted = names.iter().filter(|name| name.ends_with(':'));
    let (name, digits) = counted.find_map(|name| Some((*name, written.strip_prefix(name)?)))?;
    let digits = digits.parse().ok()?;
    (1..=MOST_DIGITS)
        .contains(&digits)
        .then_some(Part::Named { name, digits })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: &[&str] = &["lot", "unit", "unit:"];

    #[test]
    fn a_template_that_names_nothing_known_is_refused() {
        for template in [
            "{",
            "}",
            "{unit:}",
            "{unit:99}",
            "{colour}",
            "{lot",
            "a}b",
            "{unit:4",
            "{lot:4}",
        ] {
            assert!(Template::parse(template, NAMES).is_err(), "{template}");
        }
    }

    proptest! {
        #[test]
        fn no_template_makes_it_panic(template in ".{0,300}") {
            if let Ok(template) = Template::parse(&template, NAMES) {
                let label = template.label(|name, digits| format!("{name}{digits}").repeat(50));
                prop_assert!(label.chars().count() <= LONGEST);
            }
        }
    }
}
