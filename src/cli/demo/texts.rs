//! What the demo is filled with: two authorities, five units, their people, and fifteen threads as steps to be taken through the rooms.
//!
//! Everything is invented. The texts are written as the service wants them written: no names, numbers, places, exact ages or dates, and nothing rare.

mod from_adults;
mod from_children;
mod from_psychiatry;
mod from_school;
mod from_violence;
mod organisation;

pub use organisation::{AUTHORITIES, PEOPLE, SUBJECTS, UNITS};

#[derive(Clone, Copy, Debug)]
pub struct Authority {
    pub key: &'static str,
    pub name: &'static str,
    pub domains: &'static [Domain],
}

/// An independent branch of the authority: secrecy holds between two of them.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    pub key: &'static str,
    pub name: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub struct Unit {
    pub key: &'static str,
    pub name: &'static str,
    pub authority: &'static str,
    pub domain: &'static str,
    /// The municipality whose population the risk is reckoned from. The authorities are invented: the code only lends them a size.
    pub municipality: &'static str,
    pub subjects: &'static [&'static str],
    pub target_days: u32,
    /// For what is acute. From the ranges that are set aside for fiction.
    pub phone: &'static str,
    /// So few work here that a question from the unit all but points its writer out.
    pub small: bool,
    /// Login of the person who reviews when the manager is away or is the writer.
    pub backup_manager: &'static str,
    /// Key of the unit that steps in when this one cannot answer.
    pub backup_unit: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub login: &'static str,
    pub name: &'static str,
    pub roles: &'static [Role],
}

/// A role with the key of the unit or authority in which it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Handler(&'static str),
    UnitManager(&'static str),
    Admin,
    Auditor(&'static str),
    Steering,
    Registrar(&'static str),
}

/// A question, and what has happened to it since.
#[derive(Clone, Copy, Debug)]
pub struct Thread {
    pub asker: &'static str,
    pub unit: &'static str,
    pub hours_ago: u32,
    pub subject: &'static str,
    pub urgency: &'static str,
    /// `None` is "vet ej".
    pub units: Option<&'static [&'static str]>,
    pub hide_unit: bool,
    pub situation: &'static str,
    pub question: &'static str,
    pub considered: &'static str,
    pub steps: &'static [Step],
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub hours_ago: u32,
    pub by: &'static str,
    pub act: Act,
}

#[derive(Clone, Copy, Debug)]
pub enum Act {
    Claim,
    AskBack(&'static str),
    Reply(&'static str),
    Advice { advice: &'static str, paragraph: &'static str, limits: &'static str, needs_name: bool },
    Route { units: &'static [&'static str], reason: &'static str },
    Close { used: &'static str, otherwise: &'static str, comment: &'static str },
}

/// All threads, by the unit that asks.
pub fn threads() -> impl Iterator<Item = &'static Thread> {
    [from_children::THREADS, from_adults::THREADS, from_violence::THREADS, from_school::THREADS, from_psychiatry::THREADS]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests;
