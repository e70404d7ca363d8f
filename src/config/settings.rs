//! What the keys mean together.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    time::Duration,
};

use super::{Error, Given, Secret, address, at_least_one, boolean, whole};

#[derive(Clone, Debug)]
pub struct Settings {
    pub network: Network,
    pub data: PathBuf,
    /// `None`: the embedded database in the data folder.
    pub database: Option<Secret>,
    pub session_idle: Duration,
    /// The least number of people that a message may fit before it is held for review.
    pub risk_limit: u32,
    pub smtp: Option<Smtp>,
    pub log: Log,
    /// `None`: the key file in the data folder.
    pub master_key: Option<Secret>,
}

/// What the HTTP floor needs to know.
#[derive(Clone, Debug)]
pub struct Network {
    pub listen: SocketAddr,
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxy: Vec<IpAddr>,
    pub tls: Option<Tls>,
    pub metrics: bool,
    pub metrics_token: Option<Secret>,
    pub rates: Rates,
    pub signins_per_minute: NonZeroU32,
}

/// Scheme, host and port as a browser writes them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    pub origin: String,
    pub https: bool,
}

#[derive(Clone, Debug)]
pub struct Tls {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub from: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    StartTls,
    Tls,
    /// Only to a mail server on this machine.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub json: bool,
    pub level: &'static str,
}

/// What one socket or session may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    pub commands_per_second: NonZeroU32,
    /// How many may come at once.
    pub burst: NonZeroU32,
}

const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();
const SIGNINS: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Too short a token for `/metrics` could be guessed.
const METRICS_TOKEN_LEAST: usize = 16;

impl Default for Rates {
    fn default() -> Self {
        Rates { commands_per_second: PER_SECOND, burst: BURST }
    }
}

impl Network {
    /// On loopback, with everything at its default: the demo, and tests.
    pub fn local(port: u16) -> Network {
        Network {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            public_url: None,
            trusted_proxy: Vec::new(),
            tls: None,
            metrics: true,
            metrics_token: None,
            rates: Rates::default(),
            signins_per_minute: SIGNINS,
        }
    }

    /// Whether browsers reach the service over TLS: cookies are marked so then.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.https)
    }
}

impl PublicUrl {
    /// `https://host[:port]`, with nothing after it but a slash. Default ports are left out, as browsers do in `Origin`.
    pub fn parse(text: &str) -> Option<PublicUrl> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        let authority: axum::http::uri::Authority = rest.parse().ok()?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let standard = if https { 443 } else { 80 };
        let port = match authority.port_u16().filter(|port| *port != standard) {
            Some(port) => format!(":{port}"),
            None => String::new(),
        };
        Some(PublicUrl { origin: format!("{}://{}{port}", if https { "https" } else { "http" }, authority.host()), https })
    }
}

pub(super) fn build(given: &Given) -> Result<Settings, Error> {
    Ok(Settings {
        network: network(given)?,
        data: given.get("data").map_or_else(|| PathBuf::from("data"), PathBuf::from),
        database: given.optional("database", |text| {
            (text.starts_with("postgres://") || text.starts_with("postgresql://")).then(|| Secret::new(text))
        })?,
        session_idle: Duration::from_secs(60 * u64::from(given.or("session.idle_minutes", 15, |text| whole(text, 1, 240))?)),
        risk_limit: given.or("risk.limit", 20, |text| whole(text, 2, u32::MAX))?,
        smtp: smtp(given)?,
        log: Log {
            json: given.or("log.format", false, |text| match text {
                "text" => Some(false),
                "json" => Some(true),
                _ => None,
            })?,
            level: given.or("log.level", "info", |text| ["error", "warn", "info", "debug"].into_iter().find(|level| *level == text))?,
        },
        master_key: given.get("master_key").map(Secret::new),
    })
}

fn network(given: &Given) -> Result<Network, Error> {
    let network = Network {
        listen: given.or("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), address)?,
        public_url: given.optional("public_url", PublicUrl::parse)?,
        trusted_proxy: given.or("trusted_proxy", Vec::new(), |text| text.split(',').map(|ip| ip.trim().parse().ok()).collect())?,
        tls: match (given.get("tls.cert"), given.get("tls.key")) {
            (Some(cert), Some(key)) => Some(Tls { cert: cert.into(), key: key.into() }),
            (None, None) => None,
            (None, Some(_)) => return Err(Given::missing("tls.cert", "tls.key needs it")),
            (Some(_), None) => return Err(Given::missing("tls.key", "tls.cert needs it")),
        },
        metrics: given.or("metrics.on", true, boolean)?,
        metrics_token: given.optional("metrics.token", |text| (text.len() >= METRICS_TOKEN_LEAST).then(|| Secret::new(text)))?,
        rates: Rates {
            commands_per_second: given.or("rate.commands_per_second", PER_SECOND, at_least_one)?,
            burst: given.or("rate.burst", BURST, at_least_one)?,
        },
        signins_per_minute: given.or("rate.signins_per_minute", SIGNINS, at_least_one)?,
    };
    if !network.trusted_proxy.is_empty() && network.public_url.is_none() {
        return Err(Given::missing("public_url", "behind a proxy Rådrum cannot know the address that people type"));
    }
    // Without TLS, passwords and questions would cross the network in clear.
    if !network.listen.ip().is_loopback() && network.tls.is_none() && network.trusted_proxy.is_empty() {
        return Err(Error::Unsafe(format!(
            "Rådrum does not listen on {} without TLS. Give tls.cert and tls.key, or name the proxy that does TLS in front as trusted_proxy, or listen on 127.0.0.1.",
            network.listen
        )));
    }
    Ok(network)
}

fn smtp(given: &Given) -> Result<Option<Smtp>, Error> {
    let Some(host) = given.get("smtp.host") else { return Ok(None) };
    let tls = given.or("smtp.tls", SmtpTls::StartTls, |text| match text {
        "starttls" => Some(SmtpTls::StartTls),
        "tls" => Some(SmtpTls::Tls),
        "none" => Some(SmtpTls::None),
        _ => None,
    })?;
    let here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if tls == SmtpTls::None && !here {
        return Err(given.bad("smtp.tls"));
    }
    let user = given.get("smtp.user").map(str::to_owned);
    let password = given.get("smtp.password").map(Secret::new);
    if user.is_some() && password.is_none() {
        return Err(Given::missing("smtp.password", "smtp.user needs it"));
    }
    Ok(Some(Smtp {
        host: host.to_owned(),
        port: given.or("smtp.port", 587, |text| text.parse().ok().filter(|port| *port != 0))?,
        tls,
        user,
        password,
        from: given.get("smtp.from").ok_or_else(|| Given::missing("smtp.from", "smtp.host needs it"))?.to_owned(),
    }))
}
