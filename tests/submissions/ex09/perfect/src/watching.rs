//! Les watchers : une file sans limite par watcher.

use crate::{KeyValue, Revision, WatchEvent, WatchFilter, WatchOptions, WatchResponse};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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
    sender: UnboundedSender<WatchResponse>,
}

impl Watcher {
    pub(crate) fn new(key: &str, options: WatchOptions) -> (Watcher, WatchHandle) {
        let (sender, receiver) = unbounded_channel();
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
        let _ = self.sender.send(WatchResponse {
            revision: event.revision,
            events: vec![told],
            compact_revision,
        });
    }
}

/// L'extrémité lecture d'un watch.
#[derive(Debug)]
pub struct WatchHandle {
    receiver: UnboundedReceiver<WatchResponse>,
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
