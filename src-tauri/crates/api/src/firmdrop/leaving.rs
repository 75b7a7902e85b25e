//! Ending this process while it carries out jobs. Jobs of other processes are none of its business.

use std::collections::HashSet;
use std::time::Duration;

use firmdrop_core::Diagnosis;
use firmdrop_engine::JobId;

use super::Firmdrop;

impl Firmdrop {
    /// The jobs that this process carries out.
    pub fn running_here(&self) -> Vec<JobId> {
        self.inner.engine.running_here()
    }

    /// Resolves once this process carries out no job.
    pub async fn idle(&self) {
        let mut waited = HashSet::new();
        loop {
            let running = self.running_here();
            let Some(id) = running.into_iter().find(|id| !waited.contains(id)) else {
                return;
            };
            // A job whose row cannot be read any more is not waited for.
            let _ = self.inner.engine.settled(&id).await;
            waited.insert(id);
        }
    }

    /// Pauses every job of this process, and waits until each reached a safe point, at most so long.
    /// What takes longer is reconciled by the next start.
    ///
    /// When one cannot be paused now, its diagnosis comes back at once. One that ended meanwhile
    /// needs no pause.
    pub async fn pause_here(&self, limit: Duration) -> Result<(), Diagnosis> {
        for id in self.running_here() {
            let paused = self.inner.engine.pause(&id).await;
            if paused.is_err() && self.running_here().contains(&id) {
                return paused;
            }
        }
        let _ = tokio::time::timeout(limit, self.idle()).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::{AccessKey, DeliveryOptions, Home, JobState, SimulatedAccount};
    use tokio::net::TcpListener;

    use super::*;
    use crate::FirmdropOptions;

    /// Firmdrop on a home, as a process of its own opens it.
    fn process(folder: &std::path::Path) -> Firmdrop {
        let home = Home::open(folder.join("home")).unwrap();
        Firmdrop::open(FirmdropOptions::new(home, Vec::new())).unwrap()
    }

    #[tokio::test]
    async fn a_window_that_quits_leaves_the_jobs_of_a_command_line_running() {
        let folder = tempfile::tempdir().unwrap();
        // A service that takes connections and never answers.
        let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", service.local_addr().unwrap());
        let (window, command_line) = (process(folder.path()), process(folder.path()));
        let accounts = command_line.engine().accounts();
        let key = AccessKey::from("ak");
        accounts
            .put_simulated(SimulatedAccount::new("", "bench", &host, &key))
            .unwrap();
        let file = folder.path().join("puck.bin");
        std::fs::write(&file, b"image").unwrap();
        let to = ["pelion:bench".to_owned()];
        let plans = command_line
            .plan(file.to_str().unwrap(), &to, DeliveryOptions::default())
            .await
            .unwrap();
        let jobs = command_line.deliver(&[plans[0].id.clone()]).await.unwrap();
        let _asked = service.accept().await.unwrap();

        assert_eq!(command_line.running_here(), jobs);
        assert!(window.running_here().is_empty());
        window.idle().await;
        window.pause_here(Duration::from_mins(1)).await.unwrap();
        let job = window.job(&jobs[0]).await.unwrap();
        assert!(matches!(job.summary.state, JobState::Running { .. }));

        command_line
            .pause_here(Duration::from_mins(1))
            .await
            .unwrap();
        assert!(command_line.running_here().is_empty());
        // It has ended: there is nothing to pause, and nothing to refuse.
        command_line.pause_here(Duration::ZERO).await.unwrap();
    }
}
