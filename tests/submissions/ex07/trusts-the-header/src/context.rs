//! Identifiants et contextes; `traceparent` est coupé à ses tirets.

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

    /// Relit un identifiant.
    pub fn from_hex(s: &str) -> Option<Self> {
        u128::from_str_radix(s, 16).ok().map(Self)
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

    /// Relit un identifiant.
    pub fn from_hex(s: &str) -> Option<Self> {
        u64::from_str_radix(s, 16).ok().map(Self)
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

    /// Le contexte d'un en-tête.
    pub fn from_traceparent(header: &str) -> Option<Self> {
        let parts: Vec<&str> = header.split('-').collect();
        if parts.len() != 4 || parts[0] != "00" {
            return None;
        }
        Some(Self {
            trace_id: TraceId::from_hex(parts[1])?,
            span_id: SpanId::from_hex(parts[2])?,
            parent_span_id: None,
            flags: TraceFlags(u8::from_str_radix(parts[3], 16).ok()?),
            trace_state: String::new(),
        })
    }
}
