//! Frames: a length and bytes, in both directions, without any I/O.

use std::io::{self, Read};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    Ping,
    Data(&'a [u8]),
}

#[derive(Debug, PartialEq, Eq)]
pub enum Decode<'a> {
    Packet(Packet<'a>, usize),
    More(usize),
    Nonsense,
}

#[inline]
pub const fn header(length: u16) -> [u8; 2] {
    length.to_be_bytes()
}

pub fn encode(packet: &Packet<'_>, out: &mut Vec<u8>) {
    let body: &[u8] = match packet {
        Packet::Ping => b"",
        Packet::Data(bytes) => bytes,
    };
    out.extend_from_slice(&header(u16::try_from(body.len()).unwrap_or(u16::MAX)));
    out.extend_from_slice(body);
}

pub fn decode(bytes: &[u8]) -> Decode<'_> {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else {
        return Decode::More(2 - bytes.len());
    };
    match usize::from(u16::from_be_bytes(*length)) {
        0 => Decode::Packet(Packet::Ping, 2),
        length @ 1..=1024 => match rest.get(..length) {
            Some(body) => Decode::Packet(Packet::Data(body), 2 + length),
            None => Decode::More(length - rest.len()),
        },
        _ => Decode::Nonsense,
    }
}

pub fn read_all(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.by_ref().take(1 << 16).read_to_end(&mut bytes)?;
    Ok(bytes)
}
