//! Statistics of measurements: pure functions on slices.

/// How sure a decision must be: the normal quantile of about one wrong one in a thousand on each side.
pub const Z: f64 = 3.3;

/// A median with a confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The median.
    pub median: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The median of some samples with a confidence interval from order statistics: no assumption on the distribution.
///
/// Gives nothing for fewer samples than an interval at quantile `z` needs (`z * z` of them).
pub fn median_interval(samples: &[f64], z: f64) -> Option<Interval> {
    let mut sorted: Vec<f64> = samples.iter().copied().filter(|sample| sample.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let half = n as f64 / 2.0;
    let reach = z * (n as f64).sqrt() / 2.0;
    // Ranks count from 1; the interval is from the low-th smallest to the low-th largest sample.
    let low = (half - reach).floor();
    if n == 0 || low < 0.0 {
        return None;
    }
    let low = (low as usize).min(n - 1);
    Some(Interval {
        median: median(&sorted),
        low: sorted[low],
        high: sorted[n - 1 - low],
    })
}

/// The median of some samples with the least and the greatest of them, if there are any.
pub fn range(samples: &[f64]) -> Option<Interval> {
    let mut sorted: Vec<f64> = samples.iter().copied().filter(|sample| sample.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (*sorted.first()?, *sorted.last()?);
    Some(Interval {
        median: median(&sorted),
        low,
        high,
    })
}

/// The median of sorted samples.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

/// The slope of the least-squares line through `(ln x, ln y)`: the exponent k of `y ~ x^k`.
pub fn log_log_slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let (mean_x, mean_y) = (
        logs.iter().map(|(x, _)| x).sum::<f64>() / n,
        logs.iter().map(|(_, y)| y).sum::<f64>() / n,
    );
    let across: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let along: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    across / along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_needs_enough_samples() {
        assert_eq!(median_interval(&[1.0; 10], Z), None);
        assert!(median_interval(&[1.0; 12], Z).is_some());
    }

    #[test]
    fn the_interval_holds_the_median_and_narrows() {
        let few: Vec<f64> = (0..20).map(f64::from).collect();
        let many: Vec<f64> = (0..2000).map(|i| f64::from(i) / 100.0).collect();
        let (few, many) = (
            median_interval(&few, Z).expect("enough"),
            median_interval(&many, Z).expect("enough"),
        );
        assert!(few.low <= few.median && few.median <= few.high);
        assert!(many.high - many.low < few.high - few.low);
    }

    #[test]
    fn a_power_law_has_its_exponent_as_slope() {
        for k in [0.0, 1.0, 1.5, 2.0] {
            let points: Vec<(f64, f64)> = [16.0_f64, 64.0, 256.0, 1024.0]
                .iter()
                .map(|n| (*n, 3.0 * n.powf(k)))
                .collect();
            assert!((log_log_slope(&points) - k).abs() < 1e-9);
        }
    }
}
