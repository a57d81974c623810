//! A counter as an actor: one task owns the state, a handle sends it messages.

use std::collections::HashMap;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, timeout};

enum Message {
    Add { key: String, by: u64 },
    Read { key: String, reply: oneshot::Sender<u64> },
}

#[derive(Clone)]
pub struct Counters {
    process: mpsc::Sender<Message>,
}

impl Counters {
    pub fn spawn() -> Self {
        let (process, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move {
            let mut counts: HashMap<String, u64> = HashMap::new();
            while let Some(message) = inbox.recv().await {
                match message {
                    Message::Add { key, by } => *counts.entry(key).or_default() += by,
                    Message::Read { key, reply } => {
                        let _ = reply.send(counts.get(&key).copied().unwrap_or(0));
                    }
                }
            }
        });
        Self { process }
    }

    pub async fn add(&self, key: &str, by: u64) {
        let key = key.to_owned();
        let _ = self.process.send(Message::Add { key, by }).await;
    }

    pub async fn read(&self, key: &str) -> Option<u64> {
        let (reply, answer) = oneshot::channel();
        let key = key.to_owned();
        self.process.send(Message::Read { key, reply }).await.ok()?;
        timeout(Duration::from_secs(1), answer).await.ok()?.ok()
    }
}
