//! How many messages a second are on disk: one after the other, and as many as a group commit gathers. Prints a table; asserts nothing.
//!
//! `cargo bench --bench store`. A message is what sending one costs the storage: number it in its stream, insert it sealed, insert the event, tell of it.

#[path = "../tests/it/support/cluster.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod cluster;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use radrum::{
    args,
    db::{Db, Error, Migration, Settings},
    id::{Id, Random},
};
use sqlx::{Connection, Executor};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table stream (id bytea primary key, last_n bigint not null);
          create table message (id bytea primary key, stream_id bytea not null references stream (id), sealed bytea not null, at bigint not null);
          create table event (stream_id bytea not null references stream (id), n bigint not null, kind text not null, ref_id bytea, at bigint not null,
                              primary key (stream_id, n));",
}];

const STREAMS: u16 = 500;
const TIME: Duration = Duration::from_secs(4);

fn stream(n: u64) -> Id {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(n % u64::from(STREAMS)).to_be_bytes());
    Id(bytes)
}

async fn send(db: &Db, stream: Id, message: Id) -> Result<(), Error> {
    db.write((stream, message), |tx, (stream, message)| {
        Box::pin(async move {
            let n: i64 =
                tx.one("update stream set last_n = last_n + 1 where id = $1 returning last_n", args![*stream]).await?.get("last_n")?;
            tx.run("insert into message (id, stream_id, sealed, at) values ($1, $2, $3, $4)", args![*message, *stream, [7; 400], 1_i64])
                .await?;
            tx.run(
                "insert into event (stream_id, n, kind, ref_id, at) values ($1, $2, 'posted', $3, $4)",
                args![*stream, n, *message, 1_i64],
            )
            .await?;
            tx.touch(*stream, n);
            Ok(())
        })
    })
    .await
}

/// Messages a second, and the time that half and 99 in a hundred of them took at most.
async fn measure(db: &Db, at_once: u64) -> (f64, Duration, Duration) {
    let (random, count, started) = (Random::default(), AtomicU64::new(0), Instant::now());
    let times = join_all((0..at_once).map(|_| async {
        let mut times = Vec::new();
        while started.elapsed() < TIME {
            let begun = Instant::now();
            let n = count.fetch_add(1, Ordering::Relaxed);
            send(db, stream(n), random.ordered_id(n as i64)).await.expect("is stored");
            times.push(begun.elapsed());
        }
        times
    }))
    .await;
    let took = started.elapsed();
    let mut times = times.concat();
    times.sort_unstable();
    (times.len() as f64 / took.as_secs_f64(), times[times.len() / 2], times[times.len() * 99 / 100])
}

async fn all(name: &str, settings: Settings) {
    let db = Db::open_with(&settings, TABLES).await.expect("opens");
    for n in 0..STREAMS {
        let made = db.write(stream(n.into()), |tx, id| {
            Box::pin(async move { tx.run("insert into stream (id, last_n) values ($1, 0)", args![*id]).await })
        });
        made.await.map(|_| ()).unwrap_or_else(|e: Error| panic!("{e:?}"));
    }
    for at_once in [1, 8, 64, 512] {
        let (rate, half, most) = measure(&db, at_once).await;
        println!("{name:<10} {at_once:>7} {rate:>12.0} {:>12.1} {:>12.1}", half.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
    }
    db.close().await;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!("{:<10} {:>7} {:>12} {:>12} {:>12}", "database", "at once", "messages/s", "median ms", "99 % ms");
    let folder = tempfile::tempdir().expect("a folder");
    all("sqlite", Settings::new(format!("sqlite:{}/radrum.db", folder.path().display()))).await;
    let cluster = cluster::Cluster::durable();
    for (lanes, create) in [(1, "create database bench1"), (2, "create database bench2"), (4, "create database bench4")] {
        let mut admin = sqlx::PgConnection::connect(&cluster.url("postgres")).await.expect("connects");
        admin.execute(create).await.expect("creates");
        let settings = Settings { lanes, ..Settings::new(cluster.url(create.trim_start_matches("create database "))) };
        all(&format!("postgres/{lanes}"), settings).await;
    }
}
