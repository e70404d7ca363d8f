//! What can be typed, and which command it leads to.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use super::{
    Failure, admin, demo, key,
    scan::{self, Look},
    serve,
    train::{self, Work},
};
use crate::{
    config::Settings,
    http::{logs, server::on_signal},
};

/// De-identified consultation between units of social services, schools and health care.
#[derive(Parser)]
#[command(name = "radrum", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start with invented units, people and threads in a temporary folder
    Demo {
        /// The port on 127.0.0.1; the next free one if it is taken
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Write the address and who can sign in to this file as JSON, when the service listens
        #[arg(long)]
        people_file: Option<PathBuf>,
    },
    /// Start the service
    Serve {
        #[command(flatten)]
        config: ConfigFile,
        /// The name of the authority of the first administrator, when the service is new
        #[arg(long, default_value = "Kommunen")]
        authority: String,
    },
    /// Show what the scanner finds in a file or on standard input
    Scan {
        /// The file; standard input if left out
        file: Option<PathBuf>,
        /// Read {"id","text"} lines and write one line of findings for each
        #[arg(long)]
        jsonl: bool,
        /// Say for every finding which recognizer, which evidence, which score
        #[arg(long)]
        explain: bool,
    },
    /// Train the scanner's sequence model, or measure how well it does on messages it was not trained on
    Train(Training),
    /// Units of the service
    #[command(subcommand)]
    Unit(admin::Unit),
    /// People of the service
    #[command(subcommand)]
    User(admin::User),
    /// The master key
    #[command(subcommand)]
    Key(key::Key),
    /// Write a consistent copy of the database, without the master key, into a new folder; the service may run meanwhile
    Backup {
        #[command(flatten)]
        config: ConfigFile,
        /// The folder to make
        to: PathBuf,
    },
    /// Bring a copy back into an empty data folder or database; its master key must be put there too
    Restore {
        #[command(flatten)]
        config: ConfigFile,
        /// The folder that `backup` made
        from: PathBuf,
    },
}

#[derive(clap::Args)]
struct Training {
    /// A folder with train*.jsonl
    #[arg(long)]
    corpus: PathBuf,
    /// A folder with names.txt and places.txt
    #[arg(long, default_value = "wordlists")]
    lists: PathBuf,
    /// News text with marked names, a token a line
    #[arg(long)]
    news: Option<PathBuf>,
    /// Where to write the model
    #[arg(long)]
    out: Option<PathBuf>,
    /// Measure on so many parts, each by a model trained without it
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: Option<u8>,
    /// Use only this share of the messages, for a learning curve
    #[arg(long, default_value_t = 1.0)]
    share: f32,
    /// Print every miss and every false alarm of the measuring
    #[arg(long)]
    misses: bool,
}

#[derive(clap::Args)]
pub struct ConfigFile {
    /// The configuration file; the environment (RADRUM_…) stands over it
    #[arg(long)]
    config: Option<PathBuf>,
}

impl ConfigFile {
    pub fn load(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(self.config.as_deref(), std::env::vars())?)
    }
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Scan { file, jsonl, explain } => scan_command(file, jsonl, explain),
        Command::Train(training) => train_command(training),
        command => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Failure::from)
            .and_then(|runtime| runtime.block_on(run(command))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("radrum: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo { port, people_file } => demo::run(port, people_file).await,
        Command::Serve { config, authority } => {
            let settings = config.load()?;
            logs::start_on_stderr(&settings.log);
            let house = serve::open(&settings).await?;
            if let Some((login, password)) = serve::first_administrator(&house, &authority).await? {
                println!("A new service. Its data and its master key are in {}.", settings.data.display());
                println!("The first administrator signs in as {login} with the password {password}");
                println!("It is not shown again. Keep a copy of the master key apart from the backups.");
            }
            let mailer = serve::mailer(&settings)?;
            serve::serve(house, settings.network.clone(), mailer, on_signal(), |address| {
                println!("Rådrum listens on {address}");
                Ok(())
            })
            .await
        }
        Command::Unit(command) => command.run().await,
        Command::User(command) => command.run().await,
        Command::Key(command) => command.run().await,
        Command::Backup { config, to } => admin::backup(&config.load()?, &to).await,
        Command::Restore { config, from } => admin::restore(&config.load()?, &from).await,
        Command::Scan { file, jsonl, explain } => scan_command(file, jsonl, explain),
        Command::Train(training) => train_command(training),
    }
}

fn train_command(training: Training) -> Result<(), Failure> {
    let Training { corpus, lists, news, out, folds, share, misses } = training;
    let work = Work { corpus, lists, news, out, folds: folds.map(usize::from), share, misses, ..Work::default() };
    train::run(&work, io::stderr()).map_err(|e| Failure::Said(e.to_string()))
}

fn scan_command(file: Option<PathBuf>, jsonl: bool, explain: bool) -> Result<(), Failure> {
    let mut input: Box<dyn Read> = match &file {
        Some(path) => Box::new(File::open(path).map_err(|e| Failure::Said(format!("{} cannot be read: {}.", path.display(), e.kind())))?),
        None => Box::new(io::stdin().lock()),
    };
    let output = BufWriter::new(io::stdout().lock());
    // A reader that went away (`| head`) is no failure.
    let quiet = |done: io::Result<()>| match done {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    };
    if jsonl {
        return match scan::jsonl(BufReader::new(input), output) {
            Ok(sum) if sum.broken > 0 => Err(Failure::Said(format!("{} of {} lines could not be read.", sum.broken, sum.lines))),
            done => quiet(done.map(|_| ())),
        };
    }
    let mut text = String::new();
    input.read_to_string(&mut text).map_err(|_| Failure::Said("This is not text in UTF-8.".into()))?;
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    quiet(scan::human(&text, Look { colour, explain }, output))?;
    quiet(io::stdout().flush())
}
