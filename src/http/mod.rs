//! The HTTP floor: errors, cookie, headers, limits, routes, embedded assets, and the server that listens. It knows no rooms: what they do comes in through `live::Rooms`.

pub mod error;
pub mod json;
pub mod texts;

pub use error::{Code, Error};
pub use texts::Locale;
