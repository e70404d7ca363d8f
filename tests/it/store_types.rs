//! Values there and back, and errors with the same names on both databases.

use radrum::{
    args,
    db::{Error, Migration, Row, Tx},
    id::Id,
};

use crate::{on_both, support::TestDb};

const TABLES: &[Migration] = &[Migration {
    version: 1,
    sql: "create table kind (id bytea primary key, whole bigint, words text, raw bytea, flag bigint);
          create table parent (id bigint primary key, name text not null, unique (name, id));
          create unique index parent_lower on parent (lower(name));
          create table child (id bigint primary key, parent_id bigint not null references parent (id), size bigint not null check (size > 0));
          create table late (id bigint primary key, parent_id bigint references parent (id) deferrable initially deferred);
          -- only sqlite
          create trigger child_limit before insert on child when new.size > 100 begin select raise(abort, 'too large'); end;
          -- end
          -- only postgres
          create function child_limit() returns trigger language plpgsql as $$ begin raise exception 'too large'; end $$;
          create trigger child_limit before insert on child for each row when (new.size > 100) execute function child_limit();
          -- end",
}];

async fn store(db: &TestDb, whole: Option<i64>, words: Option<&str>, raw: Option<&[u8]>, flag: Option<bool>) -> Row {
    let args = args![Id([7; 16]), whole, words, raw, flag];
    db.write(args, |tx, args| {
        Box::pin(async move {
            tx.run("delete from kind", args![]).await?;
            tx.run("insert into kind (id, whole, words, raw, flag) values ($1, $2, $3, $4, $5)", args.clone()).await?;
            tx.one("select id, whole, words, raw, flag from kind", args![]).await
        })
    })
    .await
    .expect("stores and reads")
}

on_both!(values_come_back_as_they_went, with TABLES, async |db: &TestDb| {
    for whole in [0, 1, -1, i64::MIN, i64::MAX] {
        for (words, raw) in [("", &b""[..]), ("Åäö € 🦊 '\"\\", &[0, 255, 128]), ("line\nline\ttab", &[1; 5000])] {
            for flag in [false, true] {
                let row = store(db, Some(whole), Some(words), Some(raw), Some(flag)).await;
                assert_eq!(row.get::<Id>("id").unwrap(), Id([7; 16]));
                assert_eq!(row.get::<i64>("whole").unwrap(), whole);
                assert_eq!(row.get::<String>("words").unwrap(), words);
                assert_eq!(row.get::<Vec<u8>>("raw").unwrap(), raw);
                assert_eq!(row.get::<bool>("flag").unwrap(), flag);
                assert_eq!(row.get::<Option<i64>>("whole").unwrap(), Some(whole));
            }
        }
    }
    let row = store(db, None, None, None, None).await;
    assert_eq!(row.get::<Option<i64>>("whole").unwrap(), None);
    assert_eq!(row.get::<Option<String>>("words").unwrap(), None);
    assert_eq!(row.get::<Option<Vec<u8>>>("raw").unwrap(), None);
    assert_eq!(row.get::<Option<bool>>("flag").unwrap(), None);
});

on_both!(a_wrong_type_or_name_is_an_error_and_no_panic, with TABLES, async |db: &TestDb| {
    let row = store(db, Some(2), Some("text"), Some(b"short"), None).await;
    assert!(matches!(row.get::<String>("whole"), Err(Error::Internal(_))));
    assert!(matches!(row.get::<i64>("words"), Err(Error::Internal(_))));
    assert!(matches!(row.get::<Id>("raw"), Err(Error::Internal(_))), "an id has 16 bytes");
    assert!(matches!(row.get::<bool>("whole"), Err(Error::Internal(_))), "a flag is 0 or 1");
    assert!(matches!(row.get::<i64>("flag"), Err(Error::Internal(_))), "nothing is not 0");
    assert!(matches!(row.get::<i64>("absent"), Err(Error::Internal(_))));
});

on_both!(what_is_worked_out_has_the_same_types, with TABLES, async |db: &TestDb| {
    db.write((), |tx, ()| Box::pin(async move {
        tx.run("insert into parent (id, name) values ($1, $2), ($3, $4)", args![i64::MAX / 2, "a", i64::MAX / 2 - 5, "b"]).await
    })).await.expect("stores");
    let mut reader = db.read().await.expect("reads");
    let row = reader.one(
        "select count(*) as many, sum(id) as total, max(name) as last, min(id) > 3 as large, exists (select 1 from child) as any_child, coalesce(sum(0), 0) as none \
         from parent where id > $1", args![1_i64]).await.expect("reads");
    assert_eq!(row.get::<i64>("many").unwrap(), 2);
    assert_eq!(row.get::<i64>("total").unwrap(), i64::MAX - 6);
    assert_eq!(row.get::<String>("last").unwrap(), "b");
    assert!(row.get::<bool>("large").unwrap());
    assert!(!row.get::<bool>("any_child").unwrap());
    assert_eq!(row.get::<i64>("none").unwrap(), 0);
});

on_both!(rows_changed_and_rows_returned, with TABLES, async |db: &TestDb| {
    let (inserted, updated, returned, conflict) = db.write((), |tx, ()| Box::pin(async move {
        let inserted = tx.run("insert into parent (id, name) values (1, 'a'), (2, 'b'), (3, 'c')", args![]).await?;
        let updated = tx.run("update parent set name = name || $1 where id <= $2", args!["x", 2]).await?;
        let returned = tx.all("delete from parent where id >= $1 returning id", args![2]).await?;
        let conflict = tx.opt("insert into parent (id, name) values ($1, $2) on conflict (id) do nothing returning id", args![1, "again"]).await?;
        Ok::<_, Error>((inserted, updated, returned, conflict.is_some()))
    })).await.expect("runs");
    let mut ids: Vec<i64> = returned.iter().map(|r| r.get("id").unwrap()).collect();
    ids.sort_unstable();
    assert_eq!((inserted, updated, ids, conflict), (3, 2, vec![2, 3], false));
    let missing = db.read().await.expect("reads").one("select id from parent where id = $1", args![99]).await;
    assert!(matches!(missing, Err(Error::Missing)));
});

async fn refused(db: &TestDb, body: radrum::db::Body<(), u64, Error>) -> Error {
    db.write((), body).await.expect_err("is refused")
}

on_both!(errors_have_names, with TABLES, async |db: &TestDb| {
    db.write((), |tx, ()| Box::pin(async move {
        tx.run("insert into parent (id, name) values (1, 'First'), (2, 'Second')", args![]).await
    })).await.expect("stores");
    let child = |parent: i64, size: i64| async move {
        db.write((parent, size), |tx, (parent, size)| Box::pin(async move {
            tx.run("insert into child (id, parent_id, size) values (1, $1, $2)", args![*parent, *size]).await
        })).await
    };
    match refused(db, |tx, ()| Box::pin(tx.run("insert into parent (id, name) values (1, 'other')", args![]))).await {
        Error::Unique(place) => assert_eq!(place, "parent(id)"),
        e => panic!("{e:?}"),
    }
    match refused(db, |tx, ()| Box::pin(tx.run("insert into parent (id, name) values (9, 'FIRST')", args![]))).await {
        Error::Unique(place) => assert_eq!(place, "parent_lower"),
        e => panic!("{e:?}"),
    }
    assert!(matches!(child(99, 1).await, Err(Error::ForeignKey)));
    assert!(matches!(child(1, 0).await, Err(Error::Check)));
    assert!(matches!(child(1, 101).await, Err(Error::Check)), "a trigger's refusal");
    assert!(matches!(refused(db, |tx, ()| Box::pin(tx.run("insert into parent (id, name) values (5, null)", args![]))).await, Error::Check));
    child(1, 1).await.expect("fits");
    assert!(matches!(refused(db, |tx, ()| Box::pin(tx.run("delete from parent where id = 1", args![]))).await, Error::ForeignKey));
    assert!(matches!(refused(db, |tx, ()| Box::pin(tx.run("update nothing set a = 1", args![]))).await, Error::Internal(_)));
    assert!(matches!(refused(db, |tx, ()| Box::pin(tx.run("update parent set name = $1", args!["nul \0 inside"]))).await, Error::Check));
});

// A constraint that is looked at only at the commit fails the whole group; each job of it must get its own answer all the same.
on_both!(a_constraint_at_the_commit_fails_one_job, with TABLES, async |db: &TestDb| {
    let writes = (0..20_i64).map(|n| db.write(n, |tx: &mut Tx, n| Box::pin(async move {
        if n % 5 != 0 {
            tx.run("insert into parent (id, name) values ($1, $2)", args![*n, n.to_string()]).await?;
        }
        tx.run("insert into late (id, parent_id) values ($1, $1)", args![*n]).await
    })));
    for (n, answer) in futures_util::future::join_all(writes).await.into_iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(n % 5, 0),
            Err(Error::ForeignKey) => assert_eq!(n % 5, 0),
            Err(e) => panic!("{e:?}"),
        }
    }
    let rows = db.read().await.expect("reads").all("select id from late", args![]).await.expect("reads");
    assert_eq!(rows.len(), 16);
});

on_both!(errors_tell_nothing_of_what_was_stored, with TABLES, async |db: &TestDb| {
    let canary = "19121212-1212 Kanarie";
    let add = || async {
        db.write(canary.to_owned(), |tx, canary| Box::pin(async move {
            tx.run("insert into parent (id, name) values (1, $1)", args![canary]).await
        })).await
    };
    add().await.expect("stores");
    let wrong_type = db.write(canary.to_owned(), |tx, canary| Box::pin(async move {
        tx.run("insert into child (id, parent_id, size) values (1, 1, cast($1 as bigint))", args![canary]).await
    })).await.expect_err("no number, and too small");
    for error in [add().await.expect_err("twice"), wrong_type] {
        let told = format!("{error} {error:?}");
        assert!(!told.contains("Kanarie") && !told.contains("1212"), "{told}");
        assert!(!error.to_string().contains("insert"), "no SQL: {error}");
    }
});
