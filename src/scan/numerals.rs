//! Numbers in words: one grammar of Swedish cardinals and ordinals, read from left to right, also run together ("nittonhundraåttioett") and as people
//! say them ("tretti", "åttisju", "aderton"). Source: Svenska Akademiens grammatik, volume 2, chapter 6 (Räkneord).

const UNITS: &[(&[u8], u32)] = &[
    (b"ett", 1),
    (b"en", 1),
    (b"tv\xe5", 2),
    (b"tre", 3),
    (b"fyra", 4),
    (b"fem", 5),
    (b"sex", 6),
    (b"sju", 7),
    (b"\xe5tta", 8),
    (b"nio", 9),
    (b"ni", 9),
];
const TEENS: &[(&[u8], u32)] = &[
    (b"tretton", 13),
    (b"fjorton", 14),
    (b"femton", 15),
    (b"sexton", 16),
    (b"sjutton", 17),
    (b"aderton", 18),
    (b"arton", 18),
    (b"nitton", 19),
    (b"elva", 11),
    (b"tolv", 12),
    (b"tio", 10),
];
const TENS: &[(&[u8], u32)] = &[
    (b"tjugo", 20),
    (b"tjugi", 20),
    (b"tjuge", 20),
    (b"trettio", 30),
    (b"fyrtio", 40),
    (b"femtio", 50),
    (b"sextio", 60),
    (b"sjuttio", 70),
    (b"\xe5ttio", 80),
    (b"nittio", 90),
    (b"tretti", 30),
    (b"fyrti", 40),
    (b"femti", 50),
    (b"sexti", 60),
    (b"sjutti", 70),
    (b"\xe5tti", 80),
    (b"nitti", 90),
];

fn take<'a>(word: &'a [u8], list: &[(&[u8], u32)]) -> Option<(u32, &'a [u8])> {
    list.iter().find(|(w, _)| word.starts_with(w)).map(|(w, n)| (*n, &word[w.len()..]))
}

/// A number below a hundred at the start of the word, and what follows it.
fn below_hundred(word: &[u8]) -> Option<(u32, &[u8])> {
    if let Some(found) = take(word, TEENS) {
        return Some(found);
    }
    match take(word, TENS) {
        Some((tens, rest)) => match take(rest, UNITS) {
            Some((unit, rest)) => Some((tens + unit, rest)),
            None => Some((tens, rest)),
        },
        None => take(word, UNITS),
    }
}

/// Can a number word begin with this letter? Most words of a text are ruled out by it.
#[inline]
pub fn may_begin(b: u8) -> bool {
    matches!(b, b'e' | b't' | b'f' | b's' | b'n' | b'a' | b'h' | 0xe5)
}

/// The number at the start of a word, and the rest of the word.
pub fn prefix(word: &[u8]) -> Option<(u32, &[u8])> {
    if !word.first().is_some_and(|b| may_begin(*b)) {
        return None;
    }
    let (first, rest) = match word.strip_prefix(b"hundra") {
        Some(_) => (1, word),
        None => below_hundred(word)?,
    };
    if let Some(rest) = rest.strip_prefix(b"tusen") {
        let (more, rest) = prefix(rest).filter(|(n, _)| *n < 1000).unwrap_or((0, rest));
        return Some((first * 1000 + more, rest));
    }
    if let Some(rest) = rest.strip_prefix(b"hundra") {
        let (more, rest) = below_hundred(rest).unwrap_or((0, rest));
        return Some((first * 100 + more, rest));
    }
    // "nittonåttiofem": a year without its hundra.
    if matches!(first, 18..=20)
        && let Some((more, rest)) = below_hundred(rest).filter(|(n, _)| *n > 9)
    {
        return Some((first * 100 + more, rest));
    }
    Some((first, rest))
}

/// The value of a word that is a number and nothing else. "en" is left out: it is an article.
pub fn cardinal(word: &[u8]) -> Option<u32> {
    match prefix(word)? {
        (n, rest) if rest.is_empty() && word != b"en" && word != b"ni" => Some(n),
        _ => None,
    }
}

const ORDINALS: &[(&[u8], u32)] = &[
    (b"f\xf6rsta", 1),
    (b"andra", 2),
    (b"andre", 2),
    (b"tredje", 3),
    (b"fj\xe4rde", 4),
    (b"femte", 5),
    (b"sj\xe4tte", 6),
    (b"sjunde", 7),
    (b"\xe5ttonde", 8),
    (b"nionde", 9),
    (b"tionde", 10),
    (b"elfte", 11),
    (b"tolfte", 12),
    (b"trettonde", 13),
    (b"fjortonde", 14),
    (b"femtonde", 15),
    (b"sextonde", 16),
    (b"sjuttonde", 17),
    (b"adertonde", 18),
    (b"artonde", 18),
    (b"nittonde", 19),
    (b"tjugonde", 20),
    (b"trettionde", 30),
    (b"trettif\xf6rsta", 31),
    (b"trettiof\xf6rsta", 31),
];

/// The value of an ordinal word up to thirty-first ("fjortonde", "tjugotredje").
pub fn ordinal(word: &[u8]) -> Option<u32> {
    if word.len() < 5 || !matches!(word.last(), Some(b'a' | b'e')) {
        return None;
    }
    let small = |w: &[u8]| ORDINALS.iter().find(|(o, _)| *o == w).map(|(_, n)| *n);
    small(word).or_else(|| {
        let rest = word.strip_prefix(b"tjugo").or(word.strip_prefix(b"tjugi"))?;
        small(rest).filter(|n| *n < 10).map(|n| n + 20)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin(text: &str) -> Vec<u8> {
        text.chars().map(|c| c as u32 as u8).collect()
    }

    #[test]
    fn reads_numbers_in_words() {
        for (word, n) in [
            ("tre", 3),
            ("aderton", 18),
            ("fyrtioett", 41),
            ("åttisju", 87),
            ("hundratre", 103),
            ("etthundraelva", 111),
            ("nittonhundraåttioett", 1981),
            ("nittonåttiofem", 1985),
            ("tjugohundratjugofyra", 2024),
            ("tvåtusentjugofyra", 2024),
            ("tjugotjugofyra", 2024),
        ] {
            assert_eq!(cardinal(&latin(word)), Some(n), "{word}");
        }
        for word in ["en", "sexig", "tio-i", "femma", "trevlig", ""] {
            assert_eq!(cardinal(&latin(word)), None, "{word}");
        }
        for (word, n) in [("tredje", 3), ("tjugotredje", 23), ("trettioförsta", 31), ("åttonde", 8)] {
            assert_eq!(ordinal(&latin(word)), Some(n), "{word}");
        }
        assert_eq!(ordinal(b"tjugotionde"), None);
    }
}
