//! `radrum serve`: the service itself. The demo is the same with a folder that goes away.

use std::{net::SocketAddr, os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use tokio::{sync::broadcast, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Failure;
use crate::{
    app::App,
    args,
    clock::{Clock, MINUTE},
    config::{Network, Secret, Settings},
    db::{self, Db},
    http::{
        Floor,
        error::Error,
        server::{self, Server},
    },
    id::Random,
    live::{Hub, Rooms, Signal, socket::Sockets},
    mail::Mailer,
    rooms::{
        House, Rules,
        people::{self, NewPerson, NewRole},
        units,
    },
    scan::Scanner,
    vault::Vault,
};

/// How often leases, and mail that is due, are looked at.
const SWEEP: Duration = Duration::from_secs(20);
/// An open page is to hear within a second that its consent has run out.
const EXPIRE: Duration = Duration::from_millis(300);

/// Opens what the settings name: database, keys, scanner. Makes the data folder and the key file when the database is new.
pub async fn open(settings: &Settings) -> Result<House, Failure> {
    make_folder(&settings.data)?;
    let db = Db::open(&db::Settings::new(database_url(settings))).await?;
    house(settings, db).await
}

/// As [`open`], beside a process that serves the same data.
pub async fn open_beside(settings: &Settings) -> Result<House, Failure> {
    let db = Db::open_beside(&db::Settings::new(database_url(settings))).await?;
    house(settings, db).await
}

/// The database the settings name; the embedded one in the data folder if none.
pub fn database_url(settings: &Settings) -> String {
    match &settings.database {
        Some(url) => url.expose().to_owned(),
        None => format!("sqlite:{}", settings.data.join("radrum.db").display()),
    }
}

async fn house(settings: &Settings, db: Db) -> Result<House, Failure> {
    let random = Random::default();
    let vault = match Vault::load(&settings.data, settings.master_key.as_ref().map(Secret::expose))? {
        Some(vault) => vault,
        // A new key must never be made for old data: what is there would be shut for good.
        None if is_empty(&db).await? => Vault::create(&settings.data, &random)?,
        None => {
            return Err(Failure::Said(format!(
                "The database holds data, but its master key is missing: {} is not there and RADRUM_MASTER_KEY is not set. Put the key back from where you keep it.",
                settings.data.join("master.key").display()
            )));
        }
    };
    let rules = Rules { risk_limit: settings.risk_limit.into(), idle: settings.session_idle.as_secs() as i64 / 60 * MINUTE };
    Ok(House { db, vault, clock: Clock::System, random, scanner: Scanner::shared(), rules: Arc::new(rules) })
}

async fn is_empty(db: &Db) -> Result<bool, Failure> {
    Ok(db.read().await?.opt("select 1 as one from person limit 1", args![]).await?.is_none())
}

pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| Failure::Said(format!("The data folder {} cannot be made: {}.", folder.display(), e.kind())))
}

/// The mailer, if mail has been configured.
pub fn mailer(settings: &Settings) -> Result<Option<Mailer>, Failure> {
    let address = settings.network.public_url.as_ref().map(|url| url.origin.clone());
    let made = settings.smtp.as_ref().map(|smtp| Mailer::new(smtp, address)).transpose();
    made.map_err(|e| Failure::Said(e.to_string()))
}

/// The first administrator of a new service, with a password that is said once. `None` when there are people already.
pub async fn first_administrator(house: &House, authority: &str) -> Result<Option<(String, String)>, Failure> {
    if !is_empty(&house.db).await? {
        return Ok(None);
    }
    use base64::Engine;
    let password = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(house.random.bytes::<15>());
    let admin = NewPerson {
        login: "admin".into(),
        name: "Administratör".into(),
        email: None,
        password: password.clone(),
        locale: "sv".into(),
        roles: vec![NewRole { role: "admin".into(), unit: None }],
    };
    let admin = people::prepare(house, admin).await?;
    house
        .db
        .write((house.clone(), authority.to_owned(), admin), |tx, (house, authority, admin)| {
            Box::pin(async move {
                let authority = units::authority(tx, house, authority).await?;
                people::create(tx, house, authority, admin).await
            })
        })
        .await
        .map_err(|e: Error| Failure::from(e))?;
    Ok(Some(("admin".into(), password)))
}

/// What the transport serves.
pub struct Live {
    pub rooms: Arc<dyn Rooms>,
    pub hub: Hub,
    pub clock: Clock,
    /// From the database, subscribed before anything is written.
    pub signals: broadcast::Receiver<Signal>,
}

/// Listening, not yet serving.
pub struct Ready {
    server: Server,
    hub: JoinHandle<()>,
    hub_stop: CancellationToken,
}

/// Listens and starts the hub. To be called inside the runtime.
pub fn prepare(network: Network, live: Live) -> Result<Ready, server::Error> {
    let stop = CancellationToken::new();
    let sockets =
        Sockets { rooms: live.rooms.clone(), hub: live.hub.clone(), rates: network.rates.clone(), stop, tracker: TaskTracker::new() };
    let server = Server::bind(Floor::new(sockets, network))?;
    let hub_stop = CancellationToken::new();
    let hub = tokio::spawn(live.hub.run(live.rooms, live.clock, live.signals, hub_stop.clone()));
    Ok(Ready { server, hub, hub_stop })
}

impl Ready {
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Serves until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), server::Error> {
        let served = self.server.run(stop).await;
        // Last: until then sockets still hear what the last commands did.
        self.hub_stop.cancel();
        let _ = self.hub.await;
        served
    }
}

/// Serves until `stop`, and closes the database. `ready` is called with the address as soon as the service listens.
pub async fn serve(
    house: House,
    network: Network,
    mailer: Option<Mailer>,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let app = App { house: house.clone() };
    let live = Live { rooms: Arc::new(app.clone()), hub: Hub::new(), clock: house.clock.clone(), signals: house.db.signals() };
    let listening = prepare(network, live)?;
    ready(listening.address())?;
    let background = CancellationToken::new();
    let sweeper = tokio::spawn(sweep(app.clone(), mailer, background.clone()));
    let expirer = tokio::spawn(expire(app, background.clone()));
    let served = listening.run(stop).await;
    background.cancel();
    let _ = tokio::join!(sweeper, expirer);
    house.db.close().await;
    Ok(served?)
}

/// Tells of the consents that run out. That they are over does not wait for this; that open pages hear of it within a second does.
async fn expire(app: App, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EXPIRE);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(e) = app.expire().await {
            tracing::warn!(code = e.code.as_str(), "consents could not be looked at; trying again");
        }
    }
}

/// What goes on beside requests.
async fn sweep(app: App, mailer: Option<Mailer>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(e) = app.sweep().await {
            tracing::warn!(code = e.code.as_str(), "leases could not be looked at; trying again");
        }
        if let Some(mailer) = &mailer
            && let Err(e) = app.mail(mailer).await
        {
            tracing::warn!(code = e.code.as_str(), "notices could not be sent; trying again");
        }
    }
}
