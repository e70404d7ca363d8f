//! Losing the connection, the server, the process: what was acknowledged is there, once, and the lanes go on.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use radrum::{
    args,
    db::{Db, Error, Kind, Migration, OUTCOME_UNKNOWN, Settings},
};
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::sleep;

use crate::support::{TestDb, cluster::Cluster};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table note (id bigint primary key); create table tally (id bigint primary key, n bigint not null); insert into tally values (1, 0);",
}];

async fn add(db: &Db, n: i64) -> Result<(), Error> {
    db.write(n, |tx, n| {
        Box::pin(async move {
            tx.run("insert into note (id) values ($1)", args![*n]).await?;
            // A lost or doubled write shows in the sum as well.
            tx.run("update tally set n = n + 1", args![]).await?;
            Ok(())
        })
    })
    .await
}

async fn all(db: &Db) -> (HashSet<i64>, i64) {
    let mut reader = db.read().await.expect("reads");
    let rows = reader.all("select id from note", args![]).await.expect("reads");
    let tally = reader.one("select n from tally", args![]).await.expect("reads").get("n").expect("a number");
    (rows.iter().map(|r| r.get("id").expect("a number")).collect(), tally)
}

/// Everything that was acknowledged is there; what was refused is not, unless it was said that nobody knows.
async fn compare(db: &Db, answers: &HashMap<i64, Result<(), Error>>) {
    let (there, tally) = all(db).await;
    assert_eq!(there.len() as i64, tally);
    for (n, answer) in answers {
        match answer {
            Ok(()) => assert!(there.contains(n), "{n} was acknowledged and is gone"),
            Err(Error::Unavailable(why)) if *why == OUTCOME_UNKNOWN => {}
            Err(_) => assert!(!there.contains(n), "{n} was refused and is there"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_survive_a_terminated_connection() {
    let db = TestDb::fresh_with(Kind::Postgres, TABLES.to_vec()).await;
    let mut admin = PgConnection::connect(&db.settings.url).await.expect("connects");
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'radrum'";
    // Idle: nothing is lost, so nothing is refused; readers do not notice either.
    add(&db, 0).await.expect("writes");
    drop(db.read().await);
    for n in 1..5 {
        admin.execute(kill).await.expect("terminates");
        add(&db, n).await.expect("writes on a new connection");
        assert_eq!(all(&db).await.0.len() as i64, n + 1);
    }
    // Under load.
    let done = AtomicBool::new(false);
    let killing = async {
        while !done.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(100)).await;
            admin.execute(kill).await.expect("terminates");
        }
    };
    let writing = async {
        let mut answers = HashMap::new();
        for round in 0..30_i64 {
            let batch: Vec<i64> = (0..40).map(|i| 1000 + round * 100 + i).collect();
            let results = join_all(batch.iter().map(|n| add(&db, *n))).await;
            answers.extend(batch.into_iter().zip(results));
            sleep(Duration::from_millis(5)).await;
        }
        done.store(true, Ordering::SeqCst);
        answers
    };
    let (answers, ()) = tokio::join!(writing, killing);
    let written = answers.values().filter(|a| a.is_ok()).count();
    assert!(written > answers.len() / 2, "{written} of {}", answers.len());
    compare(&db, &answers).await;
    db.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_the_server_loses_nothing_that_was_acknowledged() {
    let cluster = Cluster::durable();
    let settings = Settings::new(cluster.url("postgres"));
    let db = Db::open_with(&settings, TABLES).await.expect("opens");
    let mut answers = HashMap::new();
    for crash in 0..3_i64 {
        let writing = join_all((0..200).map(|i| {
            let db = &db;
            async move {
                sleep(Duration::from_millis(i as u64 * 5)).await;
                let n = crash * 1000 + i;
                (n, add(db, n).await)
            }
        }));
        let crashing = async {
            sleep(Duration::from_millis(300)).await;
            tokio::task::block_in_place(|| cluster.crash_and_restart());
        };
        let (results, ()) = tokio::join!(writing, crashing);
        answers.extend(results);
        add(&db, crash * 1000 + 999).await.expect("writes again");
        db.ping().await.expect("answers again");
    }
    assert!(answers.values().filter(|a| a.is_ok()).count() > 300);
    compare(&db, &answers).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_said_to_be_away() {
    let db = TestDb::fresh_with(Kind::Postgres, TABLES.to_vec()).await;
    db.close().await;
    assert!(matches!(db.ping().await, Err(Error::Unavailable(_))));
    assert!(matches!(add(&db, 1).await, Err(Error::Unavailable(_))));
    db.remove().await;
}

const CHILD: &str = "RADRUM_TEST_KILLED_WRITER";

/// Does nothing, except in the process that [`kill_9_loses_nothing`] starts: there it writes as fast as it can, and says what was acknowledged and seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_writer() {
    let Ok(work) = std::env::var(CHILD) else { return };
    let (start, url) = work.split_once(' ').expect("a number and an address");
    let start: i64 = start.parse().expect("a number");
    let db = Db::open_with(&Settings::new(url), TABLES).await.expect("opens");
    let say = |what: String| std::io::stdout().write_all(what.as_bytes()).expect("says");
    let writers = (0..16_i64).map(|w| {
        let db = &db;
        async move {
            for i in 0.. {
                let n = start + i * 16 + w;
                say(format!("\ntried {n}\n"));
                if add(db, n).await.is_ok() {
                    say(format!("\nacked {n}\n"));
                }
            }
        }
    });
    let reading = async {
        loop {
            let (seen, _) = all(&db).await;
            if let Some(newest) = seen.into_iter().max() {
                say(format!("\nseen {newest}\n"));
            }
        }
    };
    tokio::join!(join_all(writers), reading);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing() {
    let rounds = if std::env::var_os("RADRUM_LONG").is_some() { 200_u32 } else { 50 };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let mut db = TestDb::fresh_with(kind, TABLES.to_vec()).await;
        let (mut tried, mut promised) = (HashSet::new(), HashSet::new());
        for round in 0..i64::from(rounds) {
            db.db.close().await;
            let start = 1_000_000 * (round + 1);
            // Anything from the first open to a second of writing.
            let life = Duration::from_millis(150 + u64::from(round.wrapping_mul(0x9E37) as u8) * 3);
            let url = db.settings.url.clone();
            let said = tokio::task::spawn_blocking(move || run_and_kill(start, &url, life)).await.expect("runs");
            for (what, n) in said {
                if what == "tried" {
                    tried.insert(n)
                } else {
                    promised.insert(n)
                };
            }
            db.reopen().await;
            let (there, tally) = all(&db).await;
            assert_eq!(there.len() as i64, tally, "each exactly once");
            let lost: Vec<_> = promised.difference(&there).collect();
            assert!(lost.is_empty(), "{kind:?}, round {round}: acknowledged or seen, and gone: {lost:?}");
            assert!(there.is_subset(&tried), "nothing is there that nobody wrote");
        }
        assert!(promised.len() > 50 * rounds as usize, "{kind:?}: only {} writes", promised.len());
        db.remove().await;
    }
}

fn run_and_kill(start: i64, url: &str, life: Duration) -> Vec<(String, i64)> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "store_loss::killed_writer", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{start} {url}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let out = child.stdout.take().expect("piped");
    let reading = std::thread::spawn(move || {
        let mut said = Vec::new();
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some((what @ ("tried" | "acked" | "seen"), n)) = line.split_once(' ') {
                // A line that the kill cut short has no number, or a shorter one: only whole lines count, and the last may not be one.
                said.push((what.to_owned(), n.parse().unwrap_or(0)));
            }
        }
        said
    });
    std::thread::sleep(life);
    child.kill().expect("kill -9");
    child.wait().expect("ends");
    reading.join().expect("reads").into_iter().filter(|(_, n)| *n >= start && *n < start + 1_000_000).collect()
}
