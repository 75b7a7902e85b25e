//! One measured ratio and its goal.
//!
//! Values only; [`super::report`] prints them.

use serde_json::{Value, json};

/// Where a ratio has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// Anywhere: the figure is given for its own sake.
    None,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Name of the bench.
    pub(super) bench: &'static str,
    /// What was measured, with its peer: "1 GiB raw, openssl".
    pub(super) case: String,
    /// Our figure.
    pub(super) ours: f64,
    /// The figure it is held against.
    pub(super) peer: f64,
    /// What the goal speaks of.
    pub(super) ratio: f64,
    /// The goal.
    pub(super) goal: Goal,
    /// Unit of both figures.
    pub(super) unit: &'static str,
}

impl Goal {
    /// "at most 1.15".
    pub(super) fn shown(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
            Self::None => "none".to_owned(),
        }
    }
}

impl Row {
    /// Whether the ratio is where it has to be. What is no number is not.
    pub(super) fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtMost(most) => self.ratio <= most,
            Goal::AtLeast(least) => self.ratio >= least,
            Goal::None => !self.ratio.is_nan(),
        }
    }

    /// One line of JSON.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "bench": self.bench,
            "case": self.case,
            "ours": self.ours,
            "peer": self.peer,
            "ratio": self.ratio,
            "goal": self.goal.shown(),
            "met": self.is_met(),
            "unit": self.unit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ratio: f64, goal: Goal) -> Row {
        Row {
            bench: "a",
            case: "b".to_owned(),
            ours: 1.0,
            peer: 1.0,
            ratio,
            goal,
            unit: "s",
        }
    }

    #[test]
    fn a_goal_is_met_on_its_own_side() {
        assert!(row(1.1, Goal::AtMost(1.15)).is_met());
        assert!(!row(1.2, Goal::AtMost(1.15)).is_met());
        assert!(row(1.6, Goal::AtLeast(1.6)).is_met());
        assert!(!row(1.5, Goal::AtLeast(1.6)).is_met());
    }

    #[test]
    fn no_number_meets_no_goal() {
        assert!(!row(f64::NAN, Goal::AtMost(1.15)).is_met());
        assert!(!row(f64::NAN, Goal::AtLeast(1.6)).is_met());
        assert!(!row(f64::NAN, Goal::None).is_met());
    }
}
