//! Identifiants et contextes ; `traceparent` est lu octet par octet, à positions fixes.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::BuildHasher;

thread_local! {
    /// Un générateur par thread (xorshift64*), amorcé par le système.
    static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one("amorce") | 1);
}

/// Un nombre au hasard ; xorshift n'atteint jamais zéro, et la multiplication par un impair non plus.
fn random() -> u64 {
    STATE.with(|state| {
        let mut x = state.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        state.set(x);
        x.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

/// Lit des chiffres hexadécimaux minuscules.
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number: u128, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

/// Comme [`number`], mais zéro n'est pas un identifiant.
fn identifier(digits: &[u8]) -> Option<u128> {
    number(digits).filter(|number| *number > 0)
}

/// Identifiant d'une trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

impl TraceId {
    /// Tire un identifiant au hasard.
    pub fn generate() -> Self {
        Self(u128::from(random()) << 64 | u128::from(random()))
    }

    /// L'identifiant en 32 chiffres.
    pub fn to_hex(&self) -> String {
        let mut text = String::with_capacity(32);
        for byte in self.0.to_be_bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Relit un identifiant ; ni majuscules ni zéro.
    pub fn from_hex(s: &str) -> Option<Self> {
        (s.len() == 32).then(|| identifier(s.as_bytes())).flatten().map(Self)
    }
}

/// Identifiant d'un span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub u64);

impl SpanId {
    /// Tire un identifiant au hasard.
    pub fn generate() -> Self {
        Self(random())
    }

    /// L'identifiant en 16 chiffres.
    pub fn to_hex(&self) -> String {
        format!("{:0>16}", format!("{:x}", self.0))
    }

    /// Relit un identifiant ; ni majuscules ni zéro.
    pub fn from_hex(s: &str) -> Option<Self> {
        (s.len() == 16).then(|| identifier(s.as_bytes())).flatten().map(|id| Self(id as u64))
    }
}

/// Drapeaux d'une trace ; les bits inconnus sont gardés.
#[derive(Debug, Clone, Copy)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// Trace échantillonnée.
    pub const SAMPLED: u8 = 0x01;

    /// Échantillonnée tant que personne ne dit le contraire.
    #[expect(clippy::new_without_default, reason = "l'énoncé ne demande pas `Default`")]
    pub fn new() -> Self {
        Self(Self::SAMPLED)
    }

    /// Échantillonnée ou non.
    pub fn with_sampled(sampled: bool) -> Self {
        Self(u8::from(sampled))
    }

    /// Dit si la trace est échantillonnée.
    pub fn is_sampled(&self) -> bool {
        self.0 % 2 == 1
    }
}

/// Un span, tel que les autres services le connaissent.
#[derive(Debug, Clone)]
pub struct TraceContext {
    /// La trace.
    pub trace_id: TraceId,
    /// Le span.
    pub span_id: SpanId,
    /// Son parent.
    pub parent_span_id: Option<SpanId>,
    /// Les drapeaux.
    pub flags: TraceFlags,
    /// La liste `tracestate`, telle qu'elle est arrivée.
    pub trace_state: String,
}

impl TraceContext {
    /// Une nouvelle trace.
    pub fn new_root() -> Self {
        Self {
            trace_id: TraceId::generate(),
            span_id: SpanId::generate(),
            parent_span_id: None,
            flags: TraceFlags::new(),
            trace_state: String::new(),
        }
    }

    /// Un enfant.
    pub fn child(&self) -> Self {
        let mut child = self.clone();
        child.span_id = SpanId::generate();
        child.parent_span_id = Some(self.span_id);
        child
    }

    /// L'en-tête de ce contexte.
    pub fn to_traceparent(&self) -> String {
        let mut header = String::with_capacity(55);
        let flags = self.flags.0 & TraceFlags::SAMPLED;
        let _ = write!(header, "00-{:032x}-{:016x}-{flags:02x}", self.trace_id.0, self.span_id.0);
        header
    }

    /// Le contexte d'un en-tête. Un en-tête HTTP est de l'ASCII : rien d'autre n'est accepté.
    pub fn from_traceparent(header: &str) -> Option<Self> {
        let bytes = header.as_bytes();
        let dashes = [2, 35, 52];
        if bytes.len() < 55 || !header.is_ascii() || dashes.iter().any(|at| bytes[*at] != b'-') {
            return None;
        }
        match number(&bytes[..2])? {
            0 if bytes.len() > 55 => return None,
            0xff => return None,
            _ => {}
        }
        if bytes.get(55).is_some_and(|next| *next != b'-') {
            return None;
        }
        Some(Self {
            trace_id: TraceId(identifier(&bytes[3..35])?),
            span_id: SpanId(identifier(&bytes[36..52])? as u64),
            parent_span_id: None,
            flags: TraceFlags(number(&bytes[53..55])? as u8),
            trace_state: String::new(),
        })
    }
}
