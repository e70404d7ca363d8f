//! User names, profiles, hashtags and personal links.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found, Near};
use crate::scan::text::{is_letter, is_upper, is_word};
use crate::scan::token::{Kind, Token};
use crate::scan::words;

pub const RULE: Rule = Rule {
    name: "handle",
    category: Category::Handle,
    patterns: &[r"(?:^|[^a-zåäö0-9.])([@#][a-zåäö0-9_][a-zåäö0-9_.-]*[a-zåäö0-9_])", r"(?:https?://|www\.)[^\s<>]+[a-zåäö0-9/]"],
    find,
};

/// Services whose paths are people.
const SITES: &[&[u8]] = &[
    b"instagram",
    b"tiktok",
    b"facebook",
    b"fb",
    b"t",
    b"snapchat",
    b"twitter",
    b"x",
    b"youtube",
    b"linkedin",
    b"discord",
    b"twitch",
    b"vk",
    b"onlyfans",
    b"blogg",
    b"blog",
    b"reddit",
    b"soundcloud",
    b"vsco",
    b"threads",
    b"bsky",
    b"tumblr",
    b"pinterest",
    b"telegram",
    b"wa",
    b"flashback",
];

const CUES: &[&[u8]] = &[
    b"insta*",
    b"snap*",
    b"tiktok*",
    b"discord*",
    b"telegram",
    b"messenger",
    b"facebook",
    b"fb",
    b"roblox",
    b"twitch",
    b"kik",
    b"konto",
    b"kontot",
    b"kontonamn",
    b"anv\xe4ndarnamn*",
    b"anv\xe4ndare*",
    b"profil*",
    b"alias*",
    b"sign",
    b"signaturen",
    b"nick",
    b"nicket",
    b"chatt*",
    b"steam",
    b"gamertag",
    b"spelnamn*",
    b"skriver",
    b"ihop",
    b"skype",
    b"vinted",
    b"tinder",
    b"badoo",
    b"grindr",
    b"whatsapp",
    b"signal",
    b"threads",
    b"bluesky",
    b"mastodon",
    b"reddit",
    b"flashback",
    b"tumblr",
    b"soundcloud",
    b"spotify",
    b"onlyfans",
    b"tradera",
    b"minecraft",
    b"fortnite",
    b"bereal",
    b"displayen",
    b"sajten",
    b"dejting*",
    b"webbsida*",
    b"hemsida*",
    b"blogg*",
    b"signaturen",
    b"tagg*",
    b"psn",
    b"xbox",
    b"vsco",
    b"youtube",
    b"kanal*",
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (a, b) in doc.near(Near::Sign) {
        for c in m.patterns[0].captures_iter(&doc.n.lower[*a..*b]).filter_map(|c| c.get(1)) {
            let (mut start, end) = (a + c.start(), a + c.end());
            // "tiktok.com/@anna": the site goes with the name.
            if start > 0 && doc.n.lower[start - 1] == b'/' {
                while start > *a && !matches!(doc.n.lower[start - 1], b' ' | b'\n' | b'(' | b'"') {
                    start -= 1;
                }
            }
            if doc.lower(start, end).iter().any(|b| b.is_ascii_alphabetic()) {
                out.push(m.found(start, end, 0.95, "handle-sign"));
            }
        }
    }
    for (start, end) in m.ranges_near(Near::Sign, 1, doc) {
        out.push(m.found(start, end, 0.9, "personal-link"));
    }
    // Every stretch without white space that letters and one of . _ - # / or a digit make up.
    let mut i = 0;
    while i < doc.tokens.len() {
        let first = i;
        i += 1;
        if !part(&doc.tokens[first]) {
            continue;
        }
        while i < doc.tokens.len() && !doc.tokens[i].spaced && part(&doc.tokens[i]) {
            i += 1;
        }
        if i - first > 1 {
            chunk(doc, m, first, i, out);
        }
    }
}

fn part(t: &Token) -> bool {
    matches!(t.kind, Kind::Word | Kind::Number | Kind::Punct(b'.' | b'_' | b'-' | b'#' | b'/'))
}

/// Is the stretch of tokens `first..to` a user name or a personal link?
fn chunk(doc: &Doc, m: &Matcher, mut first: usize, mut to: usize, out: &mut Vec<Found>) {
    let underscore = |t: &Token| t.is(b'_');
    while to > first && matches!(doc.tokens[to - 1].kind, Kind::Punct(b) if b != b'_') {
        to -= 1;
    }
    while first < to && matches!(doc.tokens[first].kind, Kind::Punct(b) if b != b'_') {
        first += 1;
    }
    if to - first < 2 {
        return;
    }
    let tokens = &doc.tokens[first..to];
    let (start, end) = (tokens[0].start, tokens[tokens.len() - 1].end);
    let text = doc.lower(start, end);
    let letters = text.iter().filter(|b| is_letter(**b)).count();
    if letters < 2 || text.contains(&b'@') || !doc.free(start, end) || file_name(doc, end, text) {
        return;
    }
    let at_sign = start > 0 && matches!(doc.n.lower[start - 1], b'@' | b'/')
        || doc.n.lower.get(end) == Some(&b'@') && doc.n.lower.get(end + 1).is_some_and(|b| is_word(*b));
    let tail = (doc.n.lower.get(end) == Some(&b'@')) as usize;
    if tokens.iter().any(underscore) {
        // What is left of a file name whose middle is masked already.
        let beside = |t: Option<&Token>| t.is_some_and(|t| t.kind == Kind::Mask);
        if underscore(&tokens[tokens.len() - 1]) && beside(doc.tokens.get(to))
            || underscore(&tokens[0]) && first > 0 && beside(doc.tokens.get(first - 1))
        {
            return;
        }
        let plain = tokens.iter().all(|t| !t.is(b'/') && !t.is(b'#') || tokens.len() > 4);
        if plain && letters >= 2 {
            out.push(m.found(start, end, 0.85, "handle-underscore"));
        }
        return;
    }
    if at_sign {
        return;
    }
    let slash = text.iter().position(|b| *b == b'/');
    if let Some(slash) = slash {
        // "t.me/anna", "facebook.example/anna.svard"
        let host = &text[..slash];
        let site = host.contains(&b'.') && host.split(|b| *b == b'.').any(|p| SITES.contains(&p));
        if site && slash + 1 < text.len() {
            out.push(m.found(start, end, 0.9, "personal-link"));
        }
        return;
    }
    if text.contains(&b'.') && host_of_a_blog(text) {
        out.push(m.found(start, end, 0.85, "personal-link"));
        return;
    }
    if letters < 3 || end - start < 5 || law_like(text) {
        return;
    }
    let digits = tokens.iter().filter(|t| t.kind == Kind::Number).map(Token::len).sum::<usize>();
    let lower = !doc.n.cased[start..end].iter().any(|b| is_upper(*b));
    let names = tokens.iter().filter(|t| t.is_word());
    let stops = tokens.iter().filter(|t| t.is(b'.')).count();
    let site = [b".se".as_slice(), b".com", b".nu", b".org", b".net", b".eu", b".io"].iter().any(|e| text.ends_with(e));
    // "stjerna#0412", a name with a number that the service gave it.
    if let Some(sign) = text.iter().position(|b| *b == b'#')
        && sign > 1
        && text[sign + 1..].len() == 4
        && text[sign + 1..].iter().all(u8::is_ascii_digit)
    {
        out.push(m.found(start, end, 0.9, "handle-sign"));
        return;
    }
    if let Some(cue) = doc.cue_before(start, 5, CUES) {
        let link = doc.lower(cue.0, cue.1).starts_with(b"webb") || doc.lower(cue.0, cue.1).starts_with(b"hemsid");
        if text.contains(&b'.') && (!site || link) && names.clone().any(|t| t.len() > 2)
            || digits > 0 && text.iter().all(|b| is_word(*b))
            || stops > 0 && digits > 0
        {
            out.push(m.found(start, end, 0.8, "handle-after-word").because(cue));
        }
        return;
    }
    let after = doc.word_after(end, b"\")").filter(|t| doc.word(t) == b"p\xe5").is_some_and(|_| {
        doc.tokens[to..]
            .iter()
            .filter(|t| t.is_word())
            .nth(1)
            .is_some_and(|t| CUES.iter().any(|c| matches!(c, [s @ .., b'*'] if doc.word(t).starts_with(s)) || doc.word(t) == *c))
    });
    // "roffe.lastbil77", "bradley.army.58": parts joined by stops, all lower case, not all of them words (a forgotten space after a full stop).
    let odd = names.clone().any(|t| t.len() > 2 && t.info.ordinary() == 0) && names.clone().all(|t| t.len() > 1);
    let dotted = stops > 0
        && lower
        && !site
        && odd
        && tokens.iter().all(|t| !t.is(b'-'))
        && (digits > 0 || stops > 1 || names.clone().all(|t| t.info.ordinary() == 0 && t.len() > 3));
    // "verasfynd72": one unknown word and a number.
    let tagged = tokens.len() == 2
        && lower
        && (2..5).contains(&digits)
        && tokens[0].is_word()
        && tokens[0].len() > 5
        && tokens[0].info.0 == 0
        && !words::compound(doc.word(&tokens[0]));
    if after || dotted || tagged {
        out.push(m.found(start, end + tail, if after { 0.8 } else { 0.7 }, "handle-after-word"));
    }
}

/// "lelles-nyktra-liv.blogg.example", "annasliv.blogspot.com"
fn host_of_a_blog(text: &[u8]) -> bool {
    let mut parts = text.split(|b| *b == b'.');
    let first = parts.next().unwrap_or(b"");
    first.len() > 3 && parts.any(|p| p.starts_with(b"blog") || p == b"wordpress")
}

/// A file name is no user name; a person's name in it is the name rules' business.
fn file_name(doc: &Doc, end: usize, text: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] = &[
        b"pdf", b"doc", b"docx", b"xls", b"xlsx", b"ppt", b"pptx", b"jpg", b"jpeg", b"png", b"txt", b"zip", b"mp3", b"mp4", b"csv", b"msg",
        b"wav", b"heic",
    ];
    let last = text.rsplit(|b| *b == b'.').next().unwrap_or(text);
    ENDINGS.contains(&last) || (doc.n.lower.get(end) == Some(&b'.') && ENDINGS.iter().any(|e| doc.n.lower[end + 1..].starts_with(e)))
}

/// Hyphenated ordinary words and abbreviations with stops ("bl.a", "e-tjänst") are none.
fn law_like(text: &[u8]) -> bool {
    !text.iter().any(|b| b.is_ascii_digit() || *b == b'_') && (text.contains(&b'-') || text.split(|b| *b == b'.').any(|p| p.len() < 3))
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
                ("Han skriver som stjerna#0412 på", "stjerna#0412"),
                ("på insta: @skough.v igår", "@skough.v"),
                ("filmen på t.me/nailq_privat.", "t.me/nailq_privat"),
                ("snap zeke_040k", "zeke_040k"),
                ("skriver som kungen_av_hagalund", "kungen_av_hagalund"),
                ("heter villevalla05 på insta", "villevalla05"),
                ("#saknadalva", "#saknadalva"),
                ("har träffat roffe.lastbil77 på nätet", "roffe.lastbil77"),
                ("på facebook.example/efterlyst.svard. Hon", "facebook.example/efterlyst.svard"),
                ("dagbok på lelles-nyktra-liv.blogg.example. Vill", "lelles-nyktra-liv.blogg.example"),
            ],
            &["bl.a. i går", "karta_v1.ppt", "e-tjänst", "a-kassa", "kontot är tomt", "han ringde.hon svarade", "se 1177.se", "covid19"],
        );
    }
}
