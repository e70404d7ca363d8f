//! Time, handed to whoever needs it. The database keeps UTC as microseconds since 1970; only the interface knows Swedish time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

pub const SECOND: Micros = 1_000_000;
pub const MINUTE: Micros = 60 * SECOND;
pub const HOUR: Micros = 60 * MINUTE;
pub const DAY: Micros = 24 * HOUR;

#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// For tests: stands still until it is moved.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(start: Micros) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(start)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Micros {
        match self {
            Clock::System => jiff::Timestamp::now().as_microsecond(),
            Clock::Manual(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock; does nothing to the system's.
    pub fn advance(&self, by: Micros) {
        if let Clock::Manual(at) = self {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }
}

/// RFC 3339, UTC, whole seconds.
pub fn rfc3339(at: Micros) -> String {
    jiff::Timestamp::from_second(at.div_euclid(SECOND)).map(|t| t.to_string()).unwrap_or_default()
}

/// RFC 3339, UTC, cut to the minute: what the other side may know of when something happened.
pub fn rfc3339_minute(at: Micros) -> String {
    rfc3339(at - at.rem_euclid(MINUTE))
}
