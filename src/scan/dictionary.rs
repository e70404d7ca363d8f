//! What the word lists know about a word, read in place from the packed table: loading costs nothing.

use super::pack::{self, *};

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dictionary.bin"));

/// What is known about one word (or phrase); all zero when it is in no list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info(pub u64);

impl Info {
    #[inline]
    pub fn has(self, flags: u64) -> bool {
        self.0 & flags != 0
    }

    /// Bearers as a given name, the larger of the sexes: 0 none, n means 2^(n-1) to 2^n - 1.
    pub fn given(self) -> u32 {
        self.women().max(self.men())
    }

    pub fn women(self) -> u32 {
        (self.0 >> WOMEN_SHIFT & 31) as u32
    }

    pub fn men(self) -> u32 {
        (self.0 >> MEN_SHIFT & 31) as u32
    }

    /// Bearers as a surname, on the same scale.
    pub fn surname(self) -> u32 {
        (self.0 >> SURNAME_SHIFT & 31) as u32
    }

    /// 0 not known as an ordinary word, 1 seen, 2 common, 3 very common.
    pub fn ordinary(self) -> u32 {
        (self.0 >> ORDINARY_SHIFT & 3) as u32
    }

    /// Size class of a place: 1 large, 2 middle, 3 small.
    pub fn size(self) -> u32 {
        (self.0 >> SIZE_SHIFT & 3) as u32
    }

    pub fn known(self) -> bool {
        self.0 != 0
    }
}

fn word_at(offset: usize) -> u32 {
    let b = &TABLE[offset..offset + 4];
    u32::from_le_bytes([b[0], b[1], b[2], b[3]])
}

fn half_at(offset: usize) -> u16 {
    u16::from_le_bytes([TABLE[offset], TABLE[offset + 1]])
}

fn header(n: usize) -> usize {
    word_at(4 * n) as usize
}

/// Looks a word in the normal form up (lower case, Latin-1 bytes). Phrases have single spaces.
#[inline]
pub fn look_up(word: &[u8]) -> Info {
    if word.len() > LONGEST {
        return Info(0);
    }
    let (seed, slots, infos) = (word_at(0), word_at(4), header(2));
    let h = pack::hash(seed, word);
    let base = HEADER + 8 * infos;
    let mut at = pack::slot(h, slots);
    let want = pack::fingerprint(h) >> INFO_BITS;
    loop {
        let s = word_at(base + 4 * at as usize);
        if s == 0 {
            return Info(0);
        }
        if s >> INFO_BITS == want {
            let row = HEADER + 8 * (s & ((1 << INFO_BITS) - 1)) as usize;
            return Info(word_at(row) as u64 | (word_at(row + 4) as u64) << 32);
        }
        at += 1;
        if at == slots {
            at = 0;
        }
    }
}

/// The four-digit code of the municipality that a listed place lies in, if it lies in one only.
pub fn municipality_of(place: &[u8]) -> Option<u16> {
    let want = (pack::hash(word_at(0), place) >> 32) as u32;
    let base = HEADER + 8 * header(2) + 4 * header(1);
    let row = |i: usize| word_at(base + PLACE_ROW * i);
    let (mut low, mut high) = (0, header(3));
    while low < high {
        let mid = (low + high) / 2;
        if row(mid) < want { low = mid + 1 } else { high = mid }
    }
    (low < header(3) && row(low) == want).then(|| half_at(base + PLACE_ROW * low + 4)).filter(|c| *c != 0)
}

/// Inhabitants of a municipality (31 December 2016).
pub fn population_of(code: u16) -> Option<u64> {
    let base = HEADER + 8 * header(2) + 4 * header(1) + PLACE_ROW * header(3);
    (0..header(4)).find(|i| half_at(base + MUNICIPALITY_ROW * i) == code).map(|i| word_at(base + MUNICIPALITY_ROW * i + 2) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_their_bearers() {
        let anna = look_up(b"anna");
        assert!(anna.women() > 17 && anna.men() < 8, "{anna:?}");
        assert!(look_up(b"andersson").surname() > 17);
        assert!(!look_up(b"xqzzyt").known());
    }

    #[test]
    fn places_know_their_municipality() {
        assert!(look_up(b"upplands v\xe4sby").has(PLACE));
        assert_eq!(municipality_of(b"upplands v\xe4sby"), Some(114));
        assert_eq!(population_of(114), Some(43_891));
        assert_eq!(population_of(9), None);
    }
}
