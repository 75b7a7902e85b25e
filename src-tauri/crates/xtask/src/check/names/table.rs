//! Kinds of services and protocols, the words that name them, and where they may be named.
//!
//! A new kind is an entry here; a layer gets no second list.

/// A service or protocol that files outside its folders must not name.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its id: also the name of its folders.
    pub(super) name: &'static str,
    /// Words that name it, in small letters.
    pub(super) words: &'static [&'static str],
    /// Homes besides the folder or file of its name in each layer, with the reason.
    more_homes: &'static [(&'static str, &'static str)],
    /// Files outside that may use a word, because it means something else there.
    allowances: &'static [Allowance],
}

/// A word that means something else in a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// The beginning of the paths.
    pub(super) place: &'static str,
    /// The word.
    pub(super) word: &'static str,
    /// What it means there.
    pub(super) why: &'static str,
}

/// The kinds there are.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "pelion",
        words: &["pelion", "izuma", "mbed"],
        more_homes: &[(
            "src-tauri/crates/manifest/src/",
            "its manifests, offline: a crate of their own",
        )],
        allowances: &[],
    },
    Kind {
        name: "azure",
        words: &["azure", "adu", "entra"],
        more_homes: &[(
            "src-tauri/crates/simulator/src/blob/",
            "the storage that its service reads",
        )],
        allowances: &[Allowance {
            place: "src-tauri/crates/core/src/signed_url.rs",
            word: "azure",
            why: "one of the stores whose signed addresses say when they end",
        }],
    },
    Kind {
        name: "smp",
        words: &["smp", "mcumgr"],
        more_homes: &[
            (
                "src-tauri/crates/simulator/src/reader/",
                "the simulated reader speaks it",
            ),
            (
                "src-tauri/crates/simulator/src/bin/smp-",
                "that reader as a program",
            ),
            ("src-tauri/crates/loader/examples/smp-", "its example"),
        ],
        allowances: &[
            Allowance {
                place: "src-tauri/crates/image/src/",
                word: "mcumgr",
                why: "a format of files: the mcumgr package",
            },
            Allowance {
                place: "ui/src/shared/formats.ts",
                word: "mcumgr",
                why: "a format of files: the mcumgr package",
            },
        ],
    },
    Kind {
        name: "dfu",
        words: &["dfu", "dfuse"],
        more_homes: &[],
        allowances: &[
            Allowance {
                place: "src-tauri/crates/image/src/",
                word: "dfu",
                why: "a format of files: the DFU suffix, and Nordic's packages",
            },
            Allowance {
                place: "src-tauri/crates/image/src/",
                word: "dfuse",
                why: "a format of files: ST's container",
            },
            Allowance {
                place: "src-tauri/crates/link/src/usb",
                word: "dfu",
                why: "the class that its requests are documented by",
            },
            Allowance {
                place: "ui/src/shared/formats.ts",
                word: "dfu",
                why: "a format of files",
            },
        ],
    },
    Kind {
        name: "volume",
        words: &["daplink"],
        more_homes: &[],
        allowances: &[],
    },
];

/// Layers with kinds: in each of these folders a kind may have a folder or a file of its name. In
/// core, net, link and engine there is none.
const LAYERS: &[&str] = &[
    "src-tauri/crates/cloud/src/",
    "src-tauri/crates/loader/src/",
    "src-tauri/crates/backend/src/",
    "src-tauri/crates/api/src/",
    "src-tauri/crates/cli/src/",
    "src-tauri/crates/simulator/src/",
    "src-tauri/crates/demo/src/",
    "src-tauri/src/commands/",
    "ui/src/features/",
    "ui/src/state/",
    "ui/src/ipc/",
];

/// The one list of each layer. The line `mod NAME;` of a home may stand anywhere.
pub(super) const LISTS: &[&str] = &[
    "src-tauri/crates/cloud/src/lib.rs",
    "src-tauri/crates/loader/src/lib.rs",
    "src-tauri/crates/link/src/channels.rs",
    "src-tauri/crates/backend/src/lib.rs",
    "src-tauri/crates/api/src/lib.rs",
    "src-tauri/crates/cli/src/kinds.rs",
    "src-tauri/crates/cli/src/commands/of_kind.rs",
    "src-tauri/crates/simulator/src/lib.rs",
    "src-tauri/crates/simulator/src/world.rs",
    "src-tauri/crates/demo/src/lib.rs",
    "src-tauri/crates/demo/src/world.rs",
    "src-tauri/src/bindings.rs",
    "ui/src/clouds.ts",
    "ui/src/protocols.ts",
];

/// Beginnings of paths that are not searched, with the reason.
pub(super) const NOT_SEARCHED: &[(&str, &str)] = &[
    (
        "ui/src/ipc/bindings.ts",
        "generated from the types of every kind",
    ),
    (
        "src-tauri/crates/xtask/",
        "names the peers it measures and installs",
    ),
];

/// Where a kind may be named.
#[derive(Debug)]
pub(super) enum Home {
    /// A folder or file of its name in a layer, without the ending.
    InLayer(String),
    /// A place of its own that [`Kind::more_homes`] gives a reason for.
    More(&'static str),
}

impl Kind {
    /// Everywhere it is at home.
    pub(super) fn homes(&self) -> impl Iterator<Item = Home> {
        let in_layers = LAYERS
            .iter()
            .map(|layer| Home::InLayer(format!("{layer}{}", self.name)));
        in_layers.chain(self.more_homes.iter().map(|(place, _)| Home::More(place)))
    }

    /// Places the table gives a reason for.
    #[cfg(test)]
    pub(super) fn places(&self) -> impl Iterator<Item = &'static str> {
        let homes = self.more_homes.iter().map(|(place, _)| *place);
        homes.chain(self.allowances.iter().map(|one| one.place))
    }

    /// Whether the file is the kind's own.
    pub(super) fn is_home(&self, path: &str) -> bool {
        self.homes().any(|home| home.holds(path))
    }

    /// Whether the line in this file only says that the kind has a home beside it: `mod NAME;`.
    pub(super) fn is_module_line(&self, path: &str, line: &str) -> bool {
        let module = line
            .trim()
            .strip_suffix(';')
            .and_then(|line| line.rsplit_once("mod "));
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        LAYERS.contains(&format!("{folder}/").as_str())
            && module.is_some_and(|(visibility, name)| {
                name == self.name && ["", "pub ", "pub(crate) "].contains(&visibility)
            })
    }

    /// The allowance for this word in this file.
    pub(super) fn allowance(&self, path: &str, word: &str) -> Option<&'static Allowance> {
        self.allowances
            .iter()
            .find(|one| path.starts_with(one.place) && one.word == word)
    }
}

impl Home {
    /// Whether the file is there.
    pub(super) fn holds(&self, path: &str) -> bool {
        match self {
            Self::InLayer(name) => path
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with(['/', '.'])),
            Self::More(place) => path.starts_with(place),
        }
    }

    /// As it is printed.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::InLayer(name) => format!("{name}*"),
            Self::More(place) => format!("{place}*"),
        }
    }
}
