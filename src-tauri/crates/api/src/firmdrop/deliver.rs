//! Plans, deliveries and jobs.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{
    DeliveryOptions, Destination, Files, ImageFile, Job, JobId, JobSummary, Plan, PlanId, blocking,
    inspect,
};

use super::named_reader::named_reader;
use super::{Firmdrop, hold};

impl Firmdrop {
    /// What delivering a file to each of these destinations would do; see [`Self::plan_files`].
    pub async fn plan(
        &self,
        path: &str,
        destinations: &[String],
        options: DeliveryOptions,
    ) -> Result<Vec<Plan>, Diagnosis> {
        self.plan_files(&[path.to_owned()], destinations, options)
            .await
    }

    /// What delivering these files to each of these destinations would do: one plan for each file,
    /// and one for all of them where a kind of destination takes them together. The plans wait until
    /// they are confirmed, so that what was shown is what is done.
    pub async fn plan_files(
        &self,
        paths: &[String],
        destinations: &[String],
        options: DeliveryOptions,
    ) -> Result<Vec<Plan>, Diagnosis> {
        let (mut one_by_one, mut together) = (Vec::new(), Vec::new());
        for text in destinations {
            let (destination, name) = self.resolve(text).await?;
            let backend = self.inner.engine.backends().of(&destination)?;
            if backend.takes_files_together() {
                together.push((destination, name));
            } else {
                one_by_one.push((destination, name));
            }
        }
        let mut images = Vec::new();
        for path in paths {
            images.push(self.image(path).await?);
        }
        let mut plans = Vec::new();
        for image in images.iter().filter(|_| !one_by_one.is_empty()) {
            let files = Files::from(image.clone());
            for to in &one_by_one {
                plans.push(self.plan_one(&files, to, &options).await?);
            }
        }
        if let Ok(files) = Files::try_from(images) {
            for to in &together {
                plans.push(self.plan_one(&files, to, &options).await?);
            }
        }
        let mut known = hold(&self.inner.plans);
        known.extend(plans.iter().map(|plan| (plan.id.clone(), plan.clone())));
        Ok(plans)
    }

    /// What delivering these files to one destination would do, with what has to be confirmed.
    pub(super) async fn plan_one(
        &self,
        files: &Files,
        (destination, name): &(Destination, Option<String>),
        options: &DeliveryOptions,
    ) -> Result<Plan, Diagnosis> {
        let mut plan = self.inner.engine.plan(files, destination, options).await?;
        if let Some(name) = name {
            plan.destination_name.clone_from(name);
        }
        plan.confirmations = self.confirmations(&plan);
        Ok(plan)
    }

    /// Carries plans out whose confirmations were given.
    pub(crate) async fn deliver(&self, plans: &[PlanId]) -> Result<Vec<JobId>, Diagnosis> {
        let confirmed = self.take_plans(plans)?;
        let begun = match &*confirmed {
            [only] => vec![self.inner.engine.submit(only).await],
            several => self.inner.engine.submit_batch(several).await,
        };
        let (mut ids, mut refused) = (Vec::new(), None);
        for (plan, begun) in confirmed.into_iter().zip(begun) {
            match begun {
                Ok(id) => ids.push(id),
                Err(diagnosis) => {
                    // What was not begun can be confirmed again.
                    hold(&self.inner.plans).insert(plan.id.clone(), plan);
                    refused.get_or_insert(diagnosis);
                }
            }
        }
        refused.map_or(Ok(ids), Err)
    }

    /// Takes plans out of those that wait, all or none: a plan is carried out once.
    fn take_plans(&self, ids: &[PlanId]) -> Result<Vec<Plan>, Diagnosis> {
        let mut known = hold(&self.inner.plans);
        let distinct: HashSet<&PlanId> = ids.iter().collect();
        if distinct.len() != ids.len() || !ids.iter().all(|id| known.contains_key(id)) {
            return Err(plan_gone());
        }
        Ok(ids.iter().filter_map(|id| known.remove(id)).collect())
    }

    /// Paths of all files that a plan which waits for its confirmation was made with.
    pub(crate) fn files_of_waiting_plans(&self) -> BTreeSet<PathBuf> {
        hold(&self.inner.plans).files()
    }

    /// The newest jobs, newest first.
    pub fn jobs(&self, limit: u32) -> Result<Vec<JobSummary>, Diagnosis> {
        self.inner.engine.jobs(limit)
    }

    /// Everything that is known about a job.
    pub async fn job(&self, id: &JobId) -> Result<Job, Diagnosis> {
        let (engine, id) = (self.inner.engine.clone(), id.clone());
        blocking(move || engine.job(&id)).await
    }

    /// A job's history as text.
    pub async fn job_log(&self, id: &JobId) -> Result<String, Diagnosis> {
        let (engine, id) = (self.inner.engine.clone(), id.clone());
        blocking(move || engine.job_log(&id)).await
    }

    /// Stops a job at the next safe point, to go on later.
    pub async fn pause(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.inner.engine.pause(id).await
    }

    /// Resumes a job.
    pub async fn resume(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.inner.engine.resume(id).await
    }

    /// Ends a job that failed because the service holds its bytes already with that firmware image,
    /// once size and SHA-256 were compared. Sends nothing.
    pub async fn use_existing(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.inner.engine.use_existing(id).await
    }

    /// Resumes a job that failed because an unfinished upload job has its name, in that upload
    /// job, once its chunks were compared with the file.
    pub async fn adopt_upload_job(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.inner.engine.adopt_upload_job(id).await
    }

    /// Stops a job at the next safe point for good.
    pub async fn cancel(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.inner.engine.cancel(id).await
    }

    /// An inspected and hashed file; the hash of an unchanged file is not computed again.
    async fn image(&self, path: &str) -> Result<ImageFile, Diagnosis> {
        self.image_at(PathBuf::from(path)).await
    }

    /// The same for a path that may be no text.
    pub(super) async fn image_at(&self, path: PathBuf) -> Result<ImageFile, Diagnosis> {
        let this = self.clone();
        blocking(move || {
            let (source, inspection) = inspect(&path)?;
            match this.known_sha256(&path, source.identity()) {
                Some(sha256) => Ok(ImageFile::new(&source, inspection, sha256)),
                None => ImageFile::hash(&source, inspection),
            }
        })
        .await
    }

    /// The destination a text names, and what its reader is called.
    async fn resolve(&self, text: &str) -> Result<(Destination, Option<String>), Diagnosis> {
        let readers = self.readers().await;
        let seen = match text.strip_prefix("device:") {
            Some(name) => Some(named_reader(&readers, name)?),
            None => readers.iter().find(|view| view.destination == text),
        };
        let written = seen.map_or(text, |view| &view.destination);
        let destination = self.inner.engine.destination(written)?;
        Ok((destination, seen.map(|view| view.reader.name.clone())))
    }
}

pub(super) fn plan_gone() -> Diagnosis {
    Diagnosis::new(
        Code::JobNotFound,
        "The plan is not known any more.",
        "It was carried out, or Firmdrop was started again since.",
    )
    .titled("The plan must be made again")
    .state("Nothing was sent.")
    .remedy(Remedy::PlanAgain)
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::{AccessKey, Home, SimulatedAccount};

    use super::*;
    use crate::FirmdropOptions;

    #[tokio::test]
    async fn a_confirmed_plan_is_carried_out_once() {
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
        let options = DeliveryOptions::default();
        let plans = firmdrop.plan(file.to_str().unwrap(), &to, options).await;
        let id = plans.unwrap().remove(0).id;

        let twice = firmdrop.deliver(&[id.clone(), id.clone()]).await;
        assert_eq!(twice.unwrap_err().code, Code::JobNotFound);
        assert!(firmdrop.jobs(10).unwrap().is_empty());
        let both = [id.clone(), PlanId("unknown".into())];
        assert!(firmdrop.deliver(&both).await.is_err(), "all or none");
        let job = firmdrop
            .deliver(std::slice::from_ref(&id))
            .await
            .unwrap()
            .remove(0);
        assert!(firmdrop.deliver(&[id]).await.is_err(), "carried out again");
        assert_eq!(firmdrop.jobs(10).unwrap().len(), 1);
        firmdrop.cancel(&job).await.unwrap();
        firmdrop.engine().settled(&job).await.unwrap();
    }
}
