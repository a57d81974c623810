//! EX26 : horloges physiques, NTP, horloges de Lamport et vectorielles.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne
//! changent pas ; les exigences R1 à R11 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à
//! condition de tout réexporter ici.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// L'horloge d'une machine, et sa dérive connue.
#[derive(Default)]
pub struct PhysicalClock {}

impl PhysicalClock {
    /// Une horloge sans dérive connue.
    #[must_use]
    pub fn new() -> Self {
        todo!()
    }

    /// L'heure de la machine.
    #[must_use]
    pub fn wall_time(&self) -> SystemTime {
        todo!()
    }

    /// La distance entre cette horloge et une autre.
    #[must_use]
    pub fn calculate_skew(&self, remote_time: SystemTime) -> Duration {
        let _ = remote_time;
        todo!()
    }

    /// De combien l'horloge distante avance, en nanosecondes ; négatif si elle retarde.
    #[must_use]
    pub fn signed_skew(local: SystemTime, remote: SystemTime) -> i128 {
        let _ = (local, remote);
        todo!()
    }

    /// La grandeur de la dérive pendant un certain temps.
    #[must_use]
    pub fn estimate_drift(&self, elapsed: Duration) -> Duration {
        let _ = elapsed;
        todo!()
    }

    /// La dérive en nanosecondes, avec son signe.
    #[must_use]
    pub fn signed_drift(&self, elapsed: Duration) -> i128 {
        let _ = elapsed;
        todo!()
    }

    /// De combien de millionièmes l'horloge avance ; retarde, si c'est négatif.
    pub fn set_drift_rate(&mut self, ppm: f64) {
        let _ = ppm;
        todo!()
    }
}

/// Un échange avec un serveur : deux lectures de chaque horloge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NTPSample {
    /// La requête part, selon le client.
    pub t1: SystemTime,
    /// Elle arrive, selon le serveur.
    pub t2: SystemTime,
    /// La réponse part, selon le serveur.
    pub t3: SystemTime,
    /// Elle arrive, selon le client.
    pub t4: SystemTime,
}

impl NTPSample {
    /// De combien le serveur avance, en nanosecondes.
    #[must_use]
    pub fn offset(&self) -> i128 {
        todo!()
    }

    /// Le temps passé en route.
    #[must_use]
    pub fn delay(&self) -> Duration {
        todo!()
    }
}

/// Pourquoi une horloge n'a pas pu être mise à l'heure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NTPError {
    /// Il n'y a personne à interroger.
    NoServers,
}

/// Un client qui se met à l'heure d'un serveur.
pub struct NTPClient {}

impl NTPClient {
    /// Un client qui n'a encore interrogé personne.
    #[must_use]
    pub fn new(servers: Vec<String>) -> Self {
        let _ = servers;
        todo!()
    }

    /// Interroge un serveur et en prend l'heure ; la grandeur du décalage.
    ///
    /// # Errors
    /// S'il n'y a aucun serveur.
    pub async fn sync(&mut self) -> Result<Duration, NTPError> {
        todo!()
    }

    /// Prend l'heure du serveur d'un échange.
    pub fn apply(&mut self, sample: &NTPSample) {
        let _ = sample;
        todo!()
    }

    /// Le décalage du dernier échange, en nanosecondes.
    #[must_use]
    pub fn offset(&self) -> i128 {
        todo!()
    }

    /// L'heure du serveur, maintenant.
    #[must_use]
    pub fn synchronized_time(&self) -> SystemTime {
        todo!()
    }

    /// L'heure du serveur quand l'horloge locale montre `local`.
    #[must_use]
    pub fn synchronized_at(&self, local: SystemTime) -> SystemTime {
        let _ = local;
        todo!()
    }
}

/// Une horloge de Lamport.
pub struct LamportClock {}

impl LamportClock {
    /// Une horloge à 0.
    #[must_use]
    pub fn new(node_id: u32) -> Self {
        let _ = node_id;
        todo!()
    }

    /// Le temps du dernier événement.
    #[must_use]
    pub fn time(&self) -> u64 {
        todo!()
    }

    /// Un événement local ; son temps.
    pub fn tick(&mut self) -> u64 {
        todo!()
    }

    /// Un envoi ; son estampille.
    pub fn send(&mut self) -> LamportTimestamp {
        todo!()
    }

    /// Une réception.
    pub fn receive(&mut self, received: &LamportTimestamp) {
        let _ = received;
        todo!()
    }

    /// Ce que ces nombres ne permettent pas de conclure.
    #[must_use]
    pub fn limitation_example() -> &'static str {
        todo!()
    }
}

/// Le temps d'un événement et son nœud. À vous d'écrire l'ordre (`Ord`), ou de le dériver.
#[derive(Debug, Clone, Copy)]
pub struct LamportTimestamp {
    /// Le temps.
    pub time: u64,
    /// Le nœud.
    pub node_id: u32,
}

/// Une horloge vectorielle.
#[derive(Clone)]
pub struct VectorClock {}

impl VectorClock {
    /// L'horloge d'un nœud où rien ne s'est passé.
    #[must_use]
    pub fn new(node_id: u32) -> Self {
        let _ = node_id;
        todo!()
    }

    /// Combien d'événements d'un nœud sont connus.
    #[must_use]
    pub fn get(&self, node: u32) -> u64 {
        let _ = node;
        todo!()
    }

    /// Un événement local.
    pub fn tick(&mut self) {
        todo!()
    }

    /// Un envoi ; le vecteur entier.
    pub fn send(&mut self) -> HashMap<u32, u64> {
        todo!()
    }

    /// Une réception.
    pub fn receive(&mut self, received: &HashMap<u32, u64>) {
        let _ = received;
        todo!()
    }

    /// Comment deux événements sont liés.
    #[must_use]
    pub fn compare(&self, other: &VectorClock) -> VectorComparison {
        let _ = other;
        todo!()
    }
}

/// Comment deux événements sont liés.
#[derive(Debug, Clone, PartialEq)]
pub enum VectorComparison {
    /// Le premier a pu causer le second.
    HappenedBefore,
    /// Le second a pu causer le premier.
    HappenedAfter,
    /// Ni l'un ni l'autre.
    Concurrent,
    /// C'est le même.
    Equal,
}
