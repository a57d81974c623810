//! An expression tree, folded with closures and boxed functions, evaluated in an environment.

use std::collections::BTreeMap;
use std::ops::{Add, Mul};

#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Number(f64),
    Name(String),
    Binary(Box<Expr>, char, Box<Expr>),
}

pub type Env<'a> = BTreeMap<&'a str, f64>;

impl Add for Expr {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::Binary(Box::new(self), '+', Box::new(other))
    }
}

impl Mul for Expr {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::Binary(Box::new(self), '*', Box::new(other))
    }
}

impl Expr {
    pub fn eval(&self, env: &Env<'_>) -> Option<f64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::Name(name) => *env.get(name.as_str())?,
            Self::Binary(left, op, right) => {
                let operation: fn(f64, f64) -> f64 = match op {
                    '+' => f64::add,
                    '*' => f64::mul,
                    _ => return None,
                };
                operation(left.eval(env)?, right.eval(env)?)
            }
        })
    }

    pub fn fold<T>(&self, leaf: &mut dyn FnMut(&Self) -> T, join: &dyn Fn(T, T) -> T) -> T {
        match self {
            Self::Binary(left, _, right) => join(left.fold(leaf, join), right.fold(leaf, join)),
            other => leaf(other),
        }
    }
}
