use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    clock::{DAY, HOUR, MINUTE},
    workdays,
};

/// Hours that a claim lasts after the answering side's latest word.
const LEASE: u32 = 24;

fn unit(key: &str) -> &'static Unit {
    UNITS.iter().find(|u| u.key == key).unwrap_or_else(|| panic!("no unit {key}"))
}

fn person(login: &str) -> &'static Person {
    PEOPLE.iter().find(|p| p.login == login).unwrap_or_else(|| panic!("no person {login}"))
}

/// The one unit in which a person handles questions.
fn handles_in(login: &str) -> &'static str {
    person(login)
        .roles
        .iter()
        .find_map(|r| if let Role::Handler(unit) = r { Some(*unit) } else { None })
        .unwrap_or_else(|| panic!("{login} is no handler"))
}

fn texts_of(thread: &'static Thread) -> Vec<&'static str> {
    let mut texts = vec![thread.situation, thread.question, thread.considered];
    for step in thread.steps {
        match step.act {
            Act::Claim => {}
            Act::AskBack(text) | Act::Reply(text) => texts.push(text),
            Act::Advice { advice, paragraph, limits, .. } => texts.extend([advice, paragraph, limits]),
            Act::Route { reason, .. } => texts.push(reason),
            Act::Close { comment, .. } => texts.push(comment),
        }
    }
    texts
}

/// What a thread has become when all its steps are taken; panics at a step that the rooms would refuse.
fn replay(thread: &'static Thread) -> &'static str {
    let mut asked: BTreeSet<&str> = match thread.units {
        Some(units) => units.iter().copied().collect(),
        None => UNITS.iter().filter(|u| u.key != thread.unit && u.subjects.contains(&thread.subject)).map(|u| u.key).collect(),
    };
    assert!(!asked.is_empty() && !asked.contains(thread.unit));
    let (mut claimed, mut lease_from, mut last, mut status) = (None, 0, thread.hours_ago, "open");
    for step in thread.steps {
        assert!(step.hours_ago < last && status != "closed", "{}: {step:?}", thread.question);
        last = step.hours_ago;
        let asking = step.by == thread.asker;
        match step.act {
            Act::Claim => {
                assert!(!asking && claimed.is_none() && asked.contains(handles_in(step.by)), "{step:?}");
                (claimed, status) = (Some(step.by), "claimed");
            }
            Act::Close { .. } => {
                assert!(asking);
                status = "closed";
            }
            Act::Reply(_) if asking => status = "claimed",
            Act::Route { units, .. } => {
                assert!(units.iter().all(|u| *u != thread.unit && !asked.contains(u)));
                (asked, status) = (units.iter().copied().collect(), "open");
            }
            Act::AskBack(_) => status = "asked_back",
            Act::Advice { .. } => status = "answered",
            Act::Reply(_) => {}
        }
        if !asking {
            assert_eq!(claimed, Some(step.by), "{step:?}");
            assert!(matches!(step.act, Act::Claim) || lease_from - step.hours_ago < LEASE, "the lease ran out before {step:?}");
            lease_from = step.hours_ago;
            if matches!(step.act, Act::Route { .. }) {
                claimed = None;
            }
        }
    }
    if matches!(status, "claimed" | "asked_back") {
        assert!(lease_from < LEASE, "the lease has run out by now: {}", thread.question);
    }
    status
}

#[test]
fn fifteen_threads_in_every_state() {
    let mut states = BTreeMap::<_, u32>::new();
    for thread in threads() {
        *states.entry(replay(thread)).or_default() += 1;
    }
    assert_eq!(states.values().sum::<u32>(), 15);
    assert_eq!(states.keys().copied().collect::<Vec<_>>(), ["answered", "asked_back", "claimed", "closed", "open"]);
    let outcomes: BTreeSet<_> =
        threads().flat_map(|t| t.steps).filter_map(|s| if let Act::Close { used, .. } = s.act { Some(used) } else { None }).collect();
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), ["no", "partly", "yes"]);
    assert!(threads().any(|t| t.steps.iter().any(|s| matches!(s.act, Act::Route { .. }))));
    assert!(threads().filter(|t| t.hide_unit).count() >= 2);
    assert!(threads().filter(|t| t.units.is_none()).count() >= 2);
    assert!(threads().any(|t| t.urgency == "soon"));
}

#[test]
fn whatever_day_it_is_one_open_question_is_overdue_and_one_is_not() {
    let open: Vec<_> = threads().filter(|t| replay(t) == "open").collect();
    let start = 1_767_225_600 * 1_000_000; // 2026-01-01
    for quarter_day in 0..4 * 365 * 6 {
        let now = start + quarter_day * 6 * HOUR + 7 * MINUTE;
        let overdue = |t: &&&Thread| {
            let days = t.units.map_or(3, |units| unit(units[0]).target_days);
            workdays::due(now - i64::from(t.hours_ago) * HOUR, days) < now
        };
        assert_eq!(open.iter().filter(overdue).count(), 1, "day {}", quarter_day * 6 * HOUR / DAY);
    }
}

#[test]
fn two_authorities_five_units_and_people_in_every_role() {
    assert_eq!((AUTHORITIES.len(), UNITS.len()), (2, 5));
    assert!(AUTHORITIES.iter().any(|a| a.domains.len() == 2));
    let subjects: BTreeSet<_> = SUBJECTS.iter().map(|(key, _)| *key).collect();
    for u in UNITS {
        let authority = AUTHORITIES.iter().find(|a| a.key == u.authority).unwrap();
        assert!(authority.domains.iter().any(|d| d.key == u.domain));
        assert!(u.subjects.iter().all(|s| subjects.contains(s)));
        assert!(u.municipality.len() == 4 && u.municipality.bytes().all(|b| b.is_ascii_digit()));
        assert!(u.phone.starts_with("0980-319 2") && u.phone.len() == 12, "{}: a number for fiction", u.phone);
        let has = |role| PEOPLE.iter().any(|p| p.roles.contains(&role));
        assert!(has(Role::Handler(u.key)) && has(Role::UnitManager(u.key)));
        // Held text stays inside the secrecy of the unit in which it was written.
        let backup = unit(handles_in_or_manages(u.backup_manager));
        assert_eq!((backup.authority, backup.domain), (u.authority, u.domain));
        assert!(!person(u.backup_manager).roles.contains(&Role::UnitManager(u.key)));
        assert!(u.backup_unit.is_none_or(|b| unit(b).domain == u.domain));
    }
    for (subject, _) in SUBJECTS {
        assert!(UNITS.iter().any(|u| u.subjects.contains(subject)), "nobody answers {subject}");
    }
    assert!(UNITS.iter().any(|u| u.small) && UNITS.iter().any(|u| !u.small));
    let logins: BTreeSet<_> = PEOPLE.iter().map(|p| p.login).collect();
    assert_eq!(logins.len(), PEOPLE.len());
    assert!(logins.iter().all(|l| l.bytes().all(|b| b.is_ascii_lowercase() || b == b'.')));
    let has = |wanted: fn(&Role) -> bool| PEOPLE.iter().any(|p| p.roles.iter().any(wanted));
    assert!(has(|r| matches!(r, Role::Admin)) && has(|r| matches!(r, Role::Steering)));
    assert!(has(|r| matches!(r, Role::Auditor(_))) && has(|r| matches!(r, Role::Registrar(_))));
}

fn handles_in_or_manages(login: &str) -> &'static str {
    person(login)
        .roles
        .iter()
        .find_map(|r| match r {
            Role::Handler(unit) | Role::UnitManager(unit) => Some(*unit),
            _ => None,
        })
        .unwrap()
}

#[test]
fn threads_name_what_exists_and_have_a_real_length() {
    for t in threads() {
        assert_eq!(handles_in(t.asker), t.unit);
        assert!(SUBJECTS.iter().any(|(key, _)| *key == t.subject));
        assert!(["normal", "soon"].contains(&t.urgency));
        for asked in t.units.unwrap_or_default() {
            assert!(unit(asked).subjects.contains(&t.subject), "{asked} does not take {}", t.subject);
        }
        let words = |text: &str| text.split_whitespace().count();
        assert!((60..=150).contains(&words(t.situation)), "{} words: {}", words(t.situation), t.situation);
        for step in t.steps {
            match step.act {
                Act::Advice { advice, .. } => assert!((60..=150).contains(&words(advice)), "{} words: {advice}", words(advice)),
                Act::Close { used, otherwise, .. } => {
                    assert!(["yes", "partly", "no"].contains(&used) && ["phoned", "waited", "guessed", "not_asked"].contains(&otherwise));
                }
                _ => {}
            }
        }
    }
}

/// Names in the middle of a sentence that are no one's: authorities and statutes.
const CAPITALS_ALLOWED: &[&str] = &["Kronofogden", "OSL", "SoL", "HSL"];

#[test]
fn nothing_looks_like_a_name_or_a_number() {
    for text in threads().flat_map(texts_of) {
        assert!(!text.contains("  ") && text == text.trim(), "{text}");
        let legal = text.ends_with("SoL") || text.ends_with("OSL") || text.ends_with("HSL");
        assert!(legal || !text.replace("112", "").contains(|c: char| c.is_ascii_digit()), "a figure in {text}");
        let mut starts = true;
        for word in text.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            assert!(starts || !bare.starts_with(char::is_uppercase) || CAPITALS_ALLOWED.contains(&bare), "{bare} in {text}");
            starts = word.ends_with(['.', '?', '!']);
        }
    }
}

#[test]
fn the_scanner_finds_nothing_to_strip() {
    for text in threads().flat_map(texts_of) {
        let report = crate::scan::Scanner::shared().scan(text);
        assert!(report.findings.is_empty(), "{:?} in {text}", report.findings);
    }
}
