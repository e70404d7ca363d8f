//! From probabilities to findings.

use super::labels::{LABELS, NOTHING, category, label};
use super::lattice::Row;
use crate::scan::doc::{Doc, Found};
use crate::scan::token::{Kind, Shape, Token};
use crate::scan::{Category, THRESHOLD};

/// From which probability on a token is part of a finding, at the knob's zero; lower for what points a person out. A text in which little else is certain
/// is mostly about no one: there a detail must be surer.
const DIRECT: [f32; 4] = [0.55, 0.35, 0.22, 0.15];
const INDIRECT: [f32; 4] = [0.7, 0.4, 0.35, 0.35];
/// From which probability on a detail counts as certain, for the others in its text.
const CERTAIN: f32 = 0.9;
/// What is at least so probable is a note.
const NOTE: f32 = 0.1;
/// A structured finding of the rules goes when the model is surer than this that it is nothing, unless the rule is surer still.
const VETO: f32 = 0.03;
const SURE: f32 = 0.9;

/// The most probable category of a token, with the probability that it is any at all.
fn best(row: &Row) -> (Category, f32) {
    let any = 1.0 - row[NOTHING];
    // Of what is nothing, nobody asks the category.
    if any < NOTE {
        return (Category::Person, any);
    }
    let mut sums = [0.0f32; 19];
    for (l, p) in row.iter().enumerate().skip(1) {
        if let Some(c) = category(l) {
            sums[c as usize] += p;
        }
    }
    let mut best = (Category::Person, -1.0);
    for c in (1..LABELS).filter_map(category) {
        if sums[c as usize] > best.1 {
            best = (c, sums[c as usize]);
        }
    }
    (best.0, any)
}

/// What the probabilities say of a token.
#[derive(Clone, Copy)]
pub struct Verdict {
    category: Category,
    /// The probability that it is any.
    any: f32,
    /// It rather begins a finding of its category than goes on with one.
    begins: bool,
}

impl Default for Verdict {
    /// Nothing, for certain.
    fn default() -> Self {
        Verdict { category: Category::Person, any: 0.0, begins: false }
    }
}

impl Verdict {
    pub fn of(row: &Row) -> Verdict {
        let (c, any) = best(row);
        Verdict { category: c, any, begins: row[label(c, true)] > row[label(c, false)] }
    }
}

/// How many different details in the text are certain, our own masks among them; three and more are three.
fn company(doc: &Doc, tokens: &[Verdict]) -> usize {
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut i = 0;
    while i < tokens.len() && seen.len() < 3 {
        let sure = |t: usize| tokens[t].any >= CERTAIN || doc.tokens[t].kind == Kind::Mask;
        let end = (i..tokens.len()).find(|t| !sure(*t)).unwrap_or(tokens.len());
        if end > i {
            let text = doc.lower(doc.tokens[i].start, doc.tokens[end - 1].end);
            let text = text.strip_suffix(b"s").unwrap_or(text);
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
        i = end + 1;
    }
    seen.len()
}

/// The threshold of a category in such company; the knob moves all of them by as much in log odds.
fn threshold(c: Category, company: usize, knob: f32) -> f32 {
    let base: f32 = if c.is_indirect() { INDIRECT[company] } else { DIRECT[company] };
    1.0 / (1.0 + (1.0 - base) / base * (-knob).exp())
}

fn reason(c: Category) -> &'static str {
    use Category::*;
    match c {
        Person => "model-name",
        Location => "model-place",
        Org => "model-organisation",
        Date => "model-date",
        Age => "model-age",
        Origin => "model-origin",
        Occupation => "model-occupation",
        Rare => "model-rare",
        _ => "model-number",
    }
}

/// The probability as a score: the threshold of stripping lies where the model's does.
fn score(any: f32, at: f32) -> f32 {
    if any >= at { THRESHOLD + (1.0 - THRESHOLD) * (any - at) / (1.0 - at) } else { (THRESHOLD * any / at).min(THRESHOLD - 0.01) }
}

/// Findings by where they begin, each with its place among all.
struct Sorted {
    found: Vec<(usize, Found)>,
    /// How far the findings up to each reach.
    reach: Vec<usize>,
}

impl Sorted {
    fn new(found: &[Found]) -> Sorted {
        let mut found: Vec<(usize, Found)> = found.iter().cloned().enumerate().collect();
        found.sort_by_key(|(_, f)| f.start);
        let mut end = 0;
        let reach = found.iter().map(|(_, f)| (end = f.end.max(end), end).1).collect();
        Sorted { found, reach }
    }

    /// Those that overlap a stretch.
    fn over(&self, start: usize, end: usize) -> impl Iterator<Item = &(usize, Found)> {
        let first = self.reach.partition_point(|r| *r <= start);
        self.found[first..].iter().take_while(move |(_, f)| f.start < end).filter(move |(_, f)| start < f.end)
    }
}

/// Changes what the rules found into what the probabilities say.
pub fn decide(doc: &Doc, verdicts: &[Verdict], knob: f32, found: &mut Vec<Found>) {
    let company = company(doc, verdicts);
    let threshold = |c| threshold(c, company, knob);
    let mut out: Vec<Found> = Vec::new();
    let rules = Sorted::new(found);
    // A name that the rules hold together goes as a whole: where a part of it is found, the suspected rest is too. Given name and surname together
    // need no company.
    let mut drawn = vec![false; verdicts.len()];
    for f in found.iter().filter(|f| f.category == Category::Person && f.score >= SURE) {
        let first = doc.tokens.partition_point(|t| t.end <= f.start);
        let last = doc.tokens.partition_point(|t| t.start < f.end);
        let words = doc.tokens[first..last].iter().filter(|t| t.is_word()).count();
        let at = if words > 1 { self::threshold(Category::Person, DIRECT.len() - 1, knob) } else { threshold(Category::Person) };
        let part = |v: &Verdict| v.category == Category::Person && v.any >= at;
        if verdicts[first..last].iter().any(part) {
            (first..last).filter(|t| doc.tokens[*t].len() > 1).for_each(|t| drawn[t] = true);
        }
    }
    let taken = |t: usize| verdicts[t].any >= threshold(verdicts[t].category) || drawn[t] && verdicts[t].category == Category::Person;
    let mut i = 0;
    while i < verdicts.len() {
        let Verdict { category: c, any, .. } = verdicts[i];
        let strong = taken(i);
        if any < NOTE || matches!(doc.tokens[i].kind, Kind::Newline | Kind::Mask) {
            i += 1;
            continue;
        }
        let (first, mut last, mut most) = (i, i, any);
        while last + 1 < verdicts.len() {
            let Verdict { category: next, any: p, begins } = verdicts[last + 1];
            if next != c || taken(last + 1) != strong || p < NOTE || begins && !drawn[last + 1] {
                break;
            }
            last += 1;
            most = most.max(p);
        }
        i = last + 1;
        // Stops and line breaks at the edges are no part of it.
        let edge = |t: usize| matches!(doc.tokens[t].kind, Kind::Newline | Kind::Punct(b'.' | b',' | b';' | b':' | b' ' | b'\t'));
        let (mut first, mut last) = (first, last);
        while first < last && edge(first) {
            first += 1;
        }
        while last > first && edge(last) && !(doc.tokens[last].is(b'.') && doc.tokens[last - 1].len() == 1) {
            last -= 1;
        }
        // "jocke o e arg": in chats an o before another word is "och" rather than an initial.
        if c == Category::Person
            && last > first
            && doc.n.cased[doc.tokens[last].start..doc.tokens[last].end] == *b"o"
            && doc.tokens.get(last + 1).is_some_and(Token::is_word)
        {
            last -= 1;
        }
        // "jobbar som brandman": the work is what follows.
        if c == Category::Occupation
            && let Some(som) = (first..last).find(|t| doc.word(&doc.tokens[*t]) == b"som")
        {
            first = som + 1;
        }
        if !(first..=last).any(|t| matches!(doc.tokens[t].kind, Kind::Word | Kind::Number)) {
            continue;
        }
        let (start, end) = (doc.tokens[first].start, doc.tokens[last].end);
        let same = rules.over(start, end).filter(|(_, f)| f.category == c);
        let rule =
            same.max_by(|(n, a), (m, b)| a.score.total_cmp(&b.score).then(n.cmp(m))).map(|(_, f)| (f.recognizer, f.reason, f.context));
        let (recognizer, reason, context) = rule.unwrap_or(("model", reason(c), None));
        let score = if strong { score(most, threshold(c)).max(THRESHOLD) } else { score(most, threshold(c)) };
        out.push(Found { start, end, category: c, score, recognizer, reason, context });
    }
    // Where the rules' structured findings hold every number of a structured stretch, theirs are the better edges.
    out.retain(|o| {
        let held = |t: &Token| {
            rules
                .over(t.start, t.end)
                .any(|(_, f)| f.category.is_structured() && f.score >= THRESHOLD && f.start <= t.start && t.end <= f.end)
        };
        let first = doc.token_at(o.start);
        let inside = || doc.tokens[first..].iter().take_while(|t| t.end <= o.end);
        let plain = |t: &Token| match t.kind {
            Kind::Number => false,
            Kind::Word => t.shape == Shape::Lower && t.info.ordinary() > 0,
            _ => true,
        };
        !(o.category.is_structured() && inside().any(|t| t.kind == Kind::Number) && inside().all(|t| held(t) || plain(t)))
    });
    found.retain(|f| {
        let first = doc.tokens.partition_point(|t| t.end <= f.start);
        let any = (first..verdicts.len()).take_while(|t| doc.tokens[*t].start < f.end).map(|t| verdicts[t].any).fold(0.0, f32::max);
        f.category.is_structured() && (f.score >= SURE || any >= VETO)
    });
    found.append(&mut out);
}
