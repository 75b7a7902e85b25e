//! What stands behind the name of a target.

/// How a target is run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) seconds: Option<u64>,
    pub(super) seed: Option<u64>,
    /// By libFuzzer.
    pub(super) is_guided: bool,
    /// Whether its smallest corpus goes into the repository.
    pub(super) stores: bool,
}

impl Options {
    /// `None` for anything that is no option of these.
    pub(super) fn read(arguments: &[String]) -> Option<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(flag) = arguments.next() {
            let mut number = || arguments.next().and_then(|text| text.parse().ok());
            match flag.as_str() {
                "--seconds" => options.seconds = Some(number()?),
                "--seed" => options.seed = Some(number()?),
                "--guided" => options.is_guided = true,
                "--store" => options.stores = true,
                _ => return None,
            }
        }
        (options.is_guided || !options.stores).then_some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Options> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Options::read(&arguments)
    }

    #[test]
    fn a_corpus_is_stored_only_where_one_is_guided() {
        let all = read("--guided --seconds 5 --seed 7 --store").unwrap();
        assert_eq!((all.seconds, all.seed), (Some(5), Some(7)));
        assert!(all.is_guided && all.stores);
        assert_eq!(read("--store"), None);
        assert_eq!(read(""), Some(Options::default()));
    }

    #[test]
    fn a_number_that_is_missing_is_no_number() {
        assert_eq!(read("--seconds"), None);
        assert_eq!(read("--seconds soon"), None);
        assert_eq!(read("--guide"), None);
    }
}
