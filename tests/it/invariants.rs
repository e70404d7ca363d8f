//! The design's invariants, each with tests that try to break it, on both databases. The number in a test's name is the invariant's.

mod bad_input;
mod canaries;
mod cover;
mod ending;
mod keeping;
mod moderation;
mod named;
mod once;
mod quiet;
mod sealed;
mod sides;
mod unknown;
