//! How many people fit what stays visible: the municipality's population times the national share of each detail.
//!
//! The shares are rounded from public statistics (docs/scanner.md lists table and year of each); where no table is at hand, few are assumed. The
//! details are taken as independent, which overstates the number for some pairs and understates it for others: the limit has to leave room for that.

use super::{Category, Detail, Reference, Risk, Scanner, dictionary};

/// Sweden, 31 December 2023 (SCB, Folkmängd).
const COUNTRY: u64 = 10_551_707;

/// Share of one year of age among all (SCB, Folkmängd efter ålder 2023: about 110,000 to 130,000 a year of birth below 80).
const ONE_YEAR: f64 = 0.0115;
/// Share of one nationality or language group outside the largest, assumed few (SCB, Utrikes födda efter födelseland 2023: the largest 1.9 %).
const ORIGIN: f64 = 0.003;
/// Share of one occupation (SCB, Yrkesregistret 2022: median of the four-digit groups, about 6,000 of 10.5 million).
const OCCUPATION: f64 = 0.0006;
/// A rare circumstance: assumed one in a hundred thousand (the limit for a rare diagnosis is 5 in 10,000, Socialstyrelsen).
const RARE: f64 = 0.000_01;
/// Those bound to one named workplace, school or home: assumed 200 people.
const ORGANISATION: f64 = 200.0;
/// A pinned day: something that happened to one in two thousand on that day.
const DATE: f64 = 0.0005;

pub fn estimate(scanner: &Scanner, texts: &[&str], reference: Reference) -> Risk {
    let population = reference.municipality.and_then(|c| c.parse().ok()).and_then(dictionary::population_of).unwrap_or(COUNTRY);
    let mut details: Vec<Detail> = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        for f in scanner.scan(text).findings {
            let word: String = text.chars().skip(f.start).take(f.end - f.start).collect();
            let share = share(f.category, &word, population);
            let coarser = f.coarser.first().cloned().unwrap_or(f.replacement);
            // The same detail told twice costs once.
            if !details.iter().any(|d| d.category == f.category && same(texts, d, &word)) {
                details.push(Detail { category: f.category, text: n, start: f.start, end: f.end, share, coarser });
            }
        }
    }
    let fit = details.iter().fold(population as f64, |n, d| n * d.share);
    let named = details.iter().any(|d| !d.category.is_indirect());
    let people = if named { 0 } else { (fit.floor() as u64).max(1) };
    let costliest = details.iter().min_by(|a, b| a.share.total_cmp(&b.share)).cloned();
    Risk { people, population, costliest, details }
}

fn same(texts: &[&str], d: &Detail, word: &str) -> bool {
    texts[d.text].chars().skip(d.start).take(d.end - d.start).eq(word.chars())
}

/// The share of the population that a detail leaves. A place in the text may make the population smaller instead.
fn share(category: Category, word: &str, population: u64) -> f64 {
    match category {
        Category::Location => {
            let n = super::text::Normal::new(word);
            let code = dictionary::municipality_of(&n.lower).or_else(|| n.lower.strip_suffix(b"s").and_then(dictionary::municipality_of));
            let own = code.and_then(dictionary::population_of);
            let info = dictionary::look_up(&n.lower);
            let place = match (own, info.size()) {
                // A place smaller than its municipality: assumed 1,500 inhabitants.
                (Some(total), 3) => total.min(1_500),
                (Some(total), _) => total,
                (None, _) => 1_500,
            };
            (place as f64 / population as f64).min(1.0)
        }
        Category::Age => ONE_YEAR,
        Category::Origin => ORIGIN,
        Category::Occupation => OCCUPATION,
        Category::Rare => RARE,
        Category::Org => (ORGANISATION / population as f64).min(1.0),
        Category::Date => DATE,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_detail_leaves_fewer() {
        let s = Scanner::shared();
        let r = |texts: &[&str]| s.risk(texts, Reference { municipality: Some("0180") });
        let none = r(&["Kan ni hjälpa oss?"]);
        assert_eq!((none.people, none.costliest), (none.population, None));
        let age = r(&["Hon är 43 år."]);
        let two = r(&["Hon är 43 år.", "Hon är somalisk."]);
        assert!(none.people > age.people && age.people > two.people, "{age:?} {two:?}");
        assert_eq!(two.costliest.map(|c| (c.category, c.text)), Some((Category::Origin, 1)));
        assert_eq!(r(&["Anna Svensson är 43 år."]).people, 0);
    }
}
