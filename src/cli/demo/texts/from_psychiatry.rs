//! What Öppenpsykiatrin asks.

use super::{Act, Step, Thread};

pub const THREADS: &[Thread] = &[THREATS_AFTER_SEPARATION, CHILDREN_AS_NEXT_OF_KIN, DOOR_STAYS_SHUT];

/// Passed on by the first unit, taken by the second.
const THREATS_AFTER_SEPARATION: Thread = Thread {
    asker: "farid.karimi",
    unit: "psykiatri",
    hours_ago: 60,
    subject: "adults",
    urgency: "normal",
    units: Some(&["vuxen"]),
    hide_unit: false,
    situation: "En patient i samtalsbehandling har separerat men bor kvar i samma lägenhet som sin tidigare partner, eftersom ingen av dem har \
        hittat något annat. Patienten beskriver hot som kommer när det blir tal om pengar och vem som ska flytta. Det sägs aldrig rakt ut att det ska bli \
        våld, men patienten sover i kläderna och har packat en väska. Vi bedömer att de psykiska besvären i stor del hänger samman med hur \
        det är hemma och att vår behandling inte hjälper så länge det fortsätter. Patienten vill ha hjälp men tror att socialtjänsten bara \
        kan erbjuda något om man är slagen eller saknar inkomst. Barn finns inte i hemmet.",
    question: "Vart vänder sig en person i den här situationen hos er, och vad kan vi göra för att steget dit ska bli av?",
    considered: "Vi har gått igenom en enkel säkerhetsplan och gett numret till den nationella stödlinjen. Vi har inte frågat om samtycke till att \
        kontakta er med namn.",
    steps: &[
        Step { hours_ago: 55, by: "karin.sjoberg", act: Act::Claim },
        Step {
            hours_ago: 54,
            by: "karin.sjoberg",
            act: Act::Route {
                units: &["vald"],
                reason: "Det ni beskriver är hot i en nära relation, även om paret har separerat. Kollegerna som arbetar med våld kan svara bättre \
                    än vi, och de tar emot också den som inte är slagen.",
            },
        },
        Step { hours_ago: 10, by: "ingalill.nutti", act: Act::Claim },
        Step {
            hours_ago: 8,
            by: "ingalill.nutti",
            act: Act::Reply(
                "Vi tar över frågan. Patienten är välkommen till oss: det krävs varken slag, polisanmälan eller låg inkomst. Ett första samtal kan ske \
                 i era lokaler om det känns tryggare, och då behöver ni inte säga något om patienten i förväg. Jag återkommer med råd om boendet \
                 och om hur ni kan följa upp säkerhetsplanen. Blir läget värre under tiden gäller telefon, både för er och för patienten.",
            ),
        },
    ],
};

/// The asking unit is hidden; answered.
const CHILDREN_AS_NEXT_OF_KIN: Thread = Thread {
    asker: "elsa.winther",
    unit: "psykiatri",
    hours_ago: 120,
    subject: "children",
    urgency: "normal",
    units: Some(&["barn"]),
    hide_unit: true,
    situation: "En patient som vårdas för en långvarig psykisk sjukdom är ensam med ett barn i lågstadieåldern varannan vecka. Under bättre perioder \
        fungerar det bra. Under sämre perioder ber patienten den andra föräldern att ta över, och hittills har det löst sig. Patienten har inte \
        berättat för barnet om sjukdomen och säger att barnet inte märker något. Vi tror att barnet märker mer än så. Vi har skyldighet att tänka \
        på barnets behov av information och stöd, men patienten vill sköta det själv och är rädd att allt vi säger till andra ska användas i \
        en tvist om vårdnaden. Någon fara för barnet ser vi inte i dag.",
    question: "Vilket stöd finns det för barn till föräldrar med psykisk sjukdom som inte kräver någon utredning, och hur presenterar vi det för en \
        förälder som är rädd för er?",
    considered: "Vi har erbjudit ett samtal tillsammans med barnet hos oss. Patienten tackade nej men sa att det kunde bli aktuellt senare.",
    steps: &[
        Step { hours_ago: 118, by: "samir.haddad", act: Act::Claim },
        Step {
            hours_ago: 100,
            by: "samir.haddad",
            act: Act::Advice {
                advice: "Det finns stödgrupper för barn som har en förälder med psykisk sjukdom. Dit kan föräldern anmäla barnet utan att vi utreder \
                    något. Beskriv det som något för barnet och inte som en kontroll av föräldern: där träffar barnet andra som har det likadant. \
                    Säg rakt ut att det inte är en anmälan och att ni inte kontaktar oss utan att föräldern vet det, så länge ni inte är oroliga för \
                    att barnet far illa. Var lika tydlig med att ni är skyldiga att anmäla om den oron uppstår. Föräldrar brukar klara båda beskeden \
                    om de kommer samtidigt. Föreslå att föräldern ringer vår rådgivning utan att säga sitt namn och frågar själv. Erbjud er att \
                    öva på hur sjukdomen kan förklaras. En bra första mening är att hjärnan ibland blir sjuk och att det inte är någons fel.",
                paragraph: "5 kap. 7 § HSL och 19 kap. 1 § SoL",
                limits: "Bygger på att ni inte ser någon fara för barnet. Ändras det gäller anmälningsplikten genast, vad föräldern än önskar.",
                needs_name: false,
            },
        },
    ],
};

/// Closed: came too late to be of use.
const DOOR_STAYS_SHUT: Thread = Thread {
    asker: "farid.karimi",
    unit: "psykiatri",
    hours_ago: 300,
    subject: "adults",
    urgency: "normal",
    units: Some(&["vuxen"]),
    hide_unit: true,
    situation: "En patient har slutat komma till oss och svarar sällan i telefon. När vi ändå får kontakt säger patienten att det är bra men att det är \
        jobbigt att gå ut. Av samtalen förstår vi att disken och tvätten har blivit liggande länge, att posten inte tas in och att patienten mest \
        äter sådant som kan beställas hem. Vi har gjort hembesök, men dörren öppnades bara på glänt. Det finns ingen grund för tvångsvård. Patienten \
        är inte negativ till praktisk hjälp men orkar inte ansöka, och varje blankett blir ett hinder. Vi tror att stöd i hemmet skulle göra mer \
        nytta än tätare besök hos oss, men vet inte hur ansökan kan gå till när någon har så svårt att ta det första steget.",
    question: "Kan någon få boendestöd utan att själv fylla i en ansökan, och kan en handläggare följa med på ett av våra hembesök?",
    considered: "Vi har erbjudit oss att skriva ett intyg och att sitta bredvid när patienten ringer. Det har inte blivit av.",
    steps: &[
        Step { hours_ago: 280, by: "mehmet.yildiz", act: Act::Claim },
        Step {
            hours_ago: 278,
            by: "mehmet.yildiz",
            act: Act::Reply(
                "Ja, det går att ansöka muntligt, och det kan göras över telefon med er bredvid. Vi följer gärna med på ett hembesök om patienten \
                 säger ja till det. Det behöver inte vara skriftligt, men anteckna vad patienten har gått med på. Räkna med att det tar några \
                 besök innan dörren öppnas helt. Då är det bra om det är samma personer varje gång.",
            ),
        },
        Step {
            hours_ago: 240,
            by: "farid.karimi",
            act: Act::Close {
                used: "no",
                otherwise: "guessed",
                comment: "Svaret var bra men hann inte användas. Patienten fick hjälp på annat sätt innan vi hörde av oss.",
            },
        },
    ],
};
