//! The head of a ledger: a C2SP `tlog-checkpoint`, which says how many entries there are and their
//! root. <https://c2sp.org/tlog-checkpoint>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firmdrop_core::Sha256;

use super::note::{Note, Signer, Verifier};

/// A head, read from its note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// Which ledger.
    pub(super) origin: String,
    /// How many entries it covers.
    pub(super) size: u32,
    /// The root over them.
    pub(super) root: Sha256,
}

impl Checkpoint {
    /// The signed note.
    pub(super) fn sign(&self, signer: &Signer) -> String {
        let root = STANDARD.encode(self.root.as_bytes());
        signer.sign_note(&format!("{}\n{}\n{root}\n", self.origin, self.size))
    }

    /// Reads a note and does not yet believe it.
    pub(super) fn read(note: &str) -> Option<(Self, Note<'_>)> {
        let note = Note::parse(note)?;
        let mut lines = note.text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        // One way to write a number, so that there is one text of a head.
        let canonical = size == "0" || !size.starts_with(['0', '+']);
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().ok().filter(|_| canonical)?,
            root: Sha256::from_bytes(STANDARD.decode(root).ok()?.try_into().ok()?),
        };
        (!origin.is_empty()).then_some((checkpoint, note))
    }

    /// Reads a note that one of these keys signed, and says which.
    pub(super) fn open<'a>(
        note: &str,
        verifiers: impl IntoIterator<Item = &'a Verifier>,
    ) -> Option<(Self, &'a Verifier)> {
        let (checkpoint, note) = Self::read(note)?;
        let mut verifiers = verifiers.into_iter();
        let signer =
            verifiers.find(|key| key.name() == checkpoint.origin && note.is_signed_by(key))?;
        Some((checkpoint, signer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_from_its_note_only_with_its_key() {
        let (signer, _) = Signer::generate("firmdrop.org/ledger/1/demo").unwrap();
        let (other, _) = Signer::generate("firmdrop.org/ledger/2/demo").unwrap();
        let head = Checkpoint {
            origin: signer.verifier().name().to_owned(),
            size: 7,
            root: Sha256::of(b"root"),
        };
        let note = head.sign(&signer);
        let (read, by) = Checkpoint::open(&note, [other.verifier(), signer.verifier()]).unwrap();
        assert_eq!((&read, by), (&head, signer.verifier()));
        assert!(Checkpoint::open(&note, [other.verifier()]).is_none());
        let older = note.replacen("\n7\n", "\n6\n", 1);
        assert!(Checkpoint::open(&older, [signer.verifier()]).is_none());
        assert!(Checkpoint::read(&note.replacen("\n7\n", "\n07\n", 1)).is_none());
    }
}
