//! Ce qu'un span enregistre.

use crate::TraceContext;
use std::collections::HashMap;
use std::time::SystemTime;

/// Une opération.
#[derive(Debug, Clone)]
pub struct Span {
    /// Sa place dans la trace.
    pub context: TraceContext,
    /// Son nom.
    pub name: String,
    /// Son genre.
    pub kind: SpanKind,
    /// Son début.
    pub start_time: SystemTime,
    /// Sa fin.
    pub end_time: Option<SystemTime>,
    /// Ses attributs.
    pub attributes: HashMap<String, AttributeValue>,
    /// Ses événements.
    pub events: Vec<SpanEvent>,
    /// Son statut.
    pub status: SpanStatus,
    /// Ses liens.
    pub links: Vec<SpanLink>,
}

/// Le genre d'un span.
#[derive(Debug, Clone, Copy)]
pub enum SpanKind {
    /// Interne.
    Internal,
    /// Serveur.
    Server,
    /// Client.
    Client,
    /// Producteur.
    Producer,
    /// Consommateur.
    Consumer,
}

/// Le statut d'un span.
#[derive(Debug, Clone)]
pub enum SpanStatus {
    /// Inconnu.
    Unset,
    /// Bon.
    Ok,
    /// Mauvais.
    Error {
        /// Pourquoi.
        message: String,
    },
}

/// Un événement.
#[derive(Debug, Clone)]
pub struct SpanEvent {
    /// Son nom.
    pub name: String,
    /// Son heure.
    pub timestamp: SystemTime,
    /// Ses attributs.
    pub attributes: HashMap<String, AttributeValue>,
    /// Sa gravité.
    pub severity: Option<Severity>,
}

/// La gravité d'un événement.
#[derive(Debug, Clone, Copy)]
pub enum Severity {
    /// Détail.
    Trace,
    /// Mise au point.
    Debug,
    /// Information.
    Info,
    /// Avertissement.
    Warn,
    /// Erreur.
    Error,
    /// Catastrophe.
    Fatal,
}

/// Un lien vers un autre span.
#[derive(Debug, Clone)]
pub struct SpanLink {
    /// L'autre span.
    pub context: TraceContext,
    /// Les attributs du lien.
    pub attributes: HashMap<String, AttributeValue>,
}

/// La valeur d'un attribut.
#[derive(Debug, Clone)]
pub enum AttributeValue {
    /// Texte.
    String(String),
    /// Entier.
    Int(i64),
    /// Nombre.
    Float(f64),
    /// Booléen.
    Bool(bool),
    /// Textes.
    StringArray(Vec<String>),
    /// Entiers.
    IntArray(Vec<i64>),
}

/// Une conversion par variante.
macro_rules! conversions {
    ($($from:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$from> for AttributeValue {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

conversions! {
    &str => String,
    String => String,
    i64 => Int,
    f64 => Float,
    bool => Bool,
    Vec<String> => StringArray,
    Vec<i64> => IntArray,
}
