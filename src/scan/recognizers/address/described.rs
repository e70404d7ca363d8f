//! Where somebody lives, told without an address: "gula huset bredvid Konsum", "ovanpå fiskaffären i hamnen", "sista gården efter grustaget".

use super::super::Matcher;
use super::words::*;
use super::{SAFE, VERB, ends, word};
use crate::scan::doc::{Doc, Found};
use crate::scan::endings;
use crate::scan::numerals::ordinal;
use crate::scan::token::Kind;

/// What one lives in.
fn building(w: &[u8]) -> bool {
    w.len() > 4
        && (BUILDING.contains(&w)
            || ends(
                w,
                &[b"huset", b"stugan", b"villan", b"bostaden", b"torpet", b"k\xe5tan", b"vagnen", b"g\xe5rden", b"bryggan", b"boden"],
            ))
}

/// The last token of what lies around token `i` (a word of place): "bakom systemet", "söder om kyrkan", "vid forsen".
pub fn place(doc: &Doc, i: usize) -> usize {
    let mut last = i;
    let mut nouns = 0;
    for (k, t) in doc.tokens.iter().enumerate().skip(i + 1).take(7) {
        let w = word(doc, k);
        let small = matches!(
            w,
            b"om"
                | b"emot"
                | b"f\xf6r"
                | b"det"
                | b"den"
                | b"de"
                | b"i"
                | b"p\xe5"
                | b"en"
                | b"ett"
                | b"till"
                | b"mot"
                | b"fr\xe5n"
                | b"vid"
                | b"in"
                | b"av"
                | b"h\xf6ger"
                | b"v\xe4nster"
                | b"gamla"
                | b"med"
                | b"innan"
                | b"ut"
        );
        if !t.is_word() || STOPS.contains(&w) && !small || t.info.has(VERB) && !small || t.info.has(SAFE) && !t.capital() && nouns > 0 {
            break;
        }
        if small {
            // "i hamnen" goes with it, "på tisdag" and "i går" do not: a definite noun must follow.
            if nouns > 0 && !(matches!(w, b"i" | b"p\xe5" | b"till" | b"fr\xe5n" | b"mot") && definite(word(doc, k + 1)) && nouns < 2) {
                break;
            }
            continue;
        }
        nouns += 1;
        last = k;
        if nouns > 2 {
            break;
        }
        // One noun is enough unless a name goes on ("Kafé Sjöstugan", "Hällnäs station").
        let next = doc.tokens.get(k + 1);
        let goes = next.is_some_and(|n| {
            n.is_word()
                && (n.capital() && t.capital()
                    || matches!(doc.word(n), b"i" | b"p\xe5" | b"fr\xe5n" | b"till" | b"station" | b"kyrka" | b"skola" | b"br\xe5d"))
        }) || !definite(w) && next.is_some_and(|n| n.is_word() && !STOPS.contains(&doc.word(n)) && !n.info.has(VERB));
        if !goes {
            break;
        }
    }
    last
}

fn definite(w: &[u8]) -> bool {
    w.len() > 4 && [b"en".as_slice(), b"et", b"an", b"na", b"n"].iter().any(|e| w.ends_with(e))
}

fn spatial(doc: &Doc, i: usize) -> bool {
    let w = word(doc, i);
    SPATIAL.contains(&w) && !matches!(w, b"mitt" | b"strax" | b"s\xf6der" | b"norr" | b"\xf6ster" | b"v\xe4ster")
        || matches!((w, word(doc, i + 1)), (b"mitt", b"emot" | b"f\xf6r") | (b"s\xf6der" | b"norr" | b"\xf6ster" | b"v\xe4ster", b"om"))
}

pub fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let mut i = 0;
    while i < doc.tokens.len() {
        let (t, at) = (&doc.tokens[i], i);
        i += 1;
        if !t.is_word() || t.len() < 3 {
            continue;
        }
        let w = doc.word(t);
        // The words asked for end as homes do, or as "ovanför", "bakom", "intill" do.
        if t.may & endings::HOME == 0 && !matches!(w[0], b'o' | b'n' | b'b' | b'm' | b'i') {
            continue;
        }
        let lives = || doc.cue_before(t.start, 6, LIVES).is_some();
        if t.may & endings::HOME != 0 && building(w) || matches!(w, b"hus" | b"villa" | b"stuga") {
            let mut first = at;
            while first > 0 && (COLOURS.contains(&word(doc, first - 1)) || ordinal(word(doc, first - 1)).is_some()) {
                first -= 1;
            }
            let picked = first < at;
            // What the house lies by: right behind it, or behind a comma.
            let comma = doc.tokens.get(at + 1).is_some_and(|c| c.is(b',')) as usize;
            let k = at + 1 + comma;
            let by = spatial(doc, k) || matches!(word(doc, k), b"p\xe5" | b"i" | b"med") && comma == 0;
            let strong = spatial(doc, k) && !matches!(word(doc, k), b"vid" | b"efter" | b"f\xf6re" | b"innan");
            let last = if by { place(doc, k) } else { at };
            let telling = last > k;
            let home = lives();
            let hit = telling
                && (picked && (home || comma == 0 && spatial(doc, k)) || home && spatial(doc, k) || strong && w.ends_with(b"huset"))
                && (comma == 0 || home);
            let numbered = picked && home && !word(doc, at + 1).starts_with(b"fr") && first > 0 && ordinal(word(doc, first)).is_some();
            if hit {
                let mut end = last;
                if doc.tokens.get(end + 1).is_some_and(|c| c.is(b','))
                    && matches!(word(doc, end + 2), b"mitt" | b"tv\xe5an" | b"trean" | b"ettan" | b"strax")
                {
                    end = place(doc, end + 2);
                }
                out.push(m.found(doc.tokens[first].start, doc.tokens[end].end, 0.75, "address-described"));
                i = end + 1;
            } else if numbered || picked && home && comma == 1 {
                out.push(m.found(doc.tokens[first].start, t.end, 0.7, "address-described"));
            }
            continue;
        }
        // "bor numera ovanför Konsum", "hittad vid …"
        if matches!(w, b"ovanp\xe5" | b"ovanf\xf6r" | b"nedanf\xf6r" | b"bakom" | b"mittemot" | b"intill" | b"bredvid") {
            let near =
                doc.cue_before(t.start, 3, &[b"bor", b"bodde", b"bo", b"bott", b"boende", b"bosatt", b"flyttat", b"flyttade"]).is_some();
            let last = place(doc, at);
            let person = doc.tokens.get(at + 1).is_some_and(|n| n.info.given() > 8 && n.capital() || n.kind == Kind::Mask);
            if near && last > at && !person {
                let more = doc.tokens.get(last + 1).is_some_and(|c| c.is(b','))
                    && matches!(word(doc, last + 2), b"tv\xe5an" | b"trean" | b"ettan" | b"fyran");
                let last = if more { place(doc, last + 2) } else { last };
                out.push(m.found(t.start, doc.tokens[last].end, 0.75, "address-described"));
                i = last + 1;
            }
        }
    }
}
