//! Whether a user may read and write a node, as the kernel would decide it: acl(5), `path_resolution(7)`.

use std::path::Path;

use crate::User;

/// What keeps a user from a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Permission {
    /// Nothing does.
    Granted,
    /// The node is not there.
    NoNode,
    /// They lack the group that owns it, by its number; `listed`: the system's list has them in it already.
    Refused {
        /// The group that may use it, when it may.
        group: Option<u32>,
        /// Whether they are in it after the next sign-in.
        listed: bool,
        /// The permission bits.
        mode: u32,
    },
}

const READ_AND_WRITE: u32 = 0o6;

#[cfg(unix)]
pub(super) fn of(user: &User, node: &Path) -> Permission {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(node_is) = std::fs::metadata(node) else {
        return Permission::NoNode;
    };
    let (mode, owner, group) = (node_is.mode() & 0o777, node_is.uid(), node_is.gid());
    let granted = |bits: u32| bits & READ_AND_WRITE == READ_AND_WRITE;
    let by_group = granted(mode >> 3);
    let is_in_group = user.gids.contains(&group);
    let by_mode = if user.uid == owner {
        granted(mode >> 6)
    } else if is_in_group {
        by_group
    } else {
        granted(mode)
    };
    if user.uid == 0 || by_mode || by_list(user, node) {
        return Permission::Granted;
    }
    Permission::Refused {
        group: by_group.then_some(group),
        listed: by_group && user.listed.contains(&group) && !is_in_group,
        mode,
    }
}

#[cfg(not(unix))]
pub(super) fn of(_: &User, _: &Path) -> Permission {
    Permission::Granted
}

/// Whether the list of access of a node names the user or one of their groups. The device manager writes it for
/// whoever sits at the computer.
#[cfg(target_os = "linux")]
fn by_list(user: &User, node: &Path) -> bool {
    let mut bytes = [0_u8; 4096];
    let length = rustix::fs::getxattr(node, "system.posix_acl_access", &mut bytes);
    length.is_ok_and(|length| allows(user, bytes.get(..length).unwrap_or_default()))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn by_list(_: &User, _: &Path) -> bool {
    false
}

/// Linux `posix_acl_xattr.h`: a version of 4 bytes, then entries of tag, permissions and id, little-endian.
#[cfg(target_os = "linux")]
fn allows(user: &User, list: &[u8]) -> bool {
    const USER: u16 = 0x02;
    const GROUP: u16 = 0x08;
    const MASK: u16 = 0x10;
    let entries = list.get(4..).unwrap_or_default().chunks_exact(8);
    let entries: Vec<(u16, u32, u32)> = entries
        .map(|entry| {
            let tag = u16::from_le_bytes([entry[0], entry[1]]);
            let bits = u16::from_le_bytes([entry[2], entry[3]]);
            let id = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
            (tag, u32::from(bits), id)
        })
        .collect();
    let mask = entries
        .iter()
        .find(|(tag, ..)| *tag == MASK)
        .map_or(0o7, |(_, bits, _)| *bits);
    entries.iter().any(|(tag, bits, id)| {
        let is_meant = *tag == USER && *id == user.uid || *tag == GROUP && user.gids.contains(id);
        is_meant && bits & mask & READ_AND_WRITE == READ_AND_WRITE
    })
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn user(uid: u32, gids: &[u32], listed: &[u32]) -> User {
        User {
            name: "anna".into(),
            uid,
            gids: gids.to_vec(),
            listed: listed.to_vec(),
        }
    }

    #[test]
    fn the_owner_the_group_and_others_have_their_own_bits() {
        let folder = tempfile::tempdir().unwrap();
        let node = folder.path().join("ttyUSB0");
        std::fs::write(&node, []).unwrap();
        std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o660)).unwrap();
        let (owner, group) = {
            use std::os::unix::fs::MetadataExt as _;
            let is = std::fs::metadata(&node).unwrap();
            (is.uid(), is.gid())
        };
        assert_eq!(of(&user(owner, &[], &[]), &node), Permission::Granted);
        assert_eq!(of(&user(4711, &[group], &[]), &node), Permission::Granted);
        let refused = |listed| Permission::Refused {
            group: Some(group),
            listed,
            mode: 0o660,
        };
        assert_eq!(of(&user(4711, &[4712], &[]), &node), refused(false));
        assert_eq!(of(&user(4711, &[4712], &[group]), &node), refused(true));
        assert_eq!(
            of(&user(4711, &[], &[]), &folder.path().join("gone")),
            Permission::NoNode
        );
        std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(of(&user(4711, &[], &[]), &node), Permission::Granted);
    }

    #[test]
    fn a_list_of_access_counts_as_far_as_its_mask_allows() {
        let entry = |tag: u16, bits: u16, id: u32| {
            let mut bytes = tag.to_le_bytes().to_vec();
            bytes.extend(bits.to_le_bytes());
            bytes.extend(id.to_le_bytes());
            bytes
        };
        let list = |mask| {
            let entries = [
                entry(0x01, 6, 0),
                entry(0x02, 6, 1000),
                entry(0x10, mask, 0),
            ];
            [2_u32.to_le_bytes().to_vec(), entries.concat()].concat()
        };
        assert!(allows(&user(1000, &[], &[]), &list(6)));
        assert!(!allows(&user(1000, &[], &[]), &list(4)));
        assert!(!allows(&user(1001, &[], &[]), &list(6)));
        assert!(!allows(&user(1000, &[], &[]), &[2, 0, 0]));
    }
}
