//! The label of a unit, by a template: `{lot}-{unit:4}` becomes `4711-0012`.

use firmdrop_core::Diagnosis;

use super::refused;

/// Longest template and longest label, characters.
const LONGEST: usize = 200;
/// Most digits a unit's number is filled up to.
const MOST_DIGITS: usize = 12;

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Lot,
    Unit { digits: usize },
    Lane,
    Serial,
    Version,
    Date,
}

/// What a label can name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LabelFacts<'a> {
    pub(crate) lot: &'a str,
    pub(crate) unit: u32,
    pub(crate) lane: &'a str,
    pub(crate) serial: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    /// `2026-11-29`.
    pub(crate) date: &'a str,
}

impl Label {
    /// Reads a template. Braces name something; there is no other meaning of them.
    pub(crate) fn parse(template: &str) -> Result<Self, Diagnosis> {
        let wrong = |why: String| {
            refused(
                "The template of the label cannot be used.",
                why,
                "Use {lot}, {unit}, {unit:4}, {lane}, {serial}, {version} and {date}.",
            )
        };
        if template.chars().count() > LONGEST || template.chars().any(char::is_control) {
            return Err(wrong(format!(
                "It is longer than {LONGEST} characters, or more than one line."
            )));
        }
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find(['{', '}']) {
            let (text, from) = rest.split_at(open);
            if !text.is_empty() {
                parts.push(Part::Text(text.to_owned()));
            }
            let inner = from.strip_prefix('{').and_then(|from| from.split_once('}'));
            let (name, after) = inner.ok_or_else(|| wrong("A brace has no partner.".to_owned()))?;
            parts.push(part(name).ok_or_else(|| wrong(format!("There is no {{{name}}}.")))?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The label of one unit. What is not known is a dash.
    pub(crate) fn of(&self, facts: &LabelFacts<'_>) -> String {
        let mut label = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => label.push_str(text),
                Part::Lot => label.push_str(facts.lot),
                Part::Unit { digits } => {
                    let number = format!("{:0digits$}", facts.unit, digits = *digits);
                    label.push_str(&number);
                }
                Part::Lane => label.push_str(facts.lane),
                Part::Serial => label.push_str(facts.serial.unwrap_or("-")),
                Part::Version => label.push_str(facts.version.unwrap_or("-")),
                Part::Date => label.push_str(facts.date),
            }
        }
        label
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST)
            .collect()
    }
}

fn part(name: &str) -> Option<Part> {
    Some(match name {
        "lot" => Part::Lot,
        "unit" => Part::Unit { digits: 0 },
        "lane" => Part::Lane,
        "serial" => Part::Serial,
        "version" => Part::Version,
        "date" => Part::Date,
        _ => {
            let digits = name.strip_prefix("unit:")?.parse().ok()?;
            (1..=MOST_DIGITS)
                .contains(&digits)
                .then_some(Part::Unit { digits })?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FACTS: LabelFacts<'_> = LabelFacts {
        lot: "4711",
        unit: 12,
        lane: "A4",
        serial: None,
        version: Some("2.4.1"),
        date: "2026-11-29",
    };

    #[test]
    fn a_label_has_what_its_template_names() {
        let of = |template| Label::parse(template).unwrap().of(&FACTS);
        assert_eq!(of("{lot}-{unit:4}"), "4711-0012");
        assert_eq!(
            of("{date} {lane} v{version} {serial}"),
            "2026-11-29 A4 v2.4.1 -"
        );
        assert_eq!(of("unit {unit}"), "unit 12");
    }

    #[test]
    fn a_template_that_names_nothing_known_is_refused() {
        for template in ["{", "}", "{unit:}", "{unit:99}", "{colour}", "{lot", "a}b"] {
            assert!(Label::parse(template).is_err(), "{template}");
        }
    }

    proptest! {
        #[test]
        fn no_template_makes_it_panic(template in ".{0,300}") {
            if let Ok(label) = Label::parse(&template) {
                prop_assert!(label.of(&FACTS).chars().count() <= LONGEST);
            }
        }
    }
}
