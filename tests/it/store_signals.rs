//! Signals: within the node on both databases, between nodes on PostgreSQL.

use std::time::Duration;

use radrum::{
    args,
    db::{Db, Ephemeral, Error, Kind, Migration, Signal},
    id::Id,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::{sync::broadcast::Receiver, time::timeout};

use crate::{on_both, support::TestDb};

const TABLES: &[Migration] = &[Migration { version: 1, sql: "create table note (id bigint primary key);" }];

async fn next(signals: &mut Receiver<Signal>) -> Signal {
    timeout(Duration::from_secs(10), signals.recv()).await.expect("a signal within ten seconds").expect("no lag")
}

/// The next one that is more than a reminder.
async fn next_told(signals: &mut Receiver<Signal>) -> Signal {
    loop {
        match next(signals).await {
            Signal::CatchUp => {}
            told => return told,
        }
    }
}

async fn touch(db: &Db, streams: &[(Id, i64)]) {
    db.write(streams.to_vec(), |tx, streams| {
        Box::pin(async move {
            tx.run("insert into note (id) select coalesce(max(id), 0) + 1 from note", args![]).await?;
            for (stream, n) in streams {
                tx.touch(*stream, *n);
            }
            Ok::<_, Error>(())
        })
    })
    .await
    .expect("writes");
}

on_both!(a_node_hears_itself_once, with TABLES, async |db: &TestDb| {
    let mut signals = db.signals();
    let (a, b) = (Id([1; 16]), Id([2; 16]));
    touch(db, &[(b, 9), (a, 5), (a, 4), (a, 6)]).await;
    let Signal::Streams(streams) = next_told(&mut signals).await else { panic!("no streams") };
    assert_eq!(*streams, [(a, 4), (b, 9)], "the lowest number of each");
    db.signal(&Signal::Ephemeral { kind: Ephemeral::Typing, about: a, on: true }).await.expect("tells");
    assert_eq!(next_told(&mut signals).await, Signal::Ephemeral { kind: Ephemeral::Typing, about: a, on: true });
    touch(db, &[]).await;
    touch(db, &[(b, 10)]).await;
    assert_eq!(next_told(&mut signals).await, Signal::Streams([(b, 10)].into()), "nothing twice, nothing for a write that touches nothing");
});

async fn two_nodes() -> (TestDb, Db, Receiver<Signal>) {
    let here = TestDb::fresh_with(Kind::Postgres, TABLES.to_vec()).await;
    let there = here.other_node().await;
    let mut heard = there.signals();
    // The first comes when the listening has begun.
    assert_eq!(next(&mut heard).await, Signal::CatchUp);
    (here, there, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_node_hears() {
    let (here, there, mut heard) = two_nodes().await;
    let stream = Id([3; 16]);
    touch(&here, &[(stream, 7)]).await;
    assert_eq!(next_told(&mut heard).await, Signal::Streams([(stream, 7)].into()));
    let presence = Signal::Ephemeral { kind: Ephemeral::Presence, about: stream, on: false };
    here.signal(&presence).await.expect("tells");
    assert_eq!(next_told(&mut heard).await, presence);
    there.close().await;
    here.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fits_becomes_a_reminder() {
    let (here, there, mut heard) = two_nodes().await;
    let many: Vec<_> = (0..300_u32).map(|i| (Id(std::array::from_fn(|k| i.to_be_bytes()[k % 4])), 1)).collect();
    let mut own = here.signals();
    touch(&here, &many).await;
    assert_eq!(next(&mut heard).await, Signal::CatchUp);
    let Signal::Streams(streams) = next_told(&mut own).await else { panic!("no streams") };
    assert_eq!(streams.len(), 300, "the node itself is told all");
    there.close().await;
    here.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_comes_now_and_then() {
    let (here, there, mut heard) = two_nodes().await;
    assert_eq!(next(&mut heard).await, Signal::CatchUp);
    there.close().await;
    here.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_is_cut_off_says_so_and_listens_again() {
    let (here, there, mut heard) = two_nodes().await;
    let mut admin = PgConnection::connect(&here.settings.url).await.expect("connects");
    admin
        .execute(AssertSqlSafe(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
        ))
        .await
        .expect("terminates");
    let stream = Id([4; 16]);
    assert_eq!(timeout(Duration::from_secs(2), heard.recv()).await.expect("sooner than the reminder").expect("no lag"), Signal::CatchUp);
    assert_eq!(timeout(Duration::from_secs(2), heard.recv()).await.expect("once more when it listens").expect("no lag"), Signal::CatchUp);
    touch(&here, &[(stream, 1)]).await;
    assert_eq!(next_told(&mut heard).await, Signal::Streams([(stream, 1)].into()));
    there.close().await;
    here.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_write_that_was_undone() {
    let (here, there, mut heard) = two_nodes().await;
    let undone: Result<(), Error> = here
        .write((), |tx, ()| {
            Box::pin(async move {
                tx.touch(Id([5; 16]), 1);
                Err(Error::Missing)
            })
        })
        .await;
    assert!(undone.is_err());
    touch(&here, &[(Id([6; 16]), 1)]).await;
    assert_eq!(next_told(&mut heard).await, Signal::Streams([(Id([6; 16]), 1)].into()));
    there.close().await;
    here.remove().await;
}
