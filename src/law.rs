//! The paragraphs that shape the service, in one table, so that a lawyer can correct them in one place. The interface cites a paragraph by its key
//! and never writes one out itself.

use serde::Serialize;

/// Stands wherever paragraphs are shown.
pub const NOT_LEGAL_ADVICE: &str =
    "Hänvisningarna är till för att hitta rätt lagrum. De är ingen juridisk rådgivning: fråga en jurist när du är osäker.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Statute {
    /// As professionals write it: "OSL".
    pub short: &'static str,
    pub name: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Paragraph {
    /// What the code and the interface cite by; never changes, also when the numbering of the statute does.
    pub key: &'static str,
    pub statute: Statute,
    /// As it is written after "enligt": "26 kap. 1 §".
    pub paragraph: &'static str,
    pub title: &'static str,
    /// What it makes the service do.
    pub forces: &'static str,
    /// False where it is unclear whether the paragraph covers what the service does: then no decision in the service may rest on it.
    pub settled: bool,
}

impl Paragraph {
    /// "26 kap. 1 § OSL".
    pub fn cite(&self) -> String {
        format!("{} {}", self.paragraph, self.statute.short)
    }
}

pub const OSL: Statute = Statute { short: "OSL", name: "offentlighets- och sekretesslagen (2009:400)" };
pub const TF: Statute = Statute { short: "TF", name: "tryckfrihetsförordningen (1949:105)" };
pub const SOL: Statute = Statute { short: "SoL", name: "socialtjänstlagen (2025:400)" };
pub const HSL: Statute = Statute { short: "HSL", name: "hälso- och sjukvårdslagen (2017:30)" };
pub const SOLPUL: Statute = Statute { short: "SoLPUL", name: "lagen (2001:454) om behandling av personuppgifter inom socialtjänsten" };
pub const DATASKYDDSLAGEN: Statute =
    Statute { short: "dataskyddslagen", name: "lagen (2018:218) med kompletterande bestämmelser till EU:s dataskyddsförordning" };
pub const DOS: Statute = Statute { short: "DOS-lagen", name: "lagen (2018:1937) om tillgänglighet till digital offentlig service" };

const fn settled(key: &'static str, statute: Statute, paragraph: &'static str, title: &'static str, forces: &'static str) -> Paragraph {
    Paragraph { key, statute, paragraph, title, forces, settled: true }
}

/// In the order in which a reader meets them: secrecy, its limits, consent, documents, duties, records, access.
pub const PARAGRAPHS: &[Paragraph] = &[
    settled(
        "secrecy_social_services",
        OSL,
        "26 kap. 1 §",
        "Sekretess i socialtjänsten, med omvänt skaderekvisit",
        "Inget om en person når en annan enhet om det inte står klart att ingen lider men.",
    ),
    settled(
        "secrecy_health_care",
        OSL,
        "25 kap. 1 §",
        "Sekretess i hälso- och sjukvården",
        "Det är avsändarens verksamhet som avgör hur stark sekretessen är.",
    ),
    settled(
        "secrecy_school",
        OSL,
        "23 kap. 1–2 §§",
        "Sekretess i förskola och skola, av olika styrka",
        "Det är avsändarens verksamhet som avgör hur stark sekretessen är.",
    ),
    settled(
        "secrecy_boundaries",
        OSL,
        "8 kap. 1–2 §§",
        "Sekretess gäller mellan myndigheter och mellan självständiga verksamhetsgrenar",
        "Gränsen räknas ut från myndighet, verksamhetsgren och enhet.",
    ),
    settled(
        "general_clause",
        OSL,
        "10 kap. 27 §",
        "Generalklausulen gäller inte socialtjänsten eller vården",
        "Den erbjuds aldrig som grund.",
    ),
    settled(
        "duty_to_disclose",
        OSL,
        "10 kap. 28 §",
        "Uppgifter som ska lämnas enligt lag eller förordning",
        "Uppgifterna lämnas den formella vägen, aldrig i en tråd.",
    ),
    settled(
        "disclosure_from_social_services",
        OSL,
        "26 kap. 9 §",
        "Uppgifter från socialtjänsten till annan socialtjänst eller vården utan samtycke, för barn, missbruk och tvångsvård",
        "Grunden antecknas, men uppgifterna lämnas den formella vägen.",
    ),
    settled(
        "disclosure_from_health_care",
        OSL,
        "25 kap. 12 §",
        "Uppgifter från vården till annan vård eller socialtjänsten utan samtycke, för barn, missbruk och tvångsvård",
        "Grunden antecknas, men uppgifterna lämnas den formella vägen.",
    ),
    settled(
        "consent",
        OSL,
        "10 kap. 1 § och 12 kap. 2 §",
        "Den enskilde kan häva sekretessen, helt eller delvis",
        "Ett samtycke har en omfattning: vilka uppgifter och till vem. Att det är begränsat är det vanliga.",
    ),
    settled(
        "guardians",
        OSL,
        "12 kap. 3 §",
        "Vårdnadshavare och barn förfogar över barnets sekretess",
        "Varje vårdnadshavares samtycke, barnets egen inställning, och stopp när ett utlämnande skulle skada barnet.",
    ),
    settled(
        "registration",
        OSL,
        "5 kap. 1–2 §§",
        "Allmänna handlingar registreras",
        "Registret håller namn och ämne för sig, så att resten kan visas.",
    ),
    settled("secrecy_marking", OSL, "5 kap. 5 §", "Sekretessmarkering", "Det som lämnas över märks med datum, myndighet och lagrum."),
    settled(
        "public_records",
        TF,
        "2 kap. 9–12 §§",
        "När en handling är inkommen eller upprättad",
        "Texten granskas innan en annan myndighet kan läsa den. Efteråt kan den begränsas, men bara gallras efter beslut.",
    ),
    settled(
        "child_concern",
        SOL,
        "19 kap. 1 §",
        "Genast anmäla när ett barn kan fara illa",
        "En påminnelse om att varken samråd eller samtycke ersätter en anmälan.",
    ),
    settled(
        "sip_social_services",
        SOL,
        "10 kap. 8–9 §§",
        "Individuell plan när den enskilde behöver insatser från både kommun och region",
        "Överlämning med planens delar: insatser, vem som gör vad, andras åtgärder och vem som leder.",
    ),
    settled(
        "sip_health_care",
        HSL,
        "16 kap. 4 §",
        "Individuell plan, från regionens sida",
        "Överlämning med planens delar: insatser, vem som gör vad, andras åtgärder och vem som leder.",
    ),
    settled(
        "shaped_together",
        SOL,
        "10 kap. 3 §",
        "Insatser utformas tillsammans med den enskilde",
        "Uppföljningen frågar vad den enskilde själv ville.",
    ),
    settled(
        "lex_sarah",
        SOL,
        "27 kap. 2 §",
        "Rapportera missförhållanden (lex Sarah)",
        "En avvikelse frågar om den är ett missförhållande.",
    ),
    settled(
        "disposal",
        SOL,
        "16 kap. 1–2 §§",
        "Personakter gallras fem år efter sista anteckningen, med undantag",
        "Gallring sker enligt regel och beslut, och antecknas.",
    ),
    Paragraph {
        key: "advice_undocumented",
        statute: SOL,
        paragraph: "14 kap. 4 §",
        title: "Råd utan att personliga förhållanden dokumenteras",
        forces: "Det är inte klarlagt att regeln omfattar samråd mellan enheter. Inget i tjänsten vilar på den.",
        settled: false,
    },
    settled(
        "processing_basis",
        SOLPUL,
        "6 §",
        "Personuppgifter behandlas när det är nödvändigt",
        "Samtycke häver sekretess. Det är inte den rättsliga grunden för att behandla personuppgifter.",
    ),
    settled(
        "access_logs",
        SOLPUL,
        "10 §",
        "Åtkomst efter behov, loggar och återkommande kontroll",
        "Varje öppning loggas, och den som kontrollerar har en arbetslista.",
    ),
    settled("personal_numbers", DATASKYDDSLAGEN, "3 kap. 10 §", "Personnummer bara när det är klart motiverat", "Aldrig i en tråd."),
    settled(
        "accessibility",
        DOS,
        "13 §",
        "Tillgänglighet och tillgänglighetsredogörelse",
        "Sidan följer EN 301 549 och prövas i en riktig webbläsare. En redogörelse finns.",
    ),
];

/// The paragraph with this key.
pub fn paragraph(key: &str) -> Option<&'static Paragraph> {
    PARAGRAPHS.iter().find(|p| p.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_unique_and_findable() {
        let keys: BTreeSet<_> = PARAGRAPHS.iter().map(|p| p.key).collect();
        assert_eq!(keys.len(), PARAGRAPHS.len());
        for p in PARAGRAPHS {
            assert_eq!(paragraph(p.key), Some(p));
            assert!(p.key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", p.key);
        }
        assert_eq!(paragraph("no such key"), None);
    }

    #[test]
    fn a_paragraph_stands_once_and_is_cited_as_it_is_written() {
        let cites: BTreeSet<_> = PARAGRAPHS.iter().map(Paragraph::cite).collect();
        assert_eq!(cites.len(), PARAGRAPHS.len());
        assert_eq!(paragraph("child_concern").unwrap().cite(), "19 kap. 1 § SoL");
        for p in PARAGRAPHS {
            assert!(p.paragraph.contains('§'), "{}", p.key);
            assert!(p.paragraph.contains("§§") == p.paragraph.contains('–'), "{}: two signs for several paragraphs, one for one", p.key);
        }
    }

    #[test]
    fn texts_are_whole_sentences_and_titles_are_not() {
        for p in PARAGRAPHS {
            assert!(!p.title.ends_with('.') && p.title.starts_with(char::is_uppercase), "{}", p.key);
            assert!(p.forces.ends_with('.') && p.forces.starts_with(char::is_uppercase), "{}", p.key);
        }
    }

    #[test]
    fn one_statute_has_one_name() {
        let shorts: BTreeSet<_> = PARAGRAPHS.iter().map(|p| p.statute.short).collect();
        let names: BTreeSet<_> = PARAGRAPHS.iter().map(|p| (p.statute.short, p.statute.name)).collect();
        assert_eq!(shorts.len(), names.len());
    }

    #[test]
    fn what_is_unsettled_says_so() {
        let unsettled: Vec<_> = PARAGRAPHS.iter().filter(|p| !p.settled).map(|p| p.key).collect();
        assert_eq!(unsettled, ["advice_undocumented"]);
        assert!(NOT_LEGAL_ADVICE.contains("ingen juridisk rådgivning"));
    }
}
