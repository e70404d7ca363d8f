use radrum::{cli::demo::seed, clock::Clock, db::{Db, Settings}, id::Random, rooms::{House, Rules}, scan::Scanner, vault::Vault};
use std::sync::Arc;
#[tokio::test]
async fn the_demo_goes_through_the_rooms() {
    tracing_subscriber::fmt().init();
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&Settings::new(format!("sqlite:{}/r.db", dir.path().display()))).await.unwrap();
    let random = Random::default();
    let vault = Vault::create(dir.path(), &random).unwrap();
    let house = House { db, vault, clock: Clock::System, random, scanner: Scanner::shared(), rules: Arc::new(Rules { risk_limit: 20, idle: 900_000_000 }) };
    let t = std::time::Instant::now();
    let logins = seed::fill(&house).await.unwrap();
    eprintln!("{} logins in {:?}", logins.len(), t.elapsed());
}
