//! PostgreSQL's own programs for backup. What they print is not passed on: an error of theirs can quote a row.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use super::Error;

/// Writes the whole database into `file` in pg_dump's custom format.
///
/// # Errors
/// [`Error::Setup`] when pg_dump is missing or fails.
pub(super) async fn dump(url: &str, file: &Path) -> Result<(), Error> {
    run("pg_dump", url, &["--format=custom", "--no-owner", "--no-privileges", "--no-password", "--file"], file).await
}

/// Reads a file of [`dump`]'s into an empty database, all or nothing.
///
/// # Errors
/// [`Error::Setup`] when pg_restore is missing or fails.
pub(super) async fn load(url: &str, file: &Path) -> Result<(), Error> {
    run("pg_restore", url, &["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"], file).await
}

async fn run(tool: &str, url: &str, options: &[&str], file: &Path) -> Result<(), Error> {
    let program = find(tool).ok_or_else(|| {
        Error::Setup(format!(
            "{tool} was not found; it comes with PostgreSQL: apt-get install -y --no-install-recommends postgresql-client"
        ))
    })?;
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.args(options).arg(file).arg("--dbname").arg(url).env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true);
    if let Some(password) = password {
        // Not among the arguments, which every user of the machine can read.
        command.env("PGPASSWORD", password);
    }
    let done = command.output().await.map_err(|e| Error::Setup(format!("{tool} could not be started: {}", e.kind())))?;
    if done.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    let why = match () {
        () if told.contains("server version mismatch") => ": it is older than the server; install the server's version",
        () if told.contains("unsupported version") => ": it is older than the program that made the backup",
        () if told.contains("authentication failed") || told.contains("no password supplied") => ": the server does not let the user in",
        () if told.contains("permission denied") => ": the user lacks a right",
        () if told.contains("No space left") => ": the disk is full",
        () => "",
    };
    let how = done.status.code().map_or_else(|| "was stopped by a signal".to_owned(), |code| format!("ended with code {code}"));
    Err(Error::Setup(format!("{tool} {how}{why}")))
}

/// On the path, or Debian's newest.
fn find(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<_> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin")).collect();
    debian.sort_by_key(|bin| bin.parent().and_then(|p| p.file_name()?.to_str()?.parse::<u32>().ok()));
    // Debian's first: what stands on its path chooses by cluster, and we have none of its.
    debian.into_iter().rev().chain(std::env::split_paths(&path)).map(|folder| folder.join(tool)).find(|file| file.is_file())
}

/// The address without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (authority, tail) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let (mut url, mut password) = (format!("{scheme}://"), None);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let (name, secret) = user.split_once(':').map_or((user, None), |(n, s)| (n, Some(s)));
            password = secret.map(percent_decoded);
            url.push_str(&format!("{name}@{host}"));
        }
        None => url.push_str(authority),
    }
    let (path, query) = tail.split_once('?').map_or((tail, ""), |(p, q)| (p, q));
    url.push_str(path);
    let mut separator = '?';
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        if let Some(secret) = pair.strip_prefix("password=") {
            password = Some(percent_decoded(secret));
        } else if !pair.starts_with("statement-cache-capacity=") {
            url.push(separator);
            url.push_str(pair);
            separator = '&';
        }
    }
    (url, password)
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let hex = (*byte == b'%').then(|| after.get(..2)).flatten();
        let value = hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        out.push(value.unwrap_or(*byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_address() {
        let cases = [
            ("postgres://anna:hem%20ligt@db:5432/radrum", "postgres://anna@db:5432/radrum", Some("hem ligt")),
            ("postgres://anna@db/radrum?sslmode=require", "postgres://anna@db/radrum?sslmode=require", None),
            ("postgres:///radrum?host=/run&password=a%26b&user=anna", "postgres:///radrum?host=/run&user=anna", Some("a&b")),
            ("postgres://anna:p@ss@db", "postgres://anna@db", Some("p@ss")),
            ("postgres://anna:100%@db/x", "postgres://anna@db/x", Some("100%")),
            ("postgresql://db", "postgresql://db", None),
        ];
        for (url, bare, password) in cases {
            assert_eq!(without_password(url), (bare.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}
