//! What a bench prints: results on standard output, the lanes' steps on standard error, or events for a script.

use std::collections::HashMap;

use firmdrop_api::{BenchView, LaneState, LaneView, UnitRecord};
use serde_json::json;

use crate::print;

/// What was printed already.
pub(super) struct Shown {
    json: bool,
    taught: Option<String>,
    /// Each lane as it was printed last.
    lanes: HashMap<String, Printed>,
}

/// What makes a new line: state, step, unit, and each tenth of its job for a script.
type Printed = (LaneState, Option<String>, Option<u32>, u8);

impl Shown {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            taught: None,
            lanes: HashMap::new(),
        }
    }

    /// The bench is open, and not armed.
    pub(super) fn opened(&self, view: &BenchView) {
        if self.json {
            print::json_line(&json!({ "event": "bench", "bench": view }));
            return;
        }
        let image = &view.image;
        let version = image.version.as_deref().unwrap_or("no version");
        print::line_to_error(&format!(
            "{} ({version}), lot {}: {} passed, {} failed so far",
            image.name, view.setup.lot, view.counts.pass, view.counts.fail
        ));
        for lane in view.lanes.iter().filter(|lane| !lane.place.is_empty()) {
            print::line_to_error(&format!("  lane {:<4} {}", lane.name, lane.place));
        }
    }

    /// A lane waits for its place.
    pub(super) fn teaches(&mut self, lane: &str) {
        if self.taught.as_deref() == Some(lane) {
            return;
        }
        self.taught = Some(lane.to_owned());
        if self.json {
            print::json_line(&json!({ "event": "teach", "lane": lane }));
        } else {
            print::line_to_error(&format!("Plug a reader into lane {lane}."));
        }
    }

    /// Lanes whose state or step is new.
    pub(super) fn lanes(&mut self, view: &BenchView) {
        for lane in &view.lanes {
            let tenth = if self.json { lane.percent / 10 } else { 0 };
            let now = (lane.state, lane.phase.clone(), lane.unit, tenth);
            if self.lanes.get(&lane.name) == Some(&now) {
                continue;
            }
            self.lanes.insert(lane.name.clone(), now);
            if self.json {
                print::json_line(&json!({ "event": "lane", "lane": lane }));
            } else if let Some(line) = step(lane) {
                print::line_to_error(&line);
            }
        }
    }

    /// A unit ended.
    pub(super) fn unit(&self, record: &UnitRecord) {
        if self.json {
            print::json_line(&json!({ "event": "unit", "record": record }));
            return;
        }
        let versions = format!(
            "{} → {}",
            record.from_version.as_deref().unwrap_or("?"),
            record.to_version.as_deref().unwrap_or("?")
        );
        let serial = record.serial.as_deref().unwrap_or("-");
        print::line(&format!(
            "{:<7} lane {:<4} unit {:<5} {:<24} {serial:<12} {versions:<20} {:.1} s",
            record.result, record.lane, record.unit, record.reader, record.seconds
        ));
        if record.result == "PASS" {
            return;
        }
        let code = record.code.iter().map(String::as_str);
        let cause = record.cause.iter().map(String::as_str);
        let why: Vec<&str> = code.chain(cause).collect();
        print::line(&format!("        {}", why.join(" ")));
    }

    /// Nothing more will happen.
    pub(super) fn ended(&self, view: &BenchView) {
        let counts = &view.counts;
        if self.json {
            print::json_line(&json!({ "event": "end", "counts": counts, "stopped": view.stopped }));
            return;
        }
        if let Some(stopped) = &view.stopped {
            print::line_to_error(&format!("{} {}", stopped.what_happened, stopped.why));
        }
        let share = counts.yield_per_mille.map_or_else(String::new, |share| {
            format!(", yield {}.{} %", share / 10, share % 10)
        });
        print::line(&format!(
            "Lot {}: {} units, {} passed, {} failed, {} sent without proof{share}",
            view.setup.lot, counts.done, counts.pass, counts.fail, counts.unverified
        ));
    }
}

/// A line for what is new at a lane; results have lines of their own.
fn step(lane: &LaneView) -> Option<String> {
    let what = match lane.state {
        LaneState::Waiting => "a reader is there".to_owned(),
        LaneState::Identifying => "identifying".to_owned(),
        LaneState::Running => lane.phase.clone()?,
        LaneState::Skip | LaneState::Hold => {
            let why = lane.why.as_deref().unwrap_or_default();
            format!("{} {why}", lane.state.word())
        }
        LaneState::Empty
        | LaneState::NotTaught
        | LaneState::Pass
        | LaneState::Fail
        | LaneState::Unverified
        | LaneState::Stopped => return None,
    };
    let same = lane.same_serial_as.join(", ");
    let same = if same.is_empty() {
        String::new()
    } else {
        format!(" (same serial number as lane {same})")
    };
    Some(format!("  lane {:<4} {what}{same}", lane.name))
}
