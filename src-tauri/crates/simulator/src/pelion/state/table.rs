//! A collection of the account that knows which of its rows changed since it was last saved.
//!
//! Reading is that of a [`BTreeMap`]; everything that changes a row goes through here, so that no
//! change is left out.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

/// Rows by their ids.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    /// `None` as long as nobody saves: a large fleet in memory needs no more than its devices.
    changes: Option<Changes<K>>,
}

#[derive(Debug)]
struct Changes<K> {
    /// Changed since the last save.
    unsaved: BTreeSet<K>,
    /// Ever changed: what a state that is written anew must hold.
    ever: BTreeSet<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            changes: None,
        }
    }
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.note(&key);
        self.rows.insert(key, row);
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        let row = self.rows.remove(key)?;
        self.note(&key.to_owned());
        Some(row)
    }

    /// A row that is about to be changed.
    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        if self.changes.is_some() && self.rows.contains_key(key) {
            self.note(&key.to_owned());
        }
        self.rows.get_mut(key)
    }

    /// Takes the first row out.
    pub(crate) fn pop_first(&mut self) -> Option<(K, V)> {
        let (key, row) = self.rows.pop_first()?;
        self.note(&key);
        Some((key, row))
    }

    /// Puts in what the account begins with. That is no change.
    pub(crate) fn begin_with(&mut self, mut rows: BTreeMap<K, V>) {
        self.rows.append(&mut rows);
    }

    /// A row of what the account begins with, made when it is not there. That is no change.
    pub(crate) fn beginning(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.rows.entry(key).or_insert_with(make)
    }

    /// Watches for changes from now on.
    pub(crate) fn watch(&mut self) {
        self.changes = Some(Changes {
            unsaved: BTreeSet::new(),
            ever: BTreeSet::new(),
        });
    }

    /// Watches for changes from now on; every row is one already.
    pub(crate) fn watch_all(&mut self) {
        let all: BTreeSet<_> = self.rows.keys().cloned().collect();
        self.changes = Some(Changes {
            unsaved: all.clone(),
            ever: all,
        });
    }

    pub(crate) const fn is_watched(&self) -> bool {
        self.changes.is_some()
    }

    /// What changed since the last save; no row for one that was removed.
    pub(crate) fn unsaved(&self) -> impl Iterator<Item = (&K, Option<&V>)> {
        let keys = self.changes.iter().flat_map(|changes| &changes.unsaved);
        keys.map(|key| (key, self.rows.get(key)))
    }

    pub(crate) fn saved(&mut self) {
        if let Some(changes) = &mut self.changes {
            changes.unsaved.clear();
        }
    }

    /// Makes everything unsaved that a state written anew must hold: the rows that ever changed,
    /// and of those removed the ones that `began` names as a part of the beginning.
    pub(crate) fn save_anew(&mut self, began: impl Fn(&K) -> bool) {
        if let Some(changes) = &mut self.changes {
            let rows = &self.rows;
            changes
                .ever
                .retain(|key| rows.contains_key(key) || began(key));
            changes.unsaved.clone_from(&changes.ever);
        }
    }

    fn note(&mut self, key: &K) {
        if let Some(changes) = &mut self.changes {
            changes.unsaved.insert(key.clone());
            changes.ever.insert(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsaved(table: &Table<u8, char>) -> Vec<(u8, Option<char>)> {
        let rows = table.unsaved();
        rows.map(|(key, row)| (*key, row.copied())).collect()
    }

    #[test]
    fn what_changed_is_unsaved_and_what_was_there_before_is_not() {
        let mut table = Table::default();
        table.begin_with(BTreeMap::from([(1, 'a'), (2, 'b'), (3, 'c')]));
        table.watch();
        table.insert(4, 'd');
        *table.get_mut(&2).unwrap() = 'B';
        table.remove(&3);
        assert!(table.get_mut(&9).is_none());
        assert!(table.remove(&9).is_none());
        let expected = [(2, Some('B')), (3, None), (4, Some('d'))];
        assert_eq!(unsaved(&table), expected);
        table.saved();
        assert_eq!(unsaved(&table), []);
        table.remove(&4);
        table.saved();
        table.save_anew(|key| *key <= 3);
        assert_eq!(unsaved(&table), [(2, Some('B')), (3, None)]);
    }

    #[test]
    fn a_table_that_nobody_saves_notes_nothing() {
        let mut table = Table::default();
        table.insert(1, 'a');
        assert_eq!(unsaved(&table), []);
        table.watch_all();
        assert_eq!(unsaved(&table), [(1, Some('a'))]);
    }
}
