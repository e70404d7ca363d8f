//! The way out of one socket: a bounded queue that the hub and the session fill and the writer task empties.
//!
//! A queue of one's own and not a channel: an idle socket then holds no buffer, the writer takes everything that waits under one lock (several frames before
//! one flush), and what the hub brings meets the socket's positions under that same lock, so that nothing can slip in between.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{
    QUEUE_FRAMES,
    positions::{Arrival, Positions},
};
use crate::id::Id;

/// How long the session waits for room in the queue.
const STALLED: Duration = Duration::from_secs(20);

/// What the writer sends.
#[derive(Clone, Debug)]
pub enum Out {
    Text(Utf8Bytes),
    Ping,
    /// The last thing a socket sends.
    Close(u16, &'static str),
}

#[derive(Debug, Default)]
struct State {
    queue: Vec<Out>,
    positions: Positions,
    /// Holes that the hub found; the session fetches what is missing.
    holes: Vec<(Id, i64)>,
    closed: bool,
}

#[derive(Debug, Default)]
pub struct Outlet {
    state: Mutex<State>,
    /// Wakes the writer.
    filled: Notify,
    /// Wakes the session when it waits for room.
    emptied: Notify,
    /// Wakes the session: look at the flags and the holes.
    attention: Notify,
    slow: AtomicBool,
    recheck: AtomicBool,
}

impl Outlet {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event from the hub. False when the queue is full: the socket is too slow and gets no more.
    pub fn deliver(&self, stream: Id, n: i64, frame: &Utf8Bytes) -> bool {
        let mut state = self.state();
        if state.closed {
            return true;
        }
        if state.queue.len() >= QUEUE_FRAMES {
            drop(state);
            self.give_up();
            return false;
        }
        match state.positions.arrive(stream, n) {
            Arrival::Drop => return true,
            Arrival::Forward => state.queue.push(Out::Text(frame.clone())),
            Arrival::Fetch(after) => {
                state.holes.push((stream, after));
                drop(state);
                self.attention.notify_one();
                return true;
            }
        }
        drop(state);
        self.filled.notify_one();
        true
    }

    /// Something without a number: left out when the queue is full, for it is old by the time it would be read.
    pub fn mention(&self, frame: &Utf8Bytes) {
        let mut state = self.state();
        if !state.closed && state.queue.len() < QUEUE_FRAMES {
            state.queue.push(Out::Text(frame.clone()));
            drop(state);
            self.filled.notify_one();
        }
    }

    /// The first frame, before whatever the hub has brought since the socket was subscribed.
    pub fn greet(&self, out: Out) {
        self.state().queue.insert(0, out);
        self.filled.notify_one();
    }

    /// A ping; goes in also when the queue is full: it asks whether anybody is there.
    pub fn ping(&self) {
        let mut state = self.state();
        if !state.closed {
            state.queue.push(Out::Ping);
            drop(state);
            self.filled.notify_one();
        }
    }

    fn give_up(&self) {
        self.state().closed = true;
        self.slow.store(true, Ordering::Release);
        self.attention.notify_one();
        self.emptied.notify_waiters();
    }

    /// The session's own frames. Waits for room, so that a client that does not read is not answered without end; one that reads nothing at all is given up.
    pub async fn push(&self, out: Out) {
        if tokio::time::timeout(STALLED, self.push_when_room(out)).await.is_err() {
            self.give_up();
        }
    }

    async fn push_when_room(&self, out: Out) {
        loop {
            let room = self.emptied.notified();
            {
                let mut state = self.state();
                if state.closed {
                    return;
                }
                if state.queue.len() < QUEUE_FRAMES {
                    state.queue.push(out);
                    break;
                }
            }
            room.await;
        }
        self.filled.notify_one();
    }

    /// The last words: they go in also when the queue is full, and nothing after them.
    pub fn finish(&self, words: impl IntoIterator<Item = Out>) {
        let mut state = self.state();
        state.closed = true;
        state.queue.extend(words);
        drop(state);
        self.filled.notify_one();
        self.emptied.notify_waiters();
    }

    /// Everything that waits, for the writer; waits until there is something.
    pub async fn take(&self, into: &mut Vec<Out>) {
        loop {
            {
                let mut state = self.state();
                if !state.queue.is_empty() {
                    // The queue's memory goes with it: an idle socket keeps none.
                    *into = std::mem::take(&mut state.queue);
                    break;
                }
            }
            self.filled.notified().await;
        }
        self.emptied.notify_waiters();
    }

    pub fn positions<T>(&self, with: impl FnOnce(&mut Positions) -> T) -> T {
        with(&mut self.state().positions)
    }

    pub fn take_holes(&self) -> Vec<(Id, i64)> {
        std::mem::take(&mut self.state().holes)
    }

    pub(super) fn ask_recheck(&self) {
        self.recheck.store(true, Ordering::Release);
        self.attention.notify_one();
    }

    /// Waits until the hub wants the session to look at something.
    pub async fn attention(&self) {
        self.attention.notified().await;
    }

    pub fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Acquire)
    }

    /// Whether the session must be checked anew; asks once.
    pub fn must_recheck(&self) -> bool {
        self.recheck.swap(false, Ordering::AcqRel)
    }
}
