//! What an error says to a person: one sentence on what was wrong, one on what to do. Only fixed words, so that nothing a user wrote can come back in an error.

use super::Code;
use crate::locale::Locale;

/// The title of an error, in klarspråk.
pub fn title(code: Code, locale: Locale) -> &'static str {
    let (sv, en) = match code {
        Code::FrameMalformed => (
            "Servern kunde inte läsa det som skickades. Skicka ett JSON-objekt med op och id.",
            "The server could not read what was sent. Send a JSON object with op and id.",
        ),
        Code::FrameTooLarge => (
            "Det som skickades är för stort. Korta texten och skicka igen.",
            "What was sent is too large. Shorten the text and send it again.",
        ),
        Code::OpUnknown => (
            "Servern känner inte till kommandot. Ladda om sidan för att få den senaste versionen.",
            "The server does not know this command. Reload the page to get the latest version.",
        ),
        Code::FieldInvalid => (
            "Ett fält saknas eller är fel ifyllt. Rätta fältet och skicka igen.",
            "A field is missing or filled in wrongly. Correct the field and send again.",
        ),
        Code::AuthRequired => ("Du är inte inloggad. Logga in och försök igen.", "You are not signed in. Sign in and try again."),
        Code::SessionLocked => (
            "Rådrum låstes för att du varit borta en stund. Skriv ditt lösenord för att fortsätta.",
            "Rådrum was locked because you were away for a while. Enter your password to continue.",
        ),
        Code::SigninFailed => (
            "Användarnamnet eller lösenordet stämmer inte. Kontrollera dem och försök igen.",
            "The user name or the password is wrong. Check them and try again.",
        ),
        Code::SigninLocked => (
            "Det har blivit för många försök att logga in. Vänta en stund och försök igen.",
            "There have been too many attempts to sign in. Wait a while and try again.",
        ),
        Code::NotFound => (
            "Det du söker finns inte, eller så har du inte tillgång till det. Gå tillbaka till inkorgen och välj på nytt.",
            "What you are looking for does not exist, or you have no access to it. Go back to the inbox and choose again.",
        ),
        Code::RoleMissing => (
            "Din roll ger inte rätt att göra detta. Be den som administrerar Rådrum om rätt roll.",
            "Your role does not allow this. Ask whoever administers Rådrum for the right role.",
        ),
        Code::ThreadTaken => (
            "Någon annan har redan tagit frågan. Välj en annan fråga i inkorgen.",
            "Someone else has already taken the question. Choose another one in the inbox.",
        ),
        Code::ThreadClosed => (
            "Samrådet är avslutat. Ställ en ny fråga om du behöver mer.",
            "The consultation is closed. Ask a new question if you need more.",
        ),
        Code::ThreadNotYours => {
            ("Du har inte tagit frågan. Ta den först och försök igen.", "You have not taken the question. Take it first and try again.")
        }
        Code::HeldDecided => (
            "Texten är redan godkänd, återlämnad eller tillbakadragen. Ladda om kön för att se vad som gäller.",
            "The text has already been approved, returned or withdrawn. Reload the queue to see what holds.",
        ),
        Code::ConsentDecided => (
            "Samtycket är redan lämnat, nekat, återkallat eller har löpt ut. Ladda om för att se vad som gäller.",
            "The consent has already been given, refused, revoked or has expired. Reload to see what holds.",
        ),
        Code::ConsentMissing => (
            "Det finns inget samtycke som omfattar detta just nu. Inhämta ett samtycke som gäller uppgifterna, enheten och tiden.",
            "No consent covers this right now. Obtain one that covers the facts, the unit and the time.",
        ),
        Code::CaseClosed => (
            "Ärendet är stängt för din enhet, eftersom samtycket inte gäller längre eller kopplingen har avslutats. Tala med den andra enheten om ni behöver gå vidare.",
            "The case is closed to your unit, because the consent no longer holds or the link has ended. Talk to the other unit if you need to go on.",
        ),
        Code::ScanBlocked => (
            "Texten innehåller uppgifter som kan peka ut en person, och den har inte skickats. Ta bort eller maskera det som är markerat.",
            "The text contains details that can identify a person, and it was not sent. Remove or mask what is marked.",
        ),
        Code::ScanNeedsReview => (
            "Texten behöver granskas innan den kan skickas. Gör den mer allmän eller skicka den för granskning.",
            "The text needs a review before it can be sent. Make it more general or send it for review.",
        ),
        Code::CommandReused => (
            "Kommandots id har redan använts till något annat. Skicka igen med ett nytt id.",
            "The id of the command has been used for something else. Send again with a new id.",
        ),
        Code::RateLimited => (
            "Det kom för många kommandon på kort tid. Vänta en stund och försök igen.",
            "Too many commands came in a short time. Wait a moment and try again.",
        ),
        Code::OriginRefused => (
            "Anropet kom från en annan webbplats och stoppades. Öppna Rådrum på dess egen adress.",
            "The request came from another site and was stopped. Open Rådrum at its own address.",
        ),
        Code::Unavailable => (
            "Rådrum kan inte svara just nu. Försök igen om en stund; samma kommando ger samma svar.",
            "Rådrum cannot answer right now. Try again in a moment; the same command gives the same answer.",
        ),
        Code::Internal => (
            "Något gick fel i Rådrum. Försök igen, och säg till den som sköter tjänsten om det händer på nytt.",
            "Something went wrong in Rådrum. Try again, and tell whoever runs the service if it happens again.",
        ),
    };
    match locale {
        Locale::Sv => sv,
        Locale::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_was_wrong_and_what_to_do() {
        for &code in Code::ALL {
            for locale in [Locale::Sv, Locale::En] {
                let title = title(code, locale);
                assert!(title.ends_with('.') && title.matches(". ").count() + title.matches("; ").count() >= 1, "{code:?}: two sentences");
                assert!(!title.contains("anonym"), "{code:?}: never promised");
            }
        }
    }
}
