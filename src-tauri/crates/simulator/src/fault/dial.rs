//! The dial itself: rules, presets and the plug, shared by everybody who changes or uses it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{Fault, Request, Rule, chance::Chance, decision::Decision};

/// The fault dial. Clones turn the same dial. Starts with nothing going wrong.
#[derive(Debug, Clone)]
pub struct Dial {
    rules: Arc<Mutex<Rules>>,
    plug: watch::Sender<bool>,
}

#[derive(Debug)]
struct Rules {
    chance: Chance,
    next_id: u32,
    active: Vec<RuleState>,
}

/// A rule on the dial, and how often it struck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleState {
    /// Its number, for taking it off again.
    pub id: u32,
    /// The preset it belongs to, if any.
    pub preset: Option<Fault>,
    /// The rule; its `skip` and `times` count down as requests come.
    #[serde(flatten)]
    pub rule: Rule,
    /// How often it struck.
    pub struck: u32,
}

/// The dial as `GET /simulator/faults` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DialState {
    /// Whether the plug is in.
    pub plugged_in: bool,
    /// The presets that are on.
    pub presets: Vec<Fault>,
    /// The rules that can still strike.
    pub rules: Vec<RuleState>,
}

/// A change of the dial, as `POST /simulator/faults` takes it. Carried out from top to bottom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialChange {
    /// Takes every rule and preset off first and plugs in.
    #[serde(default)]
    pub clear: bool,
    /// Starts chance anew from this seed.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Takes these rules off.
    #[serde(default)]
    pub remove: Vec<u32>,
    /// Puts these rules on.
    #[serde(default)]
    pub add: Vec<Rule>,
    /// Switches these presets on.
    #[serde(default)]
    pub turn_on: Vec<Fault>,
    /// Switches these presets off.
    #[serde(default)]
    pub turn_off: Vec<Fault>,
    /// Plugs in again by itself after this time, milliseconds: nobody can ask a service without
    /// power to do it.
    #[serde(default)]
    pub plug_in_after_milliseconds: Option<u64>,
}

impl Dial {
    /// A dial at rest; chance begins at `seed`.
    pub fn new(seed: u64) -> Self {
        let rules = Rules {
            chance: Chance::seeded(seed),
            next_id: 1,
            active: Vec::new(),
        };
        Self {
            rules: Arc::new(Mutex::new(rules)),
            plug: watch::Sender::new(true),
        }
    }

    /// Puts a rule on and returns its number.
    pub fn add(&self, rule: Rule) -> u32 {
        self.rules().add(rule, None)
    }

    /// Takes a rule off. A number that is not there changes nothing.
    pub fn remove(&self, id: u32) {
        self.rules().active.retain(|state| state.id != id);
    }

    /// Takes every rule and preset off, and plugs in.
    pub fn clear(&self) {
        self.rules().active.clear();
        self.plug.send_replace(true);
    }

    /// Starts chance anew.
    pub fn seed(&self, seed: u64) {
        self.rules().chance = Chance::seeded(seed);
    }

    /// Switches a preset on or off. Switching it on twice is the same as once.
    pub fn turn(&self, fault: Fault, on: bool) {
        if fault == Fault::PullThePlug {
            self.plug.send_replace(!on);
            return;
        }
        let mut rules = self.rules();
        rules.active.retain(|state| state.preset != Some(fault));
        if on {
            for rule in fault.rules() {
                rules.add(rule, Some(fault));
            }
        }
    }

    /// Whether a preset is on.
    pub fn is_on(&self, fault: Fault) -> bool {
        if fault == Fault::PullThePlug {
            return !*self.plug.borrow();
        }
        let rules = self.rules();
        rules.active.iter().any(|state| state.preset == Some(fault))
    }

    /// Whether the plug is in, to be watched by whoever has to go dark without it.
    pub fn plug(&self) -> watch::Receiver<bool> {
        self.plug.subscribe()
    }

    /// Carries a change out, except for its delayed plugging in.
    pub fn change(&self, change: &DialChange) {
        if change.clear {
            self.clear();
        }
        if let Some(seed) = change.seed {
            self.seed(seed);
        }
        change.remove.iter().for_each(|id| self.remove(*id));
        for rule in &change.add {
            self.add(rule.clone());
        }
        change
            .turn_on
            .iter()
            .for_each(|fault| self.turn(*fault, true));
        change
            .turn_off
            .iter()
            .for_each(|fault| self.turn(*fault, false));
    }

    /// What the dial shows now.
    pub fn state(&self) -> DialState {
        DialState {
            plugged_in: *self.plug.borrow(),
            presets: Fault::ALL
                .into_iter()
                .filter(|fault| self.is_on(*fault))
                .collect(),
            rules: self.rules().active.clone(),
        }
    }

    /// Asks what is to go wrong with this request. Counts it.
    pub(crate) fn decide(&self, request: &Request<'_>) -> Decision {
        let mut rules = self.rules();
        let Rules { chance, active, .. } = &mut *rules;
        let mut decision = Decision::default();
        for state in active.iter_mut() {
            if state.strikes(request, chance) {
                decision.take(&state.rule.effect, request, chance);
            }
        }
        active.retain(|state| state.rule.times != Some(0));
        decision
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn add(&mut self, rule: Rule, preset: Option<Fault>) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.active.push(RuleState {
            id,
            preset,
            rule,
            struck: 0,
        });
        id
    }
}

impl RuleState {
    fn strikes(&mut self, request: &Request<'_>, chance: &mut Chance) -> bool {
        let rule = &mut self.rule;
        if !rule.concerns(request) || rule.times == Some(0) {
            return false;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            return false;
        }
        if !chance.happens(rule.probability) {
            return false;
        }
        rule.times = rule.times.map(|times| times.saturating_sub(1));
        self.struck = self.struck.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Effect;

    const CHUNK: Request<'_> = Request {
        method: "POST",
        path: "/v3/firmware-images/upload-jobs/1/chunks",
        body_bytes: 100,
        can_corrupt: &|_| true,
    };
    const LIST: Request<'_> = Request {
        method: "GET",
        path: "/v3/firmware-images/upload-jobs/1/chunks",
        body_bytes: 0,
        can_corrupt: &|_| false,
    };

    #[test]
    fn a_dial_at_rest_lets_everything_pass() {
        assert_eq!(Dial::new(0).decide(&CHUNK), Decision::default());
    }

    #[test]
    fn a_rule_for_once_strikes_once_after_those_it_spares() {
        let dial = Dial::new(0);
        dial.add(Rule::once(Effect::LoseAnswer).on("post", "/chunks").skip(2));
        let lost: Vec<_> = [CHUNK, LIST, CHUNK, CHUNK, CHUNK]
            .iter()
            .map(|request| dial.decide(request).lose_answer)
            .collect();
        assert_eq!(lost, [false, false, false, true, false]);
        assert!(dial.state().rules.is_empty());
    }

    #[test]
    fn a_cut_in_the_body_waits_for_a_request_with_a_body_and_lies_inside_it() {
        let dial = Dial::new(0);
        dial.add(Rule::once(Effect::CutInBody { after_bytes: None }));
        assert_eq!(dial.decide(&LIST).cut_after_bytes, None);
        assert!(
            dial.decide(&CHUNK)
                .cut_after_bytes
                .is_some_and(|at| at < 100)
        );
    }

    #[test]
    fn an_answer_is_corrupted_only_where_the_service_can() {
        let dial = Dial::new(0);
        dial.add(Rule::once(Effect::WrongHash));
        assert!(!dial.decide(&LIST).corruptions.hash);
        assert!(dial.decide(&CHUNK).corruptions.hash);
    }

    #[test]
    fn a_probable_fault_strikes_the_same_requests_for_the_same_seed() {
        let draw = |seed| {
            let dial = Dial::new(seed);
            dial.add(Rule::always(Effect::Silence).probability(0.5));
            (0..64)
                .map(|_| dial.decide(&LIST).silence)
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert!(draw(3).contains(&true) && draw(3).contains(&false));
    }

    #[test]
    fn every_preset_can_be_switched_on_and_off_and_has_a_title() {
        let dial = Dial::new(0);
        for fault in Fault::ALL {
            assert!(!fault.title().is_empty());
            dial.turn(fault, true);
            dial.turn(fault, true);
            assert!(dial.is_on(fault));
            assert_eq!(dial.state().presets, [fault]);
            dial.turn(fault, false);
            assert!(!dial.is_on(fault));
        }
        assert!(dial.state().rules.is_empty());
    }

    #[test]
    fn a_change_written_as_json_turns_the_dial() {
        let dial = Dial::new(0);
        let text = r#"{"seed": 5, "turn_on": ["slow_network"],
            "add": [{"effect": {"kind": "cut_in_body", "after_bytes": 10}, "times": 2}]}"#;
        dial.change(&serde_json::from_str(text).unwrap());
        let decision = dial.decide(&CHUNK);
        assert_eq!(decision.cut_after_bytes, Some(10));
        assert_eq!(decision.bytes_per_second, Some(2_000_000));
        assert!(serde_json::from_str::<DialChange>(r#"{"turn_onn": []}"#).is_err());
    }
}
