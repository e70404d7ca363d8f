//! The steps that tests of the rooms take again and again.

use radrum::id::Id;
use serde_json::{Value, json};

use super::service::Service;

/// Fits five people in the municipality of the tests: below the limit of twenty. Either half alone is above it.
pub const NARROW: &str = "Föräldern är 43 år och somalisk.";

impl Service {
    /// Runs an operation that must succeed.
    pub async fn ok(&self, login: &str, op: &str, body: Value) -> Value {
        self.run(login, op, body).await.unwrap_or_else(|e| panic!("{op} by {login}: {e:?}"))
    }

    /// Runs an operation and gives the code of its error, or `ok`.
    pub async fn code(&self, login: &str, op: &str, body: Value) -> &'static str {
        self.run(login, op, body).await.map_or_else(|e| e.code.as_str(), |_| "ok")
    }

    /// Anna asks these units: the thread.
    pub async fn asked(&self, units: &[&str]) -> Value {
        self.ok("anna", "thread.ask", self.question(units)).await["thread"].clone()
    }

    /// Anna asks unit b and Bo takes it on.
    pub async fn taken(&self) -> Value {
        let thread = self.asked(&["b"]).await;
        self.ok("bo", "thread.claim", json!({ "thread": thread })).await;
        thread
    }

    pub async fn reply(&self, login: &str, thread: &Value, text: &str) -> Value {
        self.ok(login, "message.post", json!({ "thread": thread, "kind": "reply", "text": text })).await
    }

    /// Sends a text that must be held: its id in the queue.
    pub async fn held(&self, login: &str, thread: &Value, text: &str) -> Value {
        let post = json!({ "thread": thread, "kind": "reply", "text": text, "hold": true });
        let answer = self.ok(login, "message.post", post).await;
        assert!(answer["held"].is_string(), "held: {answer}");
        answer["held"].clone()
    }

    /// The thread as this person sees it.
    pub async fn open(&self, login: &str, thread: &Value) -> Value {
        self.ok(login, "thread.open", json!({ "thread": thread })).await
    }

    /// The kinds of the thread's messages, as this person sees them.
    pub async fn kinds(&self, login: &str, thread: &Value) -> Vec<String> {
        let open = self.open(login, thread).await;
        open["messages"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// The person's rows of one heap of the inbox.
    pub async fn heap(&self, login: &str, heap: &str) -> Vec<Value> {
        self.ok(login, "inbox.list", json!({})).await[heap].as_array().unwrap().clone()
    }

    pub fn unit(&self, key: &str) -> Id {
        self.units[key]
    }
}
