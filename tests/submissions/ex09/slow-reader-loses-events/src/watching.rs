//! Les watchers : une file bornée par watcher.

use crate::{KeyValue, Revision, WatchEvent, WatchFilter, WatchOptions, WatchResponse};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Un événement, avec sa révision et ce qu'il y avait avant.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) revision: Revision,
    pub(crate) key: String,
    pub(crate) before: Option<KeyValue>,
    pub(crate) after: Option<KeyValue>,
}

pub(crate) struct Watcher {
    pub(crate) key: String,
    options: WatchOptions,
    sender: Sender<WatchResponse>,
}

impl Watcher {
    pub(crate) fn new(key: &str, options: WatchOptions, buffer: usize) -> (Watcher, WatchHandle) {
        let (sender, receiver) = channel(buffer.max(1));
        (
            Watcher {
                key: key.to_owned(),
                options,
                sender,
            },
            WatchHandle { receiver },
        )
    }

    pub(crate) fn alive(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Une réponse par événement.
    pub(crate) fn tell(&self, event: &Event, compact_revision: Revision) {
        let wanted = if self.options.prefix {
            event.key.starts_with(&self.key)
        } else {
            event.key == self.key
        };
        let early = self.options.start_revision.is_some_and(|start| event.revision < start);
        let unwanted = match event.after {
            Some(_) => WatchFilter::NoPut,
            None => WatchFilter::NoDelete,
        };
        if !wanted || early || self.options.filters.contains(&unwanted) {
            return;
        }
        let told = match &event.after {
            Some(kv) => WatchEvent::Put(kv.clone()),
            None => WatchEvent::Delete {
                key: event.key.clone(),
                prev_value: if self.options.prev_kv {
                    event.before.clone()
                } else {
                    None
                },
            },
        };
        // Si la file est pleine, tant pis : le lecteur n'avait qu'à lire plus vite.
        let _ = self.sender.try_send(WatchResponse {
            revision: event.revision,
            events: vec![told],
            compact_revision,
        });
    }
}

/// L'extrémité lecture d'un watch.
#[derive(Debug)]
pub struct WatchHandle {
    receiver: Receiver<WatchResponse>,
}

impl WatchHandle {
    /// Attend l'événement suivant ; `None` quand le registre n'existe plus.
    pub async fn next(&mut self) -> Option<WatchResponse> {
        self.receiver.recv().await
    }

    /// Termine le watch.
    pub fn cancel(mut self) {
        self.receiver.close();
    }
}
