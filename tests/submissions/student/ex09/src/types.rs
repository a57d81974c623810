//! Les types de l'interface.

/// Numéro d'un commit.
pub type Revision = u64;

/// Numéro d'un bail ; jamais 0.
pub type LeaseId = u64;

/// Configuration du registre.
#[derive(Debug, Clone)]
pub struct RegistryConfig {
    /// Nombre maximal de watches par clé ou par préfixe.
    pub max_watchers_per_key: usize,
    /// Nombre d'événements qui peuvent attendre un lecteur lent.
    pub event_buffer_size: usize,
    /// Secondes entre deux compactions automatiques.
    pub compaction_interval_secs: u64,
    /// Secondes pendant lesquelles une révision reste lisible.
    pub revision_retention_secs: u64,
    /// Durée minimale d'un bail, en secondes.
    pub min_lease_ttl_secs: u64,
    /// Secondes entre deux tournées de vérification des services.
    pub health_check_interval_secs: u64,
}

impl Default for RegistryConfig {
    fn default() -> Self {
        RegistryConfig {
            max_watchers_per_key: 100,
            event_buffer_size: 1000,
            compaction_interval_secs: 3600,
            revision_retention_secs: 86400,
            min_lease_ttl_secs: 5,
            health_check_interval_secs: 10,
        }
    }
}

/// Une clé, telle qu'elle était après un commit.
#[derive(Debug, Clone)]
pub struct KeyValue {
    /// La clé.
    pub key: String,
    /// La valeur.
    pub value: Vec<u8>,
    /// Le commit qui l'a créée.
    pub create_revision: Revision,
    /// Le dernier commit qui l'a écrite.
    pub mod_revision: Revision,
    /// Le nombre d'écritures depuis sa création (R3).
    pub version: u64,
    /// Le bail auquel elle tient, si elle est éphémère.
    pub lease: Option<LeaseId>,
}

/// Comment lire.
#[derive(Debug, Clone, Default)]
pub struct GetOptions {
    /// Lire toutes les clés qui commencent par la chaîne donnée (R6).
    pub prefix: bool,
    /// Lire l'état après ce commit (R4).
    pub revision: Option<Revision>,
    /// Nombre maximal de clés rendues.
    pub limit: Option<usize>,
    /// Rendre les clés sans leurs valeurs.
    pub keys_only: bool,
    /// L'ordre des clés rendues.
    pub sort_order: SortOrder,
}

/// Un ordre de clés.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// N'importe lequel.
    #[default]
    None,
    /// De la plus petite à la plus grande.
    Ascend,
    /// De la plus grande à la plus petite.
    Descend,
}

/// Comment écrire.
#[derive(Debug, Clone, Default)]
pub struct PutOptions {
    /// Le bail auquel la clé tiendra ; aucun : elle est permanente (R10).
    pub lease: Option<LeaseId>,
    /// Rendre la valeur remplacée.
    pub prev_kv: bool,
    /// Ne rien faire si la valeur est déjà celle-là.
    pub ignore_value: bool,
    /// Ne rien faire si la clé tient à un autre bail.
    pub ignore_lease: bool,
}

/// Réponse à une lecture.
#[derive(Debug)]
pub struct GetResponse {
    /// Les clés.
    pub kvs: Vec<KeyValue>,
    /// Combien il y en a.
    pub count: usize,
    /// La révision du registre.
    pub revision: Revision,
}

/// Réponse à une écriture.
#[derive(Debug)]
pub struct PutResponse {
    /// Ce qui a été remplacé, si on l'a demandé.
    pub prev_kv: Option<KeyValue>,
    /// La révision de l'écriture.
    pub revision: Revision,
}

/// Réponse à une suppression.
#[derive(Debug)]
pub struct DeleteResponse {
    /// Combien de clés ont disparu.
    pub deleted: usize,
    /// Ce qu'elles contenaient.
    pub prev_kvs: Vec<KeyValue>,
    /// La révision de la suppression.
    pub revision: Revision,
}

/// Pourquoi le registre refuse.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// La clé n'a pas de valeur.
    #[error("Key not found: {0}")]
    KeyNotFound(String),
    /// Ce bail n'existe pas, ou plus.
    #[error("Lease not found: {0}")]
    LeaseNotFound(LeaseId),
    /// Ce bail vient d'expirer.
    #[error("Lease expired: {0}")]
    LeaseExpired(LeaseId),
    /// La révision a été oubliée.
    #[error("Revision compacted: requested {requested}, current compact {compact}")]
    RevisionCompacted {
        /// La révision demandée.
        requested: Revision,
        /// La révision compactée.
        compact: Revision,
    },
    /// La clé a déjà autant de watches que permis.
    #[error("Too many watchers for key: {0}")]
    TooManyWatchers(String),
    /// La transaction n'a pas pu être exécutée.
    #[error("Transaction failed")]
    TxnFailed,
    /// Ce service n'existe pas dans ce namespace.
    #[error("Service not found: {0}")]
    ServiceNotFound(String),
    /// Tout le reste.
    #[error("Internal error: {0}")]
    Internal(String),
}
