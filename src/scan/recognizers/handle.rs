//! User names, profiles, hashtags and personal links.

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found};

pub const RULE: Rule = Rule {
    name: "handle",
    category: Category::Handle,
    patterns: &[
        r"(?:^|[^a-zåäö0-9.])([@#][a-zåäö0-9_][a-zåäö0-9_.-]*[a-zåäö0-9_])",
        r"(?:https?://|www\.)[^\s<>]+[a-zåäö0-9/]",
        r"(?:instagram|tiktok|facebook|fb|t|snapchat|twitter|youtube|linkedin|discord|twitch|vk|onlyfans)\.(?:com|me|se|tv|gg|ru)/[^\s<>,]+[a-zåäö0-9/]",
        r"[a-zåäö0-9.-]*[a-zåäö0-9]_[a-zåäö0-9_.-]*[a-zåäö0-9_]",
        r"[a-zåäö0-9]+(?:[._-]{1,3}[a-zåäö0-9]+)+@?|[a-zåäö]+[0-9]+[a-zåäö0-9]*",
    ],
    find,
};

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
];

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for (start, end) in m.groups(0, doc) {
        if doc.lower(start, end).iter().any(|b| b.is_ascii_alphabetic()) {
            out.push(m.found(start, end, 0.95, "handle-sign"));
        }
    }
    for n in [1, 2] {
        for (start, end) in m.ranges(n, doc) {
            out.push(m.found(start, end, 0.9, "personal-link"));
        }
    }
    for (start, end) in m.ranges(3, doc) {
        let text = doc.lower(start, end);
        let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
        if letters >= 2 && doc.free(start, end) && !file_name(doc, end, text) {
            out.push(m.found(start, end, 0.85, "handle-underscore"));
        }
    }
    for (start, end) in m.ranges(4, doc) {
        let text = doc.lower(start, end);
        let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
        if letters < 3 || !doc.free(start, end) || file_name(doc, end, text) || (end - start) < 5 || law_like(text) {
            continue;
        }
        let after =
            doc.word_after(end, b"\")").is_some_and(|t| matches!(doc.word(t), b"p\xe5")) && doc.token_at(end) + 1 < doc.tokens.len() && {
                let next = &doc.tokens[doc.token_at(end)..];
                next.iter()
                    .filter(|t| t.is_word())
                    .nth(1)
                    .is_some_and(|t| CUES.iter().any(|c| matches!(c, [s @ .., b'*'] if doc.word(t).starts_with(s)) || doc.word(t) == *c))
            };
        if let Some(cue) = doc.cue_before(start, 4, CUES) {
            out.push(m.found(start, end, 0.8, "handle-after-word").because(cue));
        } else if after {
            out.push(m.found(start, end, 0.8, "handle-after-word"));
        }
    }
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
                ("på insta: @skough.v igår", "@skough.v"),
                ("filmen på t.me/nailq_privat.", "t.me/nailq_privat"),
                ("snap zeke_040k", "zeke_040k"),
                ("skriver som kungen_av_hagalund", "kungen_av_hagalund"),
                ("heter villevalla05 på insta", "villevalla05"),
                ("#saknadalva", "#saknadalva"),
            ],
            &["bl.a. i går", "karta_v1.ppt", "e-tjänst", "a-kassa", "kontot är tomt"],
        );
    }
}
