//! 3, for cases: what is sealed opens nowhere else and not when a bit of it has changed, and whom a case is about is in no file.

use std::{path::Path, sync::Arc};

use radrum::{args, db::Kind, id::Id, rooms::case_files::Personnummer, vault::Aad};
use serde_json::json;

use crate::{
    product_on_both,
    support::{
        canary::Hunter,
        consents::{ADULT, Named},
        program::Program,
        service::Service,
    },
};

/// Everything sealed in a case: table, column, and the query for one row.
const SEALED: [(&str, &str, &str, &str); 7] = [
    (
        "case_file",
        "wrapped_key",
        "select id, wrapped_key as sealed from case_file where id = $1",
        "update case_file set wrapped_key = $2 where id = $1",
    ),
    ("case_file", "sealed", "select id, sealed from case_file where id = $1", ""),
    ("case_subject", "sealed", "select id, sealed from case_subject where case_file_id = $1", ""),
    ("consent", "sealed", "select id, sealed from consent where case_file_id = $1", ""),
    (
        "consent_giver",
        "sealed",
        "select g.id, g.sealed from consent_giver g join consent c on c.id = g.consent_id where c.case_file_id = $1",
        "",
    ),
    (
        "consent_giver",
        "answer_sealed",
        "select g.id, g.answer_sealed as sealed from consent_giver g join consent c on c.id = g.consent_id where c.case_file_id = $1",
        "",
    ),
    (
        "case_message",
        "sealed",
        "select m.id, m.sealed from case_message m join case_link k on k.id = m.link_id where k.case_file_id = $1 and m.seq = 1",
        "",
    ),
];

fn id(value: &serde_json::Value) -> Id {
    value.as_str().unwrap().parse().unwrap()
}

async fn row(s: &Service, sql: &'static str, case: &serde_json::Value) -> (Id, Vec<u8>) {
    let row = s.house.db.read().await.unwrap().one(sql, args![id(case)]).await.unwrap();
    (row.get("id").unwrap(), row.get("sealed").unwrap())
}

/// The case's own key.
async fn key(s: &Service, c: &Named) -> radrum::vault::DataKey {
    let (row, wrapped) = row(s, SEALED[0].2, &c.case).await;
    s.house.vault.unwrap(&wrapped, Aad { table: "case_file", row, column: "wrapped_key" }).unwrap()
}

async fn invariant_03_every_changed_bit_of_a_case_is_found(s: Arc<Service>) {
    let c = s.named().await;
    let key = key(&s, &c).await;
    let mut tried = 0;
    for (table, column, sql, _) in SEALED {
        let (row, sealed) = row(&s, sql, &c.case).await;
        let place = Aad { table, row, column };
        let opens = |bytes: &[u8]| match column {
            "wrapped_key" => s.house.vault.unwrap(bytes, place).is_ok(),
            _ => key.open(place, bytes).is_ok(),
        };
        assert!(opens(&sealed), "{table}.{column}");
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!opens(&changed), "{table}.{column}, bit {bit}");
            tried += 1;
        }
        for cut in 0..sealed.len() {
            assert!(!opens(&sealed[..cut]), "{table}.{column}, {cut} bytes of it");
        }
    }
    assert!(tried > 3_000, "{tried}");
    // Over the operation: a clear error, and nothing of it.
    let (case, mut wrapped) = row(&s, SEALED[0].2, &c.case).await;
    wrapped[40] ^= 1;
    s.must(SEALED[0].3, args![case, wrapped]).await;
    assert_eq!(s.code("bo", "case.open", json!({ "link": c.link })).await, "internal");
    assert_eq!(s.code("anna", "consent.show", json!({ "consent": c.consent })).await, "internal");
}
product_on_both!(invariant_03_every_changed_bit_of_a_case_is_found, invariant_03_every_changed_bit_of_a_case_is_found);

async fn invariant_03_rows_of_cases_that_are_swapped_do_not_open(s: Arc<Service>) {
    let (one, two) = (s.named().await, s.named().await);
    let key_of_one = key(&s, &one).await;
    // Everything of the one in every place of both.
    for (table, column, sql, _) in &SEALED[1..] {
        let (_, sealed) = row(&s, sql, &one.case).await;
        for (other_table, other_column, other_sql, _) in &SEALED[1..] {
            for case in [&one.case, &two.case] {
                let (place, _) = row(&s, other_sql, case).await;
                let right = *case == one.case && (table, column) == (other_table, other_column);
                let opens = key_of_one.open(Aad { table: other_table, row: place, column: other_column }, &sealed).is_ok();
                assert_eq!(opens, right, "{table}.{column} as {other_table}.{other_column}");
            }
        }
    }
    // The database keeps sealed words where they are; the key alone may be wrapped anew, and another case's is found out.
    for sql in [
        "update case_subject set sealed = $2 where case_file_id = $1",
        "update case_file set sealed = $2 where id = $1",
        "update consent set sealed = $2 where case_file_id = $1",
        "update case_message set sealed = $2 where link_id in (select id from case_link where case_file_id = $1)",
    ] {
        assert!(!s.sql(sql, args![id(&one.case), [7_u8; 60]]).await, "{sql}");
    }
    let (_, other) = row(&s, SEALED[0].2, &two.case).await;
    s.must(SEALED[0].3, args![id(&one.case), other]).await;
    assert_eq!(s.code("anna", "case.open", json!({ "link": one.link })).await, "internal");
    s.ok("anna", "case.open", json!({ "link": two.link })).await;
}
product_on_both!(invariant_03_rows_of_cases_that_are_swapped_do_not_open, invariant_03_rows_of_cases_that_are_swapped_do_not_open);

async fn invariant_03_the_keyed_hash_is_the_authoritys_own(s: Arc<Service>) {
    let c = s.named().await;
    let mut hashes = Vec::new();
    for case in [&c.case, &c.answer_case] {
        let row =
            s.house.db.read().await.unwrap().one("select lookup from case_subject where case_file_id = $1", args![id(case)]).await.unwrap();
        hashes.push(row.get::<Vec<u8>>("lookup").unwrap());
    }
    assert_ne!(hashes[0], hashes[1], "the same person, two authorities");
    let number = Personnummer::parse(ADULT).unwrap();
    let authorities: Vec<Id> = {
        let rows = s.house.db.read().await.unwrap().all("select id from authority order by name", args![]).await.unwrap();
        rows.iter().map(|r| r.get("id").unwrap()).collect()
    };
    for (authority, hash) in authorities.iter().zip(&hashes) {
        assert_eq!(number.lookup(&s.house.vault, *authority).to_vec(), *hash);
    }
    // It is no plain hash of the number, which a list of all numbers would undo.
    let plain = ring::digest::digest(&ring::digest::SHA256, b"198503129812");
    assert!(hashes.iter().all(|h| h != plain.as_ref()));
    // With another key ring another hash.
    let folder = tempfile::tempdir().unwrap();
    let other = radrum::vault::Vault::create(folder.path(), &s.house.random).unwrap();
    assert!(hashes.iter().all(|h| *h != number.lookup(&other, authorities[0])));
}
product_on_both!(invariant_03_the_keyed_hash_is_the_authoritys_own, invariant_03_the_keyed_hash_is_the_authoritys_own);

/// What a case is told of whom: parts and other writings too.
const SECRET: [&str; 12] = [
    "19850312-9812",
    "198503129812",
    "850312-9812",
    "8503129812",
    "Runhild Gyllenspets",
    "Gyllenspets",
    "Torkel Månsing",
    "Månsing",
    "SN 4711:88",
    "dricker på helgerna",
    "läses upp för henne",
    "Sigrun Askersund",
];

/// Both handlers take a case the whole way, with the real program, over socket and API.
async fn whole_way(program: &Program, [anna, bodil, asta]: [String; 3]) -> Vec<String> {
    let mut a = program.socket(&anna).await.expect("opens");
    let mut b = program.socket(&bodil).await.expect("opens");
    let mut m = program.socket(&asta).await.expect("opens");
    let units = a.call("units.list", json!({})).await.unwrap()["units"].clone();
    let unit = |own: bool| units.as_array().unwrap().iter().find(|u| u["own"] == own).unwrap()["id"].clone();
    let ask = json!({ "unit": unit(true), "situation": "En förälder dricker.", "question": "Vad kan ni erbjuda?", "subject": "addiction", "urgency": "normal", "units": [unit(false)] });
    let thread = a.call("thread.ask", ask).await.unwrap()["thread"].clone();
    b.call("thread.claim", json!({ "thread": thread })).await.unwrap();
    let until = radrum::clock::rfc3339(radrum::clock::Clock::System.now() + 20 * radrum::clock::DAY);
    let mut made = Vec::new();
    for (socket, own, other) in [(&mut a, unit(true), unit(false)), (&mut b, unit(false), unit(true))] {
        let create = json!({ "unit": own, "case_number": SECRET[8], "subjects": [{ "name": SECRET[4], "personnummer": SECRET[0] }] });
        let case = socket.call("case.create", create).await.unwrap();
        let giver = json!({ "subject": case["subjects"][0], "kind": "representative", "name": SECRET[6], "personnummer": "19790114-2393", "mandate": "Fullmakt." });
        let draft = json!({ "case": case["case"], "purpose": "Stöd till Runhild Gyllenspets.", "categories": ["addiction"], "units": [other], "until": until,
            "readback": "Detta läses upp för henne.", "givers": [giver] });
        let consent = socket.call("consent.draft", draft).await.unwrap();
        let give = json!({ "consent": consent["consent"], "giver": consent["givers"][0], "form": "written", "evidence": "Pärm 3, Månsing", "witness": SECRET[11] });
        socket.call("consent.give", give).await.unwrap();
        made.push((case["case"].clone(), consent["consent"].clone()));
    }
    let link = json!({ "thread": thread, "case": made[0].0, "consent": made[0].1, "unit": unit(false), "text": "Hon dricker på helgerna.", "categories": ["addiction"] });
    let link = a.call("case.link", link).await.unwrap()["link"].clone();
    b.call("case.answer", json!({ "link": link, "consent": made[1].1 })).await.unwrap();
    b.call("case.post", json!({ "link": link, "text": "Runhild Gyllenspets dricker på helgerna.", "categories": ["addiction"] }))
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (op, body) in [("case.open", json!({ "link": link })), ("case.feed", json!({ "link": link }))] {
        answers.push(b.call(op, body).await.unwrap().to_string());
    }
    answers.push(a.call("consent.show", json!({ "consent": made[0].1 })).await.unwrap().to_string());
    a.call("case.find", json!({ "personnummer": SECRET[0] })).await.unwrap();
    m.call("case.open", json!({ "link": link, "reason": "Runhild Gyllenspets har ringt." })).await.unwrap();
    // Wrong in every way that an identity can stand in.
    for (op, body) in [
        ("case.create", json!({ "unit": SECRET[4], "case_number": SECRET[8], "subjects": SECRET[0] })),
        (
            "case.create",
            json!({ "unit": unit(true), "case_number": SECRET[8], "subjects": [{ "name": SECRET[4], "personnummer": "19850312-9813" }] }),
        ),
        ("case.find", json!({ "personnummer": "Runhild Gyllenspets" })),
        ("case.find", json!({ "personnummer": [SECRET[0]] })),
        ("consent.draft", json!({ "case": SECRET[4], "purpose": SECRET[4] })),
        ("consent.give", json!({ "consent": made[0].1, "giver": SECRET[6], "form": SECRET[6] })),
        ("case.post", json!({ "link": link, "text": SECRET[4], "categories": [SECRET[4]] })),
        ("case.assign", json!({ "link": link, "login": SECRET[4] })),
    ] {
        let hunter = Hunter::new(&SECRET);
        let error = a.call(op, body).await.unwrap_err();
        assert_eq!(hunter.in_bytes(error.to_string().as_bytes()), None, "{op}: {error}");
    }
    let api = reqwest::Client::new().post(program.url("/api/v1/case.find")).bearer_auth(&anna).json(&json!({ "personnummer": SECRET[0] }));
    assert_eq!(api.send().await.unwrap().status(), 200);
    a.call("consent.revoke", json!({ "consent": made[0].1 })).await.unwrap();
    answers
}

async fn nobody_is_in_a_file(kind: Kind) {
    let mut program = Program::with_people(kind).await;
    let tokens = [program.token("anna").await, program.token("bodil").await, program.token("asta").await];
    program.start().await;
    let answers = whole_way(&program, tokens).await;
    let hunter = Hunter::new(&SECRET);
    // The words do come back to those who may read them: what is searched for is what was written.
    for said in ["Runhild Gyllenspets", "198503129812", "dricker på helgerna", "läses upp för henne", "Torkel Månsing", "Sigrun Askersund"]
    {
        assert!(answers.iter().any(|a| a.contains(said)), "{said}");
    }
    let folders = |program: &Program| -> Vec<std::path::PathBuf> {
        let mut all = vec![program.folder.path().to_owned()];
        all.extend(program.cluster.as_ref().map(|c| c.folder.clone()));
        all
    };
    let search =
        |program: &Program, when: &str| folders(program).iter().for_each(|f: &std::path::PathBuf| hunter.in_folder(f).nothing(when));
    program.backup("backup").await;
    search(&program, "while it runs, with a backup");
    program.stop().await;
    search(&program, "after it ended");
    // Positive controls: in a log, in a backup.
    let planted: &Path = &program.log().with_file_name("log.planted");
    for secret in SECRET {
        std::fs::write(planted, format!("line {secret}\n")).unwrap();
        assert_eq!(hunter.in_folder(program.folder.path()).hits.len(), 1, "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_03_whom_a_case_is_about_is_in_no_file_sqlite() {
    nobody_is_in_a_file(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_03_whom_a_case_is_about_is_in_no_file_postgres() {
    nobody_is_in_a_file(Kind::Postgres).await;
}
