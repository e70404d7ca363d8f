//! Configuration: a TOML file and the environment.

use std::{fmt, num::NonZeroU32};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Text that must never be printed or logged. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Secret::new)
    }
}

/// What one socket or session may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    pub commands_per_second: NonZeroU32,
    /// How many may come at once.
    pub burst: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
        const BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();
        Rates { commands_per_second: PER_SECOND, burst: BURST }
    }
}
