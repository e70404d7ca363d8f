//! Configuration: a TOML file, and over it the environment (`RADRUM_` and the key in capitals, dots as underscores: `smtp.host` is `RADRUM_SMTP_HOST`).
//!
//! Every error names the key, where it came from and what to write, and never repeats a value: it could be a password in the wrong place.

use std::{collections::BTreeMap, fmt, net::SocketAddr, num::NonZeroU32, path::Path};

use config::{Config, File, FileFormat, Map, ValueKind};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

mod settings;

pub use settings::{Log, Network, PublicUrl, Rates, Settings, Smtp, SmtpTls, Tls};

/// Text that must never be printed or logged. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Secret::new)
    }
}

/// A key of the file, and what may be written there.
struct Key {
    path: &'static str,
    write: &'static str,
}

/// Every key, in the order of docs/operations.md.
const KEYS: &[Key] = &[
    Key { path: "listen", write: "an address and a port, as in 127.0.0.1:8080" },
    Key { path: "data", write: "the folder that holds the data, as in /var/lib/radrum" },
    Key {
        path: "database",
        write: "the URL of a PostgreSQL database, as in postgres://radrum@localhost/radrum, or nothing for the embedded one",
    },
    Key { path: "public_url", write: "the address that people type, as in https://radrum.example.se, without a path" },
    Key { path: "trusted_proxy", write: "the IP address of the proxy in front, several with commas, as in 10.0.0.2" },
    Key { path: "tls.cert", write: "the path of a PEM file with the certificate and its chain" },
    Key { path: "tls.key", write: "the path of a PEM file with the private key" },
    Key { path: "session.idle_minutes", write: "a whole number of minutes from 1 to 240; 15 if left out" },
    Key { path: "risk.limit", write: "the least number of people a message may fit, a whole number from 2; 20 if left out" },
    Key { path: "smtp.host", write: "the name of the mail server, as in mail.example.se; without it no mail is sent" },
    Key { path: "smtp.port", write: "a port from 1 to 65535; 587 if left out" },
    Key { path: "smtp.tls", write: "starttls, tls, or none (only for a mail server on this machine)" },
    Key { path: "smtp.user", write: "the user name at the mail server" },
    Key { path: "smtp.password", write: "the password at the mail server; best from the environment" },
    Key { path: "smtp.from", write: "the sender of the notices, as in Rådrum <radrum@example.se>" },
    Key { path: "metrics.on", write: "true or false" },
    Key { path: "metrics.token", write: "a token that opens /metrics from other machines, at least 16 characters" },
    Key { path: "log.format", write: "text or json" },
    Key { path: "log.level", write: "error, warn, info or debug" },
    Key { path: "rate.commands_per_second", write: "a whole number from 1; 20 if left out" },
    Key { path: "rate.burst", write: "a whole number from 1; 60 if left out" },
    Key { path: "rate.signins_per_minute", write: "how many sign-ins one address may try in a minute, from 1; 60 if left out" },
    Key {
        path: "master_key",
        write: "the master key as `radrum` printed it; best from the environment, or left out for the key file in the data folder",
    },
];

fn variable(path: &str) -> String {
    format!("RADRUM_{}", path.replace('.', "_").to_uppercase())
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    #[error("{path} cannot be read: {why}.")]
    Unreadable { path: String, why: String },
    #[error("{path} is not valid TOML ({place}). Compare it with the example in docs/operations.md.")]
    NotToml { path: String, place: String },
    #[error("{path} has the key {key}, which Rådrum does not know. {hint}")]
    UnknownKey { path: String, key: String, hint: String },
    #[error("{key} ({source_name}) is not right. Write {write}.")]
    Bad { key: &'static str, source_name: String, write: &'static str },
    #[error("{key} is missing, and {why}. Write {write} as {key} in the file or {variable} in the environment.")]
    Missing { key: &'static str, variable: String, why: &'static str, write: &'static str },
    #[error("{0}")]
    Unsafe(String),
}

/// The values that were given, by key, with the name of where each came from.
struct Given(BTreeMap<&'static str, (String, String)>);

impl Settings {
    /// Reads the file (if there is one) and the environment over it. `environment` is an argument so that tests need not change the process's own.
    pub fn load(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Settings, Error> {
        let text = match file {
            None => None,
            Some(path) => Some((
                path.display().to_string(),
                std::fs::read_to_string(path)
                    .map_err(|e| Error::Unreadable { path: path.display().to_string(), why: e.kind().to_string() })?,
            )),
        };
        let given = Given::read(text, environment.into_iter().collect())?;
        settings::build(&given)
    }
}

impl Given {
    fn read(file: Option<(String, String)>, environment: BTreeMap<String, String>) -> Result<Given, Error> {
        let mut given = BTreeMap::new();
        if let Some((path, text)) = file {
            // The parser's message shows the line itself, which may hold a password: only the place is kept.
            let parsed = Config::builder()
                .add_source(File::from_str(&text, FileFormat::Toml))
                .build()
                .and_then(Config::try_deserialize::<Map<String, config::Value>>);
            let root = parsed.map_err(|e| Error::NotToml { path: path.clone(), place: place(&e) })?;
            flatten("", root, &path, &mut given)?;
        }
        for key in KEYS {
            let name = variable(key.path);
            // An empty variable is how container tools write "not set".
            if let Some(value) = environment.get(&name).filter(|v| !v.is_empty()) {
                given.insert(key.path, (value.clone(), name));
            }
        }
        Ok(Given(given))
    }

    fn get(&self, path: &'static str) -> Option<&str> {
        self.0.get(path).map(|(value, _)| value.trim())
    }

    fn bad(&self, path: &'static str) -> Error {
        let source_name = self.0.get(path).map(|(_, source)| source.clone()).unwrap_or_default();
        Error::Bad { key: path, source_name, write: write(path) }
    }

    fn missing(path: &'static str, why: &'static str) -> Error {
        Error::Missing { key: path, variable: variable(path), why, write: write(path) }
    }

    /// The value read by `parse`, or `default` when none was given.
    fn or<T>(&self, path: &'static str, default: T, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        self.get(path).map_or(Ok(default), |text| parse(text).ok_or_else(|| self.bad(path)))
    }

    fn optional<T>(&self, path: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Error> {
        self.get(path).map(|text| parse(text).ok_or_else(|| self.bad(path))).transpose()
    }
}

fn write(path: &str) -> &'static str {
    KEYS.iter().find(|key| key.path == path).map_or("", |key| key.write)
}

fn place(error: &config::ConfigError) -> String {
    let text = error.to_string();
    let after = |word: &str| {
        text.split(word).nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>()).unwrap_or_default()
    };
    match (after("line "), after("column ")) {
        (line, column) if !line.is_empty() => format!("line {line}, column {column}"),
        _ => "the place is not known".to_owned(),
    }
}

fn flatten(
    prefix: &str,
    table: Map<String, config::Value>,
    file: &str,
    given: &mut BTreeMap<&'static str, (String, String)>,
) -> Result<(), Error> {
    for (name, value) in table {
        let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        if let ValueKind::Table(inner) = value.kind {
            if !KEYS.iter().any(|key| key.path.starts_with(&format!("{path}."))) {
                return Err(unknown(file, path));
            }
            flatten(&path, inner, file, given)?;
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.path == path) else { return Err(unknown(file, path)) };
        let text = match value.kind {
            ValueKind::Array(items) => {
                items.into_iter().map(config::Value::into_string).collect::<Result<Vec<_>, _>>().map(|items| items.join(","))
            }
            kind => config::Value::new(None, kind).into_string(),
        };
        let text = text.map_err(|_| Error::Bad { key: key.path, source_name: file.to_owned(), write: key.write })?;
        given.insert(key.path, (text, file.to_owned()));
    }
    Ok(())
}

fn unknown(file: &str, key: String) -> Error {
    // Close means: one is the other with a few letters more, less or other.
    let near = KEYS.iter().map(|known| (distance(known.path, &key), known.path)).min().filter(|(far, _)| *far <= 3);
    let hint = near.map_or_else(|| "docs/operations.md lists the keys.".to_owned(), |(_, known)| format!("Did you mean {known}?"));
    Error::UnknownKey { path: file.to_owned(), key, hint }
}

fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

fn whole(text: &str, from: u32, to: u32) -> Option<u32> {
    text.parse().ok().filter(|n| (from..=to).contains(n))
}

fn at_least_one(text: &str) -> Option<NonZeroU32> {
    text.parse().ok()
}

fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
