//! The normal form that everything else matches on: one byte a letter (Latin-1), with a map back to the author's own characters.
//!
//! Case is kept beside it; å ä ö stay, all other diacritics go; zero-width characters and soft hyphens are dropped; odd spaces, dashes,
//! quotes, full-width and look-alike characters become the plain ones; spaced-out letters and digits are joined.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A letter of a script that has no Latin form here. Upper case is `OTHER_UPPER`.
pub const OTHER: u8 = 0xf0;
pub const OTHER_UPPER: u8 = 0xd0;
/// Any other character: emoji, box drawing and the like.
const SYMBOL: u8 = 0x01;

/// Lines of at least so many letters, before a small one, are wrapped rather than ended.
const WRAPPED: usize = 30;

/// A text in normal form. `lower` and `cased` are equally long; all positions in the scanner index them.
pub struct Normal {
    pub lower: Vec<u8>,
    pub cased: Vec<u8>,
    /// For each byte the code points of the author's text it stands for: from (inclusive) and to (exclusive).
    from: Vec<u32>,
    to: Vec<u32>,
}

/// Is this byte of the normal form a letter?
#[inline]
pub fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0xc0
}

#[inline]
pub fn is_upper(b: u8) -> bool {
    b.is_ascii_uppercase() || (0xc0..0xe0).contains(&b)
}

#[inline]
pub fn is_word(b: u8) -> bool {
    is_letter(b) || b.is_ascii_digit()
}

impl Normal {
    pub fn new(text: &str) -> Normal {
        let mut n = Normal {
            lower: Vec::new(),
            cased: Vec::with_capacity(text.len()),
            from: Vec::with_capacity(text.len()),
            to: Vec::with_capacity(text.len()),
        };
        let hard = n.fold(text);
        n.join_hard(&hard);
        n.join_broken();
        n.join_spaced();
        n.lower = n.cased.iter().map(|b| if (0xc0..0xe0).contains(b) { b + 0x20 } else { b.to_ascii_lowercase() }).collect();
        n
    }

    /// The code points of the author's text that bytes `start..end` stand for.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        (self.from[start] as usize, self.to[end - 1] as usize)
    }

    /// The bytes that stand for code points `start..end` of the author's text, if any do.
    pub fn position(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let a = self.to.partition_point(|t| *t as usize <= start);
        let b = self.from.partition_point(|f| (*f as usize) < end);
        (a < b).then_some((a, b))
    }

    pub fn len(&self) -> usize {
        self.cased.len()
    }

    fn push(&mut self, byte: u8, at: u32) {
        self.cased.push(byte);
        self.from.push(at);
        self.to.push(at + 1);
    }

    /// One byte a letter; gives where no-break spaces stood.
    fn fold(&mut self, text: &str) -> Vec<usize> {
        let mut hard = Vec::new();
        // Is the run of letters we are in partly Latin? Then its Cyrillic letters are look-alikes.
        let mut latin_until = 0;
        let mut latin = false;
        for (at, (byte, c)) in text.char_indices().enumerate() {
            let at = at as u32;
            if c.is_ascii() {
                self.push(c as u8, at);
                continue;
            }
            match c {
                'å' | 'ä' | 'ö' | 'Å' | 'Ä' | 'Ö' => self.push(c as u32 as u8, at),
                'ø' | 'Ø' => self.push(if c == 'ø' { 0xf6 } else { 0xd6 }, at),
                'æ' | 'Æ' => self.push(if c == 'æ' { 0xe4 } else { 0xc4 }, at),
                '\u{a0}' | '\u{202f}' => {
                    hard.push(self.cased.len());
                    self.push(b' ', at);
                }
                '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => self.push(b' ', at),
                '\u{2028}' | '\u{2029}' | '\u{85}' => self.push(b'\n', at),
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{feff}'
                | '\u{fe00}'..='\u{fe0f}' => {}
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => self.push(b'-', at),
                '‘' | '’' | '´' | '‛' | 'ʼ' | '′' => self.push(b'\'', at),
                '“' | '”' | '„' | '‟' | '«' | '»' | '″' => self.push(b'"', at),
                '•' | '·' | '●' | '▪' | '◦' => self.push(b'*', at),
                '…' => self.push(b'.', at),
                '\u{300}'..='\u{36f}' => self.combine(c, at),
                '\u{400}'..='\u{45f}' => {
                    if byte >= latin_until {
                        let run = text[byte..].find(|c: char| !c.is_alphabetic()).map_or(text.len(), |n| byte + n);
                        latin = text[byte..run].chars().any(|c| c.is_ascii_alphabetic())
                            || self.cased.last().is_some_and(|b| b.is_ascii_alphabetic());
                        latin_until = run;
                    }
                    self.cyrillic(c, at, latin);
                }
                _ => self.decompose(c, at),
            }
        }
        hard
    }

    /// A combining mark after its letter: the ring and the dots make å ä ö, all others only lengthen the letter.
    fn combine(&mut self, mark: char, at: u32) {
        let Some(last) = self.cased.last_mut() else { return };
        if !is_letter(*last) {
            return;
        }
        *last = match (*last, mark) {
            (b'a', '\u{30a}') => 0xe5,
            (b'A', '\u{30a}') => 0xc5,
            (b'a', '\u{308}') => 0xe4,
            (b'A', '\u{308}') => 0xc4,
            (b'o', '\u{308}') => 0xf6,
            (b'O', '\u{308}') => 0xd6,
            (b, _) => b,
        };
        if let Some(to) = self.to.last_mut() {
            *to = at + 1;
        }
    }

    fn cyrillic(&mut self, c: char, at: u32, look_alike: bool) {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let table = if look_alike {
            [
                ('а', b'a'),
                ('в', b'b'),
                ('е', b'e'),
                ('к', b'k'),
                ('м', b'm'),
                ('н', b'h'),
                ('о', b'o'),
                ('р', b'p'),
                ('с', b'c'),
                ('т', b't'),
                ('у', b'y'),
                ('х', b'x'),
                ('і', b'i'),
                ('ј', b'j'),
                ('ѕ', b's'),
            ]
            .as_slice()
        } else {
            [
                ('а', b'a'),
                ('б', b'b'),
                ('в', b'v'),
                ('г', b'g'),
                ('д', b'd'),
                ('е', b'e'),
                ('ё', b'e'),
                ('ж', b'z'),
                ('з', b'z'),
                ('и', b'i'),
                ('й', b'j'),
                ('к', b'k'),
                ('л', b'l'),
                ('м', b'm'),
                ('н', b'n'),
                ('о', b'o'),
                ('п', b'p'),
                ('р', b'r'),
                ('с', b's'),
                ('т', b't'),
                ('у', b'u'),
                ('ф', b'f'),
                ('х', b'h'),
                ('ц', b'c'),
                ('ч', b'c'),
                ('ш', b's'),
                ('щ', b's'),
                ('ы', b'y'),
                ('э', b'e'),
                ('ю', b'u'),
                ('я', b'a'),
                ('і', b'i'),
                ('ї', b'i'),
            ]
            .as_slice()
        };
        let b = table.iter().find(|(k, _)| *k == lower).map_or(OTHER, |(_, b)| *b);
        self.push(if c != lower { if b == OTHER { OTHER_UPPER } else { b.to_ascii_uppercase() } } else { b }, at);
    }

    fn decompose(&mut self, c: char, at: u32) {
        let special: &[u8] = match c {
            'ß' => b"ss",
            'ł' | 'ƚ' => b"l",
            'Ł' => b"L",
            'đ' | 'ð' => b"d",
            'Đ' | 'Ð' => b"D",
            'ı' => b"i",
            'ħ' => b"h",
            'Ħ' => b"H",
            'þ' => b"th",
            'Þ' => b"Th",
            'œ' => b"o",
            'Œ' => b"O",
            'ə' => b"a",
            // Arabic, Persian and Devanagari digits: their values are the last four bits, from 0 or from 6 on.
            '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => {
                self.push(b'0' + (c as u32 & 0xf) as u8, at);
                return;
            }
            '\u{966}'..='\u{96f}' => {
                self.push(b'0' + (c as u32 - 0x966) as u8, at);
                return;
            }
            '½' => b",5",
            '¼' => b",2",
            '¾' => b",7",
            'Ə' => b"A",
            _ => b"",
        };
        if !special.is_empty() {
            special.iter().for_each(|b| self.push(*b, at));
            return;
        }
        let before = self.cased.len();
        decompose_compatible(c, |d| {
            if d.is_ascii() && !d.is_ascii_control() {
                self.push(d as u8, at);
            } else if is_combining_mark(d) && self.cased.len() > before {
                self.combine(d, at);
            }
        });
        if self.cased.len() == before {
            if is_combining_mark(c) {
                self.combine(c, at);
            } else if c.is_alphabetic() {
                self.push(if c.is_uppercase() { OTHER_UPPER } else { OTHER }, at);
            } else if c.is_numeric() {
                self.push(c.to_digit(10).map_or(SYMBOL, |d| b'0' + d as u8), at);
            } else {
                self.push(SYMBOL, at);
            }
        }
    }

    /// No-break spaces around a sign between digits hold one number together: "5512 - 24", "2 : 34".
    fn join_hard(&mut self, hard: &[usize]) {
        let digit = |i: usize| self.cased.get(i).is_some_and(u8::is_ascii_digit);
        let sign = |i: usize| matches!(self.cased.get(i), Some(b'-' | b':' | b'/'));
        let is_hard = |i: usize| hard.binary_search(&i).is_ok();
        let gone: Vec<usize> = hard
            .iter()
            .copied()
            .filter(|i| {
                let before = *i > 1 && digit(i - 1) && sign(i + 1) && (digit(i + 2) || is_hard(i + 2) && digit(i + 3));
                let after = *i > 2 && sign(i - 1) && digit(i + 1) && (digit(i - 2) || is_hard(i - 2) && digit(i - 3));
                before || after
            })
            .collect();
        self.remove(&gone);
    }

    /// What a line break parted: "Eli-\nsabet" is one word again, and a break inside a sentence of wrapped lines is a space.
    fn join_broken(&mut self) {
        let letters = self.cased.iter().any(|b| is_upper(*b));
        let mut gone: Vec<usize> = Vec::new();
        let mut line = 0;
        for at in 0..self.cased.len() {
            if self.cased[at] != b'\n' {
                continue;
            }
            let text = &self.cased;
            let (length, next) = (at - line, text.get(at + 1).copied().unwrap_or(0));
            let small = is_letter(next) && !is_upper(next);
            line = at + 1;
            if length > 2 && small && text[at - 1] == b'-' && is_letter(text[at - 2]) && is_letter(text[at - 3]) {
                // "för- och nackdelar" stays two words.
                let end = (at + 1..text.len()).find(|i| !is_letter(text[*i])).unwrap_or(text.len());
                if !matches!(&text[at + 1..end], b"och" | b"o" | b"eller" | b"el" | b"respektive" | b"samt") {
                    gone.extend([at - 1, at]);
                }
            } else if length >= WRAPPED && letters {
                let before = text[at - 1];
                if (is_word(before) || before == b',') && small || before.is_ascii_digit() && next.is_ascii_digit() {
                    self.cased[at] = b' ';
                }
            }
        }
        self.remove(&gone);
    }

    /// "A n n a", "8 5 0 3 1 2": five or more single letters or digits, each a space apart, become one word (with the dashes, stops and @ between them);
    /// from eight on they may also be "8-5-0-3". The capital inside still parts two names.
    fn join_spaced(&mut self) {
        let text = &self.cased;
        let single = |i: usize| {
            i < text.len() && is_word(text[i]) && (i == 0 || !is_word(text[i - 1])) && (i + 1 >= text.len() || !is_word(text[i + 1]))
        };
        let mut gone: Vec<usize> = Vec::new();
        let mut i = 0;
        while i < text.len() {
            if !single(i) {
                i += 1;
                continue;
            }
            let (mut end, mut count, from) = (i, 1, gone.len());
            let (mut letters, mut digits) = (text[i].is_ascii_alphabetic() as usize, text[i].is_ascii_digit() as usize);
            loop {
                let rest = &text[end + 1..];
                let digit = |k: usize| text[end].is_ascii_digit() && text.get(end + k).is_some_and(u8::is_ascii_digit);
                let step = match rest {
                    [b' ', ..] if single(end + 2) => 2,
                    // "0-7-0": the dashes go too.
                    [b'-', ..] if single(end + 2) && digit(2) => 2,
                    // "8 5 0 3 1 2 - 9 8 1 1", "a n n a . k i l": only the spaces.
                    [b' ', b'-' | b'.' | b'@' | b'_', b' ', ..] if single(end + 4) && (rest[1] != b'-' || digit(4)) => 4,
                    _ => break,
                };
                gone.push(end + 1);
                if step == 4 {
                    gone.push(end + 3);
                }
                end += step;
                count += 1;
                letters += !text[end].is_ascii_digit() as usize;
                digits += text[end].is_ascii_digit() as usize;
            }
            // Letters and digits mixed are a plate at most ("J M X 5 7 B"); single letters in running text are fewer.
            let whole = count >= 5 && (letters == 0 || digits == 0 || letters <= 4 && text[i].is_ascii_uppercase());
            if !whole {
                gone.truncate(from);
            }
            i = end + 1;
        }
        self.remove(&gone);
    }

    fn remove(&mut self, gone: &[usize]) {
        if gone.is_empty() {
            return;
        }
        let mut keep = vec![true; self.cased.len()];
        gone.iter().for_each(|at| keep[*at] = false);
        for list in [&mut self.from, &mut self.to] {
            let mut k = keep.iter();
            list.retain(|_| *k.next().unwrap_or(&true));
        }
        let mut k = keep.iter();
        self.cased.retain(|_| *k.next().unwrap_or(&true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(text: &str) -> String {
        Normal::new(text).lower.iter().map(|b| *b as char).collect()
    }

    #[test]
    fn folds() {
        for (given, wanted) in [
            ("Åsa Öberg", "åsa öberg"),
            ("A\u{30a}sa O\u{308}berg", "åsa öberg"),
            ("Zoë Şahin Łukasz André", "zoe sahin lukasz andre"),
            ("An\u{200b}na\u{ad}-Lena", "anna-lena"),
            ("８５０３１２–9811", "850312-9811"),
            ("Аnnа", "anna"),
            ("Анна", "anna"),
            ("A n n a S v e n s s o n", "annasvensson"),
            ("8 5 0 3 1 2-9811", "850312-9811"),
            ("i å ä ö", "i å ä ö"),
            ("١٢/٣/١٩٩٤", "12/3/1994"),
            ("Hans syster Eli-\nsabet bor på Skol-\ngatan", "hans syster elisabet bor på skolgatan"),
            ("för-\noch nackdelar", "för-\noch nackdelar"),
            ("Vården är planerad att börja den 8\napril", "vården är planerad att börja den 8 april"),
            ("kort rad\nen till", "kort rad\nen till"),
            ("mål 5512\u{a0}–\u{a0}24 i Ljung 2\u{a0}:\u{a0}34", "mål 5512-24 i ljung 2:34"),
        ] {
            assert_eq!(lower(given), wanted, "{given}");
        }
    }

    #[test]
    fn maps_back_to_the_authors_characters() {
        let n = Normal::new("x A\u{30a}s\u{200b}a!");
        assert_eq!(n.original(2, 5), (2, 7));
        let n = Normal::new("ﬁ A n n a a");
        assert_eq!(n.original(0, 2), (0, 1));
        assert_eq!(n.original(3, 8), (2, 11));
    }
}
