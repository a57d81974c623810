//! EX07 : propagation de contexte de traces distribuées.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types qui l'attendent. Les noms et les types de cette
//! interface ne changent pas ; les exigences R1 à R14 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs
//! modules, à condition de tout réexporter ici.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Identifiant d'une trace : 128 bits que partagent tous ses spans, dans tous les services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

/// Identifiant d'un span dans sa trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub u64);

impl TraceId {
    /// Tire au hasard un identifiant non nul (R1).
    pub fn generate() -> Self {
        todo!()
    }

    /// L'identifiant en 32 chiffres hexadécimaux minuscules (R1).
    pub fn to_hex(&self) -> String {
        todo!()
    }

    /// Relit un identifiant écrit par `to_hex` (R1).
    pub fn from_hex(s: &str) -> Option<Self> {
        todo!("from_hex {s:?}")
    }
}

impl SpanId {
    /// Tire au hasard un identifiant non nul (R1).
    pub fn generate() -> Self {
        todo!()
    }

    /// L'identifiant en 16 chiffres hexadécimaux minuscules (R1).
    pub fn to_hex(&self) -> String {
        todo!()
    }

    /// Relit un identifiant écrit par `to_hex` (R1).
    pub fn from_hex(s: &str) -> Option<Self> {
        todo!("from_hex {s:?}")
    }
}

/// Les drapeaux d'une trace.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "le squelette ne s'en sert pas encore")]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// Le bit d'une trace échantillonnée.
    pub const SAMPLED: u8 = 0x01;

    /// Des drapeaux neufs.
    #[expect(clippy::new_without_default, reason = "l'énoncé ne demande pas `Default`")]
    pub fn new() -> Self {
        todo!()
    }

    /// Les drapeaux d'une trace échantillonnée, ou non (R2).
    pub fn with_sampled(sampled: bool) -> Self {
        todo!("with_sampled {sampled}")
    }

    /// Dit si la trace est échantillonnée (R2).
    pub fn is_sampled(&self) -> bool {
        todo!()
    }
}

/// Ce qui voyage d'un service à l'autre : quel span de quelle trace.
#[derive(Debug, Clone)]
pub struct TraceContext {
    /// La trace.
    pub trace_id: TraceId,
    /// Le span.
    pub span_id: SpanId,
    /// Le span qui l'a causé, s'il est connu.
    pub parent_span_id: Option<SpanId>,
    /// Les drapeaux de la trace.
    pub flags: TraceFlags,
    /// La liste `tracestate`, vide s'il n'y en a pas.
    pub trace_state: String,
}

impl TraceContext {
    /// La racine d'une nouvelle trace (R2).
    pub fn new_root() -> Self {
        todo!()
    }

    /// Un nouveau span, causé par celui-ci (R2).
    pub fn child(&self) -> Self {
        todo!()
    }

    /// L'en-tête `traceparent` de ce contexte (R3).
    pub fn to_traceparent(&self) -> String {
        todo!()
    }

    /// Le contexte d'un en-tête `traceparent`, s'il est valable (R3).
    pub fn from_traceparent(header: &str) -> Option<Self> {
        todo!("from_traceparent {header:?}")
    }
}

/// Gravité d'un événement.
#[derive(Debug, Clone, Copy)]
pub enum Severity {
    /// Chaque détail.
    Trace,
    /// Pour qui cherche une erreur.
    Debug,
    /// Comme prévu.
    Info,
    /// Étrange, mais pas encore une erreur.
    Warn,
    /// Quelque chose a échoué.
    Error,
    /// Tout a échoué.
    Fatal,
}

/// Ce qui est arrivé à un moment d'un span.
#[derive(Debug, Clone)]
pub struct SpanEvent {
    /// Quoi.
    pub name: String,
    /// Quand.
    pub timestamp: SystemTime,
    /// Ce qu'on en sait.
    pub attributes: HashMap<String, AttributeValue>,
    /// Sa gravité, si elle a un sens.
    pub severity: Option<Severity>,
}

/// Valeur d'un attribut.
#[derive(Debug, Clone)]
pub enum AttributeValue {
    /// Un texte.
    String(String),
    /// Un entier.
    Int(i64),
    /// Un nombre.
    Float(f64),
    /// Oui ou non.
    Bool(bool),
    /// Plusieurs textes.
    StringArray(Vec<String>),
    /// Plusieurs entiers.
    IntArray(Vec<i64>),
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        todo!("{text}")
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        todo!("{text}")
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        todo!("{number}")
    }
}

impl From<f64> for AttributeValue {
    fn from(number: f64) -> Self {
        todo!("{number}")
    }
}

impl From<bool> for AttributeValue {
    fn from(flag: bool) -> Self {
        todo!("{flag}")
    }
}

impl From<Vec<String>> for AttributeValue {
    fn from(texts: Vec<String>) -> Self {
        todo!("{texts:?}")
    }
}

impl From<Vec<i64>> for AttributeValue {
    fn from(numbers: Vec<i64>) -> Self {
        todo!("{numbers:?}")
    }
}

/// Comment une opération s'est passée.
#[derive(Debug, Clone)]
pub enum SpanStatus {
    /// Personne ne l'a dit.
    Unset,
    /// Bien.
    Ok,
    /// Mal.
    Error {
        /// Pourquoi.
        message: String,
    },
}

/// Le rôle du service dans l'opération.
#[derive(Debug, Clone, Copy)]
pub enum SpanKind {
    /// Une opération interne.
    Internal,
    /// Répond à une requête.
    Server,
    /// Envoie une requête.
    Client,
    /// Envoie un message.
    Producer,
    /// Reçoit un message.
    Consumer,
}

/// Une opération : début, fin, contenu et cause.
#[derive(Debug, Clone)]
pub struct Span {
    /// Quel span de quelle trace, et quel span l'a causé.
    pub context: TraceContext,
    /// Son nom.
    pub name: String,
    /// Le rôle du service.
    pub kind: SpanKind,
    /// Son début.
    pub start_time: SystemTime,
    /// Sa fin, s'il est terminé.
    pub end_time: Option<SystemTime>,
    /// Ce qu'on en sait.
    pub attributes: HashMap<String, AttributeValue>,
    /// Ce qui est arrivé, dans l'ordre.
    pub events: Vec<SpanEvent>,
    /// Comment il s'est passé.
    pub status: SpanStatus,
    /// D'autres spans qui le concernent.
    pub links: Vec<SpanLink>,
}

/// Lien vers un autre span, qui n'est pas le parent.
#[derive(Debug, Clone)]
pub struct SpanLink {
    /// L'autre span.
    pub context: TraceContext,
    /// Ce qu'on sait du lien.
    pub attributes: HashMap<String, AttributeValue>,
}

/// Prépare un span.
pub struct SpanBuilder {
    // À vous de choisir.
}

impl SpanBuilder {
    /// Un span sans tracer (R6).
    pub fn new(name: impl Into<String>) -> Self {
        let _: String = name.into();
        todo!()
    }

    /// Dit le rôle du service (R6).
    pub fn with_kind(self, kind: SpanKind) -> Self {
        todo!("{kind:?}")
    }

    /// Ajoute un attribut (R6).
    pub fn with_attribute(self, key: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        let _: (String, AttributeValue) = (key.into(), value.into());
        todo!()
    }

    /// Ajoute un lien (R6).
    pub fn with_link(self, context: TraceContext) -> Self {
        todo!("{context:?}")
    }

    /// Dit quel span le cause (R7).
    pub fn with_parent(self, parent: &TraceContext) -> Self {
        todo!("{parent:?}")
    }

    /// Démarre le span, et décide s'il est échantillonné (R7, R8).
    pub fn start(self) -> ActiveSpan {
        todo!()
    }
}

/// Un span en cours : il se termine quand il est abandonné, ou par `end` (R10). Il vous faudra un `impl Drop`.
pub struct ActiveSpan {
    // À vous de choisir.
}

impl ActiveSpan {
    /// Le contexte à transmettre (R7).
    pub fn context(&self) -> &TraceContext {
        todo!()
    }

    /// Ajoute un attribut (R6).
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Into<AttributeValue>) {
        let _: (String, AttributeValue) = (key.into(), value.into());
        todo!()
    }

    /// Note un événement (R6).
    pub fn add_event(&mut self, name: impl Into<String>) {
        let _: String = name.into();
        todo!()
    }

    /// Note un événement et ses attributs (R6).
    pub fn add_event_with_attrs(&mut self, name: impl Into<String>, attrs: HashMap<String, AttributeValue>) {
        let _: String = name.into();
        todo!("{attrs:?}")
    }

    /// Dit comment l'opération s'est passée (R6).
    pub fn set_status(&mut self, status: SpanStatus) {
        todo!("{status:?}")
    }

    /// Dit qu'elle a échoué, et pourquoi (R6).
    pub fn set_error(&mut self, message: impl Into<String>) {
        let _: String = message.into();
        todo!()
    }

    /// Termine le span et rend ses données (R10).
    pub fn end(self) -> Span {
        todo!()
    }
}

/// Décide, au début d'un span, s'il est échantillonné (R8).
pub trait Sampler: Send + Sync {
    /// La décision pour le span de ce contexte et de ce nom.
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool;
}

/// Retient tout.
pub struct AlwaysOnSampler;

impl Sampler for AlwaysOnSampler {
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool {
        todo!("{context:?} {name}")
    }
}

/// Ne retient rien.
pub struct AlwaysOffSampler;

impl Sampler for AlwaysOffSampler {
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool {
        todo!("{context:?} {name}")
    }
}

/// Retient une part des traces, chacune tout entière (R9).
pub struct RatioSampler {
    // À vous de choisir.
}

impl RatioSampler {
    /// Retient cette part, de 0 à 1 (R9).
    pub fn new(ratio: f64) -> Self {
        todo!("{ratio}")
    }
}

impl Sampler for RatioSampler {
    fn should_sample(&self, context: &TraceContext, name: &str) -> bool {
        todo!("{context:?} {name}")
    }
}

/// Envoie des spans hors du processus (R11).
pub trait SpanExporter: Send + Sync {
    /// Envoie un lot de spans terminés.
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError>;
}

/// Pourquoi un lot n'est pas parti.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// L'envoi a échoué.
    #[error("Export failed: {0}")]
    Failed(String),
}

/// Écrit les spans sur la sortie standard.
pub struct StdoutExporter;

impl SpanExporter for StdoutExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        todo!("{spans:?}")
    }
}

/// Envoie les spans à Jaeger.
pub struct JaegerExporter {
    // À vous de choisir.
}

impl JaegerExporter {
    /// Enverra à cette adresse.
    pub fn new(endpoint: impl Into<String>) -> Self {
        let _: String = endpoint.into();
        todo!()
    }
}

impl SpanExporter for JaegerExporter {
    fn export(&self, spans: Vec<Span>) -> Result<(), ExportError> {
        todo!("{spans:?}")
    }
}

/// Une façon de transmettre un contexte.
pub trait Propagator: Send + Sync {
    /// Écrit un contexte.
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier);
    /// Lit un contexte, s'il y en a un de valable.
    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext>;
}

/// Ce qui porte un contexte : des en-têtes.
pub trait Carrier {
    /// La valeur d'un en-tête.
    fn get(&self, key: &str) -> Option<&str>;
    /// Écrit un en-tête, à la place de celui de ce nom.
    fn set(&mut self, key: &str, value: String);
    /// Les noms des en-têtes.
    fn keys(&self) -> Vec<&str>;
}

/// Les en-têtes `traceparent` et `tracestate` (R4, R5).
pub struct W3CTraceContextPropagator;

impl Propagator for W3CTraceContextPropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        todo!("{context:?} {:?}", carrier.keys())
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        todo!("{:?}", carrier.keys())
    }
}

/// Plusieurs façons à la fois (R5).
pub struct CompositePropagator {
    // À vous de choisir.
}

impl CompositePropagator {
    /// Toutes ces façons, la préférée d'abord.
    pub fn new(propagators: Vec<Arc<dyn Propagator>>) -> Self {
        todo!("{}", propagators.len())
    }
}

impl Propagator for CompositePropagator {
    fn inject(&self, context: &TraceContext, carrier: &mut dyn Carrier) {
        todo!("{context:?} {:?}", carrier.keys())
    }

    fn extract(&self, carrier: &dyn Carrier) -> Option<TraceContext> {
        todo!("{:?}", carrier.keys())
    }
}

/// Ce que l'application transmet pour son propre usage (R13).
#[derive(Debug, Clone, Default)]
pub struct Baggage {
    // À vous de choisir.
}

impl Baggage {
    /// Rien.
    pub fn new() -> Self {
        todo!()
    }

    /// Met un élément, à la place de celui de ce nom.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let _: (String, String) = (key.into(), value.into());
        todo!()
    }

    /// La valeur d'un élément.
    pub fn get(&self, key: &str) -> Option<&str> {
        todo!("{key}")
    }

    /// Retire un élément.
    pub fn remove(&mut self, key: &str) {
        todo!("{key}")
    }

    /// Tous les éléments.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        todo!();
        #[expect(unreachable_code, reason = "le compilateur veut un type")]
        std::iter::empty()
    }
}

/// Fait les spans d'un service (R7, R8, R11, R12).
pub struct Tracer {
    // À vous de choisir.
}

impl Tracer {
    /// Un tracer pour ce service.
    pub fn new(service_name: impl Into<String>, sampler: Arc<dyn Sampler>, exporter: Arc<dyn SpanExporter>) -> Self {
        let _: (String, Arc<dyn Sampler>, Arc<dyn SpanExporter>) = (service_name.into(), sampler, exporter);
        todo!()
    }

    /// Prépare un span, racine d'une nouvelle trace (R7).
    pub fn span(&self, name: impl Into<String>) -> SpanBuilder {
        let _: String = name.into();
        todo!()
    }

    /// Prépare un span causé par un autre (R7).
    pub fn span_with_parent(&self, name: impl Into<String>, parent: &TraceContext) -> SpanBuilder {
        let _: String = name.into();
        todo!("{parent:?}")
    }

    /// Exporte les spans qui attendent (R11).
    pub fn flush(&self) {
        todo!()
    }
}
