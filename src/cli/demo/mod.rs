//! `radrum demo`: the service with invented units, people and threads, in a folder that goes away when it ends.

pub mod seed;
pub mod texts;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::json;

use super::{Failure, serve};
use crate::{
    clock::{Clock, MINUTE},
    config::{Log, Network},
    db::{self, Db},
    http::{logs, server::on_signal},
    id::Random,
    rooms::{House, Rules},
    scan::Scanner,
    vault::Vault,
};

/// How many ports beside the wanted one are tried.
const PORTS: u16 = 20;

/// A folder of our own under the system's temporary one, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(random: &Random) -> Result<Folder, Failure> {
        let folder = std::env::temp_dir().join(format!("radrum-demo-{}", random.id()));
        std::fs::create_dir(&folder)?;
        Ok(Folder(folder))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind, it is an invented database in a temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Starts the demo on `port` or the next free one, says who can sign in, and serves until it is stopped.
pub async fn run(port: u16, people_file: Option<PathBuf>) -> Result<(), Failure> {
    logs::start_on_stderr(&Log { json: false, level: "warn" });
    let random = Random::default();
    let folder = Folder::new(&random)?;
    let db = Db::open(&db::Settings::new(format!("sqlite:{}", folder.path().join("radrum.db").display()))).await?;
    let vault = Vault::create(folder.path(), &random)?;
    let rules = Arc::new(Rules { risk_limit: 20, idle: 240 * MINUTE });
    let house = House { db, vault, clock: Clock::System, random, scanner: Scanner::shared(), rules };
    let logins = seed::fill(&house).await?;
    let network = Network::local(free(port)?);
    serve::serve(house, network, None, on_signal(), |address| {
        println!("\nRådrum visas på http://{address}\n");
        println!("Logga in som någon av dem nedan, gärna två: den ena i ett vanligt fönster, den andra i ett privat. Lösenordet är detsamma för alla: {}\n", seed::PASSWORD);
        for person in &logins {
            println!("  {:<18} {:<18} {}", person.login, person.name, person.roles.join("; "));
        }
        println!("\nAllt är påhittat och försvinner när du avslutar med Ctrl-C.");
        if let Some(file) = people_file {
            let people: Vec<_> =
                logins.iter().map(|p| json!({ "login": p.login, "password": seed::PASSWORD, "name": p.name, "roles": p.roles })).collect();
            // In one move, so that whoever waits for the file never reads half of it.
            let half = file.with_extension("half");
            std::fs::write(&half, json!({ "url": format!("http://{address}"), "people": people }).to_string())?;
            std::fs::rename(half, file)?;
        }
        Ok(())
    })
    .await
}

/// The port, or the next that nothing listens on. Zero lets the system choose.
fn free(port: u16) -> Result<u16, Failure> {
    (port..=port.saturating_add(PORTS)).find(|p| *p == 0 || TcpListener::bind((Ipv4Addr::LOCALHOST, *p)).is_ok()).ok_or_else(|| {
        Failure::Said(format!("The ports {port} to {} are all taken. Give another with --port.", port.saturating_add(PORTS)))
    })
}
