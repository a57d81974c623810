//! φ, par la loi normale de l'article : les sommes sont tenues à jour, et la fenêtre commence par deux intervalles inventés.

use std::collections::VecDeque;
use std::time::Instant;

/// Détecteur de pannes φ.
pub struct PhiAccrualDetector {
    threshold: f64,
    max_samples: usize,
    window: VecDeque<f64>,
    sum: f64,
    squares: f64,
    last: Option<Instant>,
}

impl PhiAccrualDetector {
    /// Un détecteur qui suppose un battement par seconde.
    pub fn new(threshold: f64, max_samples: usize) -> Self {
        let mut detector = Self {
            threshold,
            max_samples: max_samples.max(1),
            window: VecDeque::new(),
            sum: 0.0,
            squares: 0.0,
            last: None,
        };
        detector.add(0.75);
        detector.add(1.25);
        detector
    }

    fn add(&mut self, seconds: f64) {
        self.window.push_back(seconds);
        self.sum += seconds;
        self.squares += seconds * seconds;
        if self.window.len() > self.max_samples {
            if let Some(old) = self.window.pop_front() {
                self.sum -= old;
                self.squares -= old * old;
            }
        }
    }

    /// Un battement.
    pub fn heartbeat(&mut self) {
        self.heartbeat_at(Instant::now());
    }

    /// Un battement à un instant donné.
    pub fn heartbeat_at(&mut self, at: Instant) {
        if let Some(last) = self.last.replace(at) {
            self.add(at.saturating_duration_since(last).as_secs_f64());
        }
    }

    /// Le niveau de suspicion.
    pub fn phi(&self, now: Instant, last_heartbeat: Instant) -> f64 {
        let silence = now.saturating_duration_since(last_heartbeat).as_secs_f64();
        let n = self.window.len() as f64;
        let mean = self.sum / n;
        let deviation = (self.squares / n - mean * mean).max(0.0).sqrt() + 0.12;
        -tail((silence - mean) / deviation).log10()
    }

    /// Si le silence est suspect.
    pub fn is_suspected(&self, now: Instant, last_heartbeat: Instant) -> bool {
        self.phi(now, last_heartbeat) > &self.threshold
    }
}

/// La probabilité de dépasser z, pour une loi normale réduite.
fn tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - tail(-z);
    }
    // erfc d'après Numerical Recipes, erreur relative de 1,2e-7.
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let coefficients = [
        -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
        0.17087277,
    ];
    let polynomial = coefficients.iter().rev().fold(0.0, |sum, c| sum * t + c);
    0.5 * t * (-x * x + polynomial).exp()
}
