//! The score of tests/corpus/score.py, written again: what was caught of what is marked, and what was marked for nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::corpus::Gold;
use crate::scan::{Category, Report};

const SMALL: &str = "från i på ur av med om till vid för och som är var blev den det de en ett ca cirka snart nästan drygt knappt talar pratar talande född föddes f fyllt fyller fyllde år åring årig årige åriga gammal gammalt gamla månader månad mån veckor vecka dagar ursprungligen kommer flytt flydde uppvuxen enbart bara klockan kl";

/// Sums over texts.
#[derive(Clone, Debug, Default)]
pub struct Score {
    labels: BTreeMap<Category, (usize, usize)>,
    findings: usize,
    alarms: usize,
    named: usize,
    words: usize,
    /// Texts without any mark: their words and what was found in them.
    safe: (usize, usize),
}

/// What went wrong, for the eye: caught nothing, or found for nothing.
pub struct Wrong {
    pub missed: bool,
    pub category: Category,
    pub start: usize,
    pub end: usize,
}

fn caught(text: &[char], inside: &[bool], a: usize, b: usize, c: Category) -> bool {
    let mut left: Vec<usize> = (a..b).filter(|i| text[*i].is_alphanumeric() && !inside[*i]).collect();
    if !left.is_empty() && c.is_indirect() && inside[a..b].contains(&true) {
        let mut i = a;
        while i < b {
            let end = (i..b).find(|j| !text[*j].is_alphanumeric() && text[*j] != '_').unwrap_or(b);
            let word: String = text[i..end].iter().collect::<String>().to_lowercase();
            if !word.is_empty() && SMALL.split(' ').any(|s| s == word) {
                left.retain(|j| !(i..end).contains(j));
            }
            i = end + 1;
        }
    }
    left.is_empty() || (left == [b - 1] && matches!(text[b - 1], 's' | 'S') && b - a > 2)
}

impl Score {
    /// Counts one text; gives what went wrong in it.
    pub fn add(&mut self, gold: &Gold, report: &Report) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let n = gold.text.len();
        let (mut inside, mut marked) = (vec![false; n], vec![false; n]);
        report.findings.iter().for_each(|f| inside[f.start..f.end].fill(true));
        for (a, b, c) in gold.spans.iter().filter_map(|(a, b, c)| Some((*a, *b, (*c)?))) {
            marked[a..b].fill(true);
            let row = self.labels.entry(c).or_default();
            let hit = caught(&gold.text, &inside, a, b, c);
            row.0 += hit as usize;
            row.1 += 1;
            if !hit {
                wrong.push(Wrong { missed: true, category: c, start: a, end: b });
            }
        }
        for f in &report.findings {
            self.findings += 1;
            if !marked[f.start..f.end].contains(&true) {
                self.alarms += 1;
                wrong.push(Wrong { missed: false, category: f.category, start: f.start, end: f.end });
            } else {
                let overlap = |s: &&(usize, usize, Option<Category>)| s.1.min(f.end).saturating_sub(s.0.max(f.start));
                self.named += gold.spans.iter().max_by_key(overlap).is_some_and(|s| s.2 == Some(f.category)) as usize;
            }
        }
        let words = gold.text.split(|c| c.is_whitespace()).filter(|w| !w.is_empty()).count();
        self.words += words;
        if gold.spans.is_empty() {
            self.safe.0 += words;
            self.safe.1 += report.findings.len();
        }
        wrong
    }

    pub fn join(&mut self, other: &Score) {
        for (c, (hit, all)) in &other.labels {
            let row = self.labels.entry(*c).or_default();
            row.0 += hit;
            row.1 += all;
        }
        self.findings += other.findings;
        self.alarms += other.alarms;
        self.named += other.named;
        self.words += other.words;
        self.safe.0 += other.safe.0;
        self.safe.1 += other.safe.1;
    }

    fn rate(&self, of: impl Fn(Category) -> bool) -> f64 {
        let (hit, all) = self.labels.iter().filter(|(c, _)| of(**c)).fold((0, 0), |s, (_, r)| (s.0 + r.0, s.1 + r.1));
        if all == 0 { 100.0 } else { 100.0 * hit as f64 / all as f64 }
    }

    /// The share caught of each label.
    pub fn by_label(&self) -> impl Iterator<Item = (Category, usize, usize)> {
        self.labels.iter().map(|(c, (hit, all))| (*c, *hit, *all))
    }
}

/// One line: direct, PERSON, indirect, precision, false alarms in texts without marks, category right.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "direct {:6.2}  person {:6.2}  indirect {:6.2}  precision {:6.2}  safe {:5.2}  category {:6.2}",
            self.rate(|c| !c.is_indirect()),
            self.rate(|c| c == Category::Person),
            self.rate(Category::is_indirect),
            100.0 * (1.0 - self.alarms as f64 / self.findings.max(1) as f64),
            1000.0 * self.safe.1 as f64 / self.safe.0.max(1) as f64,
            100.0 * self.named as f64 / (self.findings - self.alarms).max(1) as f64,
        )
    }
}
