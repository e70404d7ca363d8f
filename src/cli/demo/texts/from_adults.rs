//! What Vuxenenheten asks.

use super::{Act, Step, Thread};

pub const THREADS: &[Thread] = &[CONTROLLING_PARTNER, PLAN_WITHOUT_ANSWER, LETTERS_UNREAD];

/// Open: nobody has taken it yet.
const CONTROLLING_PARTNER: Thread = Thread {
    asker: "mehmet.yildiz",
    unit: "vuxen",
    hours_ago: 2,
    subject: "violence",
    urgency: "normal",
    units: Some(&["vald"]),
    hide_unit: false,
    situation: "En person i öppenvård för alkoholproblem har i samtalen börjat berätta om sin relation. Partnern ska alltid veta var personen är, \
        läser meddelanden i telefonen och blir tyst i dagar om något inte passar. Personen beskriver det som omtanke men säger också att det är \
        lättast att vara till lags. Något slag har inte nämnts. Partnern följer gärna med till våra besök och vill sitta med. Vi har hittills \
        sagt ja, eftersom vi brukar uppmuntra att anhöriga deltar. Nu är vi osäkra på om det i stället gör att vi inte får veta det \
        viktigaste. Vi vill inte skrämma bort personen från behandlingen, som annars går framåt.",
    question: "Hur frågar vi om kontroll och våld på ett tryggt sätt, och hur avstyr vi att partnern sitter med utan att det väcker \
        misstankar hemma?",
    considered: "Vi har tänkt införa en rutin med ett enskilt samtal för alla, så att det inte sticker ut. Vi har era frågeformulär men är ovana vid \
        att använda dem.",
    steps: &[],
};

/// Closed: of some use.
const PLAN_WITHOUT_ANSWER: Thread = Thread {
    asker: "mehmet.yildiz",
    unit: "vuxen",
    hours_ago: 400,
    subject: "psychiatry",
    urgency: "normal",
    units: Some(&["psykiatri"]),
    hide_unit: false,
    situation: "En vuxen person har boendestöd hos oss och behandling hos psykiatrin. Personen vill ha en gemensam plan, eftersom det nu är \
        oklart vem som hjälper till med vad. Vi har frågat efter ett möte flera gånger, men tiderna har blivit avbokade eller så har ingen från \
        vården kunnat komma. Under tiden får personen olika besked av oss och av vården om läkemedlen, om sömnen och om hur mycket stöd som är \
        lagom. Boendestödet fyller de luckor som uppstår och börjar göra sådant som nog är vårdens uppgift. Personen är trött på att upprepa sig \
        och säger att det är lika bra att strunta i alltihop. Vi behöver komma vidare utan att det blir en tvist.",
    question: "Vem hos er ska vi vända oss till för att en samordnad individuell plan ska bli av, och vad behöver kallelsen innehålla?",
    considered: "Vi har skickat en vanlig kallelse i det gemensamma systemet och ringt mottagningens växel. Att lyfta det till cheferna har vi \
        väntat med.",
    steps: &[
        Step { hours_ago: 380, by: "farid.karimi", act: Act::Claim },
        Step {
            hours_ago: 379,
            by: "farid.karimi",
            act: Act::Reply(
                "Det låter tröttsamt för alla, mest för personen. Innan jag svarar helt: har ni fått veta varför tiderna har avbokats, och har \
                 personen sagt till sin behandlare att en plan är önskad? Vi kallar oftast själva när önskemålet kommer den vägen.",
            ),
        },
        Step {
            hours_ago: 360,
            by: "mehmet.yildiz",
            act: Act::Reply(
                "Vi har bara fått veta att det har varit svårt med bemanningen. Personen har sagt det till oss men nog inte till sin behandlare. Vi \
                 kan hjälpa till med det på nästa besök.",
            ),
        },
        Step {
            hours_ago: 357,
            by: "farid.karimi",
            act: Act::Advice {
                advice: "När den enskilde behöver insatser från både kommunen och regionen, och går med på det, är vi skyldiga att göra planen \
                    tillsammans. Det räcker att en av oss ser behovet. Hjälp personen att säga det till sin behandlare, gärna i telefon med er \
                    bredvid, och be att önskemålet skrivs in i journalen. Skicka sedan kallelsen till mottagningens samordnare och inte till en enskild \
                    behandlare, så står den inte och väntar på någon som är ledig. Skriv vilka frågor som ska lösas: vem som gör vad, vem som leder \
                    arbetet och vad personen själv vill. Ge två förslag på tid och erbjud mötet på video. Kommer inget svar inom två veckor är det \
                    rätt att er chef ringer vår. Det är ingen tvist, det är så vi har bestämt att det ska gå till.",
                paragraph: "10 kap. 8–9 §§ SoL och 16 kap. 4 § HSL",
                limits: "Kräver att personen samtycker till planen. Råder oenighet om vem som betalar löser planen inte det.",
                needs_name: false,
            },
        },
        Step {
            hours_ago: 330,
            by: "mehmet.yildiz",
            act: Act::Close {
                used: "partly",
                otherwise: "waited",
                comment: "Kallelsen till samordnaren gav en tid. Frågan om vem som hjälper till med läkemedlen är fortfarande olöst.",
            },
        },
    ],
};

/// "Vet ej", open: every unit with the subject sees it.
const LETTERS_UNREAD: Thread = Thread {
    asker: "karin.sjoberg",
    unit: "vuxen",
    hours_ago: 26,
    subject: "disability",
    urgency: "normal",
    units: None,
    hide_unit: false,
    situation: "En vuxen person söker försörjningsstöd varje månad men lämnar sällan in det som behövs. Breven öppnas inte, tider glöms bort och \
        samma frågor kommer om igen. På möten är personen trevlig och svarar ja på det mesta, men efteråt visar det sig att inget har blivit \
        gjort. Tidigare handläggare har tolkat det som ovilja. Vi börjar tro att personen inte förstår så mycket som det verkar och har lärt \
        sig att dölja det. Någon utredning av svårigheterna känner vi inte till, och personen vill inte prata om skolan. Vi vill varken \
        förolämpa någon eller fortsätta kräva sådant som inte går att klara.",
    question: "Hur tar vi upp misstanken på ett respektfullt sätt, och hur anpassar vi möten och brev redan nu, innan något är utrett?",
    considered: "Vi har provat påminnelser i telefonen och att fylla i ansökan tillsammans. Det hjälper för stunden. Vi har inte frågat om \
        personen vill få svårigheterna utredda.",
    steps: &[],
};
