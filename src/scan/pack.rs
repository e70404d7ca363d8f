//! The packed word list's format, shared by `build.rs` (which writes it) and `dictionary.rs` (which reads it in place).
//!
//! Layout, little-endian: seed u32, slots u32, infos u32, places u32, municipalities u32; then `infos` × u64, `slots` × u32,
//! `places` × (hash u32, municipality u16), `municipalities` × (code u16, population u32). A slot is 0 when empty, otherwise the upper 20 bits
//! are a fingerprint of the word and the lower 12 name its row among the infos. No word is stored: an unknown word meets a wrong
//! fingerprint about once in half a million times.

/// Bits of a word's info. The lowest 15 hold three buckets of bearers (women, men, surname), five bits each.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        $($(#[$doc])* pub const $name: u64 = 1 << $bit;)*
    };
}

flags! {
    /// Kin words and lay roles: "mamma", "killen".
    KIN = 17;
    /// Titles and roles of professionals: "doktor", "handläggare".
    TITLE = 18;
    /// The next word is a name: "heter".
    NAMING = 19;
    /// Opens or closes a message before a name: "hej", "mvh".
    GREETING = 20;
    /// A verb whose subject is mostly a person.
    VERB = 21;
    /// Never a person: authorities, programmes, eponyms, drugs.
    SAFE = 22;
    /// Head noun of a named school, home, workplace or club.
    ORG_HEAD = 23;
    /// Ending of a place name, street name, school name … is kept apart in the suffix lists; this is a Swedish place.
    PLACE = 24;
    /// A place abroad or a country.
    FOREIGN = 25;
    /// Nationality, people, language or faith.
    ORIGIN = 26;
    /// Somebody's work.
    OCCUPATION = 27;
    /// Work that is mostly a role in the matter.
    ROLE = 28;
    /// Small word inside a name: "von", "al".
    PARTICLE = 29;
    /// Nickname.
    NICKNAME = 30;
    /// Number in words.
    NUMBER = 31;
    /// Rare diagnosis or constellation.
    RARE = 32;
    /// The first word of a phrase that the list holds.
    HEAD = 33;
    /// Month.
    MONTH = 34;
    /// A company, chain or hospital that is known by its one name. (The two bits before are the place's size.)
    COMPANY = 38;
    /// A country.
    COUNTRY = 35;
    /// A stem of the spelling dictionary.
    STEM = 39;
    /// The name of a thing (a drug, a test, a method, a system) that may also be a person's.
    THING = 40;
}

/// Commonness as an ordinary word: 0 (unknown) to 3 (very common), two bits.
pub const ORDINARY_SHIFT: u32 = 15;
/// Size class of a place: 1 over 50,000 inhabitants, 2 over 10,000, 3 smaller or unknown. Two bits.
pub const SIZE_SHIFT: u32 = 36;
pub const WOMEN_SHIFT: u32 = 0;
pub const MEN_SHIFT: u32 = 5;
pub const SURNAME_SHIFT: u32 = 10;

/// No word or phrase of the lists is longer, in bytes; what is longer need not be looked up.
pub const LONGEST: usize = 80;

pub const INFO_BITS: u32 = 12;
pub const HEADER: usize = 20;
pub const PLACE_ROW: usize = 6;
pub const MUNICIPALITY_ROW: usize = 6;

/// Hash of a word in the scanner's normal form (Latin-1 bytes), seeded so that the packer can try until no two words collide.
#[inline]
pub fn hash(seed: u32, word: &[u8]) -> u64 {
    let mut h = (seed as u64) ^ 0x9e37_79b9_7f4a_7c15;
    let mut chunks = word.chunks_exact(8);
    for c in &mut chunks {
        let v = u64::from_le_bytes([c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]]);
        h = mix(h ^ v);
    }
    let mut last = word.len() as u64;
    for &b in chunks.remainder() {
        last = (last << 8) | b as u64;
    }
    mix(h ^ last.wrapping_mul(0xff51_afd7_ed55_8ccd))
}

#[inline]
fn mix(mut h: u64) -> u64 {
    h ^= h >> 32;
    h = h.wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^= h >> 32;
    h = h.wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^ (h >> 32)
}

/// Where a word's search starts among `slots`.
#[inline]
pub fn slot(hash: u64, slots: u32) -> u32 {
    (((hash >> 32) * slots as u64) >> 32) as u32
}

/// The fingerprint, never 0, already in place above the info bits.
#[inline]
pub fn fingerprint(hash: u64) -> u32 {
    let f = (hash as u32) & !((1 << INFO_BITS) - 1);
    if f == 0 { 1 << INFO_BITS } else { f }
}
