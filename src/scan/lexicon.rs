//! Whether a word is an ordinary one, also where only its stem or its parts are listed ("hembesöksrapporten").

use super::dictionary::look_up;
use super::pack::{ORIGIN, STEM};

/// How a word is known as an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Unknown,
    /// Put together of two known parts.
    Compound,
    /// A known stem with an ending.
    Inflected,
    Stem,
    /// Seen in running text.
    Seen,
    Common,
}

/// Endings that a stem takes; after some of them the stem has lost an a or an e.
const ENDINGS: &[&[u8]] = &[
    b"s", b"n", b"t", b"r", b"a", b"e", b"d", b"en", b"et", b"ar", b"er", b"or", b"na", b"ad", b"at", b"as", b"de", b"te", b"ts", b"ns",
    b"ade", b"ats", b"ens", b"ets", b"arna", b"erna", b"orna", b"are", b"ast", b"aste", b"ande", b"ende", b"ades", b"des", b"tes", b"rna",
    b"ernas", b"arnas", b"ornas", b"ars", b"ers", b"nde", b"bart", b"bara", b"bar", b"igt", b"iga", b"ig", b"mer", b"men", b"met",
];

fn stem(word: &[u8]) -> bool {
    let i = look_up(word);
    i.has(STEM) || i.ordinary() > 0
}

fn inflected(word: &[u8], buffer: &mut Vec<u8>) -> bool {
    ENDINGS.iter().any(|e| {
        let Some(s) = word.strip_suffix(*e).filter(|s| s.len() > 2) else { return false };
        if stem(s) {
            return true;
        }
        [b'a', b'e'].into_iter().any(|v| {
            buffer.clear();
            buffer.extend_from_slice(s);
            buffer.push(v);
            stem(buffer)
        })
    })
}

/// What is known of a word in the normal form.
pub fn class(word: &[u8]) -> Class {
    let info = look_up(word);
    match info.ordinary() {
        3 => return Class::Common,
        1 | 2 => return Class::Seen,
        _ => {}
    }
    if info.has(STEM) {
        return Class::Stem;
    }
    if word.len() < 4 || word.len() > 60 {
        return Class::Unknown;
    }
    let mut buffer = Vec::with_capacity(word.len() + 1);
    if inflected(word, &mut buffer) {
        return Class::Inflected;
    }
    let parts = (3..word.len().saturating_sub(2)).any(|at| {
        let (left, right) = word.split_at(at);
        if left.len() < 4 && right.len() < 4 {
            return false;
        }
        let first = stem(left) || left.strip_suffix(b"s").is_some_and(|l| l.len() > 2 && (stem(l) || look_up(l).has(ORIGIN))) || {
            left.len() > 3
                && [b'a', b'e'].into_iter().any(|v| {
                    buffer.clear();
                    buffer.extend_from_slice(left);
                    buffer.push(v);
                    stem(&buffer)
                })
        };
        first && (stem(right) || right.len() > 3 && inflected(right, &mut buffer))
    });
    if parts { Class::Compound } else { Class::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_stem_ending_and_parts() {
        for (word, least) in
            [(b"och".as_slice(), Class::Common), (b"kartl\xe4ggningarna", Class::Inflected), (b"hembes\xf6ksrapporten", Class::Compound)]
        {
            assert!(class(word) >= least, "{:?}", class(word));
        }
        assert_eq!(class(b"ghebremedhin"), Class::Unknown);
        assert_eq!(class(b""), Class::Unknown);
    }
}
