//! The web page, embedded: the binary is all that is installed.

use std::{collections::HashMap, io::Read, sync::OnceLock};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use include_dir::{Dir, include_dir};

use super::{Error, Locale};

static WEB: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/web");
/// The scan engine for the page, packed: build/wasm.rs makes it.
static ENGINE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scan.wasm.gz"));

struct Asset {
    bytes: &'static [u8],
    kind: &'static str,
    tag: HeaderValue,
    /// Whether the bytes are packed with gzip.
    packed: bool,
}

pub async fn index(headers: HeaderMap) -> Response {
    answer("index.html", &headers).await
}

pub async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&path, &headers).await
}

async fn answer(path: &str, headers: &HeaderMap) -> Response {
    #[cfg(debug_assertions)]
    if let Some(response) = from_folder(path).await {
        return response;
    }
    serve(path, headers)
}

/// A debug build reads the page from the folder that RADRUM_WEB_DIR names, so that a change shows at the next reload. A release build has no such door.
#[cfg(debug_assertions)]
async fn from_folder(path: &str) -> Option<Response> {
    use std::path::{Component, Path};
    let folder = std::env::var_os("RADRUM_WEB_DIR")?;
    let kind = kind(path)?;
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_))).then_some(())?;
    let bytes = tokio::fs::read(Path::new(&folder).join(path)).await.ok()?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    Some((headers, bytes).into_response())
}

fn serve(path: &str, headers: &HeaderMap) -> Response {
    // A look-up in a fixed table: no path leads out of it.
    let Some(asset) = assets().get(path) else { return Error::not_found().problem(Locale::of(headers)) };
    // Always asked for anew, answered with 304 nearly always: after an upgrade no page mixes old modules with new ones.
    let same = [(header::ETAG, asset.tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if is_known(headers, &asset.tag) {
        return (StatusCode::NOT_MODIFIED, same).into_response();
    }
    let kind = [(header::CONTENT_TYPE, asset.kind)];
    if !asset.packed {
        return (same, kind, asset.bytes).into_response();
    }
    let varies = [(header::VARY, "accept-encoding")];
    if takes_gzip(headers) {
        return (same, kind, varies, [(header::CONTENT_ENCODING, "gzip")], asset.bytes).into_response();
    }
    // No browser asks so, but a proxy that wants to look inside may. Other bytes than those of the tag: kept by nobody.
    let mut plain = Vec::new();
    match GzDecoder::new(asset.bytes).read_to_end(&mut plain) {
        Ok(_) => (kind, varies, plain).into_response(),
        Err(_) => Error::internal("assets", "packed").problem(Locale::of(headers)),
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let listed = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    listed.map(|coding| coding.split_once(';').unwrap_or((coding, ""))).any(|(name, weight)| {
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
        matches!(name.trim(), "gzip" | "*") && !refused
    })
}

fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let listed = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    listed.map(|known| known.trim().trim_start_matches("W/")).any(|known| known == "*" || known.as_bytes() == tag.as_bytes())
}

fn assets() -> &'static HashMap<&'static str, Asset> {
    static ASSETS: OnceLock<HashMap<&'static str, Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let mut found = HashMap::new();
        collect(&WEB, &mut found);
        add("scan.wasm", ENGINE, true, &mut found);
        found
    })
}

fn collect(dir: &'static Dir<'static>, into: &mut HashMap<&'static str, Asset>) {
    for file in dir.files() {
        if let Some(path) = file.path().to_str() {
            add(path, file.contents(), false, into);
        }
    }
    dir.dirs().for_each(|inner| collect(inner, into));
}

fn add(path: &'static str, bytes: &'static [u8], packed: bool, into: &mut HashMap<&'static str, Asset>) {
    let Some(kind) = kind(path) else { return };
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let tag: String = digest.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        into.insert(path, Asset { bytes, kind, tag, packed });
    }
}

/// What may be served, and as what. Anything else in the folder (a note, a test) stays inside.
fn kind(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => return None,
    })
}
