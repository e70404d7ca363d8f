//! Group commit: many writes, one commit, each with an answer of its own.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use radrum::{
    args,
    db::{Error, Kind, Migration, Signal, Tx},
    id::Id,
};

use crate::{on_both, support::TestDb};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table note (id bytea primary key, body text not null unique, at bigint not null);
          create table counter (id bigint primary key, n bigint not null);
          insert into counter (id, n) values (1, 0), (2, 0);",
}];

fn id(n: u32) -> Id {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&n.to_be_bytes());
    Id(bytes)
}

async fn add(tx: &mut Tx, id: Id, body: &str) -> Result<(), Error> {
    tx.run("insert into note (id, body, at) values ($1, $2, $3)", args![id, body, 1_i64]).await?;
    Ok(())
}

async fn write(db: &TestDb, n: u32, body: &str) -> Result<(), Error> {
    db.write((id(n), body.to_owned()), |tx, (id, body)| Box::pin(async move { add(tx, *id, body).await })).await
}

async fn count(db: &TestDb) -> i64 {
    let mut reader = db.read().await.expect("reads");
    reader.one("select count(*) as n from note", args![]).await.expect("counts").get("n").expect("a number")
}

on_both!(a_hundred_at_once, with TABLES, async |db: &TestDb| {
    let mut signals = db.signals();
    let writes = (0..100).map(|n| {
        db.write(n, |tx, n| {
            Box::pin(async move {
                add(tx, id(*n), &format!("note {n}")).await?;
                tx.touch(id(*n), 1);
                Ok::<_, Error>(*n)
            })
        })
    });
    let answers: Vec<u32> = join_all(writes).await.into_iter().collect::<Result<_, _>>().expect("all are written");
    assert_eq!(answers, (0..100).collect::<Vec<_>>());
    assert_eq!(count(db).await, 100);
    let (mut told, mut commits) = (HashSet::new(), 0);
    while let Ok(signal) = signals.try_recv() {
        if let Signal::Streams(streams) = signal {
            commits += 1;
            told.extend(streams.iter().map(|(id, _)| *id));
        }
    }
    assert_eq!(told.len(), 100, "every touched stream is told of");
    assert!(commits <= 20, "{commits} commits are no groups");
});

on_both!(a_refused_job_takes_nothing_with_it, with TABLES, async |db: &TestDb| {
    write(db, 1000, "taken").await.expect("is written");
    let writes = (0..60).map(|n| async move {
        let body = if n % 3 == 0 { "taken".to_owned() } else { format!("note {n}") };
        (n, write(db, n, &body).await)
    });
    for (n, answer) in join_all(writes).await {
        match answer {
            Err(Error::Unique(place)) => {
                assert_eq!(n % 3, 0);
                assert_eq!(place, "note(body)");
            }
            Ok(()) => assert_ne!(n % 3, 0),
            Err(e) => panic!("{e}"),
        }
    }
    assert_eq!(count(db).await, 41);
});

#[derive(Debug, PartialEq)]
enum Own {
    Said,
    Db(String),
}

impl From<Error> for Own {
    fn from(e: Error) -> Own {
        Own::Db(e.to_string())
    }
}

on_both!(an_error_of_the_callers_own_undoes_the_job, with TABLES, async |db: &TestDb| {
    let writes = (0..30).map(|n| {
        db.write(n, |tx, n| {
            Box::pin(async move {
                add(tx, id(*n), &format!("note {n}")).await?;
                tx.touch(id(*n), 1);
                if n % 2 == 0 { Err(Own::Said) } else { Ok(()) }
            })
        })
    });
    let mut signals = db.signals();
    let answers = join_all(writes).await;
    assert_eq!(answers.iter().filter(|a| **a == Err(Own::Said)).count(), 15);
    assert_eq!(count(db).await, 15);
    while let Ok(signal) = signals.try_recv() {
        if let Signal::Streams(streams) = signal {
            assert!(streams.iter().all(|(id, _)| id.0[15] % 2 == 1), "nothing is told of what was undone");
        }
    }
});

on_both!(a_panic_is_one_jobs_own, with TABLES, async |db: &TestDb| {
    let writes = (0..30).map(|n| {
        db.write(n, |tx, n| {
            Box::pin(async move {
                add(tx, id(*n), &format!("note {n}")).await?;
                assert!(n % 10 != 0, "on purpose");
                Ok::<_, Error>(())
            })
        })
    });
    let answers = join_all(writes).await;
    assert_eq!(answers.iter().filter(|a| matches!(a, Err(Error::Internal("panic")))).count(), 3);
    assert_eq!(count(db).await, 27);
    let sync: Result<(), Error> = db.write((), |_, ()| panic!("on purpose, before there is a future")).await;
    assert!(matches!(sync, Err(Error::Internal("panic"))));
    write(db, 99, "after").await.expect("the lane lives");
});

on_both!(a_caller_that_went_away_stops_nobody, with TABLES, async |db: &TestDb| {
    for n in 0..50 {
        let writing = write(db, n, "only one of these fits");
        if n % 2 == 0 {
            let _ = tokio::time::timeout(Duration::from_micros(u64::from(n) * 20), writing).await;
        } else {
            let _ = writing.await;
        }
    }
    write(db, 100, "another").await.expect("the lane lives");
    assert_eq!(count(db).await, 2);
});

on_both!(the_answer_comes_after_the_commit, with TABLES, async |db: &TestDb| {
    for n in 0..20 {
        write(db, n, &format!("note {n}")).await.expect("is written");
        // A connection that has nothing to do with the lanes.
        let seen: i64 = match db.kind() {
            Kind::Sqlite => {
                use sqlx::Connection;
                let path = radrum::db::sqlite_path(&db.settings.url).expect("a path");
                let mut conn = sqlx::SqliteConnection::connect_with(&sqlx::sqlite::SqliteConnectOptions::new().filename(path)).await.expect("opens");
                sqlx::query_scalar("select count(*) from note").fetch_one(&mut conn).await.expect("counts")
            }
            Kind::Postgres => {
                use sqlx::Connection;
                let mut conn = sqlx::PgConnection::connect(&db.settings.url).await.expect("opens");
                sqlx::query_scalar("select count(*) from note").fetch_one(&mut conn).await.expect("counts")
            }
        };
        assert_eq!(seen, i64::from(n) + 1);
    }
});

// Two rows, taken in one order by half of the jobs and in the other by the rest: on PostgreSQL with several lanes this is a deadlock in the making.
on_both!(those_that_want_each_others_rows_all_get_through, with TABLES, async |db: &TestDb| {
    let writes = (0..200_i64).map(|n| {
        db.write(n, |tx, n| {
            Box::pin(async move {
                for row in [1 + n % 2, 2 - n % 2] {
                    tx.run("update counter set n = n + 1 where id = $1", args![row]).await?;
                }
                Ok::<_, Error>(())
            })
        })
    });
    for answer in join_all(writes).await {
        answer.expect("gets through");
    }
    let rows = db.read().await.expect("reads").all("select n from counter", args![]).await.expect("reads");
    for row in rows {
        assert_eq!(row.get::<i64>("n").expect("a number"), 200, "each exactly once");
    }
});

on_both!(a_body_cannot_go_on_after_a_failed_statement, with TABLES, async |db: &TestDb| {
    write(db, 1, "here").await.expect("is written");
    let answer = db
        .write((), |tx, ()| {
            Box::pin(async move {
                assert!(matches!(add(tx, id(2), "here").await, Err(Error::Unique(_))));
                assert!(matches!(add(tx, id(3), "there").await, Err(Error::Internal(_))), "the same on both databases");
                Ok::<_, Error>(())
            })
        })
        .await;
    assert!(matches!(answer, Err(Error::Internal(_))));
    assert_eq!(count(db).await, 1);
});

on_both!(a_full_queue_says_so, with TABLES, async |db: &TestDb| {
    static RUNNING: AtomicU32 = AtomicU32::new(0);
    RUNNING.store(0, Ordering::SeqCst);
    let writes = (0..10_000).map(|_| db.write((), |_, ()| Box::pin(async move {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok::<_, Error>(())
    })));
    // Pushed all at once, before a lane has had time for many.
    let answers = join_all(writes).await;
    let full = answers.iter().filter(|a| matches!(a, Err(Error::Unavailable("too much to write")))).count();
    assert!(full > 1_000, "{full} were refused");
    assert!(answers.iter().any(Result::is_ok));
    write(db, 1, "after").await.expect("there is room again");
});

on_both!(what_waits_at_the_close_is_written_and_then_no_more, with TABLES, async |db: &TestDb| {
    let writes: Vec<_> = (0..50)
        .map(|n| {
            let db = db.db.clone();
            tokio::spawn(async move { db.write(n, |tx, n| Box::pin(async move { add(tx, id(*n), &format!("note {n}")).await })).await })
        })
        .collect();
    tokio::task::yield_now().await;
    db.close().await;
    let mut written = 0;
    for write in writes {
        match write.await.expect("no panic") {
            Ok(()) => written += 1,
            Err(Error::Unavailable("closing")) => {}
            Err(e) => panic!("{e}"),
        }
    }
    assert!(matches!(write(db, 100, "late").await, Err(Error::Unavailable("closing"))));
    assert!(db.read().await.is_err());
    let again = db.other_node().await;
    let row = again.read().await.expect("reads").one("select count(*) as n from note", args![]).await.expect("counts");
    assert_eq!(row.get::<i64>("n").expect("a number"), written);
    again.close().await;
});
