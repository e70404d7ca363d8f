//! What the tests stand on.

pub mod canary;
pub mod cluster;
pub mod consents;
pub mod databases;
pub mod program;
pub mod service;
pub mod smtp;
pub mod steps;

pub use databases::{TestDb, empty_postgres, on};
