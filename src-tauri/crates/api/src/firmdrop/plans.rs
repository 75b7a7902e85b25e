//! The plans that wait for their confirmation. The oldest go when there are too many.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;

use firmdrop_engine::{Plan, PlanId};

/// How many plans wait: more than any delivery has, and little memory.
const MOST: usize = 4_096;

/// Plans by id.
#[derive(Debug, Default)]
pub(super) struct WaitingPlans {
    plans: HashMap<PlanId, Plan>,
    /// Oldest first; also those that were taken out.
    order: VecDeque<PlanId>,
}

impl WaitingPlans {
    /// Lets these plans wait, and forgets the oldest of too many.
    pub(super) fn extend(&mut self, plans: impl IntoIterator<Item = (PlanId, Plan)>) {
        for (id, plan) in plans {
            self.order.push_back(id.clone());
            self.plans.insert(id, plan);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.plans.remove(&oldest);
            }
        }
    }

    /// Lets one plan wait.
    pub(super) fn insert(&mut self, id: PlanId, plan: Plan) {
        self.extend([(id, plan)]);
    }

    /// Whether this plan waits.
    pub(super) fn contains_key(&self, id: &PlanId) -> bool {
        self.plans.contains_key(id)
    }

    /// A plan that waits.
    pub(super) fn get(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.get(id)
    }

    /// Paths of all files that the plans were made with.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        let files = self.plans.values().flat_map(|plan| plan.files.iter());
        files.map(|file| file.path.clone()).collect()
    }

    /// Takes a plan out.
    pub(super) fn remove(&mut self, id: &PlanId) -> Option<Plan> {
        self.order.retain(|waiting| waiting != id);
        self.plans.remove(id)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::{AccessKey, DeliveryOptions, Home, SimulatedAccount};

    use super::*;
    use crate::{Firmdrop, FirmdropOptions};

    #[tokio::test]
    async fn the_oldest_plans_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let firmdrop = Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap();
        let key = AccessKey::from("ak");
        let accounts = firmdrop.engine().accounts();
        accounts
            .put_simulated(SimulatedAccount::new(
                "",
                "bench",
                "http://127.0.0.1:1",
                &key,
            ))
            .unwrap();
        let file = folder.path().join("puck.bin");
        std::fs::write(&file, b"image").unwrap();
        let to = ["pelion:bench".to_owned()];
        let path = file.to_str().unwrap();
        let plan = firmdrop.plan(path, &to, DeliveryOptions::default()).await;
        let plan = plan.unwrap().remove(0);

        let mut plans = WaitingPlans::default();
        let id = |number: usize| PlanId(number.to_string());
        plans.extend((0..=MOST).map(|number| (id(number), plan.clone())));
        assert!(!plans.contains_key(&id(0)));
        assert!(plans.contains_key(&id(1)) && plans.contains_key(&id(MOST)));
        // One that was carried out makes room.
        assert!(plans.remove(&id(2)).is_some());
        plans.extend([(id(MOST + 1), plan)]);
        assert!(plans.contains_key(&id(1)));
    }
}
