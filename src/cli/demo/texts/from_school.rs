//! What Elevhälsan asks.

use super::{Act, Step, Thread};

pub const THREADS: &[Thread] = &[WORRIED_BUT_UNSURE, SOON_OF_AGE, WATCHED_AT_HOME];

/// The asking unit is hidden; answered.
const WORRIED_BUT_UNSURE: Thread = Thread {
    asker: "petter.lindh",
    unit: "elevhalsan",
    hours_ago: 75,
    subject: "children",
    urgency: "normal",
    units: Some(&["barn"]),
    hide_unit: true,
    situation: "Ett barn i mellanstadieåldern har blivit tystare under terminen. Kläderna är ofta smutsiga, maten hemifrån saknas på utflykter och \
        barnet vill gärna vara kvar när dagen är slut. Föräldrarna svarar vänligt i telefon men kommer inte på möten. Barnet har sagt att det är \
        bråkigt hemma men vill inte säga mer, och bad oss att inte berätta. Vi som träffar barnet är oeniga. Några tycker att det räcker för en \
        anmälan, andra vill först försöka nå föräldrarna och få veta mer. Alla är rädda för att förlora den kontakt som finns, och det har redan \
        gått flera veckor medan vi har väntat på varandra.",
    question: "Hur säkra behöver vi vara innan vi anmäler, och vad ska vi säga till barnet och föräldrarna?",
    considered: "Vi har haft ett internt möte och antecknat vad var och en har sett. Vi har pratat om att bjuda in föräldrarna en sista gång.",
    steps: &[
        Step { hours_ago: 72, by: "anna.ek", act: Act::Claim },
        Step {
            hours_ago: 70,
            by: "anna.ek",
            act: Act::Advice {
                advice: "Ni behöver inte vara säkra. Det räcker att ni misstänker att ett barn far illa, och då ska anmälan göras genast. Det är inte \
                    er sak att utreda först, och ni behöver inte vara överens: den som är orolig anmäler. Det ni beskriver räcker enligt min \
                    mening gott och väl. Skriv vad ni har sett och hört, var för sig, och håll isär det från vad ni tror. Berätta för föräldrarna \
                    innan, om det inte kan göra det farligare för barnet. Misstänker ni våld eller övergrepp ska ni inte berätta, utan ringa oss \
                    först. Till barnet kan ni säga: jag lovade att lyssna, men jag kan inte hålla det här för mig själv, för du ska ha det bra. \
                    Säg också vad som händer sedan. Att vi samråder här ersätter inte anmälan, så vänta inte på fler svar.",
                paragraph: "19 kap. 1 § SoL och 10 kap. 28 § OSL",
                limits: "Jag bedömer bara det som står i frågan. Är något akut i dag ska ni ringa, inte skriva.",
                needs_name: false,
            },
        },
    ],
};

/// Open and overdue.
const SOON_OF_AGE: Thread = Thread {
    asker: "petter.lindh",
    unit: "elevhalsan",
    hours_ago: 500,
    subject: "psychiatry",
    urgency: "normal",
    units: Some(&["psykiatri"]),
    hide_unit: false,
    situation: "En elev på gymnasiet blir snart myndig och ska lämna barnpsykiatrin. Eleven har svår ångest, har bytt behandlare flera gånger \
        och är mycket orolig för att behöva börja om. Ingen har kunnat svara på om det finns någon som tar över, och eleven har fått uppfattningen \
        att det blir lång väntan och en helt ny bedömning. Närvaron i skolan sjunker. Föräldrarna har hittills ringt alla samtal, men eleven säger \
        att de inte får vara med längre när det blir vuxenvård. Vi följer eleven varje vecka och vill kunna säga något sant om vad som väntar, \
        och få veta vad vi själva kan göra för att övergången ska hålla.",
    question: "Hur går övergången till er till i praktiken, och vad kan vi i skolan förbereda tillsammans med eleven så att inget faller \
        mellan stolarna?",
    considered: "Vi har föreslagit ett gemensamt möte innan kontakten avslutas. Eleven vill gärna ha en kort text om sig själv att lämna över, så att \
        allt inte behöver berättas igen.",
    steps: &[],
};

/// "Vet ej", taken by the unit that felt addressed; answered.
const WATCHED_AT_HOME: Thread = Thread {
    asker: "marja.kallio",
    unit: "elevhalsan",
    hours_ago: 52,
    subject: "violence",
    urgency: "normal",
    units: None,
    hide_unit: false,
    situation: "En elev i högstadieåldern har i förtroende berättat att syskon och släktingar håller uppsikt på rasterna och rapporterar hem. Eleven \
        får inte vara med på idrotten eller på något efter skoltid, och telefonen gås igenom varje kväll. Eleven säger att det är som det är \
        och vill absolut inte att någon pratar med föräldrarna. Vid ett tillfälle har eleven sagt sig vara rädd inför lovet, utan att förklara \
        varför. I vår personalgrupp finns de som vill kalla till ett vanligt möte med vårdnadshavarna om frånvaron. Andra tror att det kan göra \
        läget mycket värre. Vi är inte säkra på vilken av enheterna vi ska vända oss till.",
    question: "Vad ska vi absolut inte göra nu, och hur kan vi prata vidare med eleven utan att någon hemma får veta det?",
    considered: "Vi har ställt in mötet om frånvaron tills vidare. Skolans kurator träffar eleven på en tid som ser ut som vanlig undervisning.",
    steps: &[
        Step { hours_ago: 49, by: "hodan.warsame", act: Act::Claim },
        Step {
            hours_ago: 48,
            by: "hodan.warsame",
            act: Act::AskBack(
                "Det var rätt att ställa in mötet. Vet ni om lovet innebär en resa, och om eleven har sitt pass hemma? Är svaret ja, eller är ni \
                 osäkra, ring vårt nummer redan i dag i stället för att skriva här.",
            ),
        },
        Step {
            hours_ago: 46,
            by: "marja.kallio",
            act: Act::Reply(
                "Vi har ringt enligt ert råd och gjort en anmälan. Här vill vi gärna veta hur vi möter eleven i vardagen framöver.",
            ),
        },
        Step {
            hours_ago: 29,
            by: "hodan.warsame",
            act: Act::Advice {
                advice: "Kontakta inte hemmet om det ni har fått höra, varken nu eller för att informera om anmälan. Använd inte syskon eller \
                    släktingar för att översätta eller framföra något. Skriv inget i lärplattformen, där vårdnadshavare kan läsa, och låt inte kallelser gå hem. Fortsätt \
                    med korta samtal på tider som inte märks. Fråga eleven vad som är farligt och vad som hjälper, och lita på svaret. Kom överens \
                    om ett ord som betyder att det är bråttom, och om vem eleven kan gå till utan att förklara sig. Ni ska inte lova att hålla allt \
                    hemligt, men säg i förväg när ni behöver föra något vidare. Låt gruppen som vet vara så liten som möjligt. Anteckna vad eleven \
                    säger med elevens egna ord, för det kan få betydelse senare.",
                paragraph: "19 kap. 1 § SoL",
                limits: "Tar den som utreder anmälan över planeringen gäller deras besked före mitt. Vid hot eller rädsla för en resa: ring 112 eller \
                    socialjouren.",
                needs_name: false,
            },
        },
    ],
};
