//! Logs and panics. The rule (docs/operations.md, LOGGING): a log line holds words of the program, counts, times and ids of the service's own tables; never a body,
//! a name, a title, a unit, a token, a cookie, a query or an address. What cannot be said within that is not logged.

use std::io;

use tracing_subscriber::{EnvFilter, Layer, fmt, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Log;

/// Libraries get a say only at warn: at finer levels some of them print what they read and write (frames, SQL, headers).
fn filter(log: &Log) -> EnvFilter {
    EnvFilter::new(format!(
        "warn,radrum={},sqlx=error,tungstenite=off,tokio_tungstenite=off,hyper=off,rustls=error,lettre=off,h2=off",
        log.level
    ))
}

/// What logs to `to`, under the rule.
pub fn subscriber<W>(log: &Log, to: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = match log.json {
        true => fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false).with_writer(to).boxed(),
        false => fmt::layer().with_ansi(false).with_writer(to).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter(log)))
}

/// Starts logging for the process. Does nothing when it logs already.
pub fn start_on_stderr(log: &Log) {
    let _ = subscriber(log, io::stderr).try_init();
    quiet_panics();
}

/// A panic's message often quotes the value that surprised it. Only the place is said, from here on, in the whole process.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}
