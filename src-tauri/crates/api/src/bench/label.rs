//! The label of a unit, by a template: `{lot}-{unit:4}` becomes `4711-0012`.

use firmdrop_core::Diagnosis;

use super::refused;
use crate::label::Template;

/// What a template can name; a name with a colon takes a number of digits.
const NAMES: &[&str] = &["lot", "unit", "unit:", "lane", "serial", "version", "date"];

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label(Template);

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
    /// Reads a template.
    pub(crate) fn parse(template: &str) -> Result<Self, Diagnosis> {
        let read = Template::parse(template, NAMES);
        read.map(Self).map_err(|why| {
            refused(
                "The template of the label cannot be used.",
                why,
                "Use {lot}, {unit}, {unit:4}, {lane}, {serial}, {version} and {date}.",
            )
        })
    }

    /// The label of one unit. What is not known is a dash.
    pub(crate) fn of(&self, facts: &LabelFacts<'_>) -> String {
        self.0.label(|name, digits| match name {
            "lot" => facts.lot.to_owned(),
            "unit" | "unit:" => format!("{:0digits$}", facts.unit),
            "lane" => facts.lane.to_owned(),
            "serial" => facts.serial.unwrap_or("-").to_owned(),
            "version" => facts.version.unwrap_or("-").to_owned(),
            _ => facts.date.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
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
        assert!(Label::parse("{colour}").is_err());
    }
}
