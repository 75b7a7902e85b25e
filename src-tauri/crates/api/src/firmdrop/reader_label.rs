//! The label of a reader: what is printed and stuck onto it, or onto its place.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::Firmdrop;
use crate::ReaderView;
use crate::label::Template;

/// What a template can name.
const NAMES: &[&str] = &[
    "name", "serial", "place", "product", "version", "id", "address", "date",
];
/// The label without a template.
const USUAL: &str = "{name} · {serial} · {place}";

impl Firmdrop {
    /// The label of a reader by a template such as `{name} {serial}`. What is not known is a dash.
    pub fn reader_label(
        &self,
        reader: &ReaderView,
        template: Option<&str>,
    ) -> Result<String, Diagnosis> {
        let template = Template::parse(template.unwrap_or(USUAL), NAMES).map_err(unusable)?;
        let date = self.inner.engine.now().to_string();
        let (seen, target) = (&reader.reader, reader.target.as_ref());
        let product = target.and_then(|target| target.product.as_deref());
        let version = target.and_then(|target| target.version.as_deref());
        Ok(template.label(|name, _| {
            let text = match name {
                "name" => seen.name.as_str(),
                "serial" => seen.serial.as_deref().unwrap_or("-"),
                "place" => &seen.place,
                "product" => product.unwrap_or("-"),
                "version" => version.unwrap_or("-"),
                "id" => &seen.id,
                "address" => &reader.destination,
                _ => date.get(..10).unwrap_or_default(),
            };
            text.to_owned()
        }))
    }
}

fn unusable(why: String) -> Diagnosis {
    Diagnosis::new(
        Code::OptionUnknown,
        "The template of the label cannot be used.",
        why,
    )
    .titled("The template cannot be used")
    .state("Nothing was sent.")
    .remedy(Remedy::advice(
        "Use {name}, {serial}, {place}, {product}, {version}, {id}, {address} and {date}.",
    ))
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::Home;
    use firmdrop_link::{Access, Channel, LinkAddress, Reader};

    use super::*;
    use crate::FirmdropOptions;

    #[test]
    fn a_label_names_the_reader_its_number_and_its_place_and_takes_a_template() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let firmdrop = Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap();
        let reader = ReaderView {
            destination: "smp+serial:/dev/ttyACM0".into(),
            reader: Reader {
                id: "usb:1-2#2fe3:0100:4E1A".into(),
                name: "Gate 04\n".into(),
                serial: Some("4E1A".into()),
                place: "Hub A, port 2".into(),
                channel: Channel::Serial,
                address: LinkAddress::new("serial", "/dev/ttyACM0"),
                access: Access::Ready,
                simulated: false,
            },
            target: None,
            added: false,
            job: None,
        };
        let label = |template| firmdrop.reader_label(&reader, template);
        assert_eq!(label(None).unwrap(), "Gate 04 · 4E1A · Hub A, port 2");
        assert_eq!(label(Some("{serial}/{version}")).unwrap(), "4E1A/-");
        let refused = label(Some("{lot}")).unwrap_err();
        assert_eq!(refused.code, Code::OptionUnknown);
    }
}
