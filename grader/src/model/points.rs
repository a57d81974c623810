//! Points and weights. Points are whole hundredths, so sums are exact and a scorecard adds up as it is shown.

use std::fmt;
use std::iter::Sum;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// No rubric needs more, and sums of points stay far from the end of the type.
const MOST: f64 = 10_000.0;
/// No weight needs to be larger.
const HEAVIEST: f64 = 1000.0;

/// Points, never negative, in whole hundredths. In files they are a number with at most two decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Points(u64);

/// How much a check counts within its criterion: finite, not negative, bounded.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Weight(f64);

/// Why a number is no points and no weight.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NumberError {
    /// NaN or infinite.
    #[error("`{0:?}` is not a finite number")]
    NotFinite(f64),
    /// Below zero.
    #[error("`{0:?}` is negative")]
    Negative(f64),
    /// Too large.
    #[error("`{0:?}` is more than {1}")]
    TooLarge(f64, f64),
    /// Finer than points are counted.
    #[error("`{0:?}` has more than two decimals, and points are counted in hundredths")]
    TooFine(f64),
}

impl Points {
    /// None.
    pub const ZERO: Self = Self(0);
    /// Full marks: what the criteria of a rubric sum to.
    pub const FULL: Self = Self(10_000);

    /// Points as a file gives them.
    pub fn new(number: f64) -> Result<Self, NumberError> {
        let bounded = bounded(number, MOST)?;
        let hundredths = (bounded * 100.0).round();
        if (hundredths / 100.0 - bounded).abs() > 1e-9 {
            Err(NumberError::TooFine(number))
        } else {
            Ok(Self::rounded(number))
        }
    }

    /// The nearest points to a number; what is no number or below zero is zero. Every rounding of points happens here.
    pub fn rounded(number: f64) -> Self {
        // A cast of a float saturates, and NaN becomes zero.
        Self((number * 100.0).round() as u64)
    }

    /// Points counted in hundredths.
    pub fn from_hundredths(hundredths: u64) -> Self {
        Self(hundredths)
    }

    /// The hundredths.
    pub fn hundredths(self) -> u64 {
        self.0
    }

    /// As a number.
    pub fn number(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left, at least zero.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times as much.
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// This share of it, for a share from 0 to 1.
    pub fn share(self, share: f64) -> Self {
        Self::rounded(self.number() * share)
    }
}

impl Weight {
    /// The usual weight.
    pub const ONE: Self = Self(1.0);

    /// A weight as a file gives it.
    pub fn new(number: f64) -> Result<Self, NumberError> {
        bounded(number, HEAVIEST).map(Self)
    }

    /// As a number.
    pub fn number(self) -> f64 {
        self.0
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self::ONE
    }
}

fn bounded(number: f64, most: f64) -> Result<f64, NumberError> {
    match number {
        _ if !number.is_finite() => Err(NumberError::NotFinite(number)),
        _ if number < 0.0 => Err(NumberError::Negative(number)),
        _ if number > most => Err(NumberError::TooLarge(number, most)),
        _ => Ok(number),
    }
}

impl TryFrom<f64> for Points {
    type Error = NumberError;

    fn try_from(number: f64) -> Result<Self, NumberError> {
        Self::new(number)
    }
}

impl From<Points> for f64 {
    fn from(points: Points) -> Self {
        points.number()
    }
}

impl TryFrom<f64> for Weight {
    type Error = NumberError;

    fn try_from(number: f64) -> Result<Self, NumberError> {
        Self::new(number)
    }
}

impl From<Weight> for f64 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Points {
    /// As few decimals as show it: `7`, `7.5`, `7.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.number().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_points_is_refused() {
        for number in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -1.0,
            -0.01,
            10_000.01,
            1e300,
            33.333,
        ] {
            assert!(Points::new(number).is_err(), "{number}");
        }
        for number in [0.0, 0.01, 33.33, 33.3, 100.0, 10_000.0] {
            assert_eq!(Points::new(number).map(Points::number), Ok(number));
        }
    }

    #[test]
    fn what_is_no_weight_is_refused() {
        for number in [f64::NAN, f64::INFINITY, -0.5, 1000.5, f64::MAX] {
            assert!(Weight::new(number).is_err(), "{number}");
        }
        assert_eq!(Weight::new(0.125).map(Weight::number), Ok(0.125));
    }

    #[test]
    fn points_are_shown_with_as_few_decimals_as_needed() {
        let shown: Vec<String> = [7.0, 7.5, 7.25, 0.1]
            .iter()
            .map(|number| Points::rounded(*number).to_string())
            .collect();
        assert_eq!(shown, ["7", "7.5", "7.25", "0.1"]);
    }

    #[test]
    fn rounding_never_invents_points() {
        assert_eq!(Points::rounded(f64::NAN), Points::ZERO);
        assert_eq!(Points::rounded(-3.0), Points::ZERO);
        assert_eq!(Points::rounded(0.004), Points::ZERO);
        assert_eq!(Points::rounded(0.005), Points::from_hundredths(1));
    }
}
