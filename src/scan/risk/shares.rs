//! National numbers of people, rounded; what each table is and what is assumed stands at it. All count among Sweden's inhabitants on 31 December 2023.

/// Sweden, 31 December 2023 (SCB, Folkmängd efter region, kön och ålder).
pub const COUNTRY: u64 = 10_551_707;

/// Five-year classes of age: people in thousands and the share of women (SCB, Folkmängd efter ålder och kön 2023, rounded). Within a class the years are
/// taken as equally large, which is within a tenth below 85.
const AGES: &[(u32, f64, f64)] = &[
    (0, 556.0, 0.485),
    (5, 607.0, 0.486),
    (10, 638.0, 0.486),
    (15, 618.0, 0.484),
    (20, 585.0, 0.480),
    (25, 634.0, 0.482),
    (30, 764.0, 0.486),
    (35, 711.0, 0.489),
    (40, 661.0, 0.490),
    (45, 649.0, 0.492),
    (50, 675.0, 0.493),
    (55, 676.0, 0.494),
    (60, 596.0, 0.498),
    (65, 555.0, 0.506),
    (70, 534.0, 0.514),
    (75, 521.0, 0.525),
    (80, 330.0, 0.551),
    (85, 175.0, 0.598),
    (90, 78.0, 0.672),
    (95, 22.0, 0.765),
    (100, 2.6, 0.830),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Woman,
    Man,
}

/// The share of all who are of one exact age, among one sex where it shows.
pub fn of_age(age: u32, sex: Option<Sex>) -> f64 {
    let Some((from, thousands, women)) = AGES.iter().rev().find(|(from, ..)| *from <= age) else { return 1.0 };
    // The last class is all of the hundred-year-olds and older; half of them are of the first year.
    let years = if *from == 100 { 2.0 } else { 5.0 };
    let part = match sex {
        Some(Sex::Woman) => *women,
        Some(Sex::Man) => 1.0 - women,
        None => 1.0,
    };
    thousands * 1000.0 / years / COUNTRY as f64 * part
}

/// The share of one month of age among children below two (100,051 were born in 2023; SCB, Födda 2023).
pub const ONE_MONTH: f64 = 100_051.0 / 12.0 / COUNTRY as f64;

/// The year that the tables show: an age follows from a year of birth without a clock.
pub const YEAR: u32 = 2023;

/// Born abroad by country (SCB, Utrikes födda efter födelseland 2023, the commonest, rounded to thousands); the languages, peoples and faiths beside them
/// are estimates of about how many speak or belong (Institutet för språk och folkminnen; Myndigheten för stöd till trossamfund; national minorities as the
/// government's own estimates), the lower ones where they differ. Looked up by the beginning of the word, the longest first.
const ORIGINS: &[(&[u8], u32)] = &[
    (b"syri", 197_000),
    (b"irak", 146_000),
    (b"finsk", 132_000),
    (b"finland", 132_000),
    (b"finl\xe4nd", 132_000),
    (b"pol", 98_000),
    (b"iran", 85_000),
    (b"persi", 90_000),
    (b"somali", 69_000),
    (b"afg", 67_000),
    (b"dari", 60_000),
    (b"pasht", 20_000),
    (b"bosni", 60_000),
    (b"jugoslav", 61_000),
    (b"serb", 40_000),
    (b"kroat", 20_000),
    (b"turk", 57_000),
    (b"indi", 57_000),
    (b"tysk", 52_000),
    (b"tyskland", 52_000),
    (b"eritre", 49_000),
    (b"tigrinja", 48_000),
    (b"thai", 45_000),
    (b"norsk", 41_000),
    (b"norge", 41_000),
    (b"norrm", 41_000),
    (b"dansk", 39_000),
    (b"danmark", 39_000),
    (b"kines", 37_000),
    (b"kina", 37_000),
    (b"rum\xe4n", 34_000),
    (b"brit", 31_000),
    (b"engelsk", 31_000),
    (b"liban", 29_000),
    (b"libanes", 29_000),
    (b"chil", 28_000),
    (b"etiop", 25_000),
    (b"vietnam", 24_000),
    (b"pakistan", 25_000),
    (b"rysk", 24_000),
    (b"ryss", 24_000),
    (b"ukrain", 45_000),
    (b"amerik", 24_000),
    (b"usa", 24_000),
    (b"grek", 21_000),
    (b"kosov", 40_000),
    (b"alban", 45_000),
    (b"ungra", 17_000),
    (b"ungersk", 17_000),
    (b"filippin", 17_000),
    (b"litau", 18_000),
    (b"arab", 250_000),
    (b"kurd", 85_000),
    (b"spansk", 75_000),
    (b"muslim", 600_000),
    (b"islam", 600_000),
    (b"katol", 130_000),
    (b"ortodox", 180_000),
    (b"rom", 50_000),
    (b"same", 25_000),
    (b"samisk", 25_000),
    (b"me\xe4nkieli", 30_000),
    (b"tornedal", 50_000),
    (b"jud", 20_000),
];

/// Anything else: assumed few.
const OTHER_ORIGIN: u32 = 10_000;

pub fn of_origin(word: &[u8]) -> f64 {
    let people =
        ORIGINS.iter().filter(|(stem, _)| word.starts_with(stem)).max_by_key(|(stem, _)| stem.len()).map_or(OTHER_ORIGIN, |(_, n)| *n);
    f64::from(people) / COUNTRY as f64
}

/// Employed by occupation (SCB, Yrkesregistret 2022, four-digit groups put together as people name them, rounded). Looked up by the beginning of the word.
const OCCUPATIONS: &[(&[u8], u32)] = &[
    (b"undersk\xf6terska", 128_000),
    (b"v\xe5rdbitr\xe4de", 90_000),
    (b"barnsk\xf6tare", 85_000),
    (b"f\xf6rskoll\xe4rare", 80_000),
    (b"grundskoll\xe4rare", 105_000),
    (b"l\xe4rare", 180_000),
    (b"sjuksk\xf6terska", 80_000),
    (b"l\xe4kare", 42_000),
    (b"tandl\xe4kare", 7_500),
    (b"psykolog", 9_000),
    (b"socionom", 35_000),
    (b"butiksbitr\xe4de", 95_000),
    (b"s\xe4ljare", 120_000),
    (b"kass\xf6r", 20_000),
    (b"lagerarbetare", 85_000),
    (b"truckf\xf6rare", 25_000),
    (b"lastbilschauff\xf6r", 58_000),
    (b"chauff\xf6r", 75_000),
    (b"busschauff\xf6r", 27_000),
    (b"taxichauff\xf6r", 12_000),
    (b"taxif\xf6rare", 12_000),
    (b"lokf\xf6rare", 5_500),
    (b"st\xe4dare", 75_000),
    (b"lokalv\xe5rdare", 75_000),
    (b"kock", 38_000),
    (b"servit\xf6r", 25_000),
    (b"servitris", 25_000),
    (b"snickare", 48_000),
    (b"byggnadsarbetare", 60_000),
    (b"elektriker", 42_000),
    (b"r\xf6rmokare", 18_000),
    (b"m\xe5lare", 17_000),
    (b"svetsare", 14_000),
    (b"mekaniker", 45_000),
    (b"polis", 21_000),
    (b"v\xe4ktare", 16_000),
    (b"ordningsvakt", 8_000),
    (b"brandman", 6_000),
    (b"pr\xe4st", 3_500),
    (b"bonde", 25_000),
    (b"lantbrukare", 25_000),
    (b"fiskare", 1_200),
    (b"pilot", 2_200),
    (b"fris\xf6r", 22_000),
    (b"ekonom", 60_000),
    (b"jurist", 20_000),
    (b"advokat", 6_500),
    (b"journalist", 13_000),
    (b"ingenj\xf6r", 120_000),
    (b"programmerare", 110_000),
    (b"systemutvecklare", 110_000),
    (b"industriarbetare", 100_000),
    (b"mont\xf6r", 50_000),
    (b"personlig assistent", 85_000),
    (b"vaktm\xe4stare", 35_000),
    (b"personalvetare", 30_000),
    (b"receptionist", 17_000),
    (b"bibliotekarie", 5_500),
    (b"musiker", 5_000),
    (b"sk\xe5despelare", 2_000),
    (b"rensk\xf6tare", 2_500),
    (b"kommunalr\xe5d", 500),
    (b"riksdagsledamot", 349),
    (b"sotare", 1_500),
    (b"bagare", 7_000),
    (b"slaktare", 3_000),
    (b"florist", 3_000),
    (b"veterin\xe4r", 3_500),
    (b"apotekare", 6_000),
    (b"barnmorska", 7_500),
    (b"flygv\xe4rdinna", 3_000),
    (b"kabinpersonal", 3_000),
    (b"officer", 9_000),
    (b"soldat", 8_000),
];

/// Anything else: the median four-digit group is about 6,000, and what is worth telling is rarer: assumed 2,000.
const OTHER_OCCUPATION: u32 = 2_000;

pub fn of_occupation(word: &[u8]) -> f64 {
    let people = OCCUPATIONS
        .iter()
        .filter(|(stem, _)| word.starts_with(stem))
        .max_by_key(|(stem, _)| stem.len())
        .map_or(OTHER_OCCUPATION, |(_, n)| *n);
    f64::from(people) / COUNTRY as f64
}

/// Those in a household with triplets or more (about 15 sets a year; SCB, Flerbördsfödslar), children below eighteen with parents: 1,350.
const TRIPLETS: f64 = 1_350.0 / COUNTRY as f64;
/// Those in a family with seven children or more (SCB, Hushållens barn, the open class at the end; assumed 8,000 people).
const MANY_CHILDREN: f64 = 8_000.0 / COUNTRY as f64;
/// Any other rare circumstance: assumed one in a hundred thousand (a rare condition is at most 5 in 10,000; Socialstyrelsen, Sällsynta hälsotillstånd).
const RARE: f64 = 0.000_01;

pub fn of_circumstance(word: &[u8]) -> f64 {
    let holds = |w: &[u8]| word.windows(w.len()).any(|x| x == w);
    if holds(b"trilling") || holds(b"fyrling") {
        TRIPLETS
    } else if holds(b" barn") || holds(b" syskon") || holds(b" barnbarn") {
        MANY_CHILDREN
    } else {
        RARE
    }
}

/// Those bound to one named workplace, school or home: assumed 200 people.
pub const ORGANISATION: f64 = 200.0;
/// A pinned day: assumed that what is told happened to one in two thousand on it.
pub const DATE: f64 = 0.000_5;
/// A second place, organisation or day of the same matter narrows less than the first, because they go together: assumed to leave one in five.
pub const FURTHER: f64 = 0.2;
/// A small place whose inhabitants no table here has: assumed 1,500.
pub const SMALL_PLACE: u64 = 1_500;
