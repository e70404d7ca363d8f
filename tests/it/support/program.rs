//! The real program, as a process: its folder, its log, its death.

use std::{
    fs::OpenOptions,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use radrum::db::Kind;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::{cluster::Cluster, service::Socket};

/// What everybody of [`Program::with_people`] signs in with.
pub const PASSWORD: &str = "ett lösenord för prov";

const AUTHORITIES: [(&str, &str, &str, &str); 2] =
    [("Nordkommunen", "Socialtjänst", "Barn och unga Norr", "children"), ("Region Syd", "Vård", "Vuxenenheten", "addiction")];

/// Authority and role of everybody.
const PEOPLE: [(&str, &str, usize, &str); 4] = [
    ("anna", "Anna Ekengren", 0, "handler"),
    ("asta", "Asta Holmquist", 0, "unit_manager"),
    ("bodil", "Bodil Dahlander", 1, "handler"),
    ("britt", "Britt Sundelin", 1, "unit_manager"),
];

pub struct Program {
    /// Holds `data`, `log` and nothing else.
    pub folder: tempfile::TempDir,
    pub address: SocketAddr,
    /// A PostgreSQL of its own, set up as a real one is.
    pub cluster: Option<Cluster>,
    child: Option<Child>,
}

impl Program {
    /// Not yet running; nothing in its database.
    pub fn new(kind: Kind) -> Program {
        let folder = tempfile::Builder::new().prefix("radrum-program-").tempdir().expect("a temporary folder");
        let cluster = (kind == Kind::Postgres).then(Cluster::durable);
        Program { folder, address: SocketAddr::from(([127, 0, 0, 1], 0)), cluster, child: None }
    }

    /// With two units, a handler and a manager in each.
    pub async fn with_people(kind: Kind) -> Program {
        let program = Program::new(kind);
        for (authority, domain, name, subject) in AUTHORITIES {
            let args = ["unit", "add", "--authority", authority, "--domain", domain, "--name", name, "--municipality", "1980"];
            let more = ["--phone", "0980-319204", "--staff", "12", "--subjects", subject];
            program.cli(&[&args[..], &more].concat(), "").await;
        }
        for (login, name, at, role) in PEOPLE {
            let (authority, _, unit, _) = AUTHORITIES[at];
            let role = format!("{role}:{unit}");
            program.cli(&["user", "add", "--authority", authority, "--login", login, "--name", name, "--role", &role], PASSWORD).await;
        }
        program
    }

    /// The names of people and units that [`with_people`](Self::with_people) makes.
    pub fn names() -> Vec<&'static str> {
        PEOPLE.iter().flat_map(|p| p.1.split(' ')).chain(AUTHORITIES.iter().flat_map(|a| [a.0, a.2])).collect()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What it has said on standard error since it was made, all starts together.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn command(&self, args: &[&str]) -> Command {
        let log = OpenOptions::new().create(true).append(true).open(self.log()).expect("opens");
        let mut command = Command::new(env!("CARGO_BIN_EXE_radrum"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RADRUM_")) {
            command.env_remove(name);
        }
        command.args(args).env("RADRUM_DATA", self.data()).env("RADRUM_LISTEN", "127.0.0.1:0").env("RADRUM_LOG_LEVEL", "debug");
        command.env("RADRUM_RATE_COMMANDS_PER_SECOND", "100000").env("RADRUM_RATE_BURST", "100000");
        command.env("RADRUM_RATE_SIGNINS_PER_MINUTE", "100000");
        if let Some(cluster) = &self.cluster {
            command.env("RADRUM_DATABASE", cluster.url("postgres"));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        command
    }

    /// Runs a command to its end; what it printed.
    ///
    /// # Panics
    /// When it fails.
    pub async fn cli(&self, args: &[&str], input: &str) -> String {
        let mut child = self.command(args).spawn().expect("starts");
        child.stdin.take().expect("piped").write_all(format!("{input}\n").as_bytes()).await.expect("takes its input");
        let done = child.wait_with_output().await.expect("ends");
        assert!(done.status.success(), "{args:?}: {}", self.last_words());
        String::from_utf8(done.stdout).expect("text")
    }

    /// Takes a backup into a new folder beside the data; a packed one is unpacked there too, so that it can be searched.
    pub async fn backup(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        self.cli(&["backup", folder.to_str().expect("text")], "").await;
        if let Some(cluster) = &self.cluster {
            let manifest = std::fs::read(folder.join("manifest.json")).expect("reads");
            let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
            let dump = folder.join(manifest["file"].as_str().expect("a name"));
            std::fs::write(folder.join("unpacked.sql"), cluster.unpacked(&dump)).expect("writes");
        }
        folder
    }

    pub async fn token(&self, login: &str) -> String {
        self.cli(&["user", "token", "--login", login, "--label", "prov"], "").await.trim().to_owned()
    }

    pub async fn start(&mut self) {
        let mut child = self.command(&["serve", "--authority", AUTHORITIES[0].0]).spawn().expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let said = timeout(Duration::from_secs(30), async {
            loop {
                let line = lines.next_line().await.expect("reads");
                let line = line.unwrap_or_else(|| panic!("it ended: {}", self.last_words()));
                if let Some(address) = line.strip_prefix("Rådrum listens on ") {
                    return address.parse().expect("an address");
                }
            }
        });
        self.address = said.await.expect("it starts in time");
        self.child = Some(child);
    }

    /// SIGKILL, now.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.start_kill().expect("kills");
            child.wait().await.expect("ends");
        }
    }

    /// In good order.
    pub async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let pid = child.id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())).expect("runs");
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("asks it to end");
            let ended = timeout(Duration::from_secs(30), child.wait()).await.expect("in time").expect("ends");
            assert!(ended.success(), "{}", self.last_words());
        }
    }

    pub async fn socket(&self, token: &str) -> Option<Socket> {
        Socket::connect(self.address, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn last_words(&self) -> String {
        tail(&self.log())
    }
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
