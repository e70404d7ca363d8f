//! `radrum key`: rotation of the master key, all at once or step by step.

use std::time::Duration;

use super::{Failure, admin::WRAPPED, serve};
use crate::{
    config::Settings,
    db::FolderLock,
    vault::rotate::{self, GRACE},
};

/// The three steps in one, for one host with the key in a file. A running service goes on; then it takes a minute.
pub async fn rotate(settings: &Settings) -> Result<(), Failure> {
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
    println!("Take a new copy of the master key, and a new backup: older backups do not open any more.");
    Ok(())
}

/// Step 1, with several hosts.
pub async fn add(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    house.db.close().await;
    let number = rotate::add(&house.vault, &house.random)?;
    println!("Added master key {number} to {}.", settings.data.join(crate::vault::FILE).display());
    println!("Copy the file to every other host (mode 600, same owner), then run: radrum key rewrap");
    Ok(())
}

/// Step 2.
pub async fn rewrap(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    let wrapped = rotate::rewrap(&house.vault, &house.db, WRAPPED, &house.random).await;
    house.db.close().await;
    println!("Wrapped {} keys under master key {}.", wrapped?, house.vault.newest());
    println!("With the key in files: a minute or more after every host got the new one, run: radrum key finish. Then copy the file to every host again.");
    println!("With the key in the environment: run this again after a minute, until it wraps 0; then take the older keys' lines away everywhere and restart.");
    Ok(())
}

/// Step 3.
pub async fn finish(settings: &Settings) -> Result<(), Failure> {
    let house = serve::open_beside(settings).await?;
    let wrapped = rotate::finish(&house.vault, &house.db, WRAPPED, &house.random).await;
    house.db.close().await;
    println!("Wrapped {} more keys and destroyed the master keys older than {}.", wrapped?, house.vault.newest());
    println!("Copy the file to every other host, take a new copy of it, and take a new backup: older backups do not open any more.");
    Ok(())
}
