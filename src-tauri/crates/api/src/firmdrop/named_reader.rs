//! Which reader `device:NAME` means. A name that several readers share means none of them.

use firmdrop_core::{Code, Diagnosis, Remedy};

use crate::ReaderView;

/// The one reader with this id, or else with this name.
pub(super) fn named_reader<'a>(
    readers: &'a [ReaderView],
    name: &str,
) -> Result<&'a ReaderView, Diagnosis> {
    let matching = |is: fn(&ReaderView) -> &str| {
        let all = readers.iter().filter(|view| is(view) == name);
        all.collect::<Vec<_>>()
    };
    let mut found = matching(|view| &view.reader.id);
    if found.is_empty() {
        found = matching(|view| &view.reader.name);
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(no_reader(name)),
        several => Err(ambiguous(name, several)),
    }
}

fn no_reader(name: &str) -> Diagnosis {
    Diagnosis::new(
        Code::UnknownDestination,
        format!("There is no reader {name}."),
        "It is not among the readers that can be seen now.",
    )
    .state("Nothing was sent.")
    .remedy(Remedy::Reconnect)
    .remedy(Remedy::advice(
        "`firmdrop-cli devices` lists the readers that are seen.",
    ))
}

/// A destination that is written rightly and is no reader.
pub(super) fn no_address_of_a_reader(text: &str) -> Diagnosis {
    Diagnosis::new(
        Code::UnknownDestination,
        format!("{text:?} is not a reader."),
        "It is another kind of destination.",
    )
    .titled("There is no such reader")
    .state("Nothing was sent.")
    .remedy(Remedy::advice(
        "Name a reader by its id, its name or its address; `firmdrop-cli devices` lists those that are seen.",
    ))
}

fn ambiguous(name: &str, readers: &[&ReaderView]) -> Diagnosis {
    let ids: Vec<String> = readers
        .iter()
        .map(|view| format!("device:{}", view.reader.id))
        .collect();
    Diagnosis::new(
        Code::UnknownDestination,
        format!("{} readers are called {name}.", readers.len()),
        format!("They are {}.", ids.join(", ")),
    )
    .titled("The name means several readers")
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Name the reader by its id. `firmdrop-cli devices` lists the ids.".into(),
    })
}

#[cfg(test)]
mod tests {
    use firmdrop_link::{Access, Channel, LinkAddress, Reader};

    use super::*;

    fn view(id: &str, name: &str) -> ReaderView {
        let port = format!("/dev/{id}");
        ReaderView {
            destination: format!("smp+serial:{port}"),
            reader: Reader {
                id: id.into(),
                name: name.into(),
                serial: None,
                place: port.clone(),
                channel: Channel::Serial,
                address: LinkAddress::new("serial", port),
                access: Access::Ready,
                simulated: false,
            },
            target: None,
            added: false,
            job: None,
        }
    }

    #[test]
    fn a_name_that_two_readers_share_is_refused_with_the_ids_of_both() {
        let readers = [view("a", "Puck"), view("b", "Puck"), view("c", "Gate")];
        let refused = named_reader(&readers, "Puck").unwrap_err();
        assert_eq!(refused.code, Code::UnknownDestination);
        assert!(refused.why.contains("device:a") && refused.why.contains("device:b"));
        assert!(!refused.why.contains("device:c"));
    }

    #[test]
    fn an_id_means_its_reader_even_if_others_are_called_so() {
        let readers = [view("b", "a"), view("a", "Puck"), view("c", "a")];
        assert_eq!(named_reader(&readers, "a").unwrap().reader.id, "a");
    }

    #[test]
    fn a_name_of_one_reader_means_it_and_a_name_of_none_is_refused() {
        let readers = [view("a", "Puck"), view("b", "Gate")];
        assert_eq!(named_reader(&readers, "Gate").unwrap().reader.id, "b");
        assert!(named_reader(&readers, "Door").is_err());
    }
}
