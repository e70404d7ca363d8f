//! Which units are there: counted from the open sockets of this node, and heard from the others. Persons stay in here; only units go out.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;

use crate::id::Id;

/// A unit is gone only when nobody came back within this time.
const GRACE: Duration = Duration::from_secs(5);
/// How often a node repeats to the others which units it has.
const REPEAT: Duration = Duration::from_secs(30);
/// How long another node's word holds: two repeats may be lost.
const HOLDS: Duration = Duration::from_secs(75);

#[derive(Default)]
pub(super) struct Presence {
    units_of: HashMap<Id, Vec<Id>>,
    leaving: HashMap<Id, Instant>,
    /// How many persons of the unit are on this node.
    here: HashMap<Id, usize>,
    elsewhere: HashMap<Id, Instant>,
    repeated: Option<Instant>,
}

pub(super) struct Heard {
    /// Whether the unit's presence as a whole is another now.
    pub changed: bool,
    /// Another node said that the unit has gone, but it is here.
    pub contradicts: bool,
}

impl Presence {
    pub fn is_present(&self, unit: Id, now: Instant) -> bool {
        self.here.contains_key(&unit) || self.elsewhere.get(&unit).is_some_and(|until| *until > now)
    }

    /// A person has come, or has other units than before. Gives the units whose presence changed.
    pub fn joined(&mut self, person: Id, units: Vec<Id>, now: Instant) -> Vec<(Id, bool)> {
        self.leaving.remove(&person);
        let before = self.units_of.remove(&person).unwrap_or_default();
        let touched: HashSet<Id> = before.iter().chain(&units).copied().collect();
        let was: Vec<(Id, bool)> = touched.into_iter().map(|unit| (unit, self.is_present(unit, now))).collect();
        self.subtract(&before);
        for unit in &units {
            *self.here.entry(*unit).or_default() += 1;
        }
        self.units_of.insert(person, units);
        was.into_iter()
            .map(|(unit, was)| (unit, was, self.is_present(unit, now)))
            .filter(|(_, was, is)| was != is)
            .map(|(unit, _, is)| (unit, is))
            .collect()
    }

    pub fn left(&mut self, person: Id, now: Instant) {
        self.leaving.insert(person, now + GRACE);
    }

    /// Lets go of those who left and did not come back, and of other nodes' words that no longer hold.
    pub fn settle(&mut self, now: Instant) -> Vec<(Id, bool)> {
        let gone: Vec<Id> = self.leaving.iter().filter(|(_, at)| **at <= now).map(|(person, _)| *person).collect();
        let mut touched: HashSet<Id> = self.elsewhere.extract_if(|_, until| *until <= now).map(|(unit, _)| unit).collect();
        for person in gone {
            self.leaving.remove(&person);
            let units = self.units_of.remove(&person).unwrap_or_default();
            self.subtract(&units);
            touched.extend(units);
        }
        touched.into_iter().filter(|unit| !self.is_present(*unit, now)).map(|unit| (unit, false)).collect()
    }

    /// The word of another node, or the echo of the own one: the two look alike. So word of a unit that is here anyway is not kept, or this node would take its
    /// own word for another's when the unit leaves. (If another node has it then, that node contradicts.)
    pub fn heard(&mut self, unit: Id, on: bool, now: Instant) -> Heard {
        let was = self.is_present(unit, now);
        if on {
            if !self.here.contains_key(&unit) {
                self.elsewhere.insert(unit, now + HOLDS);
            }
        } else {
            self.elsewhere.remove(&unit);
        }
        Heard { changed: was != self.is_present(unit, now), contradicts: !on && self.here.contains_key(&unit) }
    }

    /// The units to repeat to the other nodes, when it is time.
    pub fn due(&mut self, now: Instant) -> Vec<Id> {
        if self.repeated.is_some_and(|at| now.duration_since(at) < REPEAT) {
            return Vec::new();
        }
        self.repeated = Some(now);
        self.here.keys().copied().collect()
    }

    fn subtract(&mut self, units: &[Id]) {
        for unit in units {
            if let Some(count) = self.here.get_mut(unit) {
                *count -= 1;
                if *count == 0 {
                    self.here.remove(unit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Id = Id([1; 16]);
    const BO: Id = Id([2; 16]);
    const UNIT: Id = Id([9; 16]);

    #[test]
    fn a_unit_is_there_as_long_as_one_of_its_people_is() {
        let (mut p, now) = (Presence::default(), Instant::now());
        assert_eq!(p.joined(ANNA, vec![UNIT], now), [(UNIT, true)]);
        assert_eq!(p.joined(BO, vec![UNIT], now), []);
        p.left(ANNA, now);
        assert_eq!(p.settle(now + GRACE), []);
        p.left(BO, now + GRACE);
        assert_eq!(p.settle(now + GRACE), [], "not before the grace is over");
        assert_eq!(p.settle(now + GRACE * 2), [(UNIT, false)]);
    }

    #[test]
    fn a_reload_is_not_told_and_a_lost_role_is() {
        let (mut p, now) = (Presence::default(), Instant::now());
        p.joined(ANNA, vec![UNIT], now);
        p.left(ANNA, now);
        assert_eq!(p.joined(ANNA, vec![UNIT], now), []);
        assert_eq!(p.settle(now + GRACE * 2), []);
        assert_eq!(p.joined(ANNA, vec![], now), [(UNIT, false)]);
    }

    #[test]
    fn the_word_of_another_node_holds_for_a_while() {
        let (mut p, now) = (Presence::default(), Instant::now());
        assert!(p.heard(UNIT, true, now).changed);
        assert_eq!(p.joined(ANNA, vec![UNIT], now), []);
        assert!(p.heard(UNIT, false, now).contradicts);
        assert!(!p.heard(UNIT, true, now).changed, "the own echo");
        p.left(ANNA, now);
        assert_eq!(p.settle(now + GRACE), [(UNIT, false)]);
        assert!(p.heard(UNIT, true, now + GRACE).changed, "the other node contradicts");
        assert_eq!(p.settle(now + GRACE + HOLDS), [(UNIT, false)]);
    }
}
