//! Exact ages and birth years. Bands ("40-årsåldern"), legal limits ("över 18 år") and durations ("i tre år") are none.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};
use crate::scan::pack::{KIN, NAMING, TITLE};
use crate::scan::token::{Kind, Token};

pub const RULE: Rule = Rule {
    name: "age",
    category: Category::Age,
    patterns: &[
        // 0: digits with -årig, -åring, -årige …
        r"[0-9]{1,3}(?:,5)?[ -]?(?:åriga?e?|åringa?r?n?a?s?|årige|månaders|mån:s|veckors|dagars)\b",
        // 1: words with it
        r"(?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|tjugo[a-zåäö]*|trettio[a-zåäö]*|fyrtio[a-zåäö]*|femtio[a-zåäö]*|sextio[a-zåäö]*|sjuttio[a-zåäö]*|åttio[a-zåäö]*|nittio[a-zåäö]*|halv|halvannat)[ -]?(?:årige?a?t?|åring(?:en|ens|ar|arna|s)?|månaders|veckors|dagars)\b",
        // 2: "43 år", "8 månader gammal", "5 1/2 år"
        r"[0-9]{1,3}(?:[,.]5| 1/2|½| och (?:ett )?halvt)? ?(?:år|mån(?:ader)?|veckor|dagar|dygn|bast|somrar)\b(?: (?:och|o) [0-9]{1,2} mån(?:ader)?)?(?: (?:gammal|gamla|gammalt|ung|unga))?",
        // 3: the same in words
        r"(?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|tjugo[a-zåäö]*|trettio[a-zåäö]*|fyrtio[a-zåäö]*|femtio[a-zåäö]*|sextio[a-zåäö]*|sjuttio[a-zåäö]*|åttio[a-zåäö]*|nittio[a-zåäö]*|hundra[a-zåäö]*)(?: och (?:ett )?halvt)? (?:år|mån(?:ader)?|veckor|dagar|bast)\b(?: (?:gammal|gamla|gammalt|ung|unga))?",
        // 4: birth years
        r"(?:född|födda|föddes|f|årgång|födelseår|född år|f år|född:|född i)[.:]? ?(?:år )?((?:19|20)[0-9]{2}|-[0-9]{2}|'[0-9]{2})\b",
        r"((?:19|20)[0-9]{2})(?: års modell|a)\b",
        // 6: a bare number, in brackets or between commas
        r"(?:\(|, ?|\bär |\bär snart |\bär bara |\be |\bfyller |\bfyllt |\bblir |\bålder:? |\bpå |\bblev |[a-zåäö] )([0-9]{1,3})(?:$|[)., \n!?;:/])",
        // 7: a bare number in words
        r"(?:\(|, ?|[a-zåäö] |\n)((?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|(?:tjugo|trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio)(?:ett|en|två|tre|fyra|fem|sex|sju|åtta|nio)?|etthundra[a-zåäö]*|hundra[a-zåäö]*)(?: och (?:ett )?halvt)?)(?:$|[)., \n!?;:/])",
        // 8: "4 och 9 år", "2, 5 och 9 år"
        r"[0-9]{1,2}(?: 1/2|½|,5)?(?:, ?[0-9]{1,2})*,? (?:och|o|samt|resp\.?|&) [0-9]{1,2} ?(?:år|mån(?:ader)?)\b(?: gamla)?",
        // 9: the same in words
        r"(?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|(?:tjugo|trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio)(?:ett|en|två|tre|fyra|fem|sex|sju|åtta|nio)?|etthundra[a-zåäö]*|hundra[a-zåäö]*)(?: och (?:ett )?halvt)?(?:, (?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|(?:tjugo|trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio)(?:ett|en|två|tre|fyra|fem|sex|sju|åtta|nio)?|etthundra[a-zåäö]*|hundra[a-zåäö]*)(?: och (?:ett )?halvt)?)*,? (?:och|o|samt) (?:ett|två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|fjorton|femton|sexton|sjutton|arton|nitton|(?:tjugo|trettio|fyrtio|femtio|sextio|sjuttio|åttio|nittio)(?:ett|en|två|tre|fyra|fem|sex|sju|åtta|nio)?|etthundra[a-zåäö]*|hundra[a-zåäö]*)(?: och (?:ett )?halvt)? (?:år|månader)\b(?: gamla)?",
    ],
    find,
};

const DURATION_BEFORE: &[&[u8]] = &[
    b"i",
    b"under",
    b"efter",
    b"sedan",
    b"p\xe5",
    b"om",
    b"varje",
    b"f\xf6r",
    b"inom",
    b"minst",
    b"max",
    b"h\xf6gst",
    b"senaste",
    b"tills",
    b"av",
    b"var",
    b"vart",
    b"\xf6ver",
    b"till",
    b"mellan",
    b"l\xe4ngst",
    b"ca",
    b"cirka",
    b"totalt",
    b"de",
    b"ytterligare",
    b"fler",
    b"n\xe4rmare",
    b"drygt",
    b"knappt",
    b"hela",
    b"f\xf6rsta",
    b"n\xe4sta",
    b"upp",
    b"och",
    b"eller",
    b"tagit",
    b"tar",
    b"tog",
    b"v\xe4nta",
    b"v\xe4ntat",
    b"kvar",
    b"g\xe5tt",
    b"bara",
    b"per",
    b"med",
    b"fr\xe5n",
    b"d\xf6mdes",
    b"straff",
    b"str\xe4ck",
    b"g\xe4ller",
    b"varar",
    b"gallras",
    b"uppf\xf6ljning",
    b"m\xe5ste",
    b"f\xe5r",
    b"fick",
    b"giltig",
    b"bott",
];
const DURATION_AFTER: &[&[u8]] = &[
    b"sedan",
    b"sen",
    b"tillbaka",
    b"senare",
    b"i",
    b"efter",
    b"innan",
    b"f\xf6re",
    b"till",
    b"p\xe5",
    b"utan",
    b"kvar",
    b"bort",
    b"fram\xe5t",
    b"av",
    b"per",
];
const AGED: &[&[u8]] = &[
    b"\xe4r",
    b"e",
    b"fyllt",
    b"fyller",
    b"fyllde",
    b"blir",
    b"blev",
    b"var",
    b"snart",
    b"nyss",
    b"\xe5lder",
    b"\xe5ldern",
    b"mannen",
    b"kvinna",
    b"kvinnan",
    b"man",
    b"pojke",
    b"flicka",
    b"kille",
    b"tjej",
    b"bebis",
    b"barn",
    b"son",
    b"dotter",
    b"nu",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for n in [0, 1] {
        for (start, end) in m.ranges(n, doc) {
            if doc.free(start, end) {
                out.push(m.found(start, end, 0.9, "age-word"));
            }
        }
    }
    for n in [2, 3] {
        for (start, end) in m.ranges(n, doc) {
            if doc.free(start, end) && is_age(doc, start, end) {
                out.push(m.found(start, end, 0.8, "age-years"));
            }
        }
    }
    for n in [4, 5] {
        for (start, end) in m.groups(n, doc) {
            if start == 0 || doc.n.lower[start - 1] != b'-' {
                out.push(m.found(start, end, 0.85, "birth-year"));
            }
        }
    }
    for (start, end) in m.groups(6, doc) {
        bare(doc, m, start, end, out);
    }
    for (start, end) in m.groups(7, doc) {
        bare(doc, m, start, end, out);
    }
    for n in [8, 9] {
        for (start, end) in m.ranges(n, doc) {
            let span = doc
                .word_before(start, b"")
                .is_some_and(|t| matches!(doc.word(t), b"mellan" | b"i" | b"efter" | b"om" | b"under" | b"p\xe5" | b"kring" | b"inom"));
            if doc.free(start, end) && !span {
                out.push(m.found(start, end, 0.8, "ages-listed"));
            }
        }
    }
}

/// "43 år": of a person, not a time that something took?
fn is_age(doc: &Doc, start: usize, end: usize) -> bool {
    let text = doc.lower(start, end);
    if text.ends_with(b"gammal")
        || text.ends_with(b"gamla")
        || text.ends_with(b"gammalt")
        || text.ends_with(b"bast")
        || text.ends_with(b"ung")
    {
        return true;
    }
    let after = doc.word_after(end, b"");
    if after.is_some_and(|t| DURATION_AFTER.contains(&doc.word(t)) && !matches!(doc.word(t), b"i" | b"av" | b"p\xe5")) {
        return false;
    }
    let i = doc.token_at(start);
    let before: Option<&Token> = i.checked_sub(1).map(|p| &doc.tokens[p]);
    let years = text.ends_with(b"\xe5r") || text.contains(&b'n');
    match before {
        None => after.is_none(),
        Some(t) if t.is_word() => {
            let w = doc.word(t);
            if AGED.contains(&w) {
                // "är 2 veckor": a time; "är 43 år": an age. "var tre dagar": every three days.
                return text.ends_with(b"\xe5r") && (w != b"var" || end - start > 5)
                    || (text.contains(&b'm') && matches!(w, b"\xe4r" | b"bebis" | b"barn" | b"e" | b"son" | b"dotter"));
            }
            !DURATION_BEFORE.contains(&w) && years && (t.info.has(KIN | TITLE) || named(t))
        }
        Some(t) => match t.kind {
            Kind::Punct(b'(') => true,
            Kind::Punct(b',') => {
                let w = doc.tokens[..i - 1].last();
                let closed = doc.tokens.get(doc.token_at(end)).is_none_or(|t| {
                    matches!(t.kind, Kind::Punct(_) | Kind::Newline)
                        || (t.is_word() && matches!(doc.word(t), b"och" | b"som" | b"fr\xe5n" | b"med" | b"i" | b"bor" | b"har" | b"\xe4r"))
                });
                closed
                    && w.is_some_and(|w| {
                        w.is_word() && (named(w) || w.info.has(KIN | TITLE) || text.ends_with(b"\xe5r") || doc.word(w) == b"nu")
                    })
            }
            Kind::Punct(b':') => doc.word_before(t.start, b"").is_some_and(|w| doc.word(w).starts_with(b"\xe5lder") || w.info.has(KIN)),
            Kind::Punct(b'-') => text.ends_with(b"\xe5r") && doc.tokens[..i - 1].last().is_some_and(named),
            Kind::Newline | Kind::Punct(b'.') => {
                text.ends_with(b"\xe5r")
                    && (t.kind == Kind::Newline || after.is_none() || after.is_some_and(|t| matches!(doc.word(t), b"och" | b"bor")))
            }
            Kind::Mask => text.ends_with(b"\xe5r"),
            _ => false,
        },
    }
}

/// Does the word look like a person's name or like a word for a person?
fn named(t: &Token) -> bool {
    t.is_word()
        && (t.capital() && !t.opens
            || t.capital() && (t.info.ordinary() == 0 || t.info.given() > 9)
            || t.info.given() > 6 && t.info.ordinary() == 0
            || t.info.has(KIN | NAMING))
}

/// A number alone, in digits or words: "(12)", "Anna, 43,", "är 43 och", "fyller nittio".
fn bare(doc: &Doc, m: &Matcher, start: usize, end: usize, out: &mut Vec<Found>) {
    let text = doc.lower(start, end);
    let digits = text[0].is_ascii_digit();
    let value: u32 = if digits { text.iter().fold(0, |v, b| v * 10 + (b - b'0') as u32) } else { 20 };
    if value > 110 || text[0] == b'0' {
        return;
    }
    let i = doc.token_at(start);
    let rest = &doc.tokens[doc.token_at(end)..];
    let Some(before) = i.checked_sub(1).map(|p| &doc.tokens[p]) else { return };
    let after = rest.first();
    let stop = after.is_none_or(|t| {
        matches!(t.kind, Kind::Newline | Kind::Punct(b')' | b'!' | b'?' | b';' | b'/'))
            || (t.is(b'.') || t.is(b',')) && rest.get(1).is_none_or(|n| n.spaced || n.kind == Kind::Newline)
    });
    // "är 71 och har", "fyller 97 i maj"
    let goes_on = after.is_some_and(|t| {
        t.is_word()
            && matches!(
                doc.word(t),
                b"och"
                    | b"o"
                    | b"men"
                    | b"som"
                    | b"eller"
                    | b"i"
                    | b"nu"
                    | b"bast"
                    | b"snart"
                    | b"den"
                    | b"fyllda"
                    | b"n\xe4r"
                    | b"d\xe5"
                    | b"samt"
            )
    });
    let person = |t: &Token| {
        named(t)
            || t.info.has(KIN)
            || t.is_word() && matches!(doc.word(t), b"kvinna" | b"kvinnan" | b"man" | b"mannen" | b"pappa" | b"person")
    };
    // "Anna (12)", "Anna, 12,": what stands before the bracket or comma; one number further back in a list ("10 och 13").
    let subject = |at: usize| at < doc.tokens.len() && (person(&doc.tokens[at]) || doc.tokens[at].kind == Kind::Mask);
    let one = digits || !matches!(text, b"ett" | b"en" | b"tv\xe5");
    let hit = match before.kind {
        Kind::Punct(b'(') => {
            after.is_some_and(|t| t.is(b')') || t.is(b',') || t.is_word() && matches!(doc.word(t), b"och" | b"o"))
                && i >= 2
                && subject(i - 2)
        }
        Kind::Punct(b',') => {
            (stop || goes_on && rest.get(1).is_some_and(|n| n.kind == Kind::Number)) && i >= 2 && subject(i - 2) && value > 0
        }
        Kind::Punct(b':') => stop && doc.word_before(before.start, b"").is_some_and(|w| doc.word(w).starts_with(b"\xe5lder")),
        Kind::Word => {
            let w = doc.word(before);
            let tells = matches!(w, b"fyller" | b"fyllt" | b"blir" | b"fyllde" | b"\xe5lder");
            let is = matches!(w, b"\xe4r" | b"e" | b"blev" | b"snart" | b"var" | b"bara" | b"vara") && one;
            let on = w == b"p\xe5" && stop && doc.tokens[..i - 1].last().is_some_and(&person) && value > 2;
            let beside = stop
                && person(before)
                && value > 2
                && !before.info.has(TITLE)
                && (before.info.given() > 4 || before.info.has(KIN))
                && before.info.ordinary() == 0
                && digits;
            let clock = doc.cue_before(start, 3, &[b"klockan", b"kl"]).is_some();
            !clock && ((tells || is) && (stop || goes_on) || on || beside)
        }
        _ => false,
    };
    if hit {
        out.push(m.found(start, end, 0.75, "age-bare"));
        // "10 och 13": the other of the pair.
        if let [and, n, ..] = rest
            && and.is_word()
            && matches!(doc.word(and), b"och" | b"o")
            && n.kind == Kind::Number
            && n.len() < 3
            && !rest.get(2).is_some_and(|t| t.is_word() && !matches!(doc.word(t), b"i" | b"som" | b"har"))
        {
            out.push(m.found(n.start, n.end, 0.7, "age-bare"));
        }
    }
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
                ("Hon är 43 år och", "43 år"),
                ("en sjuåring som", "sjuåring"),
                ("en 7-årig pojke", "7-årig"),
                ("född 1981 i", "1981"),
                ("8 månader gammal", "8 månader gammal"),
                ("Leila (12) bor", "12"),
                ("Karl, 86, var", "86"),
                ("mannen fyller nittio", "nittio"),
            ],
            &["i 40-årsåldern", "i tre år", "för 2 år sedan", "över 18 år", "var tredje månad", "på 3 månader", "efter 14 dagar"],
        );
    }
}
