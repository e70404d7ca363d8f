//! `radrum demo`: the service with invented units, people and threads.

pub mod seed;
pub mod texts;
