//! What a document holds, and a total order of it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// A value of a document.
///
/// ```
/// use ex17::automerge::Value;
///
/// let list = Value::List(vec![Value::Null, Value::Int(1)]);
/// assert!(matches!(list, Value::List(values) if values.len() == 2));
/// ```
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, which is not the same as no value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    String(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Map(HashMap<String, Value>),
}

impl Value {
    /// Orders all values: first by kind, then by content. Floats are ordered by `total_cmp`, so no two that differ in a bit are
    /// equal, maps as the lists of their entries sorted by name.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Float(one), Self::Float(two)) => one.total_cmp(two),
            (Self::String(one), Self::String(two)) => one.cmp(two),
            (Self::List(one), Self::List(two)) => compare_all(one, two, Self::compare),
            (Self::Map(one), Self::Map(two)) => {
                let (one, two): (BTreeMap<_, _>, BTreeMap<_, _>) = (one.iter().collect(), two.iter().collect());
                compare_all(&one, &two, |(key, value), (other_key, other)| {
                    key.cmp(other_key).then_with(|| value.compare(other))
                })
            }
            _ => self.kind().cmp(&other.kind()),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 2,
            Self::Float(_) => 3,
            Self::String(_) => 4,
            Self::List(_) => 5,
            Self::Map(_) => 6,
        }
    }
}

/// The first difference decides; of two sequences without one, the shorter is smaller.
fn compare_all<I: IntoIterator>(one: I, two: I, compare: impl Fn(I::Item, I::Item) -> Ordering) -> Ordering
where
    I::IntoIter: ExactSizeIterator,
{
    let (one, two) = (one.into_iter(), two.into_iter());
    let lengths = one.len().cmp(&two.len());
    let mut differences = one.zip(two).map(|(one, two)| compare(one, two));
    differences.find(|order| order.is_ne()).unwrap_or(lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In ascending order.
    fn values() -> Vec<Value> {
        let map = |entries: &[(&str, i64)]| {
            let entries = entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), Value::Int(*value)));
            Value::Map(entries.collect())
        };
        vec![
            Value::Null,
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(-1),
            Value::Int(7),
            Value::Float(-0.0),
            Value::Float(0.0),
            Value::Float(f64::NAN),
            Value::String(String::new()),
            Value::String("x".to_owned()),
            Value::List(vec![]),
            Value::List(vec![Value::Int(1)]),
            Value::List(vec![Value::Int(1), Value::Null]),
            Value::List(vec![Value::Int(2)]),
            map(&[("a", 1)]),
            map(&[("a", 1), ("b", 0)]),
            map(&[("a", 2)]),
            map(&[("b", 0)]),
        ]
    }

    #[test]
    fn values_are_totally_ordered() {
        let values = values();
        for (at, one) in values.iter().enumerate() {
            for (other_at, other) in values.iter().enumerate() {
                assert_eq!(one.compare(other), at.cmp(&other_at), "{one:?} and {other:?}");
            }
        }
    }
}
