//! Frames as text: what a client may send, and what the server says of itself. Errors here never repeat the input.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{MAX_FRAME_BYTES, Op, PING_SECONDS, PROTOCOL};
use crate::{
    error::{Code, Error},
    id::Id,
    json,
    locale::Locale,
};

/// A frame that makes sense: what to do and how to name the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: Id,
    pub work: Work,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    Run { op: &'static str, body: Value },
    Resume(BTreeMap<Id, i64>),
}

/// A frame that makes none, and the id to answer to, if one could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub re: Option<Id>,
    pub error: Error,
}

/// Reads one frame.
pub fn parse(text: &str, ops: &'static [Op]) -> Result<Request, Refused> {
    let malformed = |re| Refused { re, error: Error::new(Code::FrameMalformed) };
    let mut object = json::object(text.as_bytes()).map_err(|json::Malformed| malformed(None))?;
    let Some(id) = object.remove("id").and_then(|id| id.as_str()?.parse().ok()) else { return Err(malformed(None)) };
    let Some(Value::String(op)) = object.remove("op") else { return Err(malformed(Some(id))) };
    if op == "resume" {
        let after = resume_after(object.get("after")).map_err(|error| Refused { re: Some(id), error })?;
        return Ok(Request { id, work: Work::Resume(after) });
    }
    // The name that goes on from here is the table's own, not the client's.
    let Some(op) = ops.iter().find(|known| known.name == op) else {
        return Err(Refused { re: Some(id), error: Error::new(Code::OpUnknown) });
    };
    Ok(Request { id, work: Work::Run { op: op.name, body: Value::Object(object) } })
}

/// The `after` of a resume: streams and the last number that the client has of each.
pub fn resume_after(value: Option<&Value>) -> Result<BTreeMap<Id, i64>, Error> {
    let bad = || Error::field("after");
    let Some(Value::Object(after)) = value else { return Err(bad()) };
    after.iter().map(|(stream, n)| Some((stream.parse().ok()?, n.as_i64().filter(|n| *n >= 0)?))).collect::<Option<_>>().ok_or_else(bad)
}

pub fn answer(re: Id, result: &Result<Value, Error>, locale: Locale) -> Utf8Bytes {
    match result {
        Ok(ok) => json!({"re": re, "ok": ok}),
        Err(error) => json!({"re": re, "error": error.object(locale)}),
    }
    .to_string()
    .into()
}

pub fn refusal(refused: &Refused, locale: Locale) -> Utf8Bytes {
    json!({"re": refused.re, "error": refused.error.object(locale)}).to_string().into()
}

/// The first frame: what the rooms say of the person, and what the transport says of itself.
pub fn hello(of_person: Value) -> Utf8Bytes {
    let mut hello = json!({"event": "hello", "protocol": PROTOCOL, "ping_seconds": PING_SECONDS, "max_frame_bytes": MAX_FRAME_BYTES});
    if let (Value::Object(hello), Value::Object(person)) = (&mut hello, of_person) {
        hello.extend(person);
    }
    hello.to_string().into()
}

/// What a resume answers, over socket and HTTP alike.
pub fn resumed(streams: &BTreeMap<Id, i64>, gone: &[Id]) -> Value {
    let streams: serde_json::Map<String, Value> = streams.iter().map(|(stream, last)| (stream.to_string(), (*last).into())).collect();
    json!({"streams": streams, "gone": gone})
}

pub fn session_ended(reason: &str) -> Utf8Bytes {
    json!({"event": "session.ended", "reason": reason}).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    static OPS: &[Op] = &[Op { name: "units.list", command: false, summary: "", schema: || json!({}) }];
    const ID: &str = "0b0e0000-0000-4000-8000-000000000001";

    fn code(text: &str) -> (Option<String>, &'static str) {
        let refused = parse(text, OPS).unwrap_err();
        (refused.re.map(|id| id.to_string()), refused.error.code.as_str())
    }

    #[test]
    fn malformed_frames() {
        for text in
            ["", "hej", "[]", "1", "{}", r#"{"op":"units.list"}"#, r#"{"id":"1","op":"units.list"}"#, r#"{"id":5,"op":"units.list"}"#]
        {
            assert_eq!(code(text), (None, "frame.malformed"), "{text}");
        }
        assert_eq!(code(&format!(r#"{{"id":"{ID}"}}"#)), (Some(ID.into()), "frame.malformed"));
        assert_eq!(code(&format!(r#"{{"id":"{ID}","op":7}}"#)), (Some(ID.into()), "frame.malformed"));
        assert_eq!(code(&format!(r#"{{"id":"{ID}","op":"thread.explode"}}"#)), (Some(ID.into()), "op.unknown"));
    }

    #[test]
    fn the_body_is_the_frame_less_op_and_id() {
        let request = parse(&format!(r#"{{"id":"{ID}","op":"units.list","x":1}}"#), OPS).unwrap();
        assert_eq!(request.work, Work::Run { op: "units.list", body: json!({"x": 1}) });
    }

    #[test]
    fn resume_wants_streams_and_numbers() {
        let frame = |after: &str| format!(r#"{{"id":"{ID}","op":"resume","after":{after}}}"#);
        for bad in ["1", "[]", r#"{"x":1}"#, &format!(r#"{{"{ID}":-1}}"#), &format!(r#"{{"{ID}":"1"}}"#)] {
            assert_eq!(code(&frame(bad)).1, "field.invalid", "{bad}");
        }
        let request = parse(&frame(&format!(r#"{{"{ID}":4}}"#)), OPS).unwrap();
        assert_eq!(request.work, Work::Resume(BTreeMap::from([(ID.parse().unwrap(), 4)])));
    }

    #[test]
    fn no_error_repeats_the_input() {
        for text in [
            "19850312-9811",
            r#"{"Anna Lindqvist":}"#,
            r#"{"id":"Anna","op":"Anna"}"#,
            &format!(r#"{{"id":"{ID}","op":"Anna Lindqvist"}}"#),
        ] {
            let said = refusal(&parse(text, OPS).unwrap_err(), Locale::Sv);
            assert!(!said.contains("Anna") && !said.contains("1985"), "{said}");
        }
    }
}
