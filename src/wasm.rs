//! The scan engine's door in the browser. The page (src/web/engine.js) asks for room, writes a question into it as JSON ([`Question`]), asks for the answer, and reads it
//! where the question lay: one piece of memory, so that nothing has to be given back.

use std::cell::RefCell;

use crate::scan::{
    Scanner,
    shown::{self, Question},
};

thread_local! {
    /// The question, and then the answer.
    static DESK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for a question of so many bytes and says where. What lay there before is wiped.
#[unsafe(no_mangle)]
pub extern "C" fn room(len: usize) -> *mut u8 {
    DESK.with_borrow_mut(|desk| {
        desk.fill(0);
        desk.clear();
        desk.resize(len, 0);
        desk.as_mut_ptr()
    })
}

/// Reads the question and says how many bytes the answer has: none if it was no question.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    DESK.with_borrow_mut(|desk| {
        let question: Option<Question> = serde_json::from_slice(desk).ok();
        desk.fill(0);
        *desk = question.map(|q| shown::answer(Scanner::shared(), &q).to_string().into_bytes()).unwrap_or_default();
        desk.len()
    })
}

/// Where the answer lies, until the next question.
#[unsafe(no_mangle)]
pub extern "C" fn place() -> *const u8 {
    DESK.with_borrow(|desk| desk.as_ptr())
}
