//! What Våld i nära relation asks.

use super::{Act, Step, Thread};

pub const THREADS: &[Thread] = &[CHILD_IS_NOT_TOLD, PROTECTED_DATA_AT_SCHOOL, DEBTS_IN_HER_NAME];

/// Answered.
const CHILD_IS_NOT_TOLD: Thread = Thread {
    asker: "hodan.warsame",
    unit: "vald",
    hours_ago: 96,
    subject: "children",
    urgency: "normal",
    units: Some(&["barn"]),
    hide_unit: false,
    situation: "En mamma bor tillfälligt i skyddat boende med sitt barn, som är i förskoleåldern. Mamman har berättat för barnet att de är på \
        semester. Hon vill inte att någon säger något annat, eftersom hon är rädd att barnet ska bli oroligt eller försäga sig om det blir \
        kontakt med pappan. Barnet har börjat fråga när semestern är slut, sover dåligt och leker samma lek om och om igen, där någon \
        gömmer sig. Personalen på boendet vet inte hur de ska svara på barnets frågor. Vi arbetar med mamman och respekterar att det är hennes \
        barn, men vi ser att tystnaden inte skyddar på det sätt som hon hoppas.",
    question: "Hur hjälper vi mamman att berätta på ett sätt som passar ett så litet barn, och vad kan personalen svara under tiden?",
    considered: "Vi har erbjudit mamman att sitta med när hon berättar. Hon vill fundera. Vi har bett personalen att inte hitta på egna \
        förklaringar.",
    steps: &[
        Step { hours_ago: 94, by: "samir.haddad", act: Act::Claim },
        Step {
            hours_ago: 93,
            by: "samir.haddad",
            act: Act::AskBack(
                "Vad tror ni att barnet själv har sett eller hört hemma? Och har mamman sagt vad hon är mest rädd för om barnet får veta: att barnet \
                 blir ledset, att det berättar vidare eller att det längtar hem?",
            ),
        },
        Step {
            hours_ago: 90,
            by: "hodan.warsame",
            act: Act::Reply(
                "Barnet var hemma vid flera tillfällen och mamman tror att det hörde en del genom väggen. Hon är mest rädd för att barnet ska tycka \
                 att det är hennes fel att de flyttade.",
            ),
        },
        Step {
            hours_ago: 74,
            by: "samir.haddad",
            act: Act::Advice {
                advice: "Börja i mammans rädsla. Säg att barn som inte får någon förklaring ofta hittar på en egen, och att den brukar bli värre och \
                    handla om dem själva. Berättelsen kan vara kort och sann: vi är här för att det blev farligt hemma, vuxna får inte göra så, \
                    det är inte ditt fel och jag tar hand om dig. Skriv ner meningarna tillsammans och låt mamman välja orden. Berätta en lugn \
                    stund på förmiddagen, gärna med något att leka med i händerna, och räkna med att samma fråga kommer tillbaka. Personalen kan \
                    till dess svara: det är en bra fråga, vi frågar mamma tillsammans. Då ljuger ingen och ingen går före. Leken är barnets \
                    sätt att berätta, så stoppa den inte. Och det här rådet ersätter inte en anmälan: har ni inte redan gjort en ska ni göra det \
                    genast.",
                paragraph: "19 kap. 1 § SoL",
                limits: "Gäller inte om mamman är så pressad att hon inte kan möta barnets reaktion. Då behöver barnet någon egen att prata med först.",
                needs_name: false,
            },
        },
    ],
};

/// Closed: the advice was used.
const PROTECTED_DATA_AT_SCHOOL: Thread = Thread {
    asker: "hodan.warsame",
    unit: "vald",
    hours_ago: 260,
    subject: "school",
    urgency: "normal",
    units: Some(&["elevhalsan"]),
    hide_unit: false,
    situation: "En familj med skyddade personuppgifter ska flytta, och barnet, som är i mellanstadieåldern, ska byta skola. Förra gången blev det \
        fel: en klasslista delades ut, ett foto hamnade på en webbsida och familjen fick börja om. Föräldern litar därför inte på skolan och vill \
        helst inte berätta något alls. Barnet vill mest av allt vara som alla andra, vara med på bild och få följa med hem till kompisar efter \
        skolan. Vi ska stötta familjen inför starten men vet inte hur skolan arbetar inifrån, vem som behöver veta vad och vilka system som \
        läcker. Vi vill komma med ett förslag som föräldern kan säga ja till.",
    question: "Vilka på en skola behöver känna till att en elev har skyddade personuppgifter, och vilka rutiner ska föräldern fråga efter innan \
        barnet börjar?",
    considered: "Vi har tänkt föreslå ett möte med bara rektorn, och att familjen får välja vad barnet ska svara när klasskamrater undrar.",
    steps: &[
        Step { hours_ago: 255, by: "petter.lindh", act: Act::Claim },
        Step {
            hours_ago: 250,
            by: "petter.lindh",
            act: Act::Advice {
                advice: "Låt kretsen vara liten. Rektorn, någon i administrationen och elevens lärare behöver veta att uppgifterna är skyddade, men inte \
                    varför. Skolsköterskan behöver veta om journalen ska spärras. Be att mötet med rektorn sker före inskrivningen, för det är då \
                    uppgifterna hamnar i systemen. Fråga efter fyra saker: hur eleven läggs in i lärplattformen, vem som får skriva ut \
                    klasslistor, vad som gäller för foto och film, och vem som svarar när någon ringer och frågar efter en elev. Begär svaren \
                    skriftligt. Låt gärna barnet vara med på bild som bara används i klassrummet: det är ofta där känslan av att vara annorlunda \
                    sitter. Bestäm också vad som gäller vid hämtning och på utflykter, och vem som ringer vem om något händer. Följ upp efter en \
                    månad.",
                paragraph: "23 kap. 1–2 §§ OSL",
                limits: "Beskriver hur vi arbetar i kommunens skolor. Hos fristående skolor gäller tystnadsplikt enligt skollagen och rutinerna \
                    kan se annorlunda ut.",
                needs_name: false,
            },
        },
        Step {
            hours_ago: 244,
            by: "hodan.warsame",
            act: Act::Reply(
                "Tack, det här är precis vad vi behövde. Föräldern blev lugnare av att kretsen är så liten och av att frågorna går att ställa rakt upp \
                 och ner.",
            ),
        },
        Step {
            hours_ago: 220,
            by: "hodan.warsame",
            act: Act::Close {
                used: "yes",
                otherwise: "guessed",
                comment: "Frågorna blev en lista som föräldern tog med till mötet. Vi kommer att använda den igen.",
            },
        },
    ],
};

/// "Vet ej", taken and replied to.
const DEBTS_IN_HER_NAME: Thread = Thread {
    asker: "ingalill.nutti",
    unit: "vald",
    hours_ago: 26,
    subject: "economy",
    urgency: "normal",
    units: None,
    hide_unit: false,
    situation: "En kvinna har lämnat en man som under flera år bestämde över hennes pengar. Först nu upptäcker hon att lån och abonnemang har \
        tecknats i hennes namn. Breven kommer från flera bolag och några skulder har redan gått vidare till Kronofogden. Hon har nyss fått ett \
        eget bankkonto och klarar inte att läsa alla brev utan att få panik. Hon har inkomst av arbete, men pengarna räcker inte när alla ska ha \
        sitt. Vi ger henne stöd i samtal men kan för lite om skulder för att våga säga vad som brådskar och vad som kan vänta. Hon är också rädd \
        för vad mannen gör om hon bestrider något.",
    question: "I vilken ordning bör hon ta itu med skulderna, och vad kan budget- och skuldrådgivningen hjälpa till med innan hon orkar gå dit?",
    considered: "Vi har sorterat breven i högar efter avsändare och ringt ett av bolagen tillsammans. Polisanmälan har vi pratat om, men hon vill \
        inte göra någon nu.",
    steps: &[
        Step { hours_ago: 22, by: "karin.sjoberg", act: Act::Claim },
        Step {
            hours_ago: 6,
            by: "karin.sjoberg",
            act: Act::Reply(
                "Jag har stämt av med vår skuldrådgivare och skriver ett samlat råd när jag har fått svar på en sak till. Det som inte bör vänta är \
                 brev från Kronofogden där det står ett sista datum för att bestrida. Lägg dem överst och hjälp henne att svara i tid: ett \
                 bestridande kan göras kort, och skälen kan utvecklas senare. Hyra, el och försäkring går före övriga räkningar. Resten kan ligga \
                 några veckor utan att hon förlorar något.",
            ),
        },
    ],
};
