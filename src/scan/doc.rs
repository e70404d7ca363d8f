//! A text being scanned: its normal form, its tokens, and the helpers that recognizers ask about neighbours.

use super::Category;
use super::text::{Normal, is_word};
use super::token::{Kind, Phrase, Token, phrases, tokenize};

/// What a recognizer found. `start` and `end` are positions in the normal form.
#[derive(Clone, Debug)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub category: Category,
    pub score: f32,
    pub recognizer: &'static str,
    pub reason: &'static str,
    /// The neighbouring word that tipped the decision, as positions in the normal form.
    pub context: Option<(usize, usize)>,
}

impl Found {
    pub fn because(mut self, context: (usize, usize)) -> Found {
        self.context = Some(context);
        self
    }
}

/// How the author uses capitals: where hardly any stand, lower case says nothing; where nearly all are, neither do they.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Normal,
    Lower,
    Upper,
}

pub struct Doc {
    pub n: Normal,
    pub tokens: Vec<Token>,
    pub phrases: Vec<Phrase>,
    pub case: Case,
    /// Stretches around digits, and around signs that e-mail addresses and links have: patterns run only there.
    windows: [Vec<(usize, usize)>; 2],
}

/// What a pattern must stand near to be worth trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    Digit = 0,
    Sign = 1,
}

/// How far a pattern reaches from its digit or sign, backwards and forwards.
const REACH: (usize, usize) = (40, 24);

/// No cue stands more tokens away, counting numbers and punctuation: this keeps the time linear where no words stand.
const FAR: usize = 100;

impl Doc {
    pub fn new(text: &str) -> Doc {
        let n = Normal::new(text);
        let tokens = tokenize(&n);
        let phrases = phrases(&n, &tokens);
        let (mut upper, mut openers, mut lower) = (0, 0, 0);
        let mut opening = 0;
        for t in tokens.iter().filter(|t| t.is_word() && t.len() > 1) {
            match t.shape {
                super::token::Shape::Upper if t.len() > 3 => upper += 1,
                super::token::Shape::Lower => lower += 1,
                _ => {}
            }
            if t.opens {
                opening += 1;
                openers += t.capital() as usize;
            }
        }
        let case = if upper > 2 && upper > lower {
            Case::Upper
        } else if openers * 2 < opening || (opening > 0 && openers == 0) {
            Case::Lower
        } else {
            Case::Normal
        };
        let windows = [windows(&n, &tokens, digit), windows(&n, &tokens, sign)];
        Doc { n, tokens, phrases, case, windows }
    }

    /// The stretches of the text that a pattern of this kind has to be tried on, in order, not overlapping.
    pub fn near(&self, near: Near) -> &[(usize, usize)] {
        &self.windows[near as usize]
    }

    pub fn lower(&self, start: usize, end: usize) -> &[u8] {
        &self.n.lower[start..end]
    }

    pub fn word(&self, t: &Token) -> &[u8] {
        &self.n.lower[t.start..t.end]
    }

    /// Does neither a letter nor a digit touch this stretch?
    pub fn free(&self, start: usize, end: usize) -> bool {
        (start == 0 || !is_word(self.n.lower[start - 1])) && (end >= self.n.len() || !is_word(self.n.lower[end]))
    }

    /// The dictionary's phrase that begins with token `i`.
    pub fn phrase_at(&self, i: usize) -> Option<&Phrase> {
        self.phrases.binary_search_by_key(&i, |p| p.first).ok().map(|at| &self.phrases[at])
    }

    /// Does the stretch lie wholly inside a phrase that has one of these flags? (No phrase is longer than ten tokens.)
    pub fn inside_phrase(&self, start: usize, end: usize, flags: u64) -> bool {
        let i = self.tokens.partition_point(|t| t.end <= start);
        let first = self.phrases.partition_point(|p| p.first + 12 < i);
        self.phrases[first..]
            .iter()
            .take_while(|p| p.first <= i)
            .any(|p| p.info.has(flags) && self.tokens[p.first].start <= start && end <= self.tokens[p.last].end)
    }

    /// The token that starts at or after a position.
    pub fn token_at(&self, at: usize) -> usize {
        self.tokens.partition_point(|t| t.start < at)
    }

    /// Is one of these words among the `reach` words before the position, on the same line?
    pub fn cue_before(&self, at: usize, reach: usize, cues: &[&[u8]]) -> Option<(usize, usize)> {
        let mut left = reach;
        for t in self.tokens[..self.token_at(at)].iter().rev().take(FAR) {
            match t.kind {
                Kind::Newline => return None,
                Kind::Word => {
                    let w = self.word(t);
                    if cues.iter().any(|c| match c {
                        [stem @ .., b'*'] => w.starts_with(stem),
                        c => w == *c,
                    }) {
                        return Some((t.start, t.end));
                    }
                    left -= 1;
                    if left == 0 {
                        return None;
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The word right before a position (not over a line break), past the punctuation given.
    pub fn word_before(&self, at: usize, past: &[u8]) -> Option<&Token> {
        for t in self.tokens[..self.token_at(at)].iter().rev() {
            match t.kind {
                Kind::Word => return Some(t),
                Kind::Punct(b) if past.contains(&b) => {}
                _ => return None,
            }
        }
        None
    }

    /// The word right after a position.
    pub fn word_after(&self, at: usize, past: &[u8]) -> Option<&Token> {
        for t in &self.tokens[self.token_at(at)..] {
            match t.kind {
                Kind::Word => return Some(t),
                Kind::Punct(b) if past.contains(&b) => {}
                _ => return None,
            }
        }
        None
    }
}

fn digit(_: &Normal, t: &Token) -> bool {
    t.kind == Kind::Number
}

fn sign(n: &Normal, t: &Token) -> bool {
    match t.kind {
        Kind::Punct(b'@' | b'#') => true,
        Kind::Word => {
            let w = &n.lower[t.start..t.end];
            let bracket = t.start > 0 && matches!(n.lower[t.start - 1], b'(' | b'[' | b'{' | b'<');
            matches!(w, b"at" | b"https" | b"http" | b"www" | b"dot" | b"punkt")
                || w == b"a" && bracket
                || w.starts_with(b"snabel")
                || w.starts_with(b"kanelbulle")
        }
        _ => false,
    }
}

/// Stretches around the tokens asked for, widened to white space and joined where they meet.
fn windows(n: &Normal, tokens: &[Token], wanted: fn(&Normal, &Token) -> bool) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for t in tokens.iter().filter(|t| wanted(n, t)) {
        let covered = out.last().map_or(0, |l| l.1);
        let mut end = (t.end + REACH.1).min(n.len()).max(covered);
        while end < n.len() && !matches!(n.lower[end], b' ' | b'\n') {
            end += 1;
        }
        let mut start = t.start.saturating_sub(REACH.0);
        match out.last_mut() {
            Some(last) if start <= last.1 + 1 => last.1 = last.1.max(end),
            last => {
                let floor = last.map_or(0, |l| l.1);
                while start > floor && !matches!(n.lower[start - 1], b' ' | b'\n') {
                    start -= 1;
                }
                out.push((start, end));
            }
        }
    }
    out
}
