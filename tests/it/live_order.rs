//! A client gets every event once and in order: live, resumed, with signals lost, and when it is too slow.

use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};

use radrum::{id::Id, live::Signal};
use serde_json::{Value, json};

use crate::live_rooms::{Client, Got, STREAM, TestServer, soon};

/// Reads until the answer to a command, giving the numbers of the events before it.
async fn until_answer(client: &mut Client, n: u8) -> (Vec<i64>, Value) {
    let mut numbers = Vec::new();
    loop {
        let frame = client.next().await;
        match frame["n"].as_i64() {
            Some(number) => numbers.push(number),
            None if frame["re"] == json!(Id([n; 16])) => return (numbers, frame),
            None => {}
        }
    }
}

#[tokio::test]
async fn an_event_is_rendered_once_for_all_its_readers() {
    let server = TestServer::start().await;
    let mut sockets = Vec::new();
    for name in ["anna", "anna", "bo"] {
        sockets.push(server.socket(name).await);
    }
    server.rooms.post(STREAM, "");
    for socket in &mut sockets {
        while socket.next().await["n"] != 1 {}
    }
    assert_eq!(server.rooms.rendered.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn resume_brings_what_was_missed_before_its_answer_and_nothing_twice() {
    let server = TestServer::start().await;
    for _ in 0..10 {
        server.rooms.post_silently(STREAM, "");
    }
    let mut anna = server.socket("anna").await;
    let unknown = Id([0xee; 16]);
    anna.op(1, "resume", json!({"after": {STREAM.to_string(): 7, unknown.to_string(): 3}})).await;
    let (numbers, answer) = until_answer(&mut anna, 1).await;
    assert_eq!(numbers, [8, 9, 10]);
    assert_eq!(answer["ok"], json!({"streams": {STREAM.to_string(): 10}, "gone": [unknown]}));
    // A late signal of what it already has brings nothing; the next event does.
    let _ = server.rooms.signals.send(Signal::Streams([(STREAM, 9)].into()));
    server.rooms.post(STREAM, "");
    assert_eq!(anna.next().await["n"], 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_posting_and_lost_signals_every_socket_gets_every_event_once_and_in_order() {
    const EVENTS: i64 = 600;
    let server = TestServer::start().await;
    let posting = tokio::spawn({
        let rooms = server.rooms.clone();
        async move {
            for i in 1..=EVENTS {
                // Two of three signals are lost, and now and then everything is to be compared by position.
                if i % 3 == 0 || i == EVENTS {
                    rooms.post(STREAM, "")
                } else {
                    rooms.post_silently(STREAM, "")
                };
                if i % 50 == 0 {
                    let _ = rooms.signals.send(Signal::CatchUp);
                }
                if i % 7 == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
    });
    let mut clients = Vec::new();
    for start in [0, 0, 5, 40] {
        let mut client = server.socket("anna").await;
        soon(|| server.rooms.state().streams.get(&STREAM).is_some_and(|events| events.len() as i64 >= start)).await;
        clients.push(tokio::spawn(async move {
            client.op(1, "resume", json!({"after": {STREAM.to_string(): start}})).await;
            // Live events may come before the resume has begun; from then on there is no hole and nothing twice.
            let (mut expected, mut resumed) = (start + 1, false);
            let mut early = BTreeSet::new();
            while expected <= EVENTS || !resumed {
                let frame = client.next().await;
                match frame["n"].as_i64() {
                    Some(n) if n == expected => expected += 1,
                    Some(n) if !resumed => assert!(early.insert(n), "{n} twice before the resume"),
                    Some(n) => panic!("{n} instead of {expected}"),
                    None => resumed |= frame["re"].is_string(),
                }
            }
        }));
    }
    posting.await.unwrap();
    for client in clients {
        tokio::time::timeout(Duration::from_secs(30), client).await.expect("in time").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_closed_with_4008_and_resumes_without_loss() {
    const EVENTS: i64 = 1200;
    let server = TestServer::start().await;
    let mut slow = server.socket("anna").await;
    let mut quick = server.socket("bo").await;
    let reading = tokio::spawn(async move {
        let mut seen = 0;
        while seen < EVENTS {
            if let Some(n) = quick.next().await["n"].as_i64() {
                assert_eq!(n, seen + 1);
                seen = n;
            }
        }
    });
    let filler = "x".repeat(32 << 10);
    for i in 0..EVENTS {
        server.rooms.post(STREAM, &filler);
        if i % 8 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    reading.await.unwrap();
    let mut seen = 0;
    loop {
        match slow.got().await {
            Got::Frame(frame) if frame["n"].is_i64() => {
                assert_eq!(frame["n"], seen + 1, "in order and without holes up to the close");
                seen += 1;
            }
            Got::Frame(_) => {}
            Got::Closed(code) => {
                assert_eq!(code, 4008);
                break;
            }
        }
    }
    assert!(seen < EVENTS);
    let mut again = server.socket("anna").await;
    again.op(1, "resume", json!({"after": {STREAM.to_string(): seen}})).await;
    let (numbers, answer) = until_answer(&mut again, 1).await;
    assert_eq!(numbers, (seen + 1..=EVENTS).collect::<Vec<_>>());
    assert_eq!(answer["ok"]["streams"][STREAM.to_string()], EVENTS);
}

#[tokio::test]
async fn only_readers_hear() {
    let server = TestServer::start().await;
    let (mut anna, mut bo) = (server.socket("anna").await, server.socket("bo").await);
    server.rooms.state().readers.pop();
    server.rooms.post(STREAM, "");
    while anna.next().await["n"] != 1 {}
    bo.op(1, "echo", json!({})).await;
    assert_eq!(until_answer(&mut bo, 1).await.0, [] as [i64; 0]);
}
