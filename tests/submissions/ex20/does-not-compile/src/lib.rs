//! Deux erreurs de types : rien ne se construit.

/// Un réseau.
pub struct NetworkSimulator {
    /// Le taux de perte.
    pub packet_loss_rate: f64,
}

impl NetworkSimulator {
    /// Un réseau fiable.
    pub fn reliable() -> Self {
        Self { packet_loss_rate: "0" }
    }

    /// Un message.
    pub async fn send_message<T>(&self, msg: T) -> Result<T, String> {
        Ok(&msg)
    }
}
