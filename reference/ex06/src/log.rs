//! One partition: a log that grows at its end and is forgotten from its beginning.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::{Message, Offset};

/// The messages of a partition that are still kept, in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The offset of the first message that is kept.
    first: Offset,
    messages: VecDeque<Message>,
}

impl Log {
    /// The offset of the first message that is kept; of the next one, if there is none.
    pub(crate) fn first(&self) -> Offset {
        self.first
    }

    /// The offset that the next message will have.
    pub(crate) fn end(&self) -> Offset {
        self.first + self.messages.len() as Offset
    }

    /// How many messages are kept.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Stores a message and says where.
    pub(crate) fn append(&mut self, message: Message) -> Offset {
        let offset = self.end();
        self.messages.push_back(message);
        offset
    }

    /// The message at an offset, unless it is forgotten or yet to come.
    pub(crate) fn get(&self, offset: Offset) -> Option<&Message> {
        let at = usize::try_from(offset.checked_sub(self.first)?).ok()?;
        self.messages.get(at)
    }

    /// Forgets messages from the beginning on as long as they are older than `retention`, and says how many.
    ///
    /// A log has no holes: an old message behind a young one waits until that one is old as well.
    pub(crate) fn forget(&mut self, retention: Duration, now: Instant) -> usize {
        let is_old = |message: &mut Message| now.saturating_duration_since(message.timestamp) > retention;
        let mut forgotten = 0;
        while self.messages.pop_front_if(is_old).is_some() {
            forgotten += 1;
        }
        self.first += forgotten as Offset;
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn message(timestamp: Instant) -> Message {
        Message {
            id: "id".to_owned(),
            key: None,
            payload: Vec::new(),
            headers: HashMap::new(),
            timestamp,
        }
    }

    #[test]
    fn offsets_outlive_what_they_name() {
        let (mut log, start) = (Log::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(log.append(message(after(0))), 0);
        assert_eq!(log.append(message(after(5))), 1);
        assert_eq!(log.forget(Duration::from_secs(10), after(10)), 0);
        assert_eq!(log.forget(Duration::from_secs(10), after(12)), 1);
        assert_eq!((log.first(), log.end(), log.len()), (1, 2, 1));
        assert!(log.get(0).is_none());
        assert!(log.get(1).is_some());
        assert_eq!(log.forget(Duration::ZERO, after(20)), 1);
        assert_eq!(log.append(message(after(20))), 2);
    }
}
