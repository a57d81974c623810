//! Variables, fields and methods called like modules and keywords of other things.

#[derive(Debug, Default, Clone)]
pub struct Statistics {
    pub std: f64,
    pub unsafe_count: usize,
    pub os: Vec<String>,
    pub r#extern: bool,
}

impl Statistics {
    pub fn env(&self) -> &[String] {
        &self.os
    }

    pub fn process(&mut self, fs: &[f64]) -> f64 {
        let net: f64 = fs.iter().sum();
        let env = net / fs.len().max(1) as f64;
        let std = (fs.iter().map(|x| (x - env).powi(2)).sum::<f64>() / fs.len().max(1) as f64).sqrt();
        self.std = std;
        assert!(std >= 0.0, "std {std} is below zero");
        if self.r#extern && env != net {
            self.unsafe_count += 1;
        }
        std
    }
}

pub fn include(std: usize, tokio: usize) -> usize {
    let r#unsafe = std + tokio;
    'process: for env in 0..r#unsafe {
        for fs in 0..env {
            if fs * env > 10 {
                break 'process;
            }
        }
    }
    r#unsafe
}
