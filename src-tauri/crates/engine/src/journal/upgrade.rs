//! Plans of journals of format 1, brought into the present form.

use rusqlite::params;
use serde_json::{Map, Value};

use super::{Journal, JournalError};

impl Journal {
    /// Rewrites every plan whose destination is in the form of format 1, by whoever knows its kind.
    /// A plan that nobody knows stays as it is.
    pub(crate) fn upgrade_plans(
        &self,
        upgrade: impl Fn(&mut Map<String, Value>) -> bool,
    ) -> Result<(), JournalError> {
        let old = self.old_plans()?;
        if old.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            for (id, text) in old {
                let Ok(Value::Object(mut plan)) = serde_json::from_str(&text) else {
                    continue;
                };
                if upgrade(&mut plan) {
                    transaction.execute(
                        "UPDATE job SET plan = ?2 WHERE id = ?1",
                        params![id, serde_json::to_string(&plan)?],
                    )?;
                }
            }
            Ok(())
        })
    }

    fn old_plans(&self) -> Result<Vec<(String, String)>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT id, plan FROM job
             WHERE json_valid(plan) AND json_extract(plan, '$.destination.scheme') IS NULL",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
