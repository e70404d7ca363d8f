//! Masks that keep what advice needs: the same person gets the same mask, an age its band, a place its size, a date its month.

use std::collections::HashMap;

use super::Category;
use super::dictionary::look_up;
use super::doc::{Doc, Found};
use super::pack::{FOREIGN, PLACE};

const FIXED: &[&str] = &[
    "personnummer",
    "telefon",
    "e-post",
    "användarnamn",
    "adress",
    "postnummer",
    "kontonummer",
    "ärendenummer",
    "regnummer",
    "fastighet",
    "id-nummer",
    "större ort",
    "ort",
    "mindre ort",
    "ort utomlands",
    "plats",
    "verksamhet",
    "skola",
    "förskola",
    "boende",
    "vårdenhet",
    "förening",
    "datum",
    "ålder",
    "ursprung",
    "språk",
    "yrke",
    "särskild omständighet",
    "under 1 år",
    "person",
    "namn",
    "land",
    "uppgift",
];

const MONTHS: &[(&str, &str)] = &[
    ("jan", "januari"),
    ("feb", "februari"),
    ("mar", "mars"),
    ("apr", "april"),
    ("maj", "maj"),
    ("jun", "juni"),
    ("jul", "juli"),
    ("aug", "augusti"),
    ("sep", "september"),
    ("okt", "oktober"),
    ("nov", "november"),
    ("dec", "december"),
];

/// Is this (without its brackets, in the normal form) a mask that this scanner writes? The grammar is closed.
pub fn is_mask(inner: &[u8]) -> bool {
    let text: String = inner.iter().map(|b| *b as char).collect();
    if FIXED.contains(&text.as_str()) {
        return true;
    }
    if let Some(n) = text.strip_prefix("person ") {
        return !n.is_empty() && n.len() < 4 && n.bytes().all(|b| b.is_ascii_digit());
    }
    if let Some(month) = text.strip_prefix("datum i ") {
        return MONTHS.iter().any(|(_, m)| *m == month);
    }
    let band = |t: &str| t.strip_suffix(" år").is_some_and(|b| BANDS.iter().any(|(a, z)| b == format!("{a}-{z}"))) || t == "över 90 år";
    band(&text)
}

const BANDS: &[(u32, u32)] =
    &[(1, 3), (4, 6), (7, 9), (10, 12), (13, 15), (16, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 84), (85, 89)];

/// Gives out the masks of one text, in the order of the findings.
#[derive(Default)]
pub struct Masks {
    people: Vec<Vec<Vec<u8>>>,
    numbers: HashMap<Vec<u8>, usize>,
}

impl Masks {
    /// The mask and its coarser forms, coarsest last.
    pub fn mask(&mut self, doc: &Doc, f: &Found) -> (String, Vec<String>) {
        let text = doc.lower(f.start, f.end);
        let plain = |s: &str| (format!("[{s}]"), Vec::new());
        let with = |s: String, coarser: &str| (format!("[{s}]"), vec![format!("[{coarser}]")]);
        match f.category {
            Category::Person => with(format!("person {}", self.person(text)), "person"),
            Category::Pnr => plain("personnummer"),
            Category::Phone => plain("telefon"),
            Category::Email => plain("e-post"),
            Category::Handle => plain("användarnamn"),
            Category::Address => plain("adress"),
            Category::Postcode => plain("postnummer"),
            Category::Account => plain("kontonummer"),
            Category::Caseno => plain("ärendenummer"),
            Category::Plate => plain("regnummer"),
            Category::Property => plain("fastighet"),
            Category::Idno => plain("id-nummer"),
            Category::Location => place(text),
            Category::Org => organisation(text),
            Category::Date => match month(text) {
                Some(m) => with(format!("datum i {m}"), "datum"),
                None => plain("datum"),
            },
            Category::Age => match band(text) {
                Some(b) => with(b, "ålder"),
                None => plain("ålder"),
            },
            Category::Origin => plain("ursprung"),
            Category::Occupation => plain("yrke"),
            Category::Rare => plain("särskild omständighet"),
        }
    }

    /// The number of the person whom these words name: a later part of a name is the same person as the first whose words hold it.
    fn person(&mut self, text: &[u8]) -> usize {
        if let Some(n) = self.numbers.get(text) {
            return *n;
        }
        let words: Vec<Vec<u8>> = text
            .split(|b| *b == b' ')
            .filter(|w| !w.is_empty())
            .map(|w| if w.len() > 3 { w.strip_suffix(b"s").unwrap_or(w) } else { w }.to_vec())
            .collect();
        let same = self.people.iter().position(|p| {
            words.first().is_some_and(|w| p.first() == Some(w) && (words.len() == 1 || p.len() == 1 || words.last() == p.last()))
                || words.len() == 1 && words.first().is_some_and(|w| p.contains(w))
        });
        let n = match same {
            Some(n) => {
                if words.len() > self.people[n].len() {
                    self.people[n] = words;
                }
                n + 1
            }
            // Numbers have three places; a text with a thousand people shares the last.
            None if self.people.len() >= 999 => 999,
            None => {
                self.people.push(words);
                self.people.len()
            }
        };
        self.numbers.insert(text.to_vec(), n);
        n
    }
}

fn place(text: &[u8]) -> (String, Vec<String>) {
    let info =
        [look_up(text), look_up(text.strip_suffix(b"s").unwrap_or(text))].into_iter().find(|i| i.has(PLACE | FOREIGN)).unwrap_or_default();
    let (fine, coarse) = match (info.has(PLACE), info.has(FOREIGN), info.size()) {
        (true, _, 1) => ("större ort", "ort"),
        (true, _, 2) => ("ort", "plats"),
        (true, _, _) => ("mindre ort", "ort"),
        (_, true, _) => ("ort utomlands", "plats"),
        _ => ("plats", "plats"),
    };
    (format!("[{fine}]"), if coarse == fine { Vec::new() } else { vec![format!("[{coarse}]")] })
}

fn organisation(text: &[u8]) -> (String, Vec<String>) {
    let holds = |parts: &[&[u8]]| parts.iter().any(|p| text.windows(p.len()).any(|w| w == *p));
    let kind = if holds(&[b"f\xf6rskola"]) {
        "förskola"
    } else if holds(&[b"skola", b"gymnasi"]) {
        "skola"
    } else if holds(&[b"boende", b"hem", b"g\xe5rd", b"hvb", b"servicehus"]) {
        "boende"
    } else if holds(&[b"v\xe5rdcentral", b"sjukhus", b"lasarett", b"klinik", b"mottagning", b"h\xe4lsocentral"]) {
        "vårdenhet"
    } else if text.ends_with(b" if")
        || text.ends_with(b" ik")
        || text.ends_with(b" ff")
        || text.ends_with(b" bk")
        || text.ends_with(b"klubb")
    {
        "förening"
    } else {
        return ("[verksamhet]".into(), Vec::new());
    };
    (format!("[{kind}]"), vec!["[verksamhet]".into()])
}

/// The month a date names or numbers.
fn month(text: &[u8]) -> Option<&'static str> {
    let word = text.split(|b| !b.is_ascii_alphabetic()).find_map(|w| {
        (w.len() >= 3).then(|| MONTHS.iter().find(|(p, m)| w.starts_with(p.as_bytes()) && m.as_bytes().starts_with(w))).flatten()
    });
    if let Some((_, m)) = word {
        return Some(m);
    }
    let numbers: Vec<u32> = text
        .split(|b| !b.is_ascii_digit())
        .filter(|n| !n.is_empty() && n.len() < 5)
        .map(|n| n.iter().fold(0, |v, b| v * 10 + (b - b'0') as u32))
        .collect();
    let m = match numbers.as_slice() {
        [y, m, ..] if *y > 1900 => *m,
        [_, m, ..] => *m,
        _ => return None,
    };
    MONTHS.get((m as usize).checked_sub(1)?).map(|(_, m)| *m)
}

/// The band of an age in digits or simple words; months and weeks are under one year.
fn band(text: &[u8]) -> Option<String> {
    let holds = |p: &[u8]| text.windows(p.len()).any(|w| w == p);
    if (holds(b"m\xe5n") || holds(b"veck") || holds(b"dag")) && !holds(b"\xe5r") {
        return Some("under 1 år".into());
    }
    let digits: Vec<u32> = text
        .split(|b| !b.is_ascii_digit())
        .filter(|n| !n.is_empty() && n.len() < 4)
        .map(|n| n.iter().fold(0, |v, b| v * 10 + (b - b'0') as u32))
        .collect();
    let years = match digits.first() {
        Some(n) => *n,
        None => in_words(text)?,
    };
    if text.len() == 4 && digits.is_empty() {
        return None;
    }
    if years > 89 {
        return Some("över 90 år".into());
    }
    BANDS.iter().find(|(a, z)| (*a..=*z).contains(&years)).map(|(a, z)| format!("{a}–{z} år"))
}

fn in_words(text: &[u8]) -> Option<u32> {
    const UNITS: &[(&[u8], u32)] = &[
        (b"tretton", 13),
        (b"fjorton", 14),
        (b"femton", 15),
        (b"sexton", 16),
        (b"sjutton", 17),
        (b"arton", 18),
        (b"nitton", 19),
        (b"elva", 11),
        (b"tolv", 12),
        (b"tv\xe5", 2),
        (b"tre", 3),
        (b"fyra", 4),
        (b"fem", 5),
        (b"sex", 6),
        (b"sju", 7),
        (b"\xe5tta", 8),
        (b"nio", 9),
        (b"tio", 10),
        (b"ett", 1),
    ];
    const TENS: &[(&[u8], u32)] = &[
        (b"tjugo", 20),
        (b"trettio", 30),
        (b"fyrtio", 40),
        (b"femtio", 50),
        (b"sextio", 60),
        (b"sjuttio", 70),
        (b"\xe5ttio", 80),
        (b"nittio", 90),
    ];
    let unit = |t: &[u8]| UNITS.iter().find(|(w, _)| t.starts_with(w)).map(|(_, n)| *n);
    match TENS.iter().find(|(w, _)| text.starts_with(w)) {
        Some((w, n)) => Some(n + unit(&text[w.len()..]).unwrap_or(0)),
        None => unit(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_closed() {
        for ok in ["person 12", "datum i mars", "7-9 år", "över 90 år", "telefon"] {
            let bytes: Vec<u8> = ok.chars().map(|c| c as u32 as u8).collect();
            assert!(is_mask(&bytes), "{ok}");
        }
        for bad in ["anna svensson", "person anna", "datum i anna", "7-10 år", ""] {
            let bytes: Vec<u8> = bad.chars().map(|c| c as u32 as u8).collect();
            assert!(!is_mask(&bytes), "{bad}");
        }
    }
}
