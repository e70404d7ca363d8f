//! `radrum backup` and `radrum restore`.

use std::path::{Path, PathBuf};

use super::{Failure, serve::database_url};
use crate::{
    clock::Clock,
    config::Settings,
    db::{self, backup},
};

/// Copies the database into a new folder, beside a running service or not. Without a name the folder is called after the moment, where the command is run.
pub async fn backup(settings: &Settings, to: Option<PathBuf>) -> Result<(), Failure> {
    let clock = Clock::System;
    let to = to.unwrap_or_else(|| {
        let moment: String = crate::clock::rfc3339(clock.now()).chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        format!("radrum-backup-{moment}").into()
    });
    let manifest = backup::backup(&db::Settings::new(database_url(settings)), &to, &clock).await?;
    println!("Backed up {} bytes to {} (version {} of the tables).", manifest.bytes, to.display(), manifest.schema_version);
    println!("The master key is not in it, and without that key it opens for no one: keep a copy of the key elsewhere.");
    println!("After a rotation of the key this backup does not open any more; take a new one then.");
    Ok(())
}

/// Puts a backup into an empty database.
pub async fn restore(settings: &Settings, from: &Path) -> Result<(), Failure> {
    let manifest = backup::restore(from, &db::Settings::new(database_url(settings))).await?;
    println!("Restored the backup of {}.", manifest.made_at);
    println!("Put the master key of that moment in {}, unless it is there, and start the service.", settings.data.display());
    Ok(())
}
