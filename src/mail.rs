//! Notices by mail: that something waits, and for which role to sign in. Nothing else: a mail leaves the house, is stored and forwarded, and its subject stands
//! on a locked phone. So there is no thread, no unit, no name in it, and not even a count.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use crate::{
    config::{Smtp, SmtpTls},
    locale::Locale,
};

/// How long the mail server may take.
const SLOWEST: Duration = Duration::from_secs(20);

/// For which of the person's roles something waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Handler,
    UnitManager,
    Registrar,
    Auditor,
    Steering,
    Admin,
}

impl Role {
    /// The role as the database knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Handler => "handler",
            Role::UnitManager => "unit_manager",
            Role::Registrar => "registrar",
            Role::Auditor => "auditor",
            Role::Steering => "steering",
            Role::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        [Role::Handler, Role::UnitManager, Role::Registrar, Role::Auditor, Role::Steering, Role::Admin]
            .into_iter()
            .find(|r| r.as_str() == text)
    }

    fn name(self, locale: Locale) -> &'static str {
        let (sv, en) = match self {
            Role::Handler => ("handläggare", "handler"),
            Role::UnitManager => ("enhetschef", "unit manager"),
            Role::Registrar => ("registrator", "registrar"),
            Role::Auditor => ("granskare", "auditor"),
            Role::Steering => ("styrgrupp", "steering group"),
            Role::Admin => ("administratör", "administrator"),
        };
        match locale {
            Locale::Sv => sv,
            Locale::En => en,
        }
    }
}

/// Errors say what kind of thing went wrong, never to whom or what the mail server wrote: it repeats addresses.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    #[error("smtp.from is not a sender. Write it as in Rådrum <radrum@example.se>.")]
    Sender,
    #[error("smtp.host cannot be used with TLS")]
    Tls,
    #[error("the receiver's address is not a mail address")]
    Receiver,
    #[error("the mail server refused the notice for good")]
    Refused,
    #[error("the mail server could not be reached, or asks to try later")]
    Later,
}

/// Sends notices. Cheap to clone; keeps connections open for a while.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where to sign in.
    address: Option<String>,
}

impl Mailer {
    /// `address` is the service's public one, for the link.
    pub fn new(smtp: &Smtp, address: Option<String>) -> Result<Mailer, Error> {
        let parameters = || TlsParameters::new(smtp.host.clone()).map_err(|_| Error::Tls);
        let tls = match smtp.tls {
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host).port(smtp.port).tls(tls).timeout(Some(SLOWEST));
        if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Mailer { transport: builder.build(), from: smtp.from.parse().map_err(|_| Error::Sender)?, address })
    }

    /// Tells one person that something waits.
    pub async fn notify(&self, to: &str, role: Role, locale: Locale) -> Result<(), Error> {
        let to: Mailbox = to.parse().map_err(|_| Error::Receiver)?;
        let (subject, text) = words(role, locale, self.address.as_deref());
        let message = Message::builder().from(self.from.clone()).to(to).subject(subject).header(ContentType::TEXT_PLAIN);
        // Machines that answer mails (out of office) are asked not to.
        let message = message.header(AutoSubmitted).body(text).map_err(|_| Error::Sender)?;
        let sent = self.transport.send(message).await;
        metrics::counter!("radrum_notices_total", "result" => if sent.is_ok() { "sent" } else { "failed" }).increment(1);
        sent.map(|_| ()).map_err(|error| if error.is_permanent() { Error::Refused } else { Error::Later })
    }
}

fn words(role: Role, locale: Locale, address: Option<&str>) -> (&'static str, String) {
    let role = role.name(locale);
    let place = address.map(|address| format!(": {address}")).unwrap_or_default();
    match locale {
        Locale::Sv => (
            "Något väntar i Rådrum",
            format!(
                "Hej!\r\n\r\nNågot väntar på dig som {role} i Rådrum. Logga in för att se vad{place}\r\n\r\nDet här mejlet går inte att svara på.\r\n"
            ),
        ),
        Locale::En => (
            "Something waits in Rådrum",
            format!(
                "Hello,\r\n\r\nSomething waits for you as {role} in Rådrum. Sign in to see what{place}\r\n\r\nThis mail cannot be answered.\r\n"
            ),
        ),
    }
}

/// RFC 3834.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
