//! Several names and values in one argument: `manufacturer=Contoso,model=Toaster`.

/// Names and values, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pairs(pub(super) Vec<(String, String)>);

impl Pairs {
    /// Takes a name out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }
}

/// Reads them. A comma in a value is written `\,`.
pub(super) fn pairs(text: &str) -> Result<Pairs, String> {
    let mut all: Vec<(String, String)> = Vec::new();
    for part in split(text, ',') {
        let (name, value) = part.split_once('=').ok_or_else(|| {
            format!("\"{part}\" is no NAME=VALUE; write them with commas between")
        })?;
        if name.is_empty() {
            return Err(format!("\"{part}\" has no name"));
        }
        if all.iter().any(|(known, _)| known == name) {
            return Err(format!("{name} is there twice"));
        }
        all.push((name.to_owned(), value.to_owned()));
    }
    Ok(Pairs(all))
}

/// Names of files with plus signs between. A plus sign in a name is written `\+`.
pub(super) fn file_names(text: &str) -> Vec<String> {
    split(text, '+')
}

/// The parts between separators; one that belongs to a part has a backslash before it.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let part = match c {
            '\\' if characters.peek() == Some(&separator) => characters.next(),
            c if c == separator => None,
            other => Some(other),
        };
        match (part, parts.last_mut()) {
            (Some(c), Some(last)) => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        pairs(text).unwrap().0
    }

    #[test]
    fn commas_separate_and_a_backslash_keeps_one() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let both = [pair("manufacturer", "Contoso"), pair("model", "T=1")];
        assert_eq!(read("manufacturer=Contoso,model=T=1"), both);
        assert_eq!(read(r"arguments=-a\,b \x"), [pair("arguments", r"-a,b \x")]);
        assert_eq!(read("apiVersion="), [pair("apiVersion", "")]);
    }

    #[test]
    fn a_plus_sign_in_the_name_of_a_file_has_a_backslash_before_it() {
        assert_eq!(file_names("a.bin+b.bin"), ["a.bin", "b.bin"]);
        assert_eq!(file_names(r"5.10\+git.swu+c\d"), ["5.10+git.swu", r"c\d"]);
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for text in ["", "a", "a=1,", "a=1,,b=2", "=1", "a=1,a=2"] {
            assert!(pairs(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_taken_once() {
        let mut all = pairs("a=1,b=2").unwrap();
        assert_eq!(all.take("a").as_deref(), Some("1"));
        assert_eq!(all.take("a"), None);
        assert_eq!(all.0.len(), 1);
    }
}
