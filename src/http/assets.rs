//! The web page, embedded: the binary is all that is installed.

use std::{collections::HashMap, sync::OnceLock};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use include_dir::{Dir, include_dir};

use super::{Error, Locale};

static WEB: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/web");

struct Asset {
    bytes: &'static [u8],
    kind: &'static str,
    tag: HeaderValue,
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
    (same, [(header::CONTENT_TYPE, asset.kind)], asset.bytes).into_response()
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
        found
    })
}

fn collect(dir: &'static Dir<'static>, into: &mut HashMap<&'static str, Asset>) {
    for file in dir.files() {
        let Some((path, kind)) = file.path().to_str().and_then(|path| Some((path, kind(path)?))) else { continue };
        let digest = ring::digest::digest(&ring::digest::SHA256, file.contents());
        let tag: String = digest.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) else { continue };
        into.insert(path, Asset { bytes: file.contents(), kind, tag });
    }
    dir.dirs().for_each(|inner| collect(inner, into));
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
