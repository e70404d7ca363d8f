//! Rådrum: de-identified consultation between units, live. ARCHITECTURE.md is the map.

pub mod cli;
pub mod scan;
