//! Registries of others as data files, each with its date and source in its first lines.
//!
//! They are looked up and never judged: a number that is not in a list is unknown, not wrong.

use crate::text_records::byte;

/// The name of a UF2 family.
pub(crate) fn uf2_family(id: u32) -> Option<&'static str> {
    entry(include_str!("uf2_families.txt"), 16, id)
}

/// The name of an ELF machine.
pub(crate) fn elf_machine(machine: u16) -> Option<&'static str> {
    entry(include_str!("elf_machines.txt"), 10, machine.into())
}

/// The name of a chip with this id in an ESP image.
pub(crate) fn esp_chip(id: u16) -> Option<&'static str> {
    entry(include_str!("esp_chips.txt"), 10, id.into())
}

/// The name of a type and subtype of an ESP partition.
pub(crate) fn esp_partition(kind: u8, subtype: u8) -> Option<&'static str> {
    let number = u16::from_be_bytes([kind, subtype]);
    entry(include_str!("esp_partitions.txt"), 16, number.into())
}

/// What a file is whose header is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    File,
    Compressed,
    Archive,
}

/// What a file is that begins with `head`, and its name.
pub(crate) fn header(head: &[u8]) -> Option<(Class, &'static str)> {
    let mut headers = headers();
    headers.find_map(|header| {
        let there = head.get(header.offset..)?;
        header.is_at(there).then_some((header.class, header.name))
    })
}

/// One line of the list of headers.
#[derive(Debug)]
struct Header {
    offset: usize,
    hex: &'static str,
    class: Class,
    name: &'static str,
}

impl Header {
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        Some(Self {
            offset: words.next()?.parse().ok()?,
            hex: words.next()?,
            class: match words.next()? {
                "file" => Class::File,
                "compressed" => Class::Compressed,
                "archive" => Class::Archive,
                _ => return None,
            },
            name: words.next()?,
        })
    }

    fn is_at(&self, bytes: &[u8]) -> bool {
        let (pairs, _) = self.hex.as_bytes().as_chunks::<2>();
        pairs.len() <= bytes.len()
            && pairs
                .iter()
                .zip(bytes)
                .all(|(pair, there)| byte(pair) == Some(*there))
    }
}

fn headers() -> impl Iterator<Item = Header> {
    lines(include_str!("headers.txt")).filter_map(Header::read)
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

/// The rest of the line that begins with this number.
fn entry(list: &'static str, radix: u32, number: u32) -> Option<&'static str> {
    lines(list).find_map(|line| {
        let (key, name) = line.split_once(' ')?;
        (u32::from_str_radix(key, radix) == Ok(number)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_registry_is_a_number_and_a_name_and_no_number_is_there_twice() {
        for (list, radix, count) in [
            (include_str!("uf2_families.txt"), 16, 78),
            (include_str!("elf_machines.txt"), 10, 207),
            (include_str!("esp_chips.txt"), 10, 14),
            (include_str!("esp_partitions.txt"), 16, 29),
        ] {
            let mut numbers: Vec<u32> = lines(list)
                .map(|line| {
                    let (number, name) = line.split_once(' ').unwrap();
                    assert!(!name.trim().is_empty() && name.is_ascii(), "{line}");
                    u32::from_str_radix(number, radix).unwrap()
                })
                .collect();
            assert_eq!(numbers.len(), count);
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count);
        }
    }

    #[test]
    fn every_listed_header_is_found_by_its_own_name_where_it_stands() {
        let listed = lines(include_str!("headers.txt")).count();
        assert_eq!(headers().count(), listed);
        for wanted in headers() {
            assert!(wanted.hex.len() >= 4 && wanted.hex.len().is_multiple_of(2));
            let mut head = vec![0; wanted.offset];
            head.extend(
                wanted
                    .hex
                    .as_bytes()
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|pair| byte(pair).unwrap()),
            );
            assert_eq!(header(&head), Some((wanted.class, wanted.name)));
            head.pop();
            assert_ne!(
                header(&head),
                Some((wanted.class, wanted.name)),
                "{}",
                wanted.name
            );
        }
    }

    #[test]
    fn numbers_that_were_wrong_or_missing_have_the_names_of_their_registries() {
        assert_eq!(uf2_family(0x6D09_22FA), Some("STM32F407"));
        assert_eq!(uf2_family(0x4E8F_1C5D), Some("STM32H5"));
        assert_eq!(uf2_family(0x6D09_66DC), None);
        assert_eq!(elf_machine(195), Some("ARCv2"));
        assert_eq!(elf_machine(92), Some("OpenRISC"));
        assert_eq!(elf_machine(60_000), None);
    }
}
