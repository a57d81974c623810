//! Des mots.

/// Pourquoi distribuer.
pub mod distribution_reasons {
    /// La charge.
    pub const SCALABILITY: &str = "porter plus de charge avec plus de machines";
    /// La disponibilité.
    pub const AVAILABILITY: &str = "survivre à la panne d'un nœud";
    /// La distance.
    pub const LATENCY: &str = "servir depuis un endroit proche";
    /// La loi.
    pub const DATA_LOCALITY: &str = "garder les données dans leur pays";
    /// Le coût.
    pub const RESOURCE_SHARING: &str = "partager ce qui coûte cher";
}

/// Les défis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DistributedChallenge {
    /// Coupure.
    NetworkPartition,
    /// Horloges.
    ClockSkew,
    /// Arrêt.
    ProcessCrash,
    /// Perte.
    MessageLoss,
    /// Retard.
    MessageDelay,
    /// Désordre.
    MessageReorder,
    /// Doublon.
    MessageDuplication,
}

/// Les huit illusions.
#[derive(Debug)]
pub struct Fallacies;

/// Ce qu'il en est, dans l'ordre de la liste.
const TRUTHS: [&str; 8] = [
    "le réseau perd des messages",
    "un aller-retour prend du temps",
    "le débit a une limite",
    "le réseau est plein d'oreilles",
    "les routes changent",
    "personne ne commande partout",
    "transporter coûte du temps et de l'argent",
    "les machines ne se ressemblent pas",
];

impl Fallacies {
    /// Illusion 1.
    pub fn network_is_reliable() -> &'static str {
        TRUTHS[0]
    }

    /// Illusion 2.
    pub fn latency_is_zero() -> &'static str {
        TRUTHS[1]
    }

    /// Illusion 3.
    pub fn bandwidth_is_infinite() -> &'static str {
        TRUTHS[2]
    }

    /// Illusion 4.
    pub fn network_is_secure() -> &'static str {
        TRUTHS[3]
    }

    /// Illusion 5.
    pub fn topology_doesnt_change() -> &'static str {
        TRUTHS[4]
    }

    /// Illusion 6.
    pub fn one_administrator() -> &'static str {
        TRUTHS[5]
    }

    /// Illusion 7.
    pub fn transport_cost_is_zero() -> &'static str {
        TRUTHS[6]
    }

    /// Illusion 8.
    pub fn network_is_homogeneous() -> &'static str {
        TRUTHS[7]
    }
}
