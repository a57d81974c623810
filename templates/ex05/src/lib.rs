//! EX05 : service de verrous à bail, avec jetons de barrière.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de [`LockService`], [`LockClient`] et [`LockGuard`]. Les
//! noms et les types de cette interface ne changent pas ; les exigences R1 à R12 sont dans l'énoncé. Vous pouvez répartir
//! le code dans plusieurs modules, à condition de tout réexporter ici.

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
    /// Temps entre deux recherches de verrous expirés par [`LockService::tick`].
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

/// Service de verrous.
pub struct LockService {
    // À vous de choisir. Un garde n'emprunte pas le service : que partagent-ils ?
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

impl LockService {
    /// Crée un service qui n'a encore rien accordé.
    pub fn new(config: LockServiceConfig) -> Self {
        todo!("service avec {config:?}")
    }

    /// Demande un verrou, sans jamais attendre (R1, R2).
    pub fn try_acquire(
        &mut self,
        lock_id: LockId,
        client_id: ClientId,
        lease_duration: Option<Duration>,
        metadata: HashMap<String, String>,
    ) -> Result<AcquireResult, LockError> {
        todo!("{client_id} demande {lock_id} pour {lease_duration:?}, {metadata:?}")
    }

    /// Libère un verrou (R3).
    pub fn release(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
    ) -> Result<(), LockError> {
        todo!("{client_id} libère {lock_id} avec {fencing_token:?}")
    }

    /// Prolonge un bail et rend sa nouvelle fin (R4).
    pub fn renew(
        &mut self,
        lock_id: &LockId,
        client_id: &ClientId,
        fencing_token: FencingToken,
        extension: Option<Duration>,
    ) -> Result<Instant, LockError> {
        todo!("{client_id} prolonge {lock_id} avec {fencing_token:?} de {extension:?}")
    }

    /// Dit si ce jeton est celui du bail en cours (R5, R6).
    pub fn is_valid(&self, lock_id: &LockId, fencing_token: FencingToken) -> Result<bool, LockError> {
        todo!("{fencing_token:?} pour {lock_id}")
    }

    /// Décrit un verrou, s'il est détenu (R6, R7).
    pub fn get_lock_info(&self, lock_id: &LockId) -> Option<LockInfo> {
        todo!("{lock_id}")
    }

    /// Les verrous détenus, dans un ordre quelconque (R6, R7).
    pub fn list_locks(&self) -> Vec<LockInfo> {
        todo!()
    }

    /// Les verrous que détient un client, dans un ordre quelconque (R6, R7).
    pub fn list_client_locks(&self, client_id: &ClientId) -> Vec<LockInfo> {
        todo!("{client_id}")
    }

    /// Retire les verrous expirés et rend leurs noms, chacun une fois (R8).
    pub fn cleanup_expired(&mut self) -> Vec<LockId> {
        todo!()
    }

    /// Maintenance périodique : annonce ce qui a expiré et ce qui expirera bientôt (R9, R10).
    pub fn tick(&mut self) -> Vec<LockServiceEvent> {
        todo!()
    }
}

/// Ce que [`LockService::tick`] annonce.
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

/// Client dont les verrous sont renouvelés tant qu'il les garde.
pub struct LockClient {
    // À vous de choisir.
}

impl LockClient {
    /// Crée un client.
    pub fn new(client_id: ClientId) -> Self {
        todo!("{client_id}")
    }

    /// Prend un verrou libre et rend son garde ; une erreur, sans attendre, si un autre le détient (R10).
    pub fn acquire_with_auto_renew(
        &self,
        service: &mut LockService,
        lock_id: LockId,
        lease_duration: Duration,
    ) -> Result<LockGuard, LockError> {
        let _ = service;
        todo!("{lock_id} pour {lease_duration:?}")
    }
}

/// Un verrou détenu jusqu'à ce que ceci disparaisse : ajoutez `Drop` (R10).
pub struct LockGuard {
    // À vous de choisir.
}

impl LockGuard {
    /// Le jeton du verrou accordé.
    pub fn fencing_token(&self) -> FencingToken {
        todo!()
    }

    /// Le verrou.
    pub fn lock_id(&self) -> &LockId {
        todo!()
    }

    /// Ce qui reste jusqu'à la fin du bail.
    pub fn time_remaining(&self) -> Duration {
        todo!()
    }
}
