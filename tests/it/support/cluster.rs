//! A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, reached over a socket there, gone when the test process is.
//!
//! A small shell script owns it and waits for its standard input to end. The write end is kept here and nowhere else, so the script notices the end of the
//! process however it comes (also kill -9), stops the server and removes the folder. What a killed script left behind is swept by the next start.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const OWNER: &str = r#"
set -eu
bin=$1; shift
cd /
as() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups --reset-env "$@"; else "$@"; fi
}
stop() { as "$bin/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || :; }

# Folders whose owner is gone: nobody holds their lock.
for left in $(find /tmp -maxdepth 1 -name 'radrum-pg-*' -user "$(id -u)" -mmin +5); do
    if flock -n "$left/lock" true 2>/dev/null; then stop "$left"; rm -rf "$left"; fi
done

dir=$(mktemp -d /tmp/radrum-pg-XXXXXX)
exec 9>"$dir/lock"
flock 9
clean() { stop "$dir"; rm -rf "$dir"; }
trap clean EXIT
trap : HUP INT TERM
mkdir -m 700 "$dir/data" "$dir/socket"
chmod 711 "$dir"
if [ "$(id -u)" = 0 ]; then chown postgres: "$dir/data" "$dir/socket"; fi
as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
as tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/socket'
max_connections = 300
shared_buffers = '64MB'
$(printf '%s\n' "$@")
CONF
touch "$dir/data.log"
if [ "$(id -u)" = 0 ]; then chown postgres: "$dir/data.log"; fi
as "$bin/pg_ctl" -D "$dir/data" -l "$dir/data.log" -w start >>"$dir/log" 2>&1 9>&- || { cat "$dir/log" "$dir/data.log" >&2; exit 1; }
echo "$dir"
cat >/dev/null
"#;

pub struct Cluster {
    pub folder: PathBuf,
    bin: PathBuf,
    // Dropping it ends the cluster.
    owner: Child,
}

impl Cluster {
    /// Fast, and not safe at a power cut: for tests that do not look at what is on disk.
    pub fn fast() -> Cluster {
        Cluster::start(&["fsync = off", "full_page_writes = off", "synchronous_commit = on", "autovacuum = off"])
    }

    /// As a real one is set up.
    pub fn durable() -> Cluster {
        Cluster::start(&["fsync = on", "synchronous_commit = on"])
    }

    /// # Panics
    /// When PostgreSQL is missing or does not start, saying what to do.
    pub fn start(lines: &[&str]) -> Cluster {
        let bin = binaries();
        let mut owner = Command::new("sh")
            .args(["-c", OWNER, "radrum-pg"])
            .arg(&bin)
            .args(lines)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Away from the terminal's Ctrl-C: it has to outlive us to clean up.
            .process_group(0)
            .spawn()
            .expect("sh");
        let mut folder = String::new();
        BufReader::new(owner.stdout.take().expect("piped")).read_line(&mut folder).expect("the script's word");
        assert!(!folder.is_empty(), "PostgreSQL did not start: see above");
        Cluster { folder: folder.trim().into(), bin, owner }
    }

    /// The address of a database in it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}/socket&user=postgres", self.folder.display())
    }

    /// Ends the server as a crash would, and starts it again.
    pub fn crash_and_restart(&self) {
        self.control(&["-m", "immediate", "-w", "stop"]);
        self.control(&["-w", "-l", &format!("{}.log", self.data().display()), "start"]);
    }

    /// Kills the server's first process, so that nobody tidies up, and starts it again as soon as the others have noticed.
    ///
    /// # Panics
    /// When it does not come back within half a minute.
    pub fn kill_and_restart(&self) {
        let file = self.data().join("postmaster.pid");
        let pid = std::fs::read_to_string(&file).expect("it runs").lines().next().and_then(|l| l.trim().parse().ok());
        let pid = pid.and_then(rustix::process::Pid::from_raw).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("kills");
        for _ in 0..100 {
            std::thread::sleep(std::time::Duration::from_millis(300));
            if self.try_control(&["-w", "-l", &format!("{}.log", self.data().display()), "start"]) {
                return;
            }
        }
        panic!("PostgreSQL did not start again");
    }

    /// Where the server keeps its files.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What a packed dump holds, as SQL.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn unpacked(&self, dump: &Path) -> Vec<u8> {
        let done = Command::new(self.bin.join("pg_restore")).args(["--file", "-"]).arg(dump).output().expect("pg_restore");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    fn control(&self, args: &[&str]) {
        assert!(self.try_control(args), "pg_ctl {args:?}");
    }

    fn try_control(&self, args: &[&str]) -> bool {
        let mut command = match rustix::process::geteuid().is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env"]).arg(self.bin.join("pg_ctl"));
                command
            }
            false => Command::new(self.bin.join("pg_ctl")),
        };
        let done = command.arg("-D").arg(self.data()).args(args).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).status();
        done.expect("pg_ctl").success()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.owner.stdin.take());
        let _ = self.owner.wait();
    }
}

/// The newest PostgreSQL on the machine.
fn binaries() -> PathBuf {
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|p| std::env::split_paths(&p).collect::<Vec<_>>());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    let mut found: Vec<PathBuf> = debian.filter(|bin| has_server(bin)).collect();
    found.sort_by_key(|bin| bin.parent().and_then(|p| p.file_name()?.to_str()?.parse::<u32>().ok()));
    found.pop().or_else(|| on_path.into_iter().find(|bin| has_server(bin))).unwrap_or_else(|| {
        let mut help = String::from("PostgreSQL is missing, and these tests are never skipped. Install it:\n");
        let _ = writeln!(help, "    apt-get install -y --no-install-recommends postgresql");
        panic!("{help}")
    })
}

fn has_server(bin: &Path) -> bool {
    bin.join("initdb").exists() && bin.join("pg_ctl").exists()
}
