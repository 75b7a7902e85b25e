//! Faults that only one service has, by name. What a name means is in that service's README.

/// The own faults that one request has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OwnFaults(Vec<(String, Option<String>)>);

impl OwnFaults {
    pub(super) fn add(&mut self, name: &str, value: Option<&str>) {
        self.0.push((name.to_owned(), value.map(str::to_owned)));
    }

    /// Whether it has the fault.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// What the fault is given with.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.and_then(|(_, value)| value.as_deref())
    }
}
