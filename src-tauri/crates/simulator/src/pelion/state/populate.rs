//! Puts what an account begins with in place.

use firmdrop_core::Moment;

use super::{
    account::Account, dealer::Dealer, group::Group, id::Id, inventory::Inventory, query::SavedQuery,
};

impl Account {
    /// Puts the inventory in place, as at this moment: the same at each start.
    pub(super) fn populate(&mut self, inventory: &Inventory, at: Moment) {
        for fleet in &inventory.fleets {
            let ids = self.next_many(fleet.devices, at);
            let dealer = Dealer::new(fleet, at);
            let numbered = ids.iter().enumerate();
            let devices = numbered.map(|(number, id)| (*id, dealer.device(number)));
            self.directory.devices.begin_with(devices.collect());
            for (index, name) in fleet.groups.iter().enumerate() {
                let members = ids.iter().skip(index).step_by(fleet.groups.len());
                let members: Vec<_> = members.copied().collect();
                self.group_named(name, at).devices.extend(members);
            }
        }
        for (name, query) in &inventory.queries {
            let id = self.next_at(at);
            self.directory.queries.beginning(id, || SavedQuery {
                name: name.clone(),
                query: query.clone(),
                created_at: at,
                updated_at: at,
            });
        }
    }

    fn group_named(&mut self, name: &str, at: Moment) -> &mut Group {
        let groups = self.directory.groups.iter();
        let known = groups
            .filter(|(_, group)| group.name == name)
            .map(|(id, _)| *id);
        let id = known.min().unwrap_or_else(|| self.next_at(at));
        let groups = &mut self.directory.groups;
        groups.beginning(id, || Group::new(name.to_owned(), at))
    }

    fn next_many(&mut self, count: usize, at: Moment) -> Vec<Id> {
        (0..count).map(|_| self.next_at(at)).collect()
    }
}
