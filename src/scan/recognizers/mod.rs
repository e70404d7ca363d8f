//! The recognizers of structured identifiers, one identifier a file, in one ordered table.
//!
//! A rule names its patterns (byte regexes over the normal form, in lower case, without Unicode tables) and a function that weighs each match. The
//! table's order decides only which label an overlap gets: earlier wins.

use regex::bytes::{Regex, RegexBuilder};

use super::Category;
use super::doc::{Doc, Found, Near};
use super::text::{is_letter, is_word};

mod account;
mod address;
mod age;
mod caseno;
mod date;
mod email;
mod handle;
mod idno;
mod phone;
mod plate;
mod pnr;
mod postcode;
mod property;
mod spoken;

pub use address::{HOMES, STRONG, WEAK};
pub use date::{FEASTS, SEASONS};

/// One recognizer: its name in `--explain`, its label, its patterns and the function that looks at their matches.
pub struct Rule {
    pub name: &'static str,
    pub category: Category,
    /// å ä ö stand for their Latin-1 bytes.
    pub patterns: &'static [&'static str],
    pub find: fn(&Doc, &Matcher, &mut Vec<Found>),
}

/// Earlier wins the label where two overlap.
pub const TABLE: &[Rule] = &[
    email::RULE,
    handle::RULE,
    pnr::RULE,
    account::RULE,
    caseno::RULE,
    idno::RULE,
    phone::RULE,
    spoken::RULE,
    plate::RULE,
    property::RULE,
    address::RULE,
    postcode::RULE,
    date::RULE,
    age::RULE,
];

/// A rule with its patterns compiled.
pub struct Matcher {
    pub rule: &'static Rule,
    patterns: Vec<Regex>,
}

impl Matcher {
    pub fn compile(rule: &'static Rule) -> Matcher {
        Matcher { rule, patterns: rule.patterns.iter().map(|p| compile(p)).collect() }
    }

    /// The matches of pattern `n` near a digit, as byte ranges.
    pub fn ranges<'a>(&'a self, n: usize, doc: &'a Doc) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.ranges_near(Near::Digit, n, doc)
    }

    /// The matches of pattern `n` near a digit or a sign. Each stretch is searched once, so the time stays linear; a match that begins inside a word
    /// ("tor 14 okt" of "Prator 14 okt") is no match, and the search goes on behind that word's beginning.
    pub fn ranges_near<'a>(&'a self, near: Near, n: usize, doc: &'a Doc) -> impl Iterator<Item = (usize, usize)> + 'a {
        let text = &doc.n.lower;
        doc.near(near).iter().flat_map(move |(a, b)| {
            let mut at = *a;
            std::iter::from_fn(move || {
                while at < *b {
                    let m = self.patterns[n].find(&text[at..*b])?;
                    let (start, end) = (at + m.start(), at + m.end());
                    if start > *a && is_word(text[start]) && is_word(text[start - 1]) {
                        at = (start..*b).find(|i| !is_word(text[*i])).unwrap_or(*b);
                        continue;
                    }
                    at = end.max(start + 1);
                    return Some((start, end));
                }
                None
            })
        })
    }

    /// The first group of each match of pattern `n` near a digit.
    pub fn groups<'a>(&'a self, n: usize, doc: &'a Doc) -> impl Iterator<Item = (usize, usize)> + 'a {
        doc.near(Near::Digit).iter().flat_map(move |(a, b)| {
            self.patterns[n].captures_iter(&doc.n.lower[*a..*b]).filter_map(|c| c.get(1)).map(move |m| (a + m.start(), a + m.end()))
        })
    }

    pub fn found(&self, start: usize, end: usize, score: f32, reason: &'static str) -> Found {
        Found { start, end, category: self.rule.category, score, recognizer: self.rule.name, reason, context: None }
    }
}

/// Compiles a pattern of ours over Latin-1 bytes. The patterns are constants; a test compiles them all.
fn compile(pattern: &str) -> Regex {
    let mut bytes = String::with_capacity(pattern.len() + 8);
    for c in pattern.chars() {
        match c {
            'å' | 'ä' | 'ö' => bytes.push_str(&format!("\\x{:02X}", c as u32)),
            c => bytes.push(c),
        }
    }
    match RegexBuilder::new(&bytes).unicode(false).build() {
        Ok(r) => r,
        Err(e) => panic!("pattern {pattern}: {e}"),
    }
}

/// The check digit of personnummer, bankgiro and cards (ISO/IEC 7812-1 annex B): doubled digits from the right.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let v = *d as u32 * if i % 2 == 1 { 2 } else { 1 };
            if v > 9 { v - 9 } else { v }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The digits in a stretch of normal text; look-alike letters count as the digits they stand for.
pub fn digits(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .filter_map(|b| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'o' => Some(0),
            b'l' | b'i' => Some(1),
            b'z' => Some(2),
            b's' => Some(5),
            b'g' => Some(6),
            b'b' => Some(8),
            _ => None,
        })
        .collect()
}

/// Words that make the number after them an article's, a batch's or a version's: nobody's.
const OF_THINGS: &[&[u8]] = &[
    b"art",
    b"artnr",
    b"artikel*",
    b"lot",
    b"batch*",
    b"gtin",
    b"ean",
    b"iso",
    b"version",
    b"felkod*",
    b"kvitto*",
    b"ritning*",
    b"leverant\xf6rsnr*",
    b"bes\xf6ksnr*",
    b"serienr*",
    b"hj\xe4lpmedelsnr*",
    b"modell*",
    b"f\xf6rpackning*",
    b"avvikelse*",
    b"kontering*",
    b"ansvar",
    b"verksamhet",
    b"motpart",
    b"isbn",
    b"issn",
];

/// Is the number a thing's rather than a person's?
pub fn of_a_thing(doc: &Doc, start: usize) -> bool {
    doc.cue_before(start, 2, OF_THINGS).is_some()
}

/// A match that ends in letters which the next word shares ("040-6280475 s" of "040-6280475 så") without them.
pub fn trim_letters(doc: &Doc, start: usize, mut end: usize) -> usize {
    let text = &doc.n.lower;
    while end > start && end < text.len() && is_letter(text[end - 1]) && is_word(text[end]) {
        end -= 1;
    }
    // A small word of one letter after the number is none of its digits ("… 63 i går").
    if end > start + 2 && is_letter(text[end - 1]) && text[end - 2] == b' ' && matches!(text.get(end), Some(b' ')) {
        end -= 1;
    }
    while end > start && !is_word(text[end - 1]) && !matches!(text[end - 1], b'?' | b'*') {
        end -= 1;
    }
    end
}

/// How many real digits stand in a stretch.
pub fn count_digits(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| b.is_ascii_digit()).count()
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// What one rule finds in a text, as the author's words.
    pub fn found(rule: &'static Rule, text: &str) -> Vec<String> {
        let doc = Doc::new(text);
        let matcher = Matcher::compile(rule);
        let mut out = Vec::new();
        (rule.find)(&doc, &matcher, &mut out);
        out.sort_by_key(|f| f.start);
        out.iter()
            .map(|f| {
                let (a, b) = doc.n.original(f.start, f.end);
                text.chars().skip(a).take(b - a).collect()
            })
            .collect()
    }

    /// Each text holds exactly the finding named (or none).
    pub fn check(rule: &'static Rule, cases: &[(&str, &str)], allowed: &[&str]) {
        for (text, wanted) in cases {
            let all = found(rule, text);
            assert!(all.iter().any(|f| f == wanted), "{text:?}: wanted {wanted:?}, found {all:?}");
        }
        for text in allowed {
            assert_eq!(found(rule, text), Vec::<String>::new(), "{text:?} must be allowed");
        }
    }

    #[test]
    fn all_patterns_compile() {
        for rule in TABLE {
            assert_eq!(Matcher::compile(rule).patterns.len(), rule.patterns.len());
        }
    }

    #[test]
    fn luhn_knows_skatteverkets_example() {
        assert!(luhn(&[8, 1, 1, 2, 1, 8, 9, 8, 7, 6]));
        assert!(!luhn(&[8, 1, 1, 2, 1, 8, 9, 8, 7, 5]));
    }
}
