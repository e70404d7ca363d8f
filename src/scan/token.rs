//! Tokens of the normal form, each with what the dictionary knows about it.

use super::dictionary::{Info, look_up};
use super::endings;
use super::pack::HEAD;
use super::text::{Normal, is_letter, is_upper};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    /// A mask of our own ("[person 1]"): opaque.
    Mask,
    Newline,
    /// Any other byte.
    Punct(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Lower,
    /// "Anna"
    Initial,
    /// "ANNA", two letters or more
    Upper,
    /// "A"
    Single,
    /// "iPhone"
    Mixed,
}

#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub shape: Shape,
    pub info: Info,
    /// What the word is without a genitive s, when that is a word of its own.
    pub base: Info,
    /// Which lists its ending or its beginning allows (`endings`).
    pub may: u16,
    /// White space stands before it (or nothing at all).
    pub spaced: bool,
    /// Opens a sentence, a line or a list item, so that its capital says nothing.
    pub opens: bool,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    pub fn capital(&self) -> bool {
        self.is_word() && self.shape != Shape::Lower && self.shape != Shape::Mixed
    }

    pub fn is(&self, b: u8) -> bool {
        self.kind == Kind::Punct(b)
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// The bearers and flags of the word or, where it is only known as a genitive, of its stem.
    pub fn either(&self) -> Info {
        if self.info.given() > 0 || self.info.surname() > 0 || self.info.ordinary() > 0 || self.base.0 == 0 {
            self.info
        } else {
            Info(self.base.0 | self.info.0)
        }
    }
}

/// A phrase of the dictionary: tokens `first..=last`.
#[derive(Clone, Copy, Debug)]
pub struct Phrase {
    pub first: usize,
    pub last: usize,
    pub info: Info,
}

/// Splits the text. A line break is a token; other white space is not.
pub fn tokenize(n: &Normal) -> Vec<Token> {
    let (lower, cased) = (&n.lower, &n.cased);
    let mut out: Vec<Token> = Vec::with_capacity(lower.len() / 5);
    let (mut i, mut spaced, mut opens) = (0, true, true);
    while i < lower.len() {
        let b = lower[i];
        let start = i;
        if b == b'\n' || b == b'\r' {
            i += 1;
            out.push(plain(start, i, Kind::Newline, spaced, opens));
            spaced = true;
            opens = true;
            continue;
        }
        if b == b' ' || b == b'\t' || b == 0x0b || b == 0x0c {
            // A tab parts the cells of a form.
            opens |= b == b'\t';
            spaced = true;
            i += 1;
            continue;
        }
        if is_letter(b) {
            i += 1;
            while i < lower.len() {
                let inside = is_letter(lower[i]) || (lower[i] == b'\'' && i + 1 < lower.len() && is_letter(lower[i + 1]) && i - start <= 2);
                // "SigneÅkerblom" is two names; "McDonald" and "DeLuca" are not.
                if !inside || (is_upper(cased[i]) && !is_upper(cased[i - 1]) && is_letter(lower[i - 1]) && i - start > 3) {
                    break;
                }
                i += 1;
            }
            let word = &lower[start..i];
            let info = look_up(word);
            let base = match word {
                [stem @ .., b's'] if stem.len() > 1 => look_up(stem),
                _ => Info::default(),
            };
            out.push(Token {
                start,
                end: i,
                kind: Kind::Word,
                shape: shape(&cased[start..i]),
                info,
                base,
                may: endings::of(word),
                spaced,
                opens,
            });
            opens = false;
        } else if b.is_ascii_digit() {
            while i < lower.len() && lower[i].is_ascii_digit() {
                i += 1;
            }
            out.push(plain(start, i, Kind::Number, spaced, opens));
            opens = false;
        } else if b == b'[' && mask_len(&lower[i..]).is_some() {
            i += mask_len(&lower[i..]).unwrap_or(1);
            out.push(plain(start, i, Kind::Mask, spaced, opens));
            opens = false;
        } else {
            i += 1;
            out.push(plain(start, i, Kind::Punct(b), spaced, opens));
            match b {
                // After an abbreviation ("f.d.", "kl.") a small word follows, and a capital there does mean something.
                b'.' => opens |= !abbreviation(&out, lower),
                b'!' | b'?' | b':' | b'*' | b'|' | b';' | b'>' => opens = true,
                _ => {}
            }
        }
        spaced = false;
    }
    out
}

fn plain(start: usize, end: usize, kind: Kind, spaced: bool, opens: bool) -> Token {
    Token { start, end, kind, shape: Shape::Lower, info: Info::default(), base: Info::default(), may: 0, spaced, opens }
}

/// Does the full stop just pushed belong to a short word or an initial ("dr.", "A.")?
fn abbreviation(tokens: &[Token], lower: &[u8]) -> bool {
    const ABBREVIATIONS: &[&[u8]] = &[
        b"dr", b"kl", b"nr", b"tel", b"ca", b"bl", b"st", b"dvs", b"osv", b"ev", b"resp", b"jfr", b"enl", b"ang", b"mfl", b"tfn",
        b"f\xf6rf", b"lgh", b"avd", b"inkl", b"exkl", b"fr", b"hr", b"prof", b"doc", b"leg", b"spec", b"ssk", b"kap", b"prop", b"dnr",
    ];
    let [.., word, stop] = tokens else { return false };
    word.is_word()
        && !stop.spaced
        && (word.shape == Shape::Single || word.len() == 1 || ABBREVIATIONS.contains(&&lower[word.start..word.end]))
}

fn shape(word: &[u8]) -> Shape {
    let upper = word.iter().filter(|b| is_upper(**b)).count();
    let letters = word.iter().filter(|b| is_letter(**b)).count();
    match (upper, letters) {
        (0, _) => Shape::Lower,
        (1, 1) => Shape::Single,
        (u, l) if u == l => Shape::Upper,
        (1, _) if is_upper(word[0]) => Shape::Initial,
        // "McDonald", "DeLuca"; but "SoL" is an abbreviation.
        (2, l) if is_upper(word[0]) && l > 4 => Shape::Initial,
        _ => Shape::Mixed,
    }
}

/// The phrases of the dictionary that stand in the text, longest first at each place.
pub fn phrases(n: &Normal, tokens: &[Token]) -> Vec<Phrase> {
    let mut out = Vec::new();
    let mut key: Vec<u8> = Vec::new();
    for (i, t) in tokens.iter().enumerate() {
        if !t.info.has(HEAD) {
            continue;
        }
        key.clear();
        key.extend_from_slice(&n.lower[t.start..t.end]);
        let (mut last, mut best) = (i, None);
        while last + 1 < tokens.len() && key.len() < 60 {
            let mut next = last + 1;
            if matches!(tokens[next].kind, Kind::Punct(b'-' | b':' | b'/')) && next + 1 < tokens.len() && !tokens[next].spaced {
                next += 1;
            }
            if !matches!(tokens[next].kind, Kind::Word | Kind::Number) {
                break;
            }
            key.push(b' ');
            key.extend_from_slice(&n.lower[tokens[next].start..tokens[next].end]);
            last = next;
            let mut info = look_up(&key);
            if info.0 & !HEAD == 0 && key.ends_with(b"s") {
                info = look_up(&key[..key.len() - 1]);
            }
            if info.0 & !HEAD != 0 {
                best = Some(Phrase { first: i, last, info });
            }
            if last - i > 8 {
                break;
            }
        }
        out.extend(best);
    }
    out
}

/// The length of a mask of our own at the start of `text`, if one stands there. The grammar is closed, so that nobody hides a name in brackets.
pub fn mask_len(text: &[u8]) -> Option<usize> {
    let end = text.iter().take(48).position(|b| *b == b']')?;
    let inner = &text[1..end];
    super::replace::is_mask(inner).then_some(end + 1)
}
