//! The scanner: finds what identifies a person in Swedish text, and masks it.
//!
//! Pure: no input or output, no clock, no randomness, no global but the compiled wordlists. Builds for wasm32.

use std::sync::OnceLock;

use serde::Serialize;

mod context;
mod dictionary;
mod doc;
mod endings;
mod lexicon;
pub mod model;
mod names;
mod numerals;
mod pack;
mod places;
mod recognizers;
mod replace;
mod resolve;
mod risk;
pub mod shown;
mod text;
mod token;
mod words;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

/// What kind of identifying detail a finding is. The names are those of the annotation guide (`tests/corpus/GUIDE.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    Person,
    Pnr,
    Phone,
    Email,
    Handle,
    Address,
    Postcode,
    Account,
    Caseno,
    Plate,
    Property,
    Idno,
    Location,
    Org,
    Date,
    Age,
    Origin,
    Occupation,
    Rare,
}

impl Category {
    /// A number or an address with a form of its own: it can never be kept and never be claimed to be a false alarm.
    pub fn is_structured(self) -> bool {
        !self.is_indirect() && self != Category::Person
    }

    /// Narrows the circle of people rather than pointing one out.
    pub fn is_indirect(self) -> bool {
        use Category::*;
        matches!(self, Location | Org | Date | Age | Origin | Occupation | Rare)
    }
}

/// How strongly a finding stands against sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Suspected: the writer is asked once; never stripped, never refused.
    Note,
    /// Indirect: narrows the circle; stripped by default, may be kept while the risk allows.
    Warn,
    /// Direct: must go.
    Block,
}

/// Why a detail was found. `recognizer` names the rule; `reason` is a stable key that the page turns into plain Swedish.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub recognizer: &'static str,
    pub reason: &'static str,
    /// The neighbouring word that tipped the decision, if one did ("fru", "ring").
    pub context: Option<String>,
    /// 0 to 1.
    pub score: f32,
}

/// One detail to mask. `start` and `end` count Unicode code points in the author's own text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub category: Category,
    pub level: Level,
    /// The mask that keeps what advice needs: "[person 1]", "[mindre ort]".
    pub replacement: String,
    /// Coarser masks the writer may pick instead, coarsest last.
    pub coarser: Vec<String>,
    pub evidence: Evidence,
}

/// The answer to one text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Exactly what `redacted` replaces, in order, not overlapping. `Block` and `Warn` only.
    pub findings: Vec<Finding>,
    /// Suspected only; not stripped.
    pub notes: Vec<Finding>,
    pub redacted: String,
}

/// What the estimate counts among.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Four-digit municipality code of the asking unit ("0180"); without one, the whole country is counted.
    pub municipality: Option<&'a str>,
}

/// One visible detail and what it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detail {
    pub category: Category,
    /// Which of the texts it stands in.
    pub text: usize,
    /// Code points in that text.
    pub start: usize,
    pub end: usize,
    /// The share of the population whom it fits.
    pub share: f64,
    /// The next coarser word for it.
    pub coarser: String,
}

/// How many people fit what stays visible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// How many people in the population fit everything that is visible: 0 where somebody is named outright.
    pub people: u64,
    /// The population that was counted among.
    pub population: u64,
    /// The detail that narrows the circle most.
    pub costliest: Option<Detail>,
    pub details: Vec<Detail>,
}

/// The scan engine. It holds its compiled patterns and nothing else; the word lists are compiled in.
pub struct Scanner {
    matchers: Vec<recognizers::Matcher>,
    model: Option<model::Model>,
}

/// What is found with at least this score is stripped; what lies below is a note.
const THRESHOLD: f32 = 0.6;
/// Redacting may lay bare what a neighbour hid; the redacted text is scanned again at most so many times.
const ROUNDS: usize = 8;

/// The trained model (`radrum train`, docs/scanner.md).
static MODEL: &[u8] = include_bytes!("../../wordlists/model.bin");

impl Default for Scanner {
    fn default() -> Self {
        Scanner::new()
    }
}

impl Scanner {
    pub fn new() -> Scanner {
        let model = model::Model::read(MODEL).ok();
        Scanner { model, ..Scanner::rules_only() }
    }

    /// The rules without the sequence model: what the model is trained on top of.
    pub fn rules_only() -> Scanner {
        Scanner { matchers: recognizers::TABLE.iter().map(recognizers::Matcher::compile).collect(), model: None }
    }

    /// The same engine with another sequence model.
    pub fn with_model(self, model: model::Model) -> Scanner {
        Scanner { model: Some(model), ..self }
    }

    /// The scanner everyone shares; made at first use.
    pub fn shared() -> &'static Scanner {
        static SHARED: OnceLock<Scanner> = OnceLock::new();
        SHARED.get_or_init(Scanner::new)
    }

    /// Finds what identifies a person in a text, and masks it. Never panics, whatever the text.
    pub fn scan(&self, text: &str) -> Report {
        let (doc, mut found, mut notes) = self.find(text);
        // What masking lays bare is found in the masked text and carried back, until the masked text is clean.
        let mut report = assemble(text, &doc, &found, &notes);
        for _ in 0..ROUNDS {
            if found.is_empty() {
                break;
            }
            let (again, more, _) = self.find(&report.redacted);
            if more.is_empty() {
                break;
            }
            let before = found.len();
            let masks = masks(&report);
            let back = |(start, end)| {
                let (start, end) = again.n.original(start, end);
                carry_back(&masks, start, end).and_then(|(start, end)| doc.n.position(start, end))
            };
            for f in &more {
                if let Some((start, end)) = back((f.start, f.end)) {
                    found.push(doc::Found { start, end, context: f.context.filter(|(a, b)| a < b).and_then(back), ..f.clone() });
                }
            }
            if found.len() == before {
                break;
            }
            let (all, _) = resolve::resolve(&doc, found, 0.0);
            found = all;
            notes.retain(|n| !resolve::touched(&found, n));
            report = assemble(text, &doc, &found, &notes);
        }
        report
    }

    /// A text and what the rules alone find in it.
    fn rules(&self, text: &str) -> (doc::Doc, Vec<doc::Found>) {
        let doc = doc::Doc::new(text);
        let mut found = Vec::new();
        for m in &self.matchers {
            (m.rule.find)(&doc, m, &mut found);
        }
        context::organisations(&doc, &mut found);
        context::origins(&doc, &mut found);
        context::occupations(&doc, &mut found);
        context::rare(&doc, &mut found);
        places::find(&doc, &mut found);
        let mut taken = vec![false; doc.tokens.len()];
        for f in &found {
            let mut i = doc.token_at(f.start);
            while i < doc.tokens.len() && doc.tokens[i].start < f.end {
                taken[i] = true;
                i += 1;
            }
        }
        for p in doc.phrases.iter().filter(|p| p.info.has(pack::SAFE)) {
            taken[p.first..=p.last].fill(true);
        }
        names::find(&doc, &taken, &mut found);
        (doc, found)
    }

    fn find(&self, text: &str) -> (doc::Doc, Vec<doc::Found>, Vec<doc::Found>) {
        let (doc, mut found) = self.rules(text);
        if let Some(model) = &self.model {
            model.judge(&doc, &mut found);
        }
        // A finding that lies wholly inside one of our own masks, or a safe phrase, is none.
        found.retain(|f| {
            let i = doc.token_at(f.start);
            let masked = doc.tokens[..i].last().is_some_and(|t| t.kind == token::Kind::Mask && t.end > f.start)
                || doc.tokens.get(i).is_some_and(|t| t.kind == token::Kind::Mask && t.end >= f.end);
            !masked && (f.category.is_structured() || !doc.inside_phrase(f.start, f.end, pack::SAFE))
        });
        let (found, notes) = resolve::resolve(&doc, found, THRESHOLD);
        (doc, found, notes)
    }

    /// Estimates how many people in the reference population fit what stays visible in these texts together (a thread's messages).
    pub fn risk(&self, texts: &[&str], reference: Reference) -> Risk {
        risk::estimate(self, texts, reference)
    }

    /// As [`Scanner::risk`], for texts that have been scanned already.
    pub fn risk_of(found: &[(&str, &[Finding])], reference: Reference) -> Risk {
        risk::of_found(found, reference)
    }
}

/// The report of a text from what was found in it.
fn assemble(text: &str, doc: &doc::Doc, found: &[doc::Found], notes: &[doc::Found]) -> Report {
    let mut masks = replace::Masks::default();
    let mut finding = |f: &doc::Found, level: Level| {
        let (start, end) = doc.n.original(f.start, f.end);
        let (replacement, coarser) = masks.mask(doc, f);
        let context = f.context.map(|(a, b)| doc.lower(a, b).iter().map(|b| *b as char).collect());
        Finding {
            start,
            end,
            category: f.category,
            level,
            replacement,
            coarser,
            evidence: Evidence { recognizer: f.recognizer, reason: f.reason, context, score: f.score },
        }
    };
    let mut findings: Vec<Finding> = Vec::with_capacity(found.len());
    for f in found {
        let next = finding(f, if f.category.is_indirect() { Level::Warn } else { Level::Block });
        // Two stretches of the normal form may share one of the author's characters (a ligature).
        match findings.last_mut() {
            Some(last) if next.start < last.end => last.end = last.end.max(next.end),
            _ => findings.push(next),
        }
    }
    let notes = notes.iter().map(|f| finding(f, Level::Note)).collect();
    let mut redacted = String::with_capacity(text.len());
    let mut rest = findings.iter().peekable();
    for (at, c) in text.chars().enumerate() {
        if rest.peek().is_some_and(|f| at >= f.end) {
            rest.next();
        }
        match rest.peek() {
            Some(f) if at == f.start => redacted.push_str(&f.replacement),
            Some(f) if at > f.start => {}
            _ => redacted.push(c),
        }
    }
    Report { findings, notes, redacted }
}

/// Where a mask stands in the redacted text, and what it hides in the author's.
struct Hidden {
    mask: (usize, usize),
    start: usize,
    end: usize,
}

fn masks(report: &Report) -> Vec<Hidden> {
    let mut shift = 0isize;
    let hidden = |f: &Finding| {
        let at = (f.start as isize + shift) as usize;
        let mask = (at, at + f.replacement.chars().count());
        shift = mask.1 as isize - f.end as isize;
        Hidden { mask, start: f.start, end: f.end }
    };
    report.findings.iter().map(hidden).collect()
}

/// Where a stretch of the redacted text stood in the author's. Nothing when it lies inside a mask; a stretch over a mask covers what it hides.
fn carry_back(masks: &[Hidden], start: usize, end: usize) -> Option<(usize, usize)> {
    let plain = |at: usize, before: usize| before.checked_sub(1).map_or(at, |b| at - masks[b].mask.1 + masks[b].end);
    let first = masks.partition_point(|m| m.mask.1 <= start);
    let from = masks.get(first).filter(|m| m.mask.0 <= start).map_or_else(|| plain(start, first), |m| m.start);
    let last = masks.partition_point(|m| m.mask.1 < end);
    let to = masks.get(last).filter(|m| m.mask.0 < end).map_or_else(|| plain(end, last), |m| m.end);
    (from < to).then_some((from, to))
}
