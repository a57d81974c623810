//! Les types échangés avec le service.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Nom d'un verrou.
pub type LockId = String;

/// Nom d'un client, unique dans le système distribué.
pub type ClientId = String;

/// Jeton de barrière : le numéro d'un verrou accordé, plus grand que tous les précédents du service (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(pub u64);

/// Réglages du service ; les durées sont en millisecondes.
#[derive(Debug, Clone)]
pub struct LockServiceConfig {
    /// Durée d'un bail quand le client n'en demande pas.
    pub default_lease_duration: u64,
    /// Durée la plus longue qu'un client puisse demander.
    pub max_lease_duration: u64,
    /// Temps entre deux recherches de verrous expirés par `tick`.
    pub cleanup_interval: u64,
    /// Fin d'un bail pendant laquelle il faudrait le renouveler, en fraction de sa durée.
    pub renewal_margin: f64,
}

impl Default for LockServiceConfig {
    fn default() -> Self {
        Self {
            default_lease_duration: 30_000,
            max_lease_duration: 300_000,
            cleanup_interval: 5_000,
            renewal_margin: 0.5,
        }
    }
}

/// Ce que l'on peut dire d'un verrou détenu.
#[derive(Debug, Clone)]
pub struct LockInfo {
    /// Le verrou.
    pub lock_id: LockId,
    /// Son détenteur.
    pub holder: ClientId,
    /// Le jeton du bail en cours.
    pub fencing_token: FencingToken,
    /// Quand il a été accordé.
    pub acquired_at: Instant,
    /// La fin du bail.
    pub expires_at: Instant,
    /// Ce que le détenteur a voulu faire savoir.
    pub metadata: HashMap<String, String>,
}

/// Réponse à une demande de verrou.
#[derive(Debug, Clone)]
pub enum AcquireResult {
    /// Le verrou est accordé.
    Acquired {
        /// Le jeton de ce bail.
        fencing_token: FencingToken,
        /// La fin du bail.
        expires_at: Instant,
    },
    /// Un autre client détient le verrou.
    AlreadyHeld {
        /// Lequel.
        holder: ClientId,
        /// La fin de son bail.
        expires_at: Instant,
    },
    /// Réservé à un mode bloquant, qui n'est pas demandé.
    Waiting {
        /// Combien de clients passent avant.
        position_in_queue: usize,
    },
}

/// Ce qui peut être refusé.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Le verrou n'existe pas.
    #[error("Lock not found: {0}")]
    NotFound(LockId),
    /// Un autre client détient le verrou.
    #[error("Lock not held by client: {0}")]
    NotHolder(ClientId),
    /// Le bail est passé.
    #[error("Lock expired")]
    Expired,
    /// Le client détient le verrou, mais avec un autre jeton.
    #[error("Invalid fencing token: expected >= {expected}, got {actual}")]
    InvalidFencingToken {
        /// Le jeton du bail en cours.
        expected: u64,
        /// Le jeton donné.
        actual: u64,
    },
    /// La durée demandée dépasse le maximum ; en millisecondes.
    #[error("Lease duration exceeds maximum: {requested}ms > {max}ms")]
    LeaseTooLong {
        /// La durée demandée.
        requested: u64,
        /// La durée maximale.
        max: u64,
    },
    /// Le verrou n'a pas été obtenu à temps.
    #[error("Operation timeout")]
    Timeout,
}

/// Ce qu'un client retient d'un verrou obtenu.
pub struct LockHandle {
    /// Le verrou.
    pub lock_id: LockId,
    /// Le jeton du bail.
    pub fencing_token: FencingToken,
    /// La fin du bail, pour autant que le client le sache.
    pub expires_at: Instant,
}

/// Ce que `tick` annonce.
#[derive(Debug, Clone)]
pub enum LockServiceEvent {
    /// Un bail est passé.
    LockExpired {
        /// Le verrou.
        lock_id: LockId,
        /// Son dernier détenteur.
        holder: ClientId,
    },
    /// Un bail est entré dans sa marge de renouvellement.
    LockExpiringSoon {
        /// Le verrou.
        lock_id: LockId,
        /// Son détenteur.
        holder: ClientId,
        /// Ce qui reste du bail.
        remaining: Duration,
    },
}
