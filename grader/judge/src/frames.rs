//! Frames as they come in, for a reader that must not wait and trusts nothing.

use std::io;

use serde::de::DeserializeOwned;

/// No answer is longer. What is read of it takes a multiple of that in memory: an empty text is one byte on the wire and 24 here.
pub(crate) const LONGEST: u32 = 1 << 20;

/// Bytes read and not yet taken.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// Where the first frame that was not yet taken begins.
    start: usize,
    /// Bytes of all frames that were taken.
    taken: u64,
}

impl Frames {
    /// Adds what was read.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, if it is complete. An error if it can never be one.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let rest = &self.bytes[self.start..];
        let Some((length, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length);
        if length > LONGEST {
            return Err(nonsense("a frame is too long"));
        }
        let Some(body) = rest.get(..length as usize) else {
            return Ok(None);
        };
        let (message, surplus) = postcard::take_from_bytes(body).map_err(|_| nonsense("a frame is no message"))?;
        if !surplus.is_empty() {
            return Err(nonsense("a frame has bytes too many"));
        }
        self.start += 4 + length as usize;
        self.taken += u64::from(length);
        Ok(Some(message))
    }

    /// Bytes of all messages so far.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }
}

fn nonsense(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use witness::wire;

    use super::*;

    #[test]
    fn frames_come_in_pieces() {
        let mut sent = Vec::new();
        wire::send(&mut sent, &7_u32).unwrap();
        wire::send(&mut sent, &"text").unwrap();
        let (mut frames, mut numbers, mut texts) = (Frames::default(), Vec::new(), Vec::new());
        for byte in &sent {
            frames.push(&[*byte]);
            if numbers.is_empty() {
                numbers.extend(frames.next::<u32>().unwrap());
            } else {
                texts.extend(frames.next::<String>().unwrap());
            }
        }
        assert_eq!((numbers, texts), (vec![7], vec!["text".to_owned()]));
    }

    #[test]
    fn a_huge_length_is_an_error_at_once() {
        let mut frames = Frames::default();
        frames.push(&[0xff; 4]);
        assert!(frames.next::<u32>().is_err());
    }

    #[test]
    fn bytes_that_belong_to_no_message_are_an_error() {
        let mut frames = Frames::default();
        frames.push(&[2, 0, 0, 0, 7, 7]);
        assert!(frames.next::<u8>().is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// Any bytes, in any pieces: no panic, no message from less than its bytes, and the same messages as in one piece.
        #[test]
        fn any_bytes_in_any_pieces_are_the_same_messages(
            bytes in proptest::collection::vec(0..8_u8, 0..200), pieces in proptest::collection::vec(1..9_usize, 1..60)
        ) {
            let drain = |frames: &mut Frames, got: &mut Vec<Vec<String>>| loop {
                match frames.next::<Vec<String>>() {
                    Ok(Some(message)) => got.push(message),
                    Ok(None) => return true,
                    Err(_) => return false,
                }
            };
            let (mut whole, mut once) = (Frames::default(), Vec::new());
            whole.push(&bytes);
            let sound = drain(&mut whole, &mut once);
            let (mut frames, mut got, mut rest, mut going) = (Frames::default(), Vec::new(), bytes.as_slice(), true);
            for piece in pieces.into_iter().cycle() {
                if rest.is_empty() || !going {
                    break;
                }
                let (now, later) = rest.split_at(piece.min(rest.len()));
                frames.push(now);
                rest = later;
                going = drain(&mut frames, &mut got);
            }
            proptest::prop_assert_eq!((&got, going), (&once, sound));
            proptest::prop_assert!(once.iter().map(|message| 4 + message.len()).sum::<usize>() <= bytes.len());
        }
    }
}
