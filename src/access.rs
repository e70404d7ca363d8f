//! Who may read what: the table of the design as data, and the one function that applies it to a thread.
//!
//! Everything that shows a thread, on the socket, over the API, in a list, in a search or in an event, asks [`decide`] first.

use crate::id::Id;

/// A row of the table: a reader, as what they stand to the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Reader {
    AskingHandler,
    ReceivingHandler,
    /// The unit manager, and the named backup.
    Manager,
    Admin,
    Auditor,
    Steering,
    Registrar,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Thing {
    /// A thread, with the names of the own side.
    OwnSide,
    /// What the other side wrote: always under an alias.
    OtherSide,
    HeldText,
    NamedCase,
    Audit,
    Figures,
}

/// A cell: how far the reader reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Nothing,
    /// What the person wrote.
    Own,
    /// The person's own threads and the own unit's open ones.
    OwnAndUnitsOpen,
    /// All that the own unit takes part in.
    Unit,
    UnitWithReason,
    /// As an alias, never a name.
    AsAlias,
    /// With a link to the case and a task in it.
    WithLink,
    /// While a live consent covers the unit.
    WhileConsent,
    Authority,
    AuthorityByDecision,
    /// That it happened, not what it says.
    ThatItHappened,
    Counts,
    SuppressedCounts,
}

use Reach::*;

/// Rows as in [`Reader`], columns as in [`Thing`].
pub const TABLE: [[Reach; 6]; 7] = [
    [OwnAndUnitsOpen, AsAlias, Own, WithLink, Nothing, Unit],
    [Unit, AsAlias, Own, WhileConsent, Nothing, Unit],
    [Unit, AsAlias, Unit, UnitWithReason, Nothing, Unit],
    [Nothing, Nothing, Nothing, Nothing, Nothing, Counts],
    [Authority, AsAlias, Nothing, ThatItHappened, Authority, Nothing],
    [Nothing, Nothing, Nothing, Nothing, Nothing, SuppressedCounts],
    [AuthorityByDecision, AsAlias, Nothing, AuthorityByDecision, Nothing, Nothing],
];

pub fn reach(reader: Reader, thing: Thing) -> Reach {
    TABLE[reader as usize][thing as usize]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitRole {
    Handler,
    UnitManager,
    BackupManager,
}

impl UnitRole {
    pub fn as_str(self) -> &'static str {
        match self {
            UnitRole::Handler => "handler",
            UnitRole::UnitManager => "unit_manager",
            UnitRole::BackupManager => "backup_manager",
        }
    }

    pub fn parse(text: &str) -> Option<UnitRole> {
        [UnitRole::Handler, UnitRole::UnitManager, UnitRole::BackupManager].into_iter().find(|r| r.as_str() == text)
    }

    pub fn is_manager(self) -> bool {
        self != UnitRole::Handler
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityRole {
    Admin,
    Auditor,
    Steering,
    Registrar,
}

impl AuthorityRole {
    pub fn as_str(self) -> &'static str {
        match self {
            AuthorityRole::Admin => "admin",
            AuthorityRole::Auditor => "auditor",
            AuthorityRole::Steering => "steering",
            AuthorityRole::Registrar => "registrar",
        }
    }

    pub fn parse(text: &str) -> Option<AuthorityRole> {
        [AuthorityRole::Admin, AuthorityRole::Auditor, AuthorityRole::Steering, AuthorityRole::Registrar]
            .into_iter()
            .find(|r| r.as_str() == text)
    }
}

/// All that a person is, at this moment.
#[derive(Clone, Debug)]
pub struct Roles {
    pub person: Id,
    pub authority: Id,
    pub units: Vec<(Id, UnitRole)>,
    pub wide: Vec<AuthorityRole>,
}

impl Roles {
    pub fn in_unit(&self, unit: Id) -> bool {
        self.units.iter().any(|(u, _)| *u == unit)
    }

    pub fn manages(&self, unit: Id) -> bool {
        self.units.iter().any(|(u, r)| *u == unit && r.is_manager())
    }

    pub fn has(&self, role: AuthorityRole) -> bool {
        self.wide.contains(&role)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Asking,
    Answering,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Asking => "asking",
            Side::Answering => "answering",
        }
    }

    pub fn parse(text: &str) -> Option<Side> {
        [Side::Asking, Side::Answering].into_iter().find(|s| s.as_str() == text)
    }

    pub fn other(self) -> Side {
        match self {
            Side::Asking => Side::Answering,
            Side::Answering => Side::Asking,
        }
    }
}

/// What the decision needs to know of a thread.
#[derive(Clone, Debug)]
pub struct Matter {
    pub asking_unit: Id,
    pub asking_authority: Id,
    pub asker: Id,
    pub closed: bool,
    /// The units the question stands with now, and their authorities.
    pub answering: Vec<(Id, Id)>,
}

/// What the person may do with a thread: from which side, for which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    pub side: Side,
    pub unit: Id,
    /// A member of the side's unit; an auditor only reads.
    pub takes_part: bool,
    pub manager: bool,
}

/// The side on which `roles` may read the matter, if any. `taken` is the side the person took first, if one was taken; it is kept for good, so that nobody reads both sides.
/// `spoke`: the person has written in the thread.
pub fn decide(matter: &Matter, roles: &Roles, taken: Option<Side>, spoke: bool) -> Option<Sight> {
    let asking = || {
        let manager = roles.manages(matter.asking_unit) && reach(Reader::Manager, Thing::OwnSide) == Unit;
        let handler = roles.units.contains(&(matter.asking_unit, UnitRole::Handler))
            && match reach(Reader::AskingHandler, Thing::OwnSide) {
                OwnAndUnitsOpen => !matter.closed || spoke || matter.asker == roles.person,
                reach => reach == Unit,
            };
        (manager || handler).then_some(Sight { side: Side::Asking, unit: matter.asking_unit, takes_part: true, manager })
    };
    let answering = || {
        matter.answering.iter().find_map(|(unit, _)| {
            let manager = roles.manages(*unit) && reach(Reader::Manager, Thing::OwnSide) == Unit;
            let handler = roles.units.contains(&(*unit, UnitRole::Handler)) && reach(Reader::ReceivingHandler, Thing::OwnSide) == Unit;
            (manager || handler).then_some(Sight { side: Side::Answering, unit: *unit, takes_part: true, manager })
        })
    };
    // Someone of both units stands on the asking side unless the answering one was taken first: membership of the asking unit is never laid aside by chance.
    // A named backup of the asking unit who works in the answering one stands where they work.
    let of_asking = roles.units.iter().any(|(u, r)| *u == matter.asking_unit && *r != UnitRole::BackupManager);
    let part = match taken {
        Some(Side::Asking) => asking(),
        Some(Side::Answering) => answering(),
        None if of_asking => asking(),
        None => answering().or_else(asking),
    };
    part.or_else(|| {
        if taken.is_some() || !roles.has(AuthorityRole::Auditor) || reach(Reader::Auditor, Thing::OwnSide) != Authority {
            return None;
        }
        let reads = |side, unit| Sight { side, unit, takes_part: false, manager: false };
        if matter.asking_authority == roles.authority {
            return Some(reads(Side::Asking, matter.asking_unit));
        }
        matter.answering.iter().find(|(_, authority)| *authority == roles.authority).map(|(unit, _)| reads(Side::Answering, *unit))
    })
}

/// What the decision needs to know of a named case.
#[derive(Clone, Copy, Debug)]
pub struct CaseMatter {
    /// The unit whose case it is.
    pub own: Id,
    /// The unit at the other end of the link through which it is seen; none for the own unit's file.
    pub receiving: Option<Id>,
    /// Whether a live consent covers the receiving unit at this moment.
    pub live: bool,
    /// The unit for which the person has the case as a task.
    pub task: Option<Id>,
}

/// What the person may do with a named case: from which side, for which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseSight {
    pub side: Side,
    pub unit: Id,
    /// False for a manager, who reads with a reason and does not write.
    pub task: bool,
}

/// The side from which `roles` may read the case, if any. Whoever has it as a task for one unit stands on that unit's side, whatever else they are.
pub fn decide_case(matter: &CaseMatter, roles: &Roles) -> Option<CaseSight> {
    let sees = |side, unit, reader, with_task| {
        let task = matter.task == Some(unit) && roles.in_unit(unit) && reach(reader, Thing::NamedCase) == with_task;
        let manages = roles.manages(unit) && reach(Reader::Manager, Thing::NamedCase) == UnitWithReason;
        (task || manages).then_some(CaseSight { side, unit, task })
    };
    let asking = || sees(Side::Asking, matter.own, Reader::AskingHandler, WithLink);
    let answering = || {
        let unit = matter.receiving.filter(|_| matter.live)?;
        sees(Side::Answering, unit, Reader::ReceivingHandler, WhileConsent)
    };
    match matter.task {
        Some(unit) if unit == matter.own => asking(),
        Some(unit) if Some(unit) == matter.receiving => answering(),
        // A task for a unit that has this case by another link.
        Some(_) => None,
        None => asking().or_else(answering),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Id {
        Id([n; 16])
    }

    fn matter() -> Matter {
        Matter { asking_unit: id(1), asking_authority: id(10), asker: id(100), closed: false, answering: vec![(id(2), id(20))] }
    }

    fn person(n: u8, units: &[(u8, UnitRole)], wide: &[AuthorityRole]) -> Roles {
        Roles { person: id(n), authority: id(10), units: units.iter().map(|(u, r)| (id(*u), *r)).collect(), wide: wide.to_vec() }
    }

    #[test]
    fn a_handler_reads_from_the_own_side() {
        let side = |p: &Roles| decide(&matter(), p, None, false).map(|s| s.side);
        assert_eq!(side(&person(100, &[(1, UnitRole::Handler)], &[])), Some(Side::Asking));
        assert_eq!(side(&person(101, &[(2, UnitRole::Handler)], &[])), Some(Side::Answering));
        assert_eq!(side(&person(102, &[(3, UnitRole::Handler)], &[])), None);
    }

    #[test]
    fn a_closed_thread_stays_with_those_who_took_part_and_the_manager() {
        let closed = Matter { closed: true, ..matter() };
        let colleague = person(101, &[(1, UnitRole::Handler)], &[]);
        assert!(decide(&closed, &colleague, None, false).is_none());
        assert!(decide(&closed, &colleague, Some(Side::Asking), true).is_some());
        assert!(decide(&closed, &person(100, &[(1, UnitRole::Handler)], &[]), None, false).is_some());
        assert!(decide(&closed, &person(103, &[(1, UnitRole::UnitManager)], &[]), None, false).is_some());
    }

    #[test]
    fn the_side_first_taken_is_kept() {
        let both = person(101, &[(1, UnitRole::Handler), (2, UnitRole::Handler)], &[]);
        assert_eq!(decide(&matter(), &both, None, false).map(|s| s.side), Some(Side::Asking));
        assert_eq!(decide(&matter(), &both, Some(Side::Answering), false).map(|s| s.side), Some(Side::Answering));
        let moved = person(101, &[(1, UnitRole::Handler)], &[]);
        assert!(decide(&matter(), &moved, Some(Side::Answering), true).is_none());
        // A closed thread does not let a colleague of the asking unit in by the other door.
        let closed = Matter { closed: true, ..matter() };
        assert!(decide(&closed, &both, None, false).is_none());
    }

    #[test]
    fn a_named_backup_stands_where_they_work() {
        let backup = person(101, &[(1, UnitRole::BackupManager)], &[]);
        assert_eq!(decide(&matter(), &backup, None, false).map(|s| s.side), Some(Side::Asking));
        let also_answers = person(101, &[(1, UnitRole::BackupManager), (2, UnitRole::Handler)], &[]);
        assert_eq!(decide(&matter(), &also_answers, None, false).map(|s| s.side), Some(Side::Answering));
    }

    #[test]
    fn an_auditor_reads_the_own_authoritys_and_takes_no_part() {
        let auditor = person(104, &[], &[AuthorityRole::Auditor]);
        let sight = decide(&matter(), &auditor, None, false).unwrap();
        assert!(!sight.takes_part && sight.side == Side::Asking);
        let elsewhere = Roles { authority: id(30), ..auditor };
        assert!(decide(&matter(), &elsewhere, None, false).is_none());
    }

    #[test]
    fn administrators_steering_and_registrar_read_no_thread() {
        for role in [AuthorityRole::Admin, AuthorityRole::Steering, AuthorityRole::Registrar] {
            assert!(decide(&matter(), &person(105, &[], &[role]), None, false).is_none());
        }
    }

    #[test]
    fn a_named_case_is_for_those_with_a_task_and_for_managers_while_the_consent_lives() {
        let matter = |live, task: Option<u8>| CaseMatter { own: id(1), receiving: Some(id(2)), live, task: task.map(id) };
        let sees = |m: CaseMatter, p: &Roles| decide_case(&m, p).map(|s| (s.side, s.task));
        let (own, other) = (person(100, &[(1, UnitRole::Handler)], &[]), person(101, &[(2, UnitRole::Handler)], &[]));
        assert_eq!(sees(matter(false, Some(1)), &own), Some((Side::Asking, true)), "the own unit's record stays its own");
        assert_eq!(sees(matter(true, None), &own), None, "a colleague without the task");
        assert_eq!(sees(matter(true, Some(2)), &other), Some((Side::Answering, true)));
        assert_eq!(sees(matter(false, Some(2)), &other), None);
        assert_eq!(sees(matter(true, None), &other), None);
        let manager = person(102, &[(2, UnitRole::UnitManager)], &[]);
        assert_eq!((sees(matter(true, None), &manager), sees(matter(false, None), &manager)), (Some((Side::Answering, false)), None));
        // The task is gone with the unit, and no other side takes its place.
        assert_eq!(sees(matter(true, Some(2)), &own), None);
        let both = person(103, &[(1, UnitRole::UnitManager), (2, UnitRole::Handler)], &[]);
        assert_eq!(sees(matter(true, Some(2)), &both), Some((Side::Answering, true)));
        assert_eq!(sees(matter(false, Some(2)), &both), None);
        assert_eq!(sees(matter(true, Some(3)), &both), None);
        for role in [AuthorityRole::Admin, AuthorityRole::Auditor, AuthorityRole::Steering, AuthorityRole::Registrar] {
            assert_eq!(sees(matter(true, None), &person(104, &[], &[role])), None);
        }
    }
}
