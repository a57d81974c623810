//! Values of documents, as the exercise and as scripts have them.

use ex17::automerge::Value;
use ex17_protocol::Datum;

/// As the exercise has it.
pub(super) fn value_of(datum: Datum) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Bool(value) => Value::Bool(value),
        Datum::Int(value) => Value::Int(value),
        Datum::Float(value) => Value::Float(value),
        Datum::Text(value) => Value::String(value),
        Datum::List(values) => Value::List(values.into_iter().map(value_of).collect()),
        Datum::Map(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key, value_of(value))).collect()),
    }
}

/// As scripts have it.
pub(super) fn datum_of(value: &Value) -> Datum {
    match value {
        Value::Null => Datum::Null,
        Value::Bool(value) => Datum::Bool(*value),
        Value::Int(value) => Datum::Int(*value),
        Value::Float(value) => Datum::Float(*value),
        Value::String(value) => Datum::Text(value.clone()),
        Value::List(values) => Datum::List(values.iter().map(datum_of).collect()),
        Value::Map(entries) => Datum::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), datum_of(value)))
                .collect(),
        ),
        // A submission may have more kinds of values.
        #[allow(
            unreachable_patterns,
            reason = "the kinds of the contract are all there are in most submissions"
        )]
        _ => Datum::Text("another kind of value".to_owned()),
    }
}
