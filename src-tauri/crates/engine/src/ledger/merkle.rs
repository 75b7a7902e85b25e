//! The Merkle tree over the entries, by RFC 6962, section 2.1: anybody's implementation computes the
//! same root. No proofs: an export carries every entry.

use firmdrop_core::{Sha256, Sha256Hasher};

/// Hash of an entry.
pub(super) fn leaf(entry: &[u8]) -> Sha256 {
    let mut hasher = Sha256Hasher::default();
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish()
}

fn node(left: &Sha256, right: &Sha256) -> Sha256 {
    let mut hasher = Sha256Hasher::default();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The right edge of a tree: one hash for each complete subtree, the largest first. Enough to append
/// and to compute the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tree {
    size: u32,
    edge: Vec<Sha256>,
}

impl Tree {
    /// The tree of these leaf hashes.
    pub(super) fn of<'a>(leaves: impl IntoIterator<Item = &'a Sha256>) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            tree.append(*leaf);
        }
        tree
    }

    /// One that was stored; `None` when no tree of that size has such an edge.
    pub(super) fn stored(size: u32, edge: Vec<Sha256>) -> Option<Self> {
        let fits = usize::try_from(size.count_ones()) == Ok(edge.len());
        fits.then_some(Self { size, edge })
    }

    /// How many leaves it has.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// Its right edge.
    pub(super) fn edge(&self) -> &[Sha256] {
        &self.edge
    }

    pub(super) fn append(&mut self, leaf: Sha256) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            // Each one bit is a subtree of the edge.
            let Some(left) = self.edge.pop() else { break };
            hash = node(&left, &hash);
        }
        self.edge.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The hash over everything.
    pub(super) fn root(&self) -> Sha256 {
        let mut edge = self.edge.iter().rev();
        match edge.next() {
            None => Sha256::of(b""),
            Some(last) => edge.fold(*last, |root, left| node(left, &root)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, literally: split at the largest power of two below the size.
    fn by_definition(entries: &[Vec<u8>]) -> Sha256 {
        match entries {
            [] => Sha256::of(b""),
            [one] => leaf(one),
            many => {
                let split = many.len().next_power_of_two() / 2;
                let (left, right) = many.split_at(split);
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_at_every_size() {
        let entries: Vec<Vec<u8>> = (0..70_u8)
            .map(|byte| vec![byte; usize::from(byte)])
            .collect();
        let mut tree = Tree::default();
        assert_eq!(tree.root(), by_definition(&[]));
        for (at, entry) in entries.iter().enumerate() {
            tree.append(leaf(entry));
            assert_eq!(tree.root(), by_definition(&entries[..=at]), "{at}");
            let stored = Tree::stored(tree.size(), tree.edge().to_vec());
            assert_eq!(stored.as_ref(), Some(&tree));
        }
    }

    /// The vectors that implementations of RFC 6962 test themselves with.
    #[test]
    fn the_root_of_the_common_test_vectors_comes_out() {
        let entries: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves: Vec<Sha256> = entries.iter().map(|entry| leaf(entry)).collect();
        let root = |count: usize| Tree::of(&leaves[..count]).root().to_string();
        assert_eq!(
            root(1),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            root(7),
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
        );
        assert_eq!(
            root(8),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }

    #[test]
    fn an_edge_that_no_tree_has_is_refused() {
        assert!(Tree::stored(3, vec![Sha256::of(b"a")]).is_none());
    }
}
