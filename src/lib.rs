//! Rådrum: de-identified consultation between units, live. ARCHITECTURE.md is the map.

pub mod cli;
pub mod scan;

#[cfg(feature = "server")]
pub mod access;
#[cfg(feature = "server")]
pub mod app;
#[cfg(feature = "server")]
pub mod audit;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod id;
#[cfg(feature = "server")]
pub mod law;
#[cfg(feature = "server")]
pub mod live;
#[cfg(feature = "server")]
pub mod mail;
#[cfg(feature = "server")]
pub mod rooms;
#[cfg(feature = "server")]
pub mod vault;
#[cfg(feature = "server")]
pub mod workdays;
