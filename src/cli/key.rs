//! `radrum key`: rotation of the master key, all at once or step by step.

use std::time::Duration;

use clap::Subcommand;

use super::{Failure, args::ConfigFile, serve};
use crate::{
    config::Settings,
    db::FolderLock,
    vault::{
        FILE,
        rotate::{self, GRACE, Wrapped},
    },
    wrapped_column,
};

/// Every column that holds a wrapped key: what a rotation wraps anew.
pub const WRAPPED: &[Wrapped] = &[
    wrapped_column!("thread", "wrapped_key", "id"),
    wrapped_column!("held", "wrapped_key", "id"),
    wrapped_column!("case_file", "wrapped_key", "id"),
];

#[derive(Subcommand)]
pub enum Key {
    /// Make a new master key, wrap every key under it, and destroy the old one: for one host with the key in a file
    Rotate {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// With several hosts, step 1: put a new master key into the file
    Add {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// With several hosts or the key in the environment, step 2: wrap every key under the newest master key
    Rewrap {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// With several hosts, step 3: destroy the older master keys in the file
    Finish {
        #[command(flatten)]
        config: ConfigFile,
    },
}

impl Key {
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Key::Rotate { config } => all(&config.load()?).await,
            Key::Add { config } => add(&config.load()?).await,
            Key::Rewrap { config } => rewrap(&config.load()?).await,
            Key::Finish { config } => finish(&config.load()?).await,
        }
    }
}

async fn all(settings: &Settings) -> Result<(), Failure> {
    // With nobody serving there is nothing on its way to wait for. The lock keeps it so.
    let alone = FolderLock::take_if_free(&serve::database_url(settings))?;
    let grace = if alone.is_some() { Duration::ZERO } else { GRACE };
    let house = serve::open_beside(settings).await?;
    if alone.is_none() {
        println!("A service may be running: this takes a minute more, so that what it is storing just now is wrapped too.");
    }
    let wrapped = rotate::rotate(&house.vault, &house.db, WRAPPED, &house.random, grace).await;
    house.db.close().await;
    println!("Wrapped {} keys under master key {} and destroyed the older ones.", wrapped?, house.vault.newest());
    println!("Take a new copy of the master key, and a new backup: older backups do not open with the new key.");
    Ok(())
}

async fn add(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    house.db.close().await;
    let number = rotate::add(&house.vault, &house.random)?;
    println!("Added master key {number} to {}.", settings.data.join(FILE).display());
    println!("Copy the file to every other host (mode 600, same owner), then run: radrum key rewrap");
    Ok(())
}

async fn rewrap(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    let wrapped = rotate::rewrap(&house.vault, &house.db, WRAPPED, &house.random).await;
    house.db.close().await;
    println!("Wrapped {} keys under master key {}.", wrapped?, house.vault.newest());
    println!("With the key in files: a minute or more after every host got the new one, run: radrum key finish");
    println!(
        "With the key in the environment: run this again after a minute, until it wraps 0; then take the older keys away everywhere and restart."
    );
    Ok(())
}

async fn finish(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    let wrapped = rotate::finish(&house.vault, &house.db, WRAPPED, &house.random).await;
    house.db.close().await;
    println!("Wrapped {} more keys and destroyed the master keys older than {}.", wrapped?, house.vault.newest());
    println!(
        "Copy the file to every other host, take a new copy of it, and take a new backup: older backups do not open with the new key."
    );
    Ok(())
}
