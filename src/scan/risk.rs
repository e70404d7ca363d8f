//! How many people fit what stays visible: the municipality's population times the national share of each detail.
//!
//! The shares are rounded from public statistics (`shares` has table and year of each); where no table is at hand, few are assumed. The details are taken as
//! independent, which overstates the number for some pairs and understates it for others, so that the limit has to leave room for that; the number is
//! never below one nor above the population. Places, organisations and days of the same matter go together: after the first each counts for less.

use super::doc::Doc;
use super::numerals;
use super::text::Normal;
use super::token::Kind;
use super::{Category, Detail, Finding, Reference, Risk, Scanner, dictionary};

mod shares;
use shares::Sex;

pub fn estimate(scanner: &Scanner, texts: &[&str], reference: Reference) -> Risk {
    let found: Vec<Vec<Finding>> = texts.iter().map(|text| scanner.scan(text).findings).collect();
    of_found(&texts.iter().copied().zip(found.iter().map(Vec::as_slice)).collect::<Vec<_>>(), reference)
}

pub fn of_found(found: &[(&str, &[Finding])], reference: Reference) -> Risk {
    let population = reference.municipality.and_then(|c| c.parse().ok()).and_then(dictionary::population_of).unwrap_or(shares::COUNTRY);
    let mut details: Vec<(Detail, Vec<u8>)> = Vec::new();
    for (n, (text, findings)) in found.iter().enumerate() {
        if findings.is_empty() {
            continue;
        }
        let chars: Vec<char> = text.chars().collect();
        for f in *findings {
            let word: String = chars[f.start..f.end].iter().collect();
            let key = Normal::new(&word).lower;
            // The same detail told twice costs once, whichever of the texts tells it.
            if details.iter().any(|(d, k)| d.category == f.category && same(k, &key)) {
                continue;
            }
            let around: String = chars[f.start.saturating_sub(30)..(f.end + 30).min(chars.len())].iter().collect();
            let share = share(f.category, &key, &around, population);
            let coarser = coarser(f);
            details.push((Detail { category: f.category, text: n, start: f.start, end: f.end, share, coarser }, key));
        }
    }
    let mut details: Vec<Detail> = details.into_iter().map(|(d, _)| d).collect();
    together(&mut details);
    let fit = details.iter().fold(population as f64, |n, d| n * d.share);
    let named = details.iter().any(|d| !d.category.is_indirect());
    let people = if named { 0 } else { (fit.floor() as u64).clamp(1, population) };
    let costliest = details.iter().min_by(|a, b| a.share.total_cmp(&b.share)).cloned();
    Risk { people, population, costliest, details }
}

/// The same word, with or without a genitive s.
fn same(a: &[u8], b: &[u8]) -> bool {
    a == b || a.strip_suffix(b"s") == Some(b) || b.strip_suffix(b"s") == Some(a)
}

/// Of the places, of the organisations and of the days, the one that narrows most counts in full, the others as `FURTHER`.
fn together(details: &mut [Detail]) {
    for category in [Category::Location, Category::Org, Category::Date] {
        let least = details.iter().filter(|d| d.category == category).map(|d| d.share).fold(f64::INFINITY, f64::min);
        let mut full = false;
        for d in details.iter_mut().filter(|d| d.category == category) {
            if d.share == least && !full {
                full = true;
            } else {
                d.share = d.share.clamp(shares::FURTHER, 1.0);
            }
        }
    }
}

/// The next coarser word for a detail: the mask itself, or what is coarser than it.
fn coarser(f: &Finding) -> String {
    f.replacement.clone()
}

/// The share of the population that a detail leaves. A place in the text may make the population smaller instead.
fn share(category: Category, word: &[u8], around: &str, population: u64) -> f64 {
    match category {
        Category::Location => {
            let code = dictionary::municipality_of(word).or_else(|| word.strip_suffix(b"s").and_then(dictionary::municipality_of));
            let own = code.and_then(dictionary::population_of);
            let place = match (own, dictionary::look_up(word).size()) {
                (Some(total), 3) => total.min(shares::SMALL_PLACE),
                (Some(total), _) => total,
                (None, _) => shares::SMALL_PLACE,
            };
            (place as f64 / population as f64).min(1.0)
        }
        Category::Age => age(word, around),
        Category::Origin => word.split(|b| *b == b' ').map(shares::of_origin).fold(1.0, f64::min).max(shares::of_origin(last_word(word))),
        Category::Occupation => shares::of_occupation(word),
        Category::Rare => shares::of_circumstance(word),
        Category::Org => (shares::ORGANISATION / population as f64).min(1.0),
        Category::Date => shares::DATE,
        _ => 0.0,
    }
}

fn last_word(word: &[u8]) -> &[u8] {
    word.rsplit(|b| *b == b' ').next().unwrap_or(word)
}

/// The share of an age or a year of birth, of one sex where a word beside it shows that.
fn age(word: &[u8], around: &str) -> f64 {
    let holds = |w: &[u8]| word.windows(w.len()).any(|x| x == w);
    if (holds(b"m\xe5n") || holds(b"veck") || holds(b"dag") || holds(b"dygn")) && !holds(b"\xe5r") {
        return shares::ONE_MONTH;
    }
    let number = word
        .split(|b| !b.is_ascii_digit())
        .find(|n| !n.is_empty() && n.len() < 5)
        .map(|n| n.iter().fold(0, |v, b| v * 10 + u32::from(b - b'0')))
        .or_else(|| word.split(|b| *b == b' ' || *b == b'-').find_map(|w| numerals::prefix(w).map(|(n, _)| n)));
    let years = match number {
        Some(n) if (1880..=shares::YEAR + 20).contains(&n) => shares::YEAR.saturating_sub(n),
        Some(n) if n < 130 => n,
        // "-49": a year of birth in two digits is no age, but the class of the most is near enough.
        _ => 40,
    };
    shares::of_age(years, sex(around))
}

/// The sex that the words around show, if they show one only.
fn sex(around: &str) -> Option<Sex> {
    let doc = Doc::new(around);
    let (mut woman, mut man) = (false, false);
    for t in doc.tokens.iter().filter(|t| t.kind == Kind::Word) {
        match doc.word(t) {
            b"hon" | b"henne" | b"hennes" | b"kvinna" | b"kvinnan" | b"flicka" | b"flickan" | b"tjej" | b"tjejen" | b"mamma"
            | b"mamman" | b"dotter" | b"dottern" | b"syster" | b"modern" | b"mor" => woman = true,
            b"han" | b"honom" | b"hans" | b"man" | b"mannen" | b"pojke" | b"pojken" | b"kille" | b"killen" | b"pappa" | b"pappan"
            | b"son" | b"sonen" | b"bror" | b"fadern" | b"far" => man = true,
            _ => {}
        }
    }
    match (woman, man) {
        (true, false) => Some(Sex::Woman),
        (false, true) => Some(Sex::Man),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn risk(texts: &[&str]) -> Risk {
        Scanner::shared().risk(texts, Reference { municipality: Some("0180") })
    }

    #[test]
    fn more_detail_leaves_fewer() {
        let none = risk(&["Kan ni hjälpa oss?"]);
        assert_eq!((none.people, none.costliest), (none.population, None));
        let age = risk(&["Hon är 43 år."]);
        let two = risk(&["Hon är 43 år.", "Hon är mongolisk."]);
        assert!(none.people > age.people && age.people > two.people, "{age:?} {two:?}");
        assert_eq!(two.costliest.map(|c| (c.category, c.text)), Some((Category::Origin, 1)));
        assert_eq!(risk(&["Anna Svensson är 43 år."]).people, 0);
    }

    #[test]
    fn generic_words_leave_everybody() {
        for text in
            ["Mamman och barnet kom till oss.", "Pojken vill inte gå till skolan, pappan är orolig.", "Handläggaren ringer i vår.", ""]
        {
            let r = risk(&[text]);
            assert_eq!((r.people, r.details.len()), (r.population, 0), "{text}");
        }
    }

    /// Each text alone leaves many; together they leave few, and the risk of the thread says so.
    #[test]
    fn a_second_message_crosses_the_limit() {
        let (first, second) = ("Kvinnan är 83 år.", "Hon kommer från Chile, och arbetade som lokförare.");
        let limit = 20;
        assert!(risk(&[first]).people > limit && risk(&[first]).people > risk(&[first, second]).people);
        assert!(risk(&[first, second]).people < limit, "{:?}", risk(&[first, second]));
        // Saying the same again costs nothing.
        assert_eq!(risk(&[first, first]).people, risk(&[first]).people);
    }

    #[test]
    fn common_ones_cost_less_than_rare_ones() {
        let fit = |text: &str| risk(&[text]).people;
        assert!(fit("Pappan jobbar som undersköterska.") > fit("Pappan jobbar som lokförare."));
        assert!(fit("Hon är 43 år.") > fit("Hon är 97 år."));
        assert!(fit("Hon är 97 år.") > fit("Han är 97 år."));
        assert!(fit("Familjen är syrisk.") > fit("Familjen är mongolisk."));
    }

    #[test]
    fn the_numbers_stay_within_reason() {
        // All ages together are everybody.
        let all: f64 = (0..100).map(|a| shares::of_age(a, None)).sum();
        assert!((0.98..1.02).contains(&all), "{all}");
        let halves = shares::of_age(43, Some(Sex::Woman)) + shares::of_age(43, Some(Sex::Man));
        assert!((halves - shares::of_age(43, None)).abs() < 1e-9);
        // However much is told, at least one and at most all fit.
        let much = "Hon är 83 år, från Chile, bor i Borås, föddes den 14 mars, lokförare, har trillingar och går på Pilskolan i Lund.";
        let r = risk(&[much]);
        assert!(r.people >= 1 && r.people <= r.population || r.people == 0, "{r:?}");
        // Two places of one matter are not the product of both.
        let (one, two) = (risk(&["Familjen bor i Borås."]), risk(&["Familjen bor i Borås och söker vård i Lund."]));
        assert!(two.people * 6 > one.people, "{one:?} {two:?}");
    }
}
