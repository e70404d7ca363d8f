//! The commands of the program.

pub mod scan;
pub mod train;

#[cfg(feature = "server")]
mod admin;
#[cfg(feature = "server")]
mod args;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod key;
#[cfg(feature = "server")]
pub mod serve;

#[cfg(feature = "server")]
pub use args::main;

/// Why a command ended without having done its work, in words for whoever typed it.
#[cfg(feature = "server")]
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Said(String),
    #[error(transparent)]
    Config(#[from] crate::config::Error),
    #[error(transparent)]
    Database(#[from] crate::db::Error),
    #[error(transparent)]
    Vault(#[from] crate::vault::Error),
    #[error(transparent)]
    Server(#[from] crate::http::server::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

#[cfg(feature = "server")]
impl From<crate::http::error::Error> for Failure {
    fn from(error: crate::http::error::Error) -> Failure {
        let title = crate::http::texts::title(error.code, crate::http::Locale::En);
        let field = error.extra.get("field").and_then(|f| f.as_str()).map(|f| format!(" ({f})")).unwrap_or_default();
        Failure::Said(format!("{title}{field}"))
    }
}
