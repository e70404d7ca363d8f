//! Which lists a word may belong to, by its first three and last two letters: one look into a small table, made when the crate is compiled, spares most words
//! the comparison with every entry of every list.

use super::context::{HEAD_ENDINGS, ORG_ENDINGS};
use super::recognizers::{FEASTS, HOMES, SEASONS, STRONG, WEAK};

pub const STREET: u16 = 1;
pub const HOME: u16 = 1 << 1;
pub const ORG: u16 = 1 << 2;
pub const ORG_HEAD: u16 = 1 << 3;
pub const FEAST: u16 = 1 << 4;
/// Begins as a number in words does.
pub const NUMERAL: u16 = 1 << 5;

const SLOTS: usize = 4096;

const fn slot(last: u8, before: u8, third: u8) -> usize {
    ((last as usize & 31) << 7 ^ (before as usize & 31) << 3 ^ third as usize & 31) & (SLOTS - 1)
}

const fn enter(mut table: [u16; SLOTS], list: &[&[u8]], flag: u16) -> [u16; SLOTS] {
    let mut i = 0;
    while i < list.len() {
        let w = list[i];
        let (last, before) = (w[w.len() - 1], w[w.len() - 2]);
        if w.len() > 2 {
            table[slot(last, before, w[w.len() - 3])] |= flag;
        } else {
            // Any letter may stand before an ending of two.
            let mut third = 0;
            while third < 32 {
                table[slot(last, before, third)] |= flag;
                third += 1;
            }
        }
        i += 1;
    }
    table
}

static TABLE: [u16; SLOTS] = {
    let mut t = [0; SLOTS];
    t = enter(t, STRONG, STREET);
    t = enter(t, WEAK, STREET);
    t = enter(t, HOMES, HOME);
    t = enter(t, ORG_ENDINGS, ORG);
    t = enter(t, HEAD_ENDINGS, ORG_HEAD);
    t = enter(t, FEASTS, FEAST);
    t = enter(t, SEASONS, FEAST);
    t
};

/// The lists that the word, or the word without a genitive s, may end in (or begin as).
#[inline]
pub fn of(word: &[u8]) -> u16 {
    let [head @ .., third, before, last] = word else { return if numeral(word) { NUMERAL } else { 0 } };
    let mut flags = TABLE[slot(*last, *before, *third)];
    if let (b's', Some(fourth)) = (*last, head.last()) {
        flags |= TABLE[slot(*before, *third, *fourth)];
    }
    if numeral(word) { flags | NUMERAL } else { flags }
}

/// Do the first letters begin a number word, Swedish or English?
fn numeral(word: &[u8]) -> bool {
    let Some(head) = word.first_chunk::<3>() else { return word == b"en" };
    matches!(
        head,
        b"ett"
            | b"tv\xe5"
            | b"tre"
            | b"fyr"
            | b"fem"
            | b"sex"
            | b"sju"
            | b"\xe5tt"
            | b"nio"
            | b"nia"
            | b"tio"
            | b"elv"
            | b"tol"
            | b"fjo"
            | b"ade"
            | b"art"
            | b"nit"
            | b"tju"
            | b"hun"
            | b"nol"
            | b"zer"
            | b"one"
            | b"two"
            | b"thr"
            | b"fou"
            | b"fiv"
            | b"six"
            | b"sev"
            | b"eig"
            | b"nin"
            | b"f\xf6r"
            | b"and"
            | b"fj\xe4"
            | b"sj\xe4"
            | b"elf"
            | b"hal"
            | b"tus"
            | b"ent"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_listed_word_is_ruled_out() {
        for (list, flag) in [(STRONG, STREET), (WEAK, STREET), (ORG_ENDINGS, ORG), (HOMES, HOME), (FEASTS, FEAST)] {
            for w in list {
                assert!(of(&[b"xx", *w].concat()) & flag != 0 && of(&[b"xx", *w, b"s"].concat()) & flag != 0, "{w:?}");
            }
        }
        assert!(of(b"sjuttiofem") & NUMERAL != 0 && of(b"bordet") & NUMERAL == 0);
    }
}
