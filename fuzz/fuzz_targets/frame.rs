//! Any bytes as JSON from outside (what is taken must read the same a second time, and hold no null character), and any text as a frame.
//! `cargo +nightly fuzz run frame --target-dir target/fuzz`

#![no_main]

use libfuzzer_sys::fuzz_target;
use radrum::http::{Locale, json};
use radrum::live::frame;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(object) = json::object(bytes) {
        let text = serde_json::to_string(&object).expect("what was read can be written");
        assert!(!text.contains("\\u0000"));
        assert_eq!(json::object(text.as_bytes()).map(|o| o.len()), Ok(object.len()));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        match frame::parse(text, &[]) {
            Ok(request) => assert!(matches!(request.work, frame::Work::Resume(_))),
            // The answer names nothing of the input but the id.
            Err(refused) => assert!(!frame::refusal(&refused, Locale::default()).is_empty()),
        }
    }
});
