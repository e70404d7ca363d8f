//! Years of birth: "född 1981", "f. 2013".

use super::*;

/// "född 1981", "f. 55", "årgång -98", "född någon gång nittontjugonio", "födelseår: 78 och 81".
pub(super) fn birth_year(doc: &Doc, m: &Matcher, i: usize, out: &mut Vec<Found>) {
    let w = word_at(doc, i);
    let strong = BORN.contains(&w) || w.starts_with(b"f\xf6delse\xe5r");
    if !strong && w != b"f" {
        return;
    }
    let mut j = i + 1;
    let mut skipped = 0;
    while let Some(t) = doc.tokens.get(j) {
        let filler =
            matches!(t.kind, Kind::Punct(b'.' | b':' | b'(')) || t.is_word() && strong && skipped < 6 && BORN_FILLER.contains(&doc.word(t));
        if !filler {
            break;
        }
        skipped += 1;
        j += 1;
    }
    if w == b"f" && (skipped > 2 || i > 0 && !doc.tokens[i].spaced) {
        return;
    }
    let Some((last, end)) = year_at(doc, j, strong || skipped > 0) else { return };
    push(doc, m, j, last, 0.85, "birth-year", out);
    // "78 och 81"; ", hustrun Alma -41"
    if matches!(word_at(doc, last + 1), b"och" | b"o" | b"resp" | b"respektive")
        && let Some((l, _)) = year_at(doc, last + 2, true)
    {
        push(doc, m, last + 2, l, 0.8, "birth-year", out);
    }
    for k in end..(end + 8).min(doc.tokens.len()) {
        if doc.tokens[k].kind == Kind::Newline {
            break;
        }
        if doc.tokens[k].is(b'-')
            && doc.tokens[k].spaced
            && named(&doc.tokens[k - 1])
            && let Some((l, _)) = year_at(doc, k, true)
        {
            push(doc, m, k, l, 0.8, "birth-year", out);
        }
    }
}

/// A year of birth at token `j`: its last token and the token after it. `short` lets two digits stand for one.
fn year_at(doc: &Doc, j: usize, short: bool) -> Option<(usize, usize)> {
    let t = doc.tokens.get(j)?;
    let date = |k: usize| {
        matches!(&doc.tokens[k..], [p, q, ..] if !p.spaced && matches!(p.kind, Kind::Punct(b'-' | b'/' | b'.')) && !q.spaced && q.kind == Kind::Number)
            || doc.tokens.get(k).is_some_and(|t| t.info.has(MONTH))
    };
    match t.kind {
        Kind::Punct(b'-' | b'\'') => {
            let n = doc.tokens.get(j + 1).filter(|n| n.kind == Kind::Number && n.len() == 2 && !n.spaced)?;
            (doc.free(t.start, n.end) && !date(j + 2)).then_some((j + 1, j + 2))
        }
        Kind::Number => {
            let w = doc.word(t);
            let year = w.len() == 4 && matches!(&w[..2], b"18" | b"19" | b"20") || w.len() == 2 && short;
            (year && !date(j + 1)).then_some((j, j + 1))
        }
        Kind::Word => {
            // "nitton-tjugonio", "nittonhundra åttioett", "tretti-sex"
            let mut value = prefix(doc.word(t)).filter(|(_, r)| r.is_empty())?.0;
            let mut last = j;
            let at = if doc.tokens.get(j + 1).is_some_and(|h| h.is(b'-')) { j + 2 } else { j + 1 };
            if (value == 19 || value == 20 || value % 100 == 0 && value > 100 || value < 100 && value % 10 == 0)
                && let Some(more) = cardinal(word_at(doc, at)).filter(|v| *v < 100)
            {
                value = if value < 100 && value > 20 { value + more } else { value * if value < 100 { 100 } else { 1 } + more };
                last = at;
            }
            let year = (1880..2040).contains(&value) || short && (20..100).contains(&value);
            (year && !date(last + 1)).then_some((last, last + 1))
        }
        _ => None,
    }
}
