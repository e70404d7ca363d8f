//! Swedish working days: which days count, and by when an answer is due.
//!
//! Free are Saturdays, the public holidays of the act (1989:253) on public holidays, and the three eves that the act (1930:173) on the computation of
//! statutory time, section 2, sets beside them. All of it is computed, so that no table of dates runs out.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::clock::Micros;

/// The hour, Swedish time, at which a working day ends.
const CLOSING_HOUR: i8 = 17;

/// Easter Sunday by the Gregorian computus (the anonymous algorithm in the form of Meeus).
pub fn easter(year: i16) -> Date {
    let year = i32::from(year);
    let (golden, century, of_century) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let moon_correction = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * late + 114;
    Date::constant(year as i16, (days / 31) as i8, (days % 31 + 1) as i8)
}

/// The Swedish name of the holiday, or of the eve that counts as one. An ordinary Sunday has none.
pub fn holiday(date: Date) -> Option<&'static str> {
    let fixed = match (date.month(), date.day()) {
        (1, 1) => Some("nyårsdagen"),
        (1, 6) => Some("trettondedag jul"),
        (5, 1) => Some("första maj"),
        (6, 6) => Some("nationaldagen"),
        (12, 24) => Some("julafton"),
        (12, 25) => Some("juldagen"),
        (12, 26) => Some("annandag jul"),
        (12, 31) => Some("nyårsafton"),
        _ => None,
    };
    let by_weekday = match (date.weekday(), date.month(), date.day()) {
        (Weekday::Friday, 6, 19..=25) => Some("midsommarafton"),
        (Weekday::Saturday, 6, 20..=26) => Some("midsommardagen"),
        (Weekday::Saturday, 10, 31) | (Weekday::Saturday, 11, 1..=6) => Some("alla helgons dag"),
        _ => None,
    };
    let by_easter = || match (date - easter(date.year())).get_days() {
        -2 => Some("långfredagen"),
        0 => Some("påskdagen"),
        1 => Some("annandag påsk"),
        39 => Some("Kristi himmelsfärdsdag"),
        49 => Some("pingstdagen"),
        _ => None,
    };
    fixed.or(by_weekday).or_else(by_easter)
}

pub fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && holiday(date).is_none()
}

/// The end, 17:00 Swedish time, of the `working_days`-th working day after the one on which the question counts as asked. What is asked on a free day
/// or after 17:00 counts as asked on the next working day. Beyond the calendar's end there is no due time: the last moment it knows is the answer.
pub fn due(from: Micros, working_days: u32) -> Micros {
    due_or_none(from, working_days).unwrap_or(Timestamp::MAX.as_microsecond())
}

fn due_or_none(from: Micros, working_days: u32) -> Option<Micros> {
    let stockholm = TimeZone::get("Europe/Stockholm").expect("the time zone database is part of the program");
    let asked = Timestamp::from_microsecond(from).ok()?.to_zoned(stockholm.clone()).datetime();
    let mut day = asked.date();
    if asked > closing(day) || !is_working_day(day) {
        day = next_working_day(day)?;
    }
    for _ in 0..working_days {
        day = next_working_day(day)?;
    }
    Some(closing(day).to_zoned(stockholm).ok()?.timestamp().as_microsecond())
}

fn closing(date: Date) -> jiff::civil::DateTime {
    date.at(CLOSING_HOUR, 0, 0, 0)
}

fn next_working_day(mut day: Date) -> Option<Date> {
    loop {
        day = day.checked_add(1.day()).ok()?;
        if is_working_day(day) {
            return Some(day);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Micros {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Year, Good Friday, Easter Sunday, Ascension Day, Whit Sunday, Midsummer Eve, All Saints' Day: from the almanac, not from the code.
    const ALMANAC: &[(i16, &str, &str, &str, &str, &str, &str)] = &[
        (2024, "03-29", "03-31", "05-09", "05-19", "06-21", "11-02"),
        (2025, "04-18", "04-20", "05-29", "06-08", "06-20", "11-01"),
        (2026, "04-03", "04-05", "05-14", "05-24", "06-19", "10-31"),
        (2027, "03-26", "03-28", "05-06", "05-16", "06-25", "11-06"),
        (2028, "04-14", "04-16", "05-25", "06-04", "06-23", "11-04"),
        (2029, "03-30", "04-01", "05-10", "05-20", "06-22", "11-03"),
        (2030, "04-19", "04-21", "05-30", "06-09", "06-21", "11-02"),
    ];

    #[test]
    fn the_movable_days_are_those_of_the_almanac() {
        for &(year, good_friday, easter_day, ascension, whit, midsummer_eve, all_saints) in ALMANAC {
            let on = |monthday: &str| day(&format!("{year}-{monthday}"));
            assert_eq!(easter(year), on(easter_day));
            assert_eq!(holiday(on(good_friday)), Some("långfredagen"));
            assert_eq!(holiday(on(easter_day)), Some("påskdagen"));
            assert_eq!(holiday(on(easter_day).tomorrow().unwrap()), Some("annandag påsk"));
            assert_eq!(holiday(on(ascension)), Some("Kristi himmelsfärdsdag"));
            assert_eq!(holiday(on(whit)), Some("pingstdagen"));
            assert_eq!(holiday(on(midsummer_eve)), Some("midsommarafton"));
            assert_eq!(holiday(on(midsummer_eve).tomorrow().unwrap()), Some("midsommardagen"));
            assert_eq!(holiday(on(all_saints)), Some("alla helgons dag"));
        }
    }

    #[test]
    fn easter_in_years_that_break_lesser_algorithms() {
        for (year, expected) in [
            (1818, "1818-03-22"),
            (1954, "1954-04-18"),
            (1961, "1961-04-02"),
            (1981, "1981-04-19"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2011, "2011-04-24"),
            (2038, "2038-04-25"),
            (2049, "2049-04-18"),
            (2076, "2076-04-19"),
            (2285, "2285-03-22"),
        ] {
            assert_eq!(easter(year), day(expected));
        }
    }

    /// Working days a year, counted by hand: the weekdays of the year less the holidays and eves that fall on one.
    #[test]
    fn every_year_has_as_many_working_days_as_counted_by_hand() {
        for (year, expected) in [(2024, 251), (2025, 249), (2026, 251), (2027, 253), (2028, 251), (2029, 250), (2030, 250)] {
            let days = date(year, 1, 1).series(1.day()).take_while(|d| d.year() == year).filter(|&d| is_working_day(d)).count();
            assert_eq!(days, expected, "{year}");
        }
    }

    #[test]
    fn every_holiday_is_there_once_a_year() {
        for year in [1990, 2005, 2008, 2024, 2026, 2030, 2099] {
            let named: Vec<_> = date(year, 1, 1).series(1.day()).take_while(|d| d.year() == year).filter_map(holiday).collect();
            let different: BTreeSet<_> = named.iter().collect();
            // 2008: Ascension Day fell on the first of May, one day with two names.
            let expected = if year == 2008 { 15 } else { 16 };
            assert_eq!(named.len(), expected, "{year}");
            assert_eq!(different.len(), expected, "{year}");
        }
    }

    #[test]
    fn ordinary_days_near_the_holidays_are_working_days() {
        for text in
            ["2026-01-02", "2026-01-05", "2026-04-02", "2026-04-07", "2026-04-30", "2026-05-15", "2026-06-05", "2026-12-23", "2026-12-28"]
        {
            assert!(is_working_day(day(text)), "{text}");
        }
        for text in ["2026-01-03", "2026-01-04", "2026-01-06", "2026-04-04", "2026-06-19", "2026-12-24", "2026-12-31"] {
            assert!(!is_working_day(day(text)), "{text}");
        }
    }

    /// Asked (UTC), working days, due (UTC). Swedish time is UTC+1 in winter and UTC+2 in summer.
    const DUE: &[(&str, u32, &str, &str)] = &[
        ("2026-11-23T09:00:00Z", 0, "2026-11-23T16:00:00Z", "a Monday, the same day"),
        ("2026-11-23T09:00:00Z", 1, "2026-11-24T16:00:00Z", "a Monday, the next day"),
        ("2026-11-23T16:00:00Z", 1, "2026-11-24T16:00:00Z", "at 17:00 sharp it still counts as Monday"),
        ("2026-11-23T16:00:00.000001Z", 1, "2026-11-25T16:00:00Z", "after 17:00 it counts as Tuesday"),
        ("2026-11-22T23:30:00Z", 1, "2026-11-24T16:00:00Z", "Monday has begun in Sweden though not in UTC"),
        ("2026-11-27T12:00:00Z", 1, "2026-11-30T16:00:00Z", "over a weekend"),
        ("2026-11-28T12:00:00Z", 0, "2026-11-30T16:00:00Z", "a Saturday counts as Monday"),
        ("2026-11-28T12:00:00Z", 1, "2026-12-01T16:00:00Z", "a Saturday, one working day"),
        ("2026-12-23T17:00:00Z", 0, "2026-12-28T16:00:00Z", "the evening before Christmas Eve"),
        ("2026-12-23T10:00:00Z", 3, "2026-12-30T16:00:00Z", "over Christmas"),
        ("2026-12-30T10:00:00Z", 2, "2027-01-05T16:00:00Z", "over New Year and the weekend after"),
        ("2027-01-05T10:00:00Z", 1, "2027-01-07T16:00:00Z", "over Epiphany"),
        ("2026-04-02T08:00:00Z", 1, "2026-04-07T15:00:00Z", "over Easter"),
        ("2026-04-30T08:00:00Z", 1, "2026-05-04T15:00:00Z", "over the first of May"),
        ("2026-06-18T08:00:00Z", 1, "2026-06-22T15:00:00Z", "over Midsummer"),
        ("2026-06-05T08:00:00Z", 1, "2026-06-08T15:00:00Z", "the National Day on a Saturday costs no working day"),
        ("2026-03-27T10:00:00Z", 1, "2026-03-30T15:00:00Z", "the clocks go forward on the Sunday between"),
        ("2026-10-23T10:00:00Z", 1, "2026-10-26T16:00:00Z", "the clocks go back on the Sunday between"),
        ("2026-03-29T00:59:59Z", 0, "2026-03-30T15:00:00Z", "the last second of winter time"),
        ("2026-03-29T01:00:00Z", 0, "2026-03-30T15:00:00Z", "the first second of summer time"),
        ("2026-10-25T00:30:00Z", 0, "2026-10-26T16:00:00Z", "half past two, the first time"),
        ("2026-10-25T01:30:00Z", 0, "2026-10-26T16:00:00Z", "half past two, the second time"),
        ("2026-10-23T15:00:00Z", 0, "2026-10-23T15:00:00Z", "17:00 in summer time is 15:00 UTC"),
        ("2026-10-23T15:00:01Z", 0, "2026-10-26T16:00:00Z", "and a second later the day is over"),
        ("2028-02-28T10:00:00Z", 1, "2028-02-29T16:00:00Z", "a leap day is a day"),
    ];

    #[test]
    fn due_is_at_the_end_of_the_right_day() {
        for &(asked, days, expected, why) in DUE {
            assert_eq!(due(at(asked), days), at(expected), "{why}");
        }
    }

    #[test]
    fn no_time_is_too_odd() {
        let last = Timestamp::MAX.as_microsecond();
        assert_eq!(due(Micros::MAX, 1), last);
        assert_eq!(due(Micros::MIN, 1), last);
        assert_eq!(due(last, 3), last);
        assert_eq!(due(at("9999-01-01T00:00:00Z"), u32::MAX), last);
        assert!(due(Timestamp::MIN.as_microsecond(), 1) < 0);
    }

    const YEARS: std::ops::Range<i64> = 631_152_000..4_102_444_800; // 1990 to 2099

    proptest! {
        #[test]
        fn due_is_a_working_day_at_closing_time_and_not_before_it_was_asked(second in YEARS, days in 0u32..40) {
            let asked = second * 1_000_000;
            let due_at = due(asked, days);
            let local = Timestamp::from_microsecond(due_at).unwrap().in_tz("Europe/Stockholm").unwrap();
            prop_assert!(due_at >= asked);
            prop_assert!(is_working_day(local.date()));
            prop_assert_eq!((local.hour(), local.minute(), local.second(), local.subsec_nanosecond()), (17, 0, 0, 0));
        }

        #[test]
        fn as_many_working_days_lie_between_as_were_given(second in YEARS, days in 0u32..40) {
            let local = |at: Micros| Timestamp::from_microsecond(at).unwrap().in_tz("Europe/Stockholm").unwrap().date();
            let counted = due(second * 1_000_000, 0);
            let until = local(due(second * 1_000_000, days));
            let between = local(counted).tomorrow().unwrap().series(1.day()).take_while(|d| *d <= until).filter(|d| is_working_day(*d)).count();
            prop_assert_eq!(between, days as usize);
        }

        #[test]
        fn asking_later_or_giving_more_days_never_makes_it_due_earlier(second in YEARS, later in 0i64..1_000_000, days in 0u32..20) {
            let (first, then) = (second * 1_000_000, (second + later) * 1_000_000);
            prop_assert!(due(first, days) <= due(then, days));
            prop_assert!(due(first, days) < due(first, days + 1));
        }

        #[test]
        fn no_date_panics(year in -9999i16..=9999, month in 1i8..=12, day_of in 1i8..=28) {
            is_working_day(date(year, month, day_of));
        }

        #[test]
        fn no_stretch_of_free_days_is_longer_than_five(year in 1990i16..2200, of_year in 1i16..=365) {
            let start = date(year, 1, 1).checked_add((of_year - 1).days()).unwrap();
            prop_assert!(start.series(1.day()).take(6).any(is_working_day));
        }
    }
}
