//! Street addresses, with or without number, flat, floor or c/o; farms and boxes; and the colloquial kind ("gula huset bredvid Konsum").
//!
//! Forms: Svensk standard SS 63 70 03 (belägenhetsadresser: gata, nummer, litteral, uppgång, våning, lägenhetsnummer) and PostNord's rules for addressing.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Case, Doc, Found};
use crate::scan::endings;
use crate::scan::lexicon::{Class, class};
use crate::scan::numerals::{cardinal, ordinal};
use crate::scan::pack::{PLACE, SAFE, VERB};
use crate::scan::token::{Kind, Shape, Token};

mod described;
mod words;
use words::*;
pub use words::{HOMES, STRONG, WEAK};

pub const RULE: Rule = Rule {
    name: "address",
    category: Category::Address,
    patterns: &[r"(?:post)?box [0-9]{1,5}", r"(?:lgh|lägenhet|lght)[ .]{0,2}(?:nr )?[0-9l][0-9lo]{0,4}"],
    find,
};

fn word(doc: &Doc, i: usize) -> &[u8] {
    doc.tokens.get(i).filter(|t| t.is_word()).map_or(b"", |t| doc.word(t))
}

fn ends(word: &[u8], list: &[&[u8]]) -> bool {
    list.iter().any(|s| word.len() > s.len() && word.ends_with(s))
}

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    let upper = doc.case == Case::Upper;
    let mut done = 0;
    for (i, t) in doc.tokens.iter().enumerate() {
        if i < done || !t.is_word() || t.len() < 3 {
            if t.is_word() && t.len() == 1 && doc.word(t) == b"c" {
                care_of(doc, m, i, out);
            }
            continue;
        }
        // Most words are neither.
        let abbreviated = matches!(doc.n.lower[t.end - 1], b'g' | b'v');
        if !(t.capital() || t.may & endings::STREET != 0 || abbreviated && t.info.0 == 0) {
            continue;
        }
        if let Some((first, last, score)) = street(doc, i, upper).or_else(|| farm(doc, i)) {
            let last = tail(doc, last);
            out.push(m.found(doc.tokens[first].start, doc.tokens[last].end, score, "street"));
            done = last + 1;
        }
    }
    for (n, reason) in [(0, "post-box"), (1, "flat")] {
        for (start, end) in m.ranges(n, doc) {
            if doc.free(start, end) {
                let last = doc.token_at(end).saturating_sub(1);
                // "lgh 1203 på Tegnérgatan"
                out.push(m.found(start, doc.tokens[if n == 1 { tail(doc, last) } else { last }].end, 0.8, reason));
            }
        }
    }
    described::find(doc, m, out);
}

/// "c/o Lindqvist", "c/o Anna Berg"
fn care_of(doc: &Doc, m: &Matcher, i: usize, out: &mut Vec<Found>) {
    if let [_, slash, o, name, ..] = &doc.tokens[i..]
        && slash.is(b'/')
        && doc.word(o) == b"o"
        && name.is_word()
    {
        let second = doc.tokens.get(i + 4).filter(|n| n.is_word() && n.capital() && name.capital()).is_some();
        let last = if second { i + 4 } else { i + 3 };
        out.push(m.found(doc.tokens[i].start, doc.tokens[last].end, 0.8, "care-of"));
    }
}

/// A street whose name ends in token `i`: its first token, its last with the number, and how sure that is.
fn street(doc: &Doc, i: usize, upper: bool) -> Option<(usize, usize, f32)> {
    let t = &doc.tokens[i];
    let w = doc.word(t);
    let stem = w.strip_suffix(b"s").unwrap_or(w);
    // "Nalle", "stallen": what ends like an avenue by chance.
    let avenue = !(stem.ends_with(b"alle") || stem.ends_with(b"allen")) || stem.len() > 7 && class(stem) <= Class::Compound;
    let (strong, weak) = (ends(stem, STRONG) && avenue, ends(stem, WEAK) && avenue);
    // "Östra Parkgatan", "Danska vägen": the head alone, after a capitalised word.
    let alone = STRONG.iter().chain(WEAK).any(|s| s.len() > 2 && *s == w);
    let stop = doc.tokens.get(i + 1).is_some_and(|s| s.is(b'.') && !s.spaced) as usize;
    let number = number_at(doc, i + 1 + stop).filter(|last| !measure(doc, last + 1));
    let number_after = stop == 0 && number.is_some();
    let short = (w.ends_with(b"g") || w.ends_with(b"v")) && w.len() > 4 && class(w) < Class::Inflected;
    if !(strong || weak || alone || short && number.is_some() || number_after && t.shape == Shape::Initial) {
        return None;
    }
    let mut first = i;
    // Words before that belong to the name: "Norra", "Övre", "Sankt Eriks", "Doktor Belfrages".
    while first > 0 && i - first < 2 {
        let p = &doc.tokens[first - 1];
        let title = first < i
            && matches!(
                doc.word(p),
                b"doktor"
                    | b"sankt"
                    | b"kapten"
                    | b"biskop"
                    | b"drottning"
                    | b"kung"
                    | b"professor"
                    | b"major"
                    | b"general"
                    | b"prins"
                    | b"amiral"
            );
        let joins = p.capital()
            && p.is_word()
            && !p.info.has(SAFE)
            && !upper
            && doc.tokens[first].spaced
            && (doc.tokens[first].capital() || (first == i && alone));
        let compass = p.is_word() && COMPASS.contains(&doc.word(p));
        if !(compass || title || joins && !(p.opens && p.info.ordinary() > 0 && !compass)) {
            break;
        }
        first -= 1;
    }
    let capital = t.capital() && !upper;
    let known_word = t.info.ordinary() > 0 || t.info.has(SAFE) || class(w) >= Class::Inflected;
    let labelled = place_cue(doc, first);
    // Plans are no squares: "Individuell plan", "Resväg".
    let thing = matches!(w, b"plan" | b"v\xe4g" | b"park" | b"g\xe5rd" | b"hamn") && alone;
    let hit = if alone {
        first < i && (number_after || !thing && (capital || doc.tokens[first].capital()))
    } else if strong {
        (capital && !(t.opens && known_word && !number_after))
            || number_after
            || (!known_word && (labelled || upper && t.len() > 8))
            || !known_word && t.len() > 8 && (stem.ends_with(b"gatan") || stem.ends_with(b"v\xe4gen"))
    } else if weak {
        number_after && (capital || labelled) && !known_word
    } else {
        false
    };
    if hit {
        return Some((first, number.filter(|_| stop == 0).unwrap_or(i), if strong { 0.95 } else { 0.8 }));
    }
    let number = number?;
    // "Badhusg. 91", "Storg 14"
    if short && capital && !known_word {
        return Some((first, number, 0.8));
    }
    // Any capitalised word with a house number and letter after "på".
    let letter = doc.tokens[number].is_word() && doc.tokens[number].shape == Shape::Single;
    (capital && t.shape == Shape::Initial && stop == 0 && labelled && letter && !t.info.has(SAFE)).then_some((first, number, 0.8))
}

/// "Bolmsö Kyrkby 2, 340 12 …", "Adress: Skålebyn 12": a name and a number where an address stands.
fn farm(doc: &Doc, i: usize) -> Option<(usize, usize, f32)> {
    let t = &doc.tokens[i];
    if !(t.shape == Shape::Initial || t.shape == Shape::Upper && t.len() > 4) || t.info.has(SAFE) {
        return None;
    }
    let number = number_at(doc, i + 1).filter(|last| !measure(doc, last + 1) && doc.tokens[i + 1].kind == Kind::Number)?;
    let mut first = i;
    while first > 0 && i - first < 2 && doc.tokens[first - 1].capital() && doc.tokens[first].spaced && !doc.tokens[first - 1].info.has(SAFE)
    {
        first -= 1;
    }
    let label = first >= 2 && doc.tokens[first - 1].is(b':') && {
        let w = word(doc, first - 2);
        w.starts_with(b"adr") || w.ends_with(b"adress") || w == b"bostad" || w == b"bor"
    };
    let lives = matches!(word(doc, first.wrapping_sub(1)), b"p\xe5" | b"adressen" | b"f\xf6r")
        && doc.cue_before(doc.tokens[first].start, 5, LIVES).is_some();
    // A post code or a place right behind the comma or line.
    let rest = &doc.tokens[number + 1..];
    let post = matches!(rest, [c, n, ..] if matches!(c.kind, Kind::Punct(b',') | Kind::Newline) && (
        n.kind == Kind::Number && (n.len() == 5 || n.len() == 3 && rest.get(2).is_some_and(|x| x.kind == Kind::Number && x.len() == 2))
        || n.is_word() && n.capital() && n.info.has(PLACE) && !n.info.has(SAFE) && n.info.given() < 9 && c.is(b',') && rest.get(2).is_none_or(|x| !x.is_word())));
    let person = t.info.given() > 8 && t.info.surname() == 0;
    let listed = first > 0 && doc.tokens[first - 1].is(b',') && rest.is_empty();
    (label || (lives || post) && !person && !t.info.has(PLACE) || post && upper_line(t) || listed && i > first && t.info.given() == 0)
        .then_some((first, number, 0.75))
}

fn upper_line(t: &Token) -> bool {
    t.shape == Shape::Upper
}

/// "på Storgatan", "bor Lillvägen", "adress: …"
fn place_cue(doc: &Doc, first: usize) -> bool {
    let cues: [&[u8]; 14] = [
        b"p\xe5",
        b"adress*",
        b"bor",
        b"till",
        b"fr\xe5n",
        b"mot",
        b"l\xe4ngs",
        b"vid",
        b"c",
        b"inte",
        b"heter",
        b"korsningen",
        b"postadress*",
        b"av",
    ];
    doc.cue_before(doc.tokens[first].start, 1, &cues).is_some()
}

/// The last token of a house number at token `i`: "14", "14 B", "14B", "4 - 6", "11 och 13", "4:an", "femton", "fem och en halv", "sjutton B".
fn number_at(doc: &Doc, i: usize) -> Option<usize> {
    let t = doc.tokens.get(i)?;
    let newline = t.kind == Kind::Newline;
    let (i, t) = if newline { (i + 1, doc.tokens.get(i + 1)?) } else { (i, t) };
    let tangled = doc.tokens.get(i + 1).is_some_and(|w| w.is_word() && !w.spaced && doc.word(w).iter().all(|b| matches!(b, b'o' | b'l')));
    if t.kind == Kind::Number && t.spaced && tangled {
        // "1oo2": look-alikes among the digits.
        let more = doc.tokens.get(i + 2).is_some_and(|n| n.kind == Kind::Number && !n.spaced);
        return Some(i + 1 + more as usize);
    }
    let digits = t.kind == Kind::Number && t.len() < 4 && (t.spaced || newline);
    let look_alike = t.is_word() && t.len() == 1 && matches!(doc.word(t), b"l") && t.spaced;
    let numeral = !newline && t.may & endings::NUMERAL != 0 && t.len() > 2 && cardinal(doc.word(t)).is_some_and(|v| v < 400);
    if newline && doc.tokens.get(i + 1).is_none_or(|n| !n.is(b',')) {
        return None;
    }
    if word(doc, i) == b"nr" {
        return number_at(doc, i + 1);
    }
    if !(digits || numeral || look_alike) || newline && doc.tokens.get(i + 1).is_some_and(|n| n.is_word() && n.len() > 1) {
        return None;
    }
    let mut last = i;
    let is = |k: usize, b: u8| doc.tokens.get(k).is_some_and(|t| t.is(b));
    let num = |k: usize| doc.tokens.get(k).is_some_and(|t| t.kind == Kind::Number && t.len() < 4);
    if numeral && word(doc, i + 1) == b"och" && word(doc, i + 2) == b"en" && word(doc, i + 3).starts_with(b"halv") {
        return Some(i + 3);
    }
    if is(i + 1, b':') && word(doc, i + 2) == b"an" {
        return Some(i + 2);
    }
    // A clock, a date or a sum is none.
    if matches!(&doc.tokens[i + 1..], [p, n, ..] if matches!(p.kind, Kind::Punct(b'.' | b':' | b',' | b'/')) && !p.spaced && n.kind == Kind::Number && !n.spaced)
    {
        return None;
    }
    if let Some(l) = doc
        .tokens
        .get(last + 1)
        .filter(|l| l.is_word() && l.len() == 1 && (l.capital() || !l.spaced) && !matches!(doc.word(l), b"i" | b"\xe5" | b"v"))
    {
        let _ = l;
        last += 1;
    }
    // "4 - 6", "11 och 13", "14 B-C"
    let and_another = word(doc, last + 1) == b"och" && doc.tokens.get(last + 3).is_none_or(|t| !t.is_word());
    if (is(last + 1, b'-') || and_another) && num(last + 2) {
        last += 2;
    }
    Some(last)
}

/// Is the token a measure, so that the number before it is no house number?
fn measure(doc: &Doc, i: usize) -> bool {
    doc.tokens.get(i).is_some_and(|t| {
        t.is(b'%')
            || matches!(
                word(doc, i),
                b"kr"
                    | b"kronor"
                    | b"\xe5r"
                    | b"m"
                    | b"km"
                    | b"min"
                    | b"minuter"
                    | b"st"
                    | b"g\xe5nger"
                    | b"barn"
                    | b"dagar"
                    | b"mg"
                    | b"ml"
                    | b"timmar"
                    | b"po\xe4ng"
                    | b"procent"
                    | b"veckor"
            )
    })
}

/// How far what stands behind a street and its number goes: floor, door, flat, c/o, "bakom systemet".
fn tail(doc: &Doc, mut last: usize) -> usize {
    for _ in 0..6 {
        let comma = doc.tokens.get(last + 1).is_some_and(|c| c.is(b',') || c.is(b'('));
        let at = last + 1 + comma as usize;
        match detail(doc, at, comma) {
            Some(end) => last = end,
            None => break,
        }
        // "(hissen trasig)" behind a detail
        if doc.tokens.get(last + 1).is_some_and(|c| c.is(b'('))
            && let Some(close) = doc.tokens[last + 1..].iter().take(5).position(|t| t.is(b')'))
            && doc.tokens.get(last + 2 + close).is_some_and(|c| c.is(b','))
            && detail(doc, last + 3 + close, true).is_some()
        {
            last += 1 + close;
        }
    }
    last
}

/// One detail that begins at token `i`, and its last token.
fn detail(doc: &Doc, i: usize, comma: bool) -> Option<usize> {
    let t = doc.tokens.get(i)?;
    let w = word(doc, i);
    let w1 = word(doc, i + 1);
    if w == b"c" && doc.tokens.get(i + 1).is_some_and(|s| s.is(b'/')) && word(doc, i + 2) == b"o" && !word(doc, i + 3).is_empty() {
        return Some(i + 3);
    }
    if w == b"i" && comma && matches!(w1, b"gamla" | b"g\xe5rdshuset") && !word(doc, i + 2).is_empty() {
        return Some(i + 2);
    }
    if comma && SPATIAL.contains(&w) {
        return Some(described::place(doc, i));
    }
    let of_house = |k: usize| DETAIL.contains(&word(doc, k)) || ends(word(doc, k), &[b"uppg\xe5ngen", b"v\xe5ningen"]);
    let letters = |k: usize, a: u8, b: &[u8]| {
        word(doc, k).len() == 1
            && word(doc, k)[0] == a
            && b.contains(&word(doc, k + 1).first().copied().unwrap_or(0))
            && word(doc, k + 1).len() == 1
    };
    // "3 tr", "4:e vån", "andra dörren", "1tr", "3 v t h", "fyra trappor", "II tr"
    let counted = t.kind == Kind::Number && t.len() < 3
        || ordinal(w).is_some()
        || cardinal(w).is_some_and(|v| v < 30)
        || matches!(w, b"en" | b"i" | b"ii" | b"iii" | b"iv" | b"tredje");
    if counted {
        let mut k = i + 1;
        if doc.tokens.get(k).is_some_and(|c| c.is(b':')) && word(doc, k + 1).len() <= 2 {
            k += 2;
        }
        let stairs = matches!(
            word(doc, k),
            b"tr"
                | b"trappor"
                | b"trapp"
                | b"v\xe5n"
                | b"v\xe5ning"
                | b"v\xe5ningen"
                | b"van"
                | b"uppg\xe5ngen"
                | b"d\xf6rren"
                | b"porten"
                | b"ing\xe5ngen"
                | b"g\xe5rden"
                | b"v"
        );
        if stairs && (comma || word(doc, k) != b"v" || doc.tokens[k].spaced) {
            if doc.tokens.get(k + 1).is_some_and(|p| p.is(b'.')) && doc.tokens.get(k + 2).is_some_and(|p| !p.opens) {
                k += 1;
            }
            return Some(sides(doc, k));
        }
        return None;
    }
    if letters(i, b'n', b"b") || letters(i, b't', b"hv") || letters(i, b'u', b"v") || letters(i, b'b', b"v") || letters(i, b'\xf6', b"gv") {
        return Some(i + 1);
    }
    if matches!(w, b"u" | b"n" | b"b" | b"t")
        && doc.tokens.get(i + 1).is_some_and(|p| p.is(b'.'))
        && matches!(word(doc, i + 2), b"v" | b"b" | b"h")
    {
        return Some(i + 2);
    }
    if matches!(
        w,
        b"bv"
            | b"nb"
            | b"\xf6g"
            | b"\xf6v"
            | b"uv"
            | b"tv"
            | b"th"
            | b"vind"
            | b"vinden"
            | b"k\xe4llaren"
            | b"k\xe4llare"
            | b"g\xe5rdshuset"
    ) && (comma || w.len() == 2)
    {
        return Some(i);
    }
    if of_house(i) && w.len() > 1 {
        let dot = doc.tokens.get(i + 1).is_some_and(|p| p.is(b'.') || p.is(b':')) as usize;
        let nr = (word(doc, i + 1 + dot) == b"nr") as usize;
        let k = i + 1 + dot + nr;
        let value = doc.tokens.get(k)?;
        if matches!(word(doc, k), b"rakt" | b"till" | b"via" | b"fr\xe5n" | b"l\xe4ngst" | b"\xf6ver" | b"in") && comma {
            return Some(described::place(doc, k));
        }
        let v = value.kind == Kind::Number || value.is_word() && (value.len() == 1 || cardinal(doc.word(value)).is_some());
        if !v {
            return (comma && w.ends_with(b"en")).then_some(i);
        }
        let glued = doc.tokens.get(k + 1).is_some_and(|l| l.is_word() && l.len() == 1 && !l.spaced);
        return Some(k + glued as usize);
    }
    // "lgh 1203 på Tegnérgatan"
    if w == b"p\xe5" && doc.tokens.get(i + 1).is_some_and(|t| t.is_word() && ends(doc.word(t), STRONG)) {
        return Some(number_at(doc, i + 2).unwrap_or(i + 1));
    }
    None
}

/// "3 tr upp till vänster", "1 tr tv", "fyra trappor, dörren rakt fram"
fn sides(doc: &Doc, mut k: usize) -> usize {
    if matches!(word(doc, k + 1), b"upp" | b"ner" | b"ned") {
        k += 1;
    }
    if word(doc, k + 1) == b"till" && matches!(word(doc, k + 2), b"v\xe4nster" | b"h\xf6ger") {
        return k + 2;
    }
    if matches!(word(doc, k + 1), b"tv" | b"th" | b"v" | b"h") && word(doc, k + 1).len() == 2 {
        return k + 1;
    }
    let side = word(doc, k + 1) == b"t" && matches!(word(doc, k + 2), b"h" | b"v");
    if side { k + 2 } else { k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::recognizers::testing::check;

    #[test]
    fn finds_and_allows() {
        check(
            &RULE,
            &[
                ("på Storgatan 14 B, 3 tr i", "Storgatan 14 B, 3 tr"),
                ("bor på Lingonstigen 3, 393", "Lingonstigen 3"),
                ("bor på lillvägen 22", "lillvägen 22"),
                ("på Östra Parkgatan 5 B.", "Östra Parkgatan 5 B"),
                ("på Danska vägen 88.", "Danska vägen 88"),
                ("sprang mot Lantmannagatan", "Lantmannagatan"),
                ("Brev: Box 44", "Box 44"),
                ("på Ankarvägen, uppgång B, andra dörren, Råå", "Ankarvägen, uppgång B, andra dörren"),
                ("står Badhusg. nittioett, 54130 Skövde", "Badhusg. nittioett"),
                ("på Dalgatan 22, port C, 4:e vån och", "Dalgatan 22, port C, 4:e vån"),
                ("Doktor Belfrages gata, uppgång 6 (hissen trasig), 7 tr.", "Doktor Belfrages gata, uppgång 6 (hissen trasig), 7 tr"),
                ("på Historiegränd 12, rum 308. Nu", "Historiegränd 12, rum 308"),
                ("skriven på Hälle Lider 6, 459 32 Ljungskile", "Hälle Lider 6"),
                ("båda: Järnvägsgatan 11 och 13.", "Järnvägsgatan 11 och 13"),
                ("beslut till Näckrosvägen\n17, 68 532 Torsby", "Näckrosvägen\n17"),
                ("heter Elisabeth, Slottsvägen fem och en halv, S 590 31", "Slottsvägen fem och en halv"),
                ("på Möllevångsgatan 41, 3 v t h. Han", "Möllevångsgatan 41, 3 v t h"),
                ("Adress: Skålebyn 12, 458 30", "Skålebyn 12"),
                ("Hon bor ovanpå fiskaffären i hamnen, 263", "ovanpå fiskaffären i hamnen"),
                ("han bor i gårdshuset bakom bageriet, S", "gårdshuset bakom bageriet"),
                ("bor i vaktstugan intill slussen i Håverud", "vaktstugan intill slussen"),
                ("i gula huset bredvid Konsum.", "gula huset bredvid Konsum"),
            ],
            &[
                "på gatan igår",
                "hela vägen hem",
                "vi valde fel väg",
                "ut på promenaden",
                "Individuell plan upprättad",
                "Medelbetyg 4,3 av 5",
                "samtalet efter mötet",
                "vi satt vid huset och pratade",
            ],
        );
    }
}
