//! Has the scan engine built for the browser, and lays it into OUT_DIR as `scan.wasm.gz`, for src/http/assets.rs.
//!
//! A cargo inside cargo, so that one command builds it all. It always builds the same thing in a folder of its own (`wasm` in the target folder), whatever is being built
//! around it: a build, a check, clippy and the tests share what it made, and it does something only when the engine has changed.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use flate2::{Compression, write::GzEncoder};

const TARGET: &str = "wasm32-unknown-unknown";
/// What the engine is made of, beside what build/main.rs names.
const PARTS: [&str; 5] = ["src/scan", "src/wasm.rs", "src/lib.rs", "Cargo.toml", "Cargo.lock"];
/// What cargo has told this build script of the build around it, and what may be set for that build: none of it is about the engine.
const NOT_PASSED_ON: [&str; 9] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET_DIR",
];

pub fn build() {
    PARTS.iter().for_each(|part| println!("cargo:rerun-if-changed={part}"));
    let wanted = |name: &str| PathBuf::from(env::var_os(name).unwrap_or_else(|| panic!("cargo sets {name}")));
    // The engine's own build has no server in it and does not come here. Should it ever, it stops here.
    if env::var("TARGET").is_ok_and(|target| target == TARGET) {
        fail("the server cannot be built for the browser: leave the feature `server` out");
    }
    let out = wanted("OUT_DIR");
    let folder = folder(&out);
    compile(&wanted("CARGO"), &wanted("RUSTC"), &wanted("CARGO_MANIFEST_DIR"), &folder);
    let made = folder.join(TARGET).join("release/radrum.wasm");
    let engine = fs::read(&made).unwrap_or_else(|e| fail(&format!("{}: {e}", made.display())));
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packed.write_all(&engine).and_then(|()| packed.finish()).expect("memory can be written to");
    fs::write(out.join("scan.wasm.gz"), packed).expect("OUT_DIR can be written");
}

/// Beside what else is built: the target folder is the one that cargo has marked.
fn folder(out: &Path) -> PathBuf {
    out.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists()).unwrap_or(out).join("wasm")
}

fn compile(cargo: &Path, rustc: &Path, root: &Path, folder: &Path) {
    let libs = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).current_dir(root).output();
    let libs = libs.ok().and_then(|said| String::from_utf8(said.stdout).ok()).unwrap_or_default();
    if !Path::new(libs.trim()).is_dir() {
        fail(&format!(
            "Rust's parts for {TARGET} are missing: the page's scanner is built for it. With rustup: rustup target add {TARGET}"
        ));
    }
    let mut command = Command::new(cargo);
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib", "--no-default-features", "--release", "--locked", "--target", TARGET])
        // A tenth faster, in every browser since 2023.
        .args(["--config", &format!("target.{TARGET}.rustflags=['-Ctarget-feature=+simd128']")])
        .arg("--target-dir")
        .arg(folder)
        .current_dir(root)
        .stdout(Stdio::null());
    let told = env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_FEATURE_") || name.starts_with("CARGO_CFG_") || NOT_PASSED_ON.contains(&name.as_ref())
    });
    told.for_each(|name| {
        command.env_remove(name);
    });
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(_) => fail("the page's scanner did not build: what cargo said of it stands above"),
        Err(e) => fail(&format!("the page's scanner did not build: {}: {e}", cargo.display())),
    }
}

fn fail(why: &str) -> ! {
    eprintln!("\n{why}\n");
    process::exit(1)
}
