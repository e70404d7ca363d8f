//! Ids: sixteen bytes, written as UUIDs. What another unit may see is random (version 4): a time in an id would tell when and in which order things happened.

use std::{fmt, str::FromStr};

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Micros;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

#[derive(Debug, thiserror::Error)]
#[error("not a UUID")]
pub struct BadId;

impl Id {
    pub const NIL: Id = Id([0; 16]);

    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Id {
    type Error = BadId;

    fn try_from(bytes: &[u8]) -> Result<Self, BadId> {
        bytes.try_into().map(Id).map_err(|_| BadId)
    }
}

impl FromStr for Id {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        // Only the hyphenated form: one id has one writing.
        if text.len() != 36 {
            return Err(BadId);
        }
        uuid::Uuid::parse_str(text).map(|u| Id(u.into_bytes())).map_err(|_| BadId)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        // The value is not repeated in the error: it could be text that was put in the wrong place.
        <std::borrow::Cow<'de, str>>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The only source of randomness in the server, handed to whoever needs it.
#[derive(Clone, Debug)]
pub struct Random(SystemRandom);

impl Default for Random {
    #[expect(clippy::disallowed_methods, reason = "the one place that opens the system's randomness")]
    fn default() -> Self {
        Random(SystemRandom::new())
    }
}

impl Random {
    /// `N` unguessable bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing secret can be made then, and going on would be worse.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill(&mut out).expect("the operating system gives randomness");
        out
    }

    /// A random id (UUID version 4), for everything that another unit may see.
    pub fn id(&self) -> Id {
        Id(uuid::Builder::from_random_bytes(self.bytes()).into_uuid().into_bytes())
    }

    /// An id that sorts by time (UUID version 7), for rows that stay inside the own authority.
    pub fn ordered_id(&self, now: Micros) -> Id {
        Id(uuid::Builder::from_unix_timestamp_millis((now / 1000) as u64, &self.bytes()).into_uuid().into_bytes())
    }
}

impl utoipa::PartialSchema for Id {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("uuid".into()))).into()
    }
}

impl utoipa::ToSchema for Id {}
