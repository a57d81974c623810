//! Les types de l'interface.

use std::collections::HashMap;
use std::time::Duration;

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

/// Un changement d'une clé.
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// Elle a été écrite.
    Put(KeyValue),
    /// Elle a été supprimée.
    Delete {
        /// La clé.
        key: String,
        /// Ce qu'elle contenait, si le watch l'a demandé.
        prev_value: Option<KeyValue>,
    },
}

/// Ce que livre un watch.
#[derive(Debug, Clone)]
pub struct WatchResponse {
    /// La révision des événements.
    pub revision: Revision,
    /// Les événements.
    pub events: Vec<WatchEvent>,
    /// La révision jusqu'à laquelle l'histoire est compactée.
    pub compact_revision: Revision,
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

/// Ce qu'il faut suivre.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// La première révision voulue ; aucune : ce qui vient (R8).
    pub start_revision: Option<Revision>,
    /// Suivre toutes les clés qui commencent par la chaîne donnée.
    pub prefix: bool,
    /// Dire ce que contenaient les clés supprimées.
    pub prev_kv: bool,
    /// Les genres d'événements dont on ne veut pas.
    pub filters: Vec<WatchFilter>,
}

/// Un genre d'événements dont on ne veut pas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchFilter {
    /// Pas d'écritures.
    NoPut,
    /// Pas de suppressions.
    NoDelete,
}

/// Ce que l'on sait d'un bail.
#[derive(Debug, Clone)]
pub struct LeaseInfo {
    /// Son numéro.
    pub id: LeaseId,
    /// Ce qu'il en reste.
    pub ttl: Duration,
    /// Ce qu'il dure à partir de chaque renouvellement.
    pub granted_ttl: Duration,
    /// Les clés qui y tiennent.
    pub keys: Vec<String>,
}

/// Comment savoir si un service va bien.
#[derive(Debug, Clone)]
pub enum HealthCheckDef {
    /// Une requête reçoit le statut attendu.
    Http {
        /// L'adresse, `http://hôte:port/chemin`.
        url: String,
        /// La méthode.
        method: String,
        /// Le statut d'un service qui va bien.
        expected_status: u16,
        /// Le temps accordé.
        timeout: Duration,
    },
    /// Une connexion est acceptée.
    Tcp {
        /// L'adresse, `hôte:port`.
        address: String,
        /// Le temps accordé.
        timeout: Duration,
    },
    /// Le service de santé gRPC répond.
    Grpc {
        /// L'adresse, `hôte:port`.
        address: String,
        /// Le service demandé ; aucun : le serveur entier.
        service: Option<String>,
        /// Le temps accordé.
        timeout: Duration,
    },
    /// Le service renouvelle son bail.
    Ttl {
        /// Le temps entre deux renouvellements.
        timeout: Duration,
    },
}

/// L'état d'un service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceStatus {
    /// Il va bien.
    Passing,
    /// Il répond, mais pas comme prévu.
    Warning,
    /// Il ne répond pas.
    Critical,
    /// On n'en sait rien encore.
    Unknown,
}

/// Un service qui veut être trouvé.
#[derive(Debug, Clone)]
pub struct ServiceRegistration {
    /// Son identifiant, unique dans son namespace.
    pub id: String,
    /// Son nom, que partagent ses répliques.
    pub name: String,
    /// Le namespace où il est visible.
    pub namespace: String,
    /// Son adresse.
    pub address: String,
    /// Son port.
    pub port: u16,
    /// Les étiquettes pour le choisir.
    pub tags: Vec<String>,
    /// Tout le reste.
    pub metadata: HashMap<String, String>,
    /// Comment savoir s'il va bien.
    pub health_checks: Vec<HealthCheckDef>,
    /// Sa part de la charge.
    pub weight: u32,
}

/// Un service trouvé.
#[derive(Debug, Clone)]
pub struct ServiceInstance {
    /// Son identifiant, unique dans son namespace.
    pub id: String,
    /// Son nom, que partagent ses répliques.
    pub name: String,
    /// Le namespace où il est visible.
    pub namespace: String,
    /// Son adresse.
    pub address: String,
    /// Son port.
    pub port: u16,
    /// Les étiquettes pour le choisir.
    pub tags: Vec<String>,
    /// Tout le reste.
    pub metadata: HashMap<String, String>,
    /// Son état.
    pub status: ServiceStatus,
    /// Sa part de la charge.
    pub weight: u32,
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

/// Si toutes les comparaisons sont vraies, `success`, sinon `failure` (R7).
#[derive(Debug, Default)]
pub struct Transaction {
    /// Les comparaisons.
    pub compare: Vec<Compare>,
    /// Les opérations si elles sont toutes vraies.
    pub success: Vec<TxnOp>,
    /// Les opérations sinon.
    pub failure: Vec<TxnOp>,
}

/// Une question sur une clé : son champ est-il égal à celui donné, plus grand… ?
#[derive(Debug, Clone)]
pub struct Compare {
    /// La clé.
    pub key: String,
    /// Le champ, et à quoi on le compare.
    pub target: CompareTarget,
    /// La relation voulue.
    pub result: CompareResult,
}

/// Le champ comparé.
#[derive(Debug, Clone)]
pub enum CompareTarget {
    /// Le nombre d'écritures ; 0 pour une clé absente.
    Version(u64),
    /// Le commit de la création ; 0 pour une clé absente.
    CreateRevision(Revision),
    /// Le dernier commit ; 0 pour une clé absente.
    ModRevision(Revision),
    /// La valeur, comparée octet par octet.
    Value(Vec<u8>),
    /// Le bail ; 0 sans bail.
    Lease(LeaseId),
}

/// Comment le champ de la clé (à gauche) se compare à celui donné (à droite).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareResult {
    /// Égal.
    Equal,
    /// Plus grand.
    Greater,
    /// Plus petit.
    Less,
    /// Différent.
    NotEqual,
}

/// Une opération d'une transaction.
#[derive(Debug, Clone)]
pub enum TxnOp {
    /// Lire.
    Get {
        /// La clé ou le préfixe.
        key: String,
        /// Comment lire.
        options: GetOptions,
    },
    /// Écrire.
    Put {
        /// La clé.
        key: String,
        /// Sa nouvelle valeur.
        value: Vec<u8>,
        /// Comment écrire.
        options: PutOptions,
    },
    /// Supprimer.
    Delete {
        /// La clé ou le préfixe.
        key: String,
        /// Supprimer toutes les clés qui commencent ainsi.
        prefix: bool,
    },
}

/// Réponse à une transaction.
#[derive(Debug)]
pub struct TxnResponse {
    /// Si les comparaisons étaient vraies.
    pub succeeded: bool,
    /// La révision de la transaction, que portent toutes les clés qu'elle a écrites.
    pub revision: Revision,
    /// Une réponse par opération exécutée, dans l'ordre.
    pub responses: Vec<TxnOpResponse>,
}

/// Réponse à une opération d'une transaction.
#[derive(Debug)]
pub enum TxnOpResponse {
    /// À une lecture.
    Get(GetResponse),
    /// À une écriture.
    Put(PutResponse),
    /// À une suppression.
    Delete(DeleteResponse),
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
