//! The web page is embedded when the crate is compiled. Cargo watches the files that were there; this makes it notice new ones too.

fn main() {
    println!("cargo:rerun-if-changed=src/web");
}
