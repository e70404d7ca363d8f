//! Commands for administrators: units, people, backup. They open the database themselves; while a service runs on the embedded one, it is the page's or the API's turn (`people.add`, `units.add`).

use std::{
    io::{IsTerminal, Write},
    path::Path,
};

use clap::Subcommand;

use super::{Failure, args::ConfigFile, serve};
use crate::{
    args,
    clock::Clock,
    config::Settings,
    db,
    http::error::Error,
    id::Id,
    rooms::{
        House,
        people::{self, NewPerson, NewRole},
        signin,
        units::{self, NewUnit},
    },
};

#[derive(Subcommand)]
pub enum Unit {
    /// Add a unit; its authority and secrecy domain are made when they are new
    Add {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        authority: String,
        /// The independent branch of the authority
        #[arg(long)]
        domain: String,
        #[arg(long)]
        name: String,
        /// The municipality's code, four digits
        #[arg(long)]
        municipality: String,
        /// The number to phone when it is acute
        #[arg(long)]
        phone: String,
        /// Working days within which the unit means to answer
        #[arg(long, default_value_t = 3)]
        target_days: i64,
        /// How many work there
        #[arg(long)]
        staff: i64,
        /// children, adults, violence, addiction, disability, elderly, economy, school, psychiatry; several with commas
        #[arg(long, value_delimiter = ',', required = true)]
        subjects: Vec<String>,
        /// The unit of the same domain that steps in
        #[arg(long)]
        backup_unit: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum User {
    /// Add a person; the password is asked for, or read from standard input
    Add {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        authority: String,
        #[arg(long)]
        login: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: Option<String>,
        /// handler:UNIT, unit_manager:UNIT, backup_manager:UNIT, admin, auditor, steering, registrar; may be given several times
        #[arg(long, required = true)]
        role: Vec<String>,
    },
    /// Make a token for an integration that acts as this person; it is shown once
    Token {
        #[command(flatten)]
        config: ConfigFile,
        #[arg(long)]
        login: String,
        /// What the integration is called
        #[arg(long)]
        label: String,
    },
}

impl Unit {
    pub async fn run(self) -> Result<(), Failure> {
        let Unit::Add { config, authority, domain, name, municipality, phone, target_days, staff, subjects, backup_unit } = self;
        let house = serve::open(&config.load()?).await?;
        let new = NewUnit { authority, domain, name, municipality, phone, target_days, staff, subjects, backup_unit };
        let made = house.db.write((house.clone(), new), |tx, (house, new)| Box::pin(units::create(tx, house, new))).await;
        house.db.close().await;
        println!("Added the unit {}.", made?);
        Ok(())
    }
}

impl User {
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            User::Add { config, authority, login, name, email, role } => {
                let house = serve::open(&config.load()?).await?;
                let roles = parse_roles(&house, &authority, &role).await?;
                let password = ask_password()?;
                let new = NewPerson { login, name, email, password, locale: "sv".into(), roles };
                let new = people::prepare(&house, new).await?;
                let made = house
                    .db
                    .write((house.clone(), authority, new), |tx, (house, authority, new)| {
                        Box::pin(async move {
                            let authority = units::authority(tx, house, authority).await?;
                            people::create(tx, house, authority, new).await
                        })
                    })
                    .await;
                house.db.close().await;
                let id: Id = made.map_err(|e: Error| Failure::from(e))?;
                println!("Added the person {id}.");
                Ok(())
            }
            User::Token { config, login, label } => {
                let house = serve::open(&config.load()?).await?;
                let token = signin::make_token(&house, &login, &label).await?;
                house.db.close().await;
                let token = token.ok_or_else(|| Failure::Said("There is nobody with that login.".into()))?;
                println!("{token}");
                Ok(())
            }
        }
    }
}

/// `handler:Barn och unga` and the like, with the unit's name looked up in the authority.
async fn parse_roles(house: &House, authority: &str, roles: &[String]) -> Result<Vec<NewRole>, Failure> {
    let mut conn = house.db.read().await?;
    let mut out = Vec::new();
    for text in roles {
        let Some((role, unit)) = text.split_once(':') else {
            out.push(NewRole { role: text.clone(), unit: None });
            continue;
        };
        let row = conn
            .opt(
                "select u.id from unit u join secrecy_domain d on d.id = u.domain_id join authority a on a.id = d.authority_id
                 where a.name = $1 and u.name = $2",
                args![authority, unit],
            )
            .await?
            .ok_or_else(|| Failure::Said(format!("The authority {authority} has no unit called {unit}.")))?;
        out.push(NewRole { role: role.to_owned(), unit: Some(row.get("id")?) });
    }
    Ok(out)
}

/// The first line of standard input. On a terminal the person is told what to do; what is typed is seen, so a pipe is better.
fn ask_password() -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        eprint!("Password, at least {} characters: ", people::PASSWORD_MIN);
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// `radrum backup`.
pub async fn backup(settings: &Settings, to: &Path) -> Result<(), Failure> {
    let made = db::backup::backup(&db::Settings::new(serve::database_url(settings)), to, &Clock::System).await?;
    println!("Wrote a backup of {} to {}. The master key is not in it: keep a copy of that apart.", made.database, to.display());
    Ok(())
}

/// `radrum restore`.
pub async fn restore(settings: &Settings, from: &Path) -> Result<(), Failure> {
    serve::make_folder(&settings.data)?;
    let made = db::backup::restore(from, &db::Settings::new(serve::database_url(settings))).await?;
    println!("Restored the backup of {}. Put the master key of that time back as well, if it is not there.", made.made_at);
    Ok(())
}
