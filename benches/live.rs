//! How many frames a second reach 1,000 subscribers, and what an idle connection costs in memory. `cargo bench --bench live`; under a minute, on loopback only.
//!
//! The clients live in a process of their own (this same program, started again), so that the memory measured is the server's. They share its cores.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use radrum::{
    config::{Network, Rates},
    id::Id,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

#[allow(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/it/live_rooms.rs"]
mod live_rooms;

use live_rooms::{STREAM, TestServer, soon};

const SUBSCRIBERS: usize = 1000;
/// Events that may be under way: few, so that nearly every event is rendered and flushed by itself, and many, so that they go together. All well below the queue
/// of a socket, for what is measured is delivering and not being too slow.
/// Each with how many events to send.
const WINDOWS: [(u64, u64); 2] = [(2, 500), (100, 2000)];
const CLIENTS: &str = "RADRUM_BENCH_CLIENTS_OF";

fn main() {
    // `cargo test --benches` runs this too; it has nothing to test then.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match std::env::var(CLIENTS) {
        Ok(address) => runtime.block_on(clients(&address)),
        Err(_) => runtime.block_on(async { timeout(Duration::from_secs(55), measure()).await.expect("less than a minute") }),
    }
}

async fn measure() {
    let many = Rates { commands_per_second: 1000.try_into().unwrap(), burst: 1000.try_into().unwrap() };
    let server = TestServer::with(Network { rates: many, ..Network::local(0) }).await;
    {
        let mut state = server.rooms.state();
        state.readers = (0..SUBSCRIBERS).map(person).collect();
        for i in 0..SUBSCRIBERS {
            state.sessions.insert(format!("p{i}"), (person(i), None));
        }
    }
    // Warm: what is allocated once for all connections is not counted to them.
    drop(server.socket("anna").await);
    soon(|| server.hub.sockets() == 0).await;
    let before = resident_kib();

    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("--bench")
        .env(CLIENTS, server.address.to_string())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut reports = reports(&mut child);
    while server.hub.sockets() < SUBSCRIBERS {
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(2)).await;
    let idle = resident_kib();
    println!("idle connection: {:.1} KiB ({SUBSCRIBERS} open)", idle.saturating_sub(before) as f64 / SUBSCRIBERS as f64);

    let filler = "x".repeat(100);
    let (mut posted, mut arrived) = (0, 0);
    for (window, events) in WINDOWS {
        let (started, end, before) = (Instant::now(), posted + events, server.rooms.rendered.load(Ordering::SeqCst));
        while arrived < end {
            while posted < end && posted < arrived + window {
                server.rooms.post(STREAM, &filler);
                posted += 1;
                // One signal at a time, as a database that commits gives them.
                tokio::task::yield_now().await;
            }
            arrived = reports.recv().await.expect("the clients report");
        }
        let took = started.elapsed().as_secs_f64();
        let rendered = server.rooms.rendered.load(Ordering::SeqCst) - before;
        let rate = (events as usize * SUBSCRIBERS) as f64 / took;
        println!(
            "{window} under way: {events} events to {SUBSCRIBERS} subscribers, rendered {rendered} times, in {took:.2} s: {rate:.0} frames/s"
        );
    }
    assert_eq!(server.hub.sockets(), SUBSCRIBERS, "nobody was too slow");
}

fn person(i: usize) -> Id {
    let mut bytes = [0xab; 16];
    bytes[..8].copy_from_slice(&(i as u64).to_be_bytes());
    Id(bytes)
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn reports(child: &mut Child) -> tokio::sync::mpsc::UnboundedReceiver<u64> {
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if send.send(line.parse().unwrap()).is_err() {
                return;
            }
        }
    });
    receive
}

/// Raw clients: they read, count frames, and answer nothing (the bench is over before the second ping).
async fn clients(address: &str) {
    let total = Arc::new(AtomicU64::new(0));
    for i in 0..SUBSCRIBERS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: radrum_session=p{i}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: radrum.v1\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        tokio::spawn(read(stream, total.clone()));
    }
    let mut told = 0;
    loop {
        sleep(Duration::from_micros(200)).await;
        let events = total.load(Ordering::Relaxed) / SUBSCRIBERS as u64;
        if events > told {
            told = events;
            println!("{events}");
        }
    }
}

async fn read(mut stream: TcpStream, total: Arc<AtomicU64>) {
    let mut buffer = vec![0; 32 << 10];
    let mut held = 0;
    let mut head = true;
    loop {
        let got = stream.read(&mut buffer[held..]).await.unwrap();
        assert!(got > 0, "closed");
        held += got;
        let mut at = 0;
        if head {
            let Some(end) = buffer[..held].windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            assert!(buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&buffer[..held]));
            (at, head) = (end + 4, false);
        }
        let mut frames = 0;
        while let Some((start, length)) = frame(&buffer[at..held]) {
            let Some(end) = at.checked_add(start + length).filter(|end| *end <= held) else { break };
            frames += u64::from(buffer[at..end].windows(16).any(|w| w == b"\"message.posted\""));
            at = end;
        }
        buffer.copy_within(at..held, 0);
        held -= at;
        total.fetch_add(frames, Ordering::Relaxed);
    }
}

/// Where a frame's payload starts and how long it is; no frame here is longer than 64 KiB.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    match bytes {
        [_, 126, a, b, ..] => Some((4, usize::from(u16::from_be_bytes([*a, *b])))),
        [_, short, ..] if *short < 126 => Some((2, usize::from(*short))),
        _ => None,
    }
}
