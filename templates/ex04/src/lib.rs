//! EX04 : un membre d'un cluster SWIM, sans socket et sans horloge.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne de `GossipProtocol`. Les noms et les types de cette interface
//! ne changent pas ; les exigences R1 à R19 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à condition
//! de tout réexporter ici.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Nom d'un membre.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberId(pub String);

/// État d'un membre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// Il répond.
    Alive,
    /// Il n'a pas répondu, et peut réfuter.
    Suspect,
    /// Il est tombé.
    Dead,
    /// Il est parti.
    Left,
}

/// Nombre que seul le membre lui-même augmente : le récit de la plus haute incarnation est le plus récent.
pub type Incarnation = u64;

/// Ce que l'on sait d'un membre.
#[derive(Debug, Clone)]
pub struct Member {
    /// Son nom.
    pub id: MemberId,
    /// Où le joindre.
    pub address: SocketAddr,
    /// Comment il va.
    pub state: MemberState,
    /// Depuis laquelle de ses incarnations.
    pub incarnation: Incarnation,
    /// Ce qu'il dit de lui-même.
    pub metadata: HashMap<String, String>,
    /// Quand on l'a appris ; pour information.
    pub last_update: Instant,
}

/// Réglages du protocole ; les durées sont en millisecondes.
#[derive(Debug, Clone)]
pub struct GossipConfig {
    /// Temps entre deux appels de `tick`.
    pub probe_interval: u64,
    /// Temps laissé à la réponse d'une sonde.
    pub probe_timeout: u64,
    /// Nombre de membres priés de sonder à notre place.
    pub indirect_probes: usize,
    /// Durée d'une suspicion, en intervalles.
    pub suspicion_multiplier: u32,
    /// Nombre de membres à qui l'on répète une rumeur par tick.
    pub fanout: usize,
    /// Nombre maximal de nouvelles par message.
    pub max_piggyback: usize,
    /// Temps pendant lequel un mort reste connu.
    pub dead_retention: u64,
}

impl Default for GossipConfig {
    fn default() -> Self {
        Self {
            probe_interval: 1000,
            probe_timeout: 500,
            indirect_probes: 3,
            suspicion_multiplier: 5,
            fanout: 3,
            max_piggyback: 10,
            dead_retention: 30_000,
        }
    }
}

/// Messages entre membres.
#[derive(Debug, Clone)]
pub enum GossipMessage {
    /// Es-tu là ?
    Ping {
        /// Numéro de la question.
        seq: u64,
        /// Qui demande.
        from: MemberId,
    },
    /// Oui, ou : il y est.
    Ack {
        /// Numéro de la question.
        seq: u64,
        /// Qui est là.
        from: MemberId,
    },
    /// Sonde ce membre pour moi.
    PingReq {
        /// Numéro de la question.
        seq: u64,
        /// Qui demande.
        from: MemberId,
        /// Au sujet de qui.
        target: MemberId,
    },
    /// Des nouvelles.
    Gossip {
        /// De membres.
        updates: Vec<MemberUpdate>,
    },
    /// Tout ce qui est connu.
    Sync {
        /// De tous les membres.
        members: Vec<Member>,
    },
    /// Dis-moi tout.
    SyncRequest {
        /// Qui demande.
        from: MemberId,
    },
}

/// Une nouvelle d'un membre.
#[derive(Debug, Clone)]
pub struct MemberUpdate {
    /// Qui.
    pub id: MemberId,
    /// Comment il va.
    pub state: MemberState,
    /// Depuis laquelle de ses incarnations.
    pub incarnation: Incarnation,
    /// Où le joindre, si c'est dit.
    pub address: Option<SocketAddr>,
    /// Ce qu'il dit de lui-même, si c'est dit.
    pub metadata: Option<HashMap<String, String>>,
}

/// Ce que l'entourage doit faire.
#[derive(Debug)]
pub enum GossipAction {
    /// Envoyer un message.
    Send {
        /// Où.
        to: SocketAddr,
        /// Quoi.
        message: GossipMessage,
    },
    /// Appeler `handle_timer` plus tard ; un timer de même nom remplace le précédent.
    ScheduleTimer {
        /// Son nom.
        name: String,
        /// Quand.
        delay: Duration,
    },
    /// Annoncer un changement à l'application.
    MembershipChange {
        /// Qui.
        member: MemberId,
        /// Comment il était.
        old_state: MemberState,
        /// Comment il va.
        new_state: MemberState,
    },
}

/// Tire des membres au sort.
pub trait MemberSelector {
    /// Au plus `count` membres différents, au hasard, ni exclus ni soi-même.
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId>;
}

/// Un membre d'un cluster.
pub struct GossipProtocol {}

impl GossipProtocol {
    /// Un membre qui ne connaît personne.
    #[must_use]
    pub fn new(self_id: MemberId, self_addr: SocketAddr, config: GossipConfig) -> Self {
        let _ = (self_id, self_addr, config);
        todo!()
    }

    /// Demande aux graines tout ce qu'elles savent.
    pub fn bootstrap(&mut self, seeds: Vec<SocketAddr>) -> Vec<GossipAction> {
        let _ = seeds;
        todo!()
    }

    /// Un intervalle a passé : sonde un membre et répète les rumeurs.
    pub fn tick(&mut self) -> Vec<GossipAction> {
        todo!()
    }

    /// Un message est arrivé d'une adresse.
    pub fn handle_message(&mut self, from: SocketAddr, message: GossipMessage) -> Vec<GossipAction> {
        let _ = (from, message);
        todo!()
    }

    /// Un timer a expiré.
    pub fn handle_timer(&mut self, timer_name: &str) -> Vec<GossipAction> {
        let _ = timer_name;
        todo!()
    }

    /// Change ce que ce membre dit de lui-même.
    pub fn update_metadata(&mut self, key: String, value: String) -> Vec<GossipAction> {
        let _ = (key, value);
        todo!()
    }

    /// S'en va.
    pub fn leave(&mut self) -> Vec<GossipAction> {
        todo!()
    }

    /// Les membres vivants.
    #[must_use]
    pub fn alive_members(&self) -> Vec<&Member> {
        todo!()
    }

    /// Tous les membres connus.
    #[must_use]
    pub fn all_members(&self) -> Vec<&Member> {
        todo!()
    }

    /// Le nombre de membres vivants.
    #[must_use]
    pub fn cluster_size(&self) -> usize {
        todo!()
    }

    /// Si un membre est vivant.
    #[must_use]
    pub fn is_alive(&self, id: &MemberId) -> bool {
        let _ = id;
        todo!()
    }

    /// Ce qu'un membre dit de lui-même.
    #[must_use]
    pub fn get_metadata(&self, id: &MemberId) -> Option<&HashMap<String, String>> {
        let _ = id;
        todo!()
    }
}

impl MemberSelector for GossipProtocol {
    fn select_random(&self, exclude: &HashSet<MemberId>, count: usize) -> Vec<MemberId> {
        let _ = (exclude, count);
        todo!()
    }
}
