//! Le format binaire : `VC`, le nombre d'entrées, puis pour chacune la longueur du nom, le nom et le compteur.
//! Les nombres ont huit octets, petit-boutistes.

use crate::{ClockError, NodeId, VectorClock};

const MAGIC: &[u8] = b"VC";

/// Écrit une horloge.
pub(crate) fn write(clock: &VectorClock) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend((clock.entries().len() as u64).to_le_bytes());
    for (name, count) in clock.entries() {
        bytes.extend((name.len() as u64).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(count.to_le_bytes());
    }
    bytes
}

/// Lit une horloge, sans jamais croire une longueur annoncée.
pub(crate) fn read(bytes: &[u8]) -> Result<VectorClock, ClockError> {
    let mut reader = Reader { rest: bytes };
    reader
        .clock()
        .filter(|_| reader.rest.is_empty())
        .ok_or_else(|| ClockError::DeserializationError(format!("octet {} inattendu", bytes.len() - reader.rest.len())))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn name(&mut self) -> Option<NodeId> {
        let length = usize::try_from(self.number()?).ok()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn clock(&mut self) -> Option<VectorClock> {
        if self.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let count = self.number()?;
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push((self.name()?, self.number()?));
        }
        VectorClock::from_entries(entries)
    }
}
