//! What Barn och unga asks.

use super::{Act, Step, Thread};

pub const THREADS: &[Thread] = &[DRINKING_PARENT, DEPRESSED_PARENT, HOME_FROM_TREATMENT];

/// Closed: the advice was used.
const DRINKING_PARENT: Thread = Thread {
    asker: "anna.ek",
    unit: "barn",
    hours_ago: 170,
    subject: "addiction",
    urgency: "normal",
    units: Some(&["vuxen"]),
    hide_unit: false,
    situation: "En förälder dricker i perioder. Mellan perioderna fungerar vardagen bra, men när det är som värst sköter barnet, som är i \
        mellanstadieåldern, mat, tvätt och morgnar på egen hand. Den andra föräldern finns inte med i vardagen. Vi har en pågående utredning. \
        Föräldern kommer till våra möten, är öppen om att det dricks för mycket och säger sig vilja ändra på det. Samtidigt blir det blankt nej så \
        fort vi föreslår behandling. Skälet är rädsla för att det ska synas någonstans och ställa till det på jobbet. Samtalet låser sig varje \
        gång ordet behandling nämns, och vi vill inte förlora den tillit som finns. Barnet säger till oss att allt är lugnt, men håller noga reda \
        på hur föräldern mår.",
    question: "Vad kan ni erbjuda en förälder som vill dricka mindre men inte vill kalla det behandling, och hur lägger vi fram det?",
    considered: "Vi har pratat om öppenvården i allmänna ordalag och lämnat ett informationsblad. Vi har också erbjudit en stödgrupp för barnet, men \
        föräldern vill vänta med den.",
    steps: &[
        Step { hours_ago: 166, by: "mehmet.yildiz", act: Act::Claim },
        Step {
            hours_ago: 165,
            by: "mehmet.yildiz",
            act: Act::AskBack(
                "Tack för en tydlig fråga. Vet ni om föräldern har slutat tvärt någon gång, och hur det gick då? Det avgör om vården behöver vara \
                 med från början.",
            ),
        },
        Step {
            hours_ago: 148,
            by: "anna.ek",
            act: Act::Reply(
                "Ja, flera gånger på egen hand. Föräldern beskriver dåliga nätter men inget som har krävt vård. Det finns ingen tidigare kontakt \
                 med beroendevården, bara ett samtal på vårdcentralen om sömnen.",
            ),
        },
        Step {
            hours_ago: 143,
            by: "mehmet.yildiz",
            act: Act::Advice {
                advice: "Tala om det som samtal om alkoholvanor. Hos oss kan föräldern komma på några motiverande samtal utan att bestämma sig för något \
                    mer. Det brukar räcka för att nästa steg ska kännas som ett eget val. Ni får gärna ringa oss tillsammans under ett av era möten: då \
                    blir steget litet, föräldern berättar själv det som behövs och ni behöver inte lämna några uppgifter. Ta oron för jobbet på \
                    allvar och svara konkret. Det som sägs hos oss skyddas av sekretess och lämnas inte till någon arbetsgivare. Den som dricker \
                    dagligen bör inte sluta tvärt på egen hand, utan ta hjälp av vårdcentralen först. Låt inte barnets stöd vänta på att \
                    föräldern blir klar. Fråga om barnet får prova stödgruppen en gång, och lägg tiden så att föräldern kan vara med.",
                paragraph: "26 kap. 1 § OSL",
                limits: "Gäller så länge föräldern själv vill komma. Blir det sämre för barnet är det er utredning som styr, inte våra samtal.",
                needs_name: false,
            },
        },
        Step {
            hours_ago: 120,
            by: "anna.ek",
            act: Act::Close {
                used: "yes",
                otherwise: "phoned",
                comment: "Vi ringde tillsammans under ett möte och föräldern bokade en tid på egen hand.",
            },
        },
    ],
};

/// Asked back: the asking side's turn.
const DEPRESSED_PARENT: Thread = Thread {
    asker: "samir.haddad",
    unit: "barn",
    hours_ago: 50,
    subject: "psychiatry",
    urgency: "normal",
    units: Some(&["psykiatri"]),
    hide_unit: false,
    situation: "En förälder har haft en djup nedstämdhet sedan i höstas och orkar inte med det som behöver göras hemma. Barnen är i förskoleåldern och \
        lågstadieåldern. Den andra föräldern drar ett tungt lass men jobbar mycket. Vi har inlett insatser i hemmet och ser att föräldern vill väl, \
        men planerna vi gör upp på mötena rinner ut i sanden. Föräldern glömmer, stannar i sängen och skäms sedan. Vi vet inte vad som är \
        rimligt att kräva medan läkemedlet trappas in, och vi är rädda för att våra krav gör det värre. Samtidigt behöver barnen att något händer \
        nu, inte om ett halvår. Föräldern har själv berättat att kontakten med psykiatrin är ganska ny.",
    question: "Hur utformar vi stödet hemma så att det fungerar för någon som är mitt i en depression, och vad är rimligt att vänta sig de första \
        månaderna?",
    considered: "Vi har funderat på kortare möten, färre mål och att låta hemterapeuten komma på morgonen i stället för på eftermiddagen.",
    steps: &[
        Step { hours_ago: 30, by: "farid.karimi", act: Act::Claim },
        Step {
            hours_ago: 21,
            by: "farid.karimi",
            act: Act::AskBack(
                "Bra att ni frågar innan ni skruvar upp kraven. Hur ser dygnet ut: sover föräldern på natten, och finns det någon tid på dagen då \
                 det går lättare? Och är det svårast att komma i gång, eller att hålla ut när något väl är påbörjat? Svaret på det ändrar vad jag \
                 skulle råda er till. Har ni fått höra något om tankar på att inte vilja leva ska det inte vänta på svar här. Då ska ni ringa oss direkt.",
            ),
        },
    ],
};

/// Taken and replied to, one working day.
const HOME_FROM_TREATMENT: Thread = Thread {
    asker: "anna.ek",
    unit: "barn",
    hours_ago: 5,
    subject: "addiction",
    urgency: "soon",
    units: Some(&["vuxen"]),
    hide_unit: false,
    situation: "En förälder kommer snart hem efter en längre tids behandling på ett behandlingshem. Barnet, som är i lågstadieåldern, är placerat i \
        ett familjehem och längtar efter sin förälder, men har blivit besviket många gånger. Umgänget har hittills skett med stöd. Nu vill \
        föräldern att barnet ska sova över redan de första veckorna. Familjehemmet är tveksamt. Vi vill inte vara hindret som gör att föräldern \
        ger upp, men vi vet för lite om hur den första tiden efter en behandling brukar se ut och vad som är tecken på att det börjar gå åt fel \
        håll. Mötet där vi ska planera umgänget är redan inbokat.",
    question: "Vad bör vi tänka på den första tiden efter behandling när vi planerar umgänget, och vilka tidiga tecken ska vi vara \
        uppmärksamma på?",
    considered: "Vi lutar åt korta träffar på dagtid den första månaden, och att föräldern själv får föreslå vad som ska hända om det blir ett \
        återfall.",
    steps: &[
        Step { hours_ago: 4, by: "mehmet.yildiz", act: Act::Claim },
        Step {
            hours_ago: 3,
            by: "mehmet.yildiz",
            act: Act::Reply(
                "Jag har läst och återkommer med ett samlat råd i morgon. Så länge: er tanke om korta träffar på dagtid är klok. De första veckorna \
                 hemma är ofta de svåraste, också när allt ser bra ut. Be föräldern beskriva sin egen återfallsplan och vem som ska ringas, och \
                 skriv in den i planen för umgänget. Det brukar göra det lättare att säga till i tid, för alla.",
            ),
        },
    ],
};
