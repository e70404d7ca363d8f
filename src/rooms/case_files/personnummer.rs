//! A personal number, or a coordination number, in its one writing: twelve digits. With another century or a slip of the finger it is somebody else's, so nothing is guessed.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::{
    clock::{HOUR, Micros},
    id::Id,
    vault::Vault,
};

/// No `Debug`: it must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Personnummer(String);

impl Personnummer {
    /// Twelve digits, with or without a hyphen before the last four.
    pub fn parse(text: &str) -> Option<Personnummer> {
        let text = text.trim();
        let digits: String = match text.as_bytes().get(8) {
            Some(b'-') => [text.get(..8)?, text.get(9..)?].concat(),
            _ => text.to_owned(),
        };
        let right = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = right.then_some(Personnummer(digits))?;
        (number.birthday().is_some() && luhn(&number.0.as_bytes()[2..])).then_some(number)
    }

    pub fn digits(&self) -> &str {
        &self.0
    }

    fn birthday(&self) -> Option<Date> {
        let number = |from: usize, to: usize| self.0.get(from..to).and_then(|d| d.parse::<i8>().ok());
        let year: i16 = self.0.get(..4)?.parse().ok()?;
        // A coordination number has sixty added to the day.
        let day = number(6, 8).map(|d| if d > 60 { d - 60 } else { d })?;
        if !(1800..2200).contains(&year) {
            return None;
        }
        Date::new(year, number(4, 6)?, day).ok()
    }

    /// When the person comes of age, rather some hours early than late. Before that, guardians decide.
    pub fn of_age_at(&self) -> Option<Micros> {
        let day = self.birthday()?.checked_add(18.years()).ok()?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond() - 2 * HOUR)
    }

    /// What it is looked up by: a keyed hash, under a key of the authority's own.
    pub fn lookup(&self, vault: &Vault, authority: Id) -> [u8; 32] {
        vault.keyed_hash(&format!("personnummer {authority}"), self.0.as_bytes())
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0') * if i % 2 == 0 { 2 } else { 1 };
            d / 10 + d % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writing_and_nothing_guessed() {
        let read = |text: &str| Personnummer::parse(text).map(|p| p.digits().to_owned());
        for same in ["19850312-9812", "198503129812", " 19850312-9812 "] {
            assert_eq!(read(same).as_deref(), Some("198503129812"), "{same}");
        }
        for wrong in [
            "850312-9812",
            "19850312-9813",
            "19851312-9811",
            "1985-03-12-9811",
            "19850312+9811",
            "1985031298121",
            "åäö50312-9811",
            "",
            "19850312-981å",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(Personnummer::parse("20150230-2380").is_none(), "no such day");
    }

    #[test]
    fn of_age_on_the_eighteenth_birthday() {
        let at = Personnummer::parse("19850312-9812").and_then(|p| p.of_age_at()).map(crate::clock::rfc3339);
        assert_eq!(at.as_deref(), Some("2003-03-11T22:00:00Z"));
    }
}
