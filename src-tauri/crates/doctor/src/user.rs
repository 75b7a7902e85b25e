//! Whose rights are looked at: the user of this process, or one who is named.

use crate::Root;

/// A user of the system, with the groups that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their name, where the system has one.
    pub name: String,
    pub(crate) uid: u32,
    /// Groups that count now.
    pub(crate) gids: Vec<u32>,
    /// Groups of the system's list, which count after the next sign-in.
    pub(crate) listed: Vec<u32>,
}

/// A line of the list of groups, group(5): NAME:PASSWORD:GID:MEMBERS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) gid: u32,
    pub(crate) members: Vec<String>,
}

/// The system's list of groups.
pub(crate) fn groups(root: &Root) -> Vec<Group> {
    let text = root.text("/etc/group").unwrap_or_default();
    text.lines().filter_map(group_of).collect()
}

fn group_of(line: &str) -> Option<Group> {
    let mut fields = line.split(':');
    let (name, _, gid) = (fields.next()?, fields.next()?, fields.next()?);
    let members = fields.next().unwrap_or_default().split(',');
    Some(Group {
        name: name.to_owned(),
        gid: gid.parse().ok()?,
        members: members
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

impl User {
    /// The user that this process works for: who began `sudo`, or who runs it.
    #[cfg(unix)]
    pub fn of_this_process(root: &Root) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let began = |name: &str| std::env::var(name).ok();
        if uid == 0
            && let Some(named) = began("SUDO_UID")
                .and_then(|uid| uid.parse::<u32>().ok())
                .filter(|uid| *uid != 0)
                .and_then(|uid| Self::listed(root, |_, listed| listed == uid))
        {
            return named;
        }
        let listed = Self::listed(root, |_, listed| listed == uid);
        let mut gids: Vec<_> = rustix::process::getgroups().unwrap_or_default();
        gids.push(rustix::process::getegid());
        let gids = gids.into_iter().map(rustix::process::Gid::as_raw).collect();
        Self {
            name: listed
                .as_ref()
                .map_or_else(|| uid.to_string(), |user| user.name.clone()),
            uid,
            listed: listed.map_or_else(Vec::new, |user| user.listed),
            gids,
        }
    }

    /// Other systems have no such rights.
    #[cfg(not(unix))]
    pub fn of_this_process(_: &Root) -> Self {
        Self {
            name: String::new(),
            uid: 0,
            gids: Vec::new(),
            listed: Vec::new(),
        }
    }

    /// The user of this name in the system's list, with the groups of that list; `None` when there is none.
    pub fn named(root: &Root, name: &str) -> Option<Self> {
        Self::listed(root, |listed, _| listed == name)
    }

    /// passwd(5): NAME:PASSWORD:UID:GID:…
    fn listed(root: &Root, is: impl Fn(&str, u32) -> bool) -> Option<Self> {
        let users = root.text("/etc/passwd")?;
        let found = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid: u32 = fields.next()?.parse().ok()?;
            is(name, uid).then(|| (name.to_owned(), uid, gid))
        });
        let (name, uid, gid) = found?;
        let member = groups(root)
            .into_iter()
            .filter(|group| group.members.contains(&name))
            .map(|group| group.gid);
        let gids: Vec<_> = [gid].into_iter().chain(member).collect();
        Some(Self {
            name,
            uid,
            listed: gids.clone(),
            gids,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(folder: &tempfile::TempDir) -> Root {
        let root = Root::at(folder.path());
        std::fs::create_dir_all(root.path("/etc")).unwrap();
        std::fs::write(
            root.path("/etc/passwd"),
            "root:x:0:0::/r:/bin/sh\nanna:x:1000:1001:Anna:/h/anna:/bin/sh\nbroken\n",
        )
        .unwrap();
        std::fs::write(
            root.path("/etc/group"),
            "dialout:x:20:bob,anna\nanna:x:1001:\nplugdev:x:46:bob\nbroken:x\n",
        )
        .unwrap();
        root
    }

    #[test]
    fn a_user_has_their_own_group_and_those_that_list_them() {
        let folder = tempfile::tempdir().unwrap();
        let anna = User::named(&root(&folder), "anna").unwrap();
        assert_eq!((anna.uid, anna.gids), (1000, vec![1001, 20]));
    }

    #[test]
    fn a_user_who_is_not_listed_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(User::named(&root(&folder), "carl"), None);
    }
}
