//! The language of what the service says to people. (The page has its own texts.)

use axum::http::{HeaderMap, header};

/// The language of titles. Swedish unless someone asks for English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    #[default]
    Sv,
    En,
}

impl Locale {
    pub fn as_str(self) -> &'static str {
        match self {
            Locale::Sv => "sv",
            Locale::En => "en",
        }
    }

    /// `sv` or `en`, with or without a region; everything else is Swedish.
    pub fn parse(tag: &str) -> Locale {
        let primary = tag.trim().split(['-', '_', ';']).next().unwrap_or("");
        if primary.eq_ignore_ascii_case("en") { Locale::En } else { Locale::Sv }
    }

    /// From `Accept-Language`: whichever of the two stands first. Weights are not read: browsers list in order of preference.
    pub fn of(headers: &HeaderMap) -> Locale {
        let listed = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let known = |tag: &&str| ["sv", "en"].iter().any(|l| tag.trim().get(..2).is_some_and(|start| start.eq_ignore_ascii_case(l)));
        listed.split(',').find(known).map(Locale::parse).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins() {
        let of = |value: &'static str| Locale::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value.parse().unwrap())]));
        assert_eq!(of("de, en-GB;q=0.8, sv"), Locale::En);
        assert_eq!(of("sv-SE, en"), Locale::Sv);
        assert_eq!(of("fi"), Locale::Sv);
        assert_eq!(Locale::of(&HeaderMap::new()), Locale::Sv);
        assert_eq!(of("å"), Locale::Sv, "bytes that are no tag");
    }
}
