//! The writers. A lane has one connection, gathers what waits into one transaction, commits once for all, and answers only then.
//! Between two jobs stands a savepoint, so that one that is refused takes nothing with it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{RwLock, broadcast},
    time::sleep,
};

use super::{
    Error, Kind, Tx,
    conn::{Conn, Control},
    connect::Source,
    error::{OUTCOME_UNKNOWN, Trouble},
    queue::{Job, Queue, Step},
    signal::{self, CHANNEL, NodeTag, Signal},
};
use crate::id::Id;

/// A group takes no more jobs after this many, or this long: the first one is waiting for its answer.
const GROUP_JOBS: usize = 512;
const GROUP_TIME: Duration = Duration::from_millis(25);

/// How often a job is run that others keep standing in the way of.
const ATTEMPTS: u32 = 6;

/// For this long after a loss jobs wait for the connection to come back; later ones are refused at once, until it has.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Lane {
    pub source: Source,
    pub queue: Arc<Queue>,
    pub signals: broadcast::Sender<Signal>,
    pub node: NodeTag,
    /// Groups run side by side; a job that stood in somebody's way runs when no other lane of this node does.
    pub gate: Arc<RwLock<()>>,
    /// `None` after a loss, until it is opened again.
    pub conn: Option<Conn>,
}

/// How a transaction with one or more jobs came out.
enum End {
    /// Committed and answered; these stood in someone's way and are to be run again, alone.
    Kept(Vec<Box<dyn Job>>),
    /// Nothing was kept; these are to be run again, alone.
    Undone(Vec<Box<dyn Job>>),
    /// Nothing was kept, for the connection was lost; these are to be run again.
    Lost(Vec<Box<dyn Job>>),
}

impl End {
    fn was_lost(&self) -> bool {
        matches!(self, End::Lost(_))
    }

    fn jobs(self) -> Vec<Box<dyn Job>> {
        match self {
            End::Kept(jobs) | End::Undone(jobs) | End::Lost(jobs) => jobs,
        }
    }
}

/// Where the savepoint stands.
#[derive(PartialEq)]
enum Mark {
    None,
    /// Just before what comes next.
    Here,
    /// Before the last job, which is kept.
    Behind,
}

impl Lane {
    /// Runs until the queue is closed and empty.
    pub async fn run(mut self) {
        let mut lost_since: Option<Instant> = None;
        while let Some(first) = self.queue.pop().await {
            if !self.connected(&mut lost_since).await {
                refuse(first, Error::Unavailable("the connection was lost"));
                continue;
            }
            let mut end = self.beside_others(VecDeque::from([first])).await;
            // A loss is nobody's fault, as a rule, so they may go together once more; if it was somebody's, running alone tells whose.
            if end.was_lost() && self.connected(&mut lost_since).await {
                end = self.beside_others(end.jobs().into()).await;
            }
            let alone = end.jobs();
            for job in alone {
                self.alone(job, &mut lost_since).await;
            }
        }
        if let Some(conn) = self.conn.take() {
            conn.close().await;
        }
    }

    async fn beside_others(&mut self, jobs: VecDeque<Box<dyn Job>>) -> End {
        let gate = self.gate.clone();
        let _beside_others = gate.read().await;
        self.group(jobs).await
    }

    /// One transaction for `jobs` and whatever else waits.
    async fn group(&mut self, mut jobs: VecDeque<Box<dyn Job>>) -> End {
        let started = Instant::now();
        let mut kept: Vec<Box<dyn Job>> = Vec::new();
        let mut aside = Vec::new();
        let mut touched = BTreeMap::new();
        let Some(mut tx) = self.begin(None).await else { return End::Lost(jobs.into()) };
        let mut mark = Mark::None;
        let mut next = jobs.pop_front();
        while let Some(mut job) = next.take() {
            if !kept.is_empty() && !savepoint(&mut tx.conn, &mut mark).await {
                kept.push(job);
                kept.extend(aside.into_iter().chain(jobs));
                return End::Lost(kept);
            }
            let step = job.run(&mut tx).await;
            match step {
                Step::Done => {
                    merge(&mut touched, &mut tx.touched);
                    kept.push(job);
                    if mark == Mark::Here {
                        mark = Mark::Behind;
                    }
                }
                Step::Refused | Step::Again => {
                    tx.touched.clear();
                    // Also a refusal is answered after the commit: it may rest on what another job of the group did.
                    if kept.is_empty() {
                        if step == Step::Refused {
                            job.answer();
                        } else {
                            aside.push(job);
                        }
                        self.roll_back(tx).await;
                        aside.extend(jobs);
                        return End::Kept(aside);
                    }
                    let undone = tx.conn.control("rollback to savepoint job").await.is_ok();
                    if step == Step::Refused {
                        kept.push(job)
                    } else {
                        aside.push(job)
                    }
                    if !undone {
                        kept.extend(aside.into_iter().chain(jobs));
                        self.roll_back(tx).await;
                        return End::Undone(kept);
                    }
                }
                Step::Lost => {
                    kept.push(job);
                    kept.extend(aside.into_iter().chain(jobs));
                    return End::Lost(kept);
                }
                Step::Hung => {
                    job.answer();
                    kept.extend(aside.into_iter().chain(jobs));
                    return End::Lost(kept);
                }
            }
            // Having met somebody who holds what one of us wants, the group ends: its own locks may be what that somebody waits for.
            if step != Step::Again && kept.len() < GROUP_JOBS && started.elapsed() < GROUP_TIME {
                next = jobs.pop_front().or_else(|| self.queue.try_pop());
            }
        }
        aside.extend(jobs);
        match self.commit(tx, touched).await {
            Ok(()) => {
                kept.into_iter().for_each(Job::answer);
                End::Kept(aside)
            }
            Err((_, Trouble::Lost)) => {
                for job in kept {
                    refuse(job, Error::Unavailable(OUTCOME_UNKNOWN));
                }
                End::Kept(aside)
            }
            // A constraint that is checked at the commit, a lock, a full disk: alone, each gets its own answer.
            Err(_) => {
                kept.append(&mut aside);
                End::Undone(kept)
            }
        }
    }

    /// One job in a transaction of its own, until it gets an answer.
    async fn alone(&mut self, mut job: Box<dyn Job>, lost_since: &mut Option<Instant>) {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                sleep(Duration::from_millis(5 << attempt)).await;
            }
            if !self.connected(lost_since).await {
                return refuse(job, Error::Unavailable("the connection was lost"));
            }
            let gate = self.gate.clone();
            let _nobody_beside = gate.write().await;
            let Some(mut tx) = self.begin(Some(attempt)).await else { continue };
            match job.run(&mut tx).await {
                Step::Done => {
                    let mut touched = BTreeMap::new();
                    merge(&mut touched, &mut tx.touched);
                    match self.commit(tx, touched).await {
                        Ok(()) => return job.answer(),
                        Err((_, Trouble::Lost)) => return refuse(job, Error::Unavailable(OUTCOME_UNKNOWN)),
                        Err((_, Trouble::Again)) => {}
                        Err((error, Trouble::Failed)) => return refuse(job, error),
                    }
                }
                Step::Refused => {
                    self.roll_back(tx).await;
                    return job.answer();
                }
                Step::Again => self.roll_back(tx).await,
                Step::Lost => {}
                Step::Hung => return job.answer(),
            }
        }
        refuse(job, Error::Unavailable("others were writing the same"));
    }

    /// `attempt` when it is for one job alone.
    async fn begin(&mut self, attempt: Option<u32>) -> Option<Tx> {
        let mut conn = self.conn.take()?;
        // A group holds its locks until its commit, so two groups can want each other's. To wait a moment only, and to run alone what waited in
        // vain, costs less than PostgreSQL's search for deadlocks, which begins after a second.
        let begin = match (conn.kind(), attempt) {
            (Kind::Sqlite, _) => "begin immediate",
            (Kind::Postgres, None) => "begin; set local lock_timeout = '40ms'",
            (Kind::Postgres, Some(0)) => "begin; set local lock_timeout = '250ms'",
            (Kind::Postgres, Some(1)) => "begin; set local lock_timeout = '500ms'",
            (Kind::Postgres, Some(_)) => "begin; set local lock_timeout = '2s'",
        };
        let begun = conn.control(begin).await;
        match begun {
            Ok(()) => Some(Tx { conn, touched: Vec::new() }),
            Err((_, Trouble::Again)) => {
                self.conn = Some(conn);
                None
            }
            Err(_) => None,
        }
    }

    /// Commits, and tells of it: the other nodes with the transaction, this one after it.
    async fn commit(&mut self, mut tx: Tx, touched: BTreeMap<Id, i64>) -> Result<(), (Error, Trouble)> {
        let told = (!touched.is_empty()).then(|| Signal::Streams(touched.into_iter().collect()));
        let commit: Control = match (&told, tx.conn.kind()) {
            (Some(signal), Kind::Postgres) => format!("notify {CHANNEL}, '{}'; commit", signal::encode(&self.node, signal)).into(),
            _ => "commit".into(),
        };
        match tx.conn.control(commit).await {
            Ok(()) => {
                self.conn = Some(tx.conn);
                if let Some(signal) = told {
                    signal::tell(&self.signals, signal);
                }
                Ok(())
            }
            Err((error, Trouble::Lost)) => Err((error, Trouble::Lost)),
            Err((error, trouble)) => {
                self.roll_back(tx).await;
                Err((error, trouble))
            }
        }
    }

    /// After this the connection is either clean or given up.
    async fn roll_back(&mut self, mut tx: Tx) {
        match tx.conn.control("rollback").await {
            Ok(()) => self.conn = Some(tx.conn),
            // SQLite has then rolled back by itself already (a full disk, a failed write); a new connection is the surest start.
            Err((_, Trouble::Failed)) => tx.conn.close().await,
            Err(_) => {}
        }
    }

    /// Makes sure that there is a connection, waiting for it as long as there is patience.
    async fn connected(&mut self, lost_since: &mut Option<Instant>) -> bool {
        if self.conn.is_some() {
            return true;
        }
        let since = *lost_since.get_or_insert_with(Instant::now);
        let mut wait = Duration::from_millis(20);
        loop {
            if let Ok(conn) = self.source.lane().await {
                self.conn = Some(conn);
                *lost_since = None;
                return true;
            }
            if since.elapsed() > PATIENCE {
                return false;
            }
            sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }
}

/// Puts the savepoint just before the next job.
async fn savepoint(conn: &mut Conn, mark: &mut Mark) -> bool {
    let done = match mark {
        Mark::Here => return true,
        Mark::None => conn.control("savepoint job").await,
        Mark::Behind => conn.control("release savepoint job; savepoint job").await,
    };
    *mark = Mark::Here;
    done.is_ok()
}

fn merge(into: &mut BTreeMap<Id, i64>, touched: &mut Vec<(Id, i64)>) {
    for (stream, n) in touched.drain(..) {
        into.entry(stream).and_modify(|lowest| *lowest = n.min(*lowest)).or_insert(n);
    }
}

fn refuse(mut job: Box<dyn Job>, error: Error) {
    job.refuse(error);
    job.answer();
}
