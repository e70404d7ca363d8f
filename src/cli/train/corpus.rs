//! Reading gold messages and news text.

use std::io::{self, Error, ErrorKind};
use std::path::Path;

use crate::scan::Category;
use serde_json::Value;

/// A text with its marks, in code points, in order.
#[derive(Clone, Debug)]
pub struct Gold {
    pub text: Vec<char>,
    pub spans: Vec<(usize, usize, Option<Category>)>,
}

fn category(label: &str) -> Option<Category> {
    use Category::*;
    [
        Person, Pnr, Phone, Email, Handle, Address, Postcode, Account, Caseno, Plate, Property, Idno, Location, Org, Date, Age, Origin,
        Occupation, Rare,
    ]
    .into_iter()
    .find(|c| format!("{c:?}").eq_ignore_ascii_case(label))
}

/// The messages of a file of JSON lines (tests/corpus/README.md).
pub fn messages(path: &Path) -> io::Result<Vec<Gold>> {
    let wrong = |n: usize| Error::new(ErrorKind::InvalidData, format!("{}: line {} is no gold message", path.display(), n + 1));
    let file = std::fs::read_to_string(path)?;
    let read = |(n, line): (usize, &str)| -> io::Result<Gold> {
        let doc: Value = serde_json::from_str(line).map_err(|_| wrong(n))?;
        let text: Vec<char> = doc["text"].as_str().ok_or_else(|| wrong(n))?.chars().collect();
        let mut spans = Vec::new();
        for s in doc["spans"].as_array().into_iter().flatten() {
            let (a, b) = (s[0].as_u64().unwrap_or(0) as usize, s[1].as_u64().unwrap_or(0) as usize);
            let c = s[2].as_str().and_then(category).ok_or_else(|| wrong(n))?;
            if a >= b || b > text.len() {
                return Err(wrong(n));
            }
            spans.push((a, b, Some(c)));
        }
        spans.sort_by_key(|s| s.0);
        Ok(Gold { text, spans })
    };
    file.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()).map(read).collect()
}

/// News text, a token and its mark (PER, LOC, ORG, 0) a line, an empty line between sentences: eight sentences become one text. Only persons are known;
/// places and organisations are marked by other rules than ours and become "unknown".
pub fn news(path: &Path) -> io::Result<Vec<Gold>> {
    let file = std::fs::read_to_string(path)?;
    let mut out = Vec::new();
    let mut doc = Gold { text: Vec::new(), spans: Vec::new() };
    let (mut sentences, mut inside) = (0, "0");
    for line in file.lines().chain([""]) {
        let Some((word, mark)) = line.split_once('\t') else {
            sentences += 1;
            inside = "0";
            if sentences % 8 == 0 && !doc.text.is_empty() {
                out.push(std::mem::replace(&mut doc, Gold { text: Vec::new(), spans: Vec::new() }));
            }
            continue;
        };
        let closing = matches!(word, "." | "," | "!" | "?" | ":" | ";" | ")" | "”" | "%") || doc.text.last().is_none_or(|c| *c == '(');
        if !closing {
            doc.text.push(' ');
        }
        let start = doc.text.len();
        doc.text.extend(word.chars());
        match (mark, doc.spans.last_mut()) {
            ("0", _) => {}
            (m, Some(last)) if m == inside && m == "PER" => last.1 = doc.text.len(),
            ("PER", _) => doc.spans.push((start, doc.text.len(), Some(Category::Person))),
            _ => doc.spans.push((start, doc.text.len(), None)),
        }
        inside = mark;
    }
    out.push(doc);
    Ok(out.into_iter().filter(|d| d.text.len() > 20).collect())
}
