//! A manifest against what the service holds, as far as it was asked.

use std::collections::BTreeSet;

use super::finding::{Finding, Rule};
use super::identity::UpdateId;
use super::json::Members;
use super::model::ImportManifest;
use super::pointer::item;
use super::rules;

/// An update that the service holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUpdate {
    /// Who it is.
    pub id: UpdateId,
    /// The devices it is for.
    pub compatibility: Vec<Members>,
}

/// What an instance is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Tier {
    /// The usual one.
    #[default]
    Standard,
    /// The free one.
    Free,
}

/// How much an instance holds. Source: article "limits" of Device Update.
struct Quotas {
    providers: usize,
    names: usize,
    versions: usize,
    updates: usize,
}

impl Tier {
    const fn quotas(self) -> Quotas {
        match self {
            Self::Standard => Quotas {
                providers: 25,
                names: 25,
                versions: 100,
                updates: 100,
            },
            Self::Free => Quotas {
                providers: 2,
                names: 2,
                versions: 5,
                updates: 10,
            },
        }
    }
}

/// The rules about what is there already.
pub(super) fn check(
    manifest: &ImportManifest,
    known: &[KnownUpdate],
    tier: Tier,
    found: &mut Vec<Finding>,
) {
    let id = &manifest.update_id;
    if known.iter().any(|update| update.id.is_same(id)) {
        let what = format!("The service holds {id} already.");
        found.push(Finding::new(Rule::AlreadyImported, "/updateId", what));
    } else {
        found.extend(quota(id, known, &tier.quotas()));
    }
    for (at, set) in manifest.compatibility.iter().enumerate() {
        let is_other = |update: &&KnownUpdate| {
            let of = &update.id;
            let is_other = of.provider != id.provider || of.name != id.name;
            let mut sets = update.compatibility.iter();
            is_other && sets.any(|other| rules::is_same_set(other, set))
        };
        if let Some(update) = known.iter().find(is_other) {
            let what = format!("{} is for the same devices.", update.id);
            found.push(Finding::new(
                Rule::CompatibilityTaken,
                item("/compatibility", at),
                what,
            ));
        }
    }
}

fn quota(id: &UpdateId, known: &[KnownUpdate], quotas: &Quotas) -> Option<Finding> {
    let ids = || known.iter().map(|update| &update.id);
    let own_names = ids().filter(|one| one.provider == id.provider);
    let own_versions = own_names.clone().filter(|one| one.name == id.name);
    let providers: BTreeSet<&str> = ids().map(|one| one.provider.as_str()).collect();
    let names: BTreeSet<&str> = own_names.map(|one| one.name.as_str()).collect();
    let new_provider = usize::from(!providers.contains(id.provider.as_str()));
    let new_name = usize::from(!names.contains(id.name.as_str()));
    let after = [
        (
            "providers",
            providers.len() + new_provider,
            quotas.providers,
        ),
        (
            "names of this provider",
            names.len() + new_name,
            quotas.names,
        ),
        (
            "versions of this name",
            own_versions.count() + 1,
            quotas.versions,
        ),
        ("updates", known.len() + 1, quotas.updates),
    ];
    let nearly = |&(_, count, most): &(&str, usize, usize)| count * 10 > most * 9;
    let grows = |&(what, _, _): &(&str, usize, usize)| match what {
        "providers" => new_provider > 0,
        "names of this provider" => new_name > 0,
        _ => true,
    };
    let (what, count, most) = after.into_iter().filter(grows).find(nearly)?;
    let what = format!("With this update the instance holds {count} {what}; its quota is {most}.");
    Some(Finding::new(Rule::QuotaNearlyFull, "/updateId", what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(count: usize) -> Vec<KnownUpdate> {
        let update = |at: usize| KnownUpdate {
            id: UpdateId::new(
                "Contoso",
                &format!("Toaster{}", at / 50),
                &format!("1.{at}"),
            ),
            compatibility: Vec::new(),
        };
        (0..count).map(update).collect()
    }

    #[test]
    fn the_quota_that_is_nearly_full_is_named() {
        let id = UpdateId::new("Contoso", "Toaster0", "2.0");
        let what = |count, tier: Tier| quota(&id, &known(count), &tier.quotas()).map(|f| f.what);
        assert_eq!(what(60, Tier::Standard), None);
        assert!(what(95, Tier::Standard).unwrap().contains("96 updates"));
        assert!(
            what(4, Tier::Free)
                .unwrap()
                .contains("5 versions of this name")
        );
        let new = UpdateId::new("Fabrikam", "Kettle", "1.0");
        assert_eq!(quota(&new, &known(1), &Tier::Standard.quotas()), None);
    }
}
