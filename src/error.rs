//! The one error that rooms answer with. Over HTTP it becomes problem JSON (RFC 9457), on the socket the `error` object of a frame: same code, same members.
//!
//! It carries a code and a few figures, never text that somebody wrote, never a query, never a cause: causes are logged once where they happen.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::locale::Locale;

pub mod texts;

macro_rules! codes {
    ($($name:ident = $code:literal $status:literal,)*) => {
        /// Every code of docs/protocol.md, in its order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($name,)* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The stable word that clients match on.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            pub fn status(self) -> StatusCode {
                let number = match self { $(Code::$name => $status,)* };
                StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    };
}

codes! {
    FrameMalformed = "frame.malformed" 400,
    FrameTooLarge = "frame.too_large" 413,
    OpUnknown = "op.unknown" 404,
    FieldInvalid = "field.invalid" 422,
    AuthRequired = "auth.required" 401,
    SessionLocked = "session.locked" 401,
    SigninFailed = "signin.failed" 401,
    SigninLocked = "signin.locked" 429,
    NotFound = "not_found" 404,
    RoleMissing = "role.missing" 403,
    ThreadTaken = "thread.taken" 409,
    ThreadClosed = "thread.closed" 409,
    ThreadNotYours = "thread.not_yours" 409,
    HeldDecided = "held.decided" 409,
    ConsentDecided = "consent.decided" 409,
    ConsentMissing = "consent.missing" 409,
    CaseClosed = "case.closed" 409,
    ScanBlocked = "scan.blocked" 422,
    ScanNeedsReview = "scan.needs_review" 422,
    CommandReused = "command.reused" 409,
    RateLimited = "rate.limited" 429,
    OriginRefused = "origin.refused" 403,
    Unavailable = "unavailable" 503,
    Internal = "internal" 500,
}

/// What went wrong, fit to be shown to whoever asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: Code,
    /// `findings`, `field`, `until`, `risk`, `reasons`, `retry_after_ms`: whatever docs/protocol.md gives the code beside its title.
    pub extra: Map<String, Value>,
}

impl Error {
    pub fn new(code: Code) -> Error {
        Error { code, extra: Map::new() }
    }

    /// Adds a member. A value that cannot be written as JSON is left out: the code is what the client needs.
    pub fn with(mut self, key: &str, value: impl Serialize) -> Error {
        if let Ok(value) = serde_json::to_value(value) {
            self.extra.insert(key.to_owned(), value);
        }
        self
    }

    /// `field.invalid`: names the field, never repeats its value.
    pub fn field(name: &str) -> Error {
        Error::new(Code::FieldInvalid).with("field", name)
    }

    pub fn not_found() -> Error {
        Error::new(Code::NotFound)
    }

    /// `rate.limited`: `wait` is how long until the next one is let through.
    pub fn rate_limited(wait: std::time::Duration) -> Error {
        Error::new(Code::RateLimited).with("retry_after_ms", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
    }

    /// `internal`: logs where it happened and of what kind it is. `place` and `kind` are words of the program, never of a user.
    pub fn internal(place: &'static str, kind: &'static str) -> Error {
        tracing::error!(place, kind, "internal error");
        Error::new(Code::Internal)
    }

    /// The error object of a socket frame.
    pub fn object(&self, locale: Locale) -> Value {
        let mut object = Map::new();
        object.insert("code".into(), self.code.as_str().into());
        object.insert("title".into(), texts::title(self.code, locale).into());
        object.extend(self.extra.clone());
        Value::Object(object)
    }

    /// Problem JSON: the members of the error object and `status`, with `type` as a stable URN.
    pub fn problem(&self, locale: Locale) -> Response {
        let status = self.code.status();
        let Value::Object(mut body) = self.object(locale) else { return status.into_response() };
        body.insert("type".into(), format!("urn:radrum:error:{}", self.code.as_str()).into());
        body.insert("status".into(), status.as_u16().into());
        let mut response = Response::new(Body::from(Value::Object(body).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str()));
        if let Some(ms) = self.extra.get("retry_after_ms").and_then(Value::as_u64) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

impl From<crate::db::Error> for Error {
    /// What the database would not do. Its causes were logged where they happened.
    fn from(error: crate::db::Error) -> Error {
        match error {
            crate::db::Error::Unavailable(_) => Error::new(Code::Unavailable),
            crate::db::Error::Missing => Error::internal("database", "missing row"),
            crate::db::Error::Unique(_) | crate::db::Error::Check | crate::db::Error::ForeignKey => {
                Error::internal("database", "constraint")
            }
            crate::db::Error::Setup(_) | crate::db::Error::Internal(_) => Error::internal("database", "failure"),
        }
    }
}
