//! Checks JSON against a JSON Schema: the part of the language that the program's own schemas use. An unknown keyword is a failure, so
//! that a schema never promises more than is checked here.

use serde_json::{Map, Value};

/// Where `value` does not match `schema`, a line each.
pub fn mismatches(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Reader { root: schema }.check(schema, value, "", &mut found);
    found
}

struct Reader<'a> {
    root: &'a Value,
}

impl Reader<'_> {
    fn check(&self, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
        let Value::Object(rules) = schema else {
            if *schema != Value::Bool(true) {
                found.push(format!("{place}: nothing is allowed here"));
            }
            return;
        };
        for (keyword, rule) in rules {
            let bad = match keyword.as_str() {
                "$schema" | "$defs" | "$id" | "title" | "description" | "default" | "examples" | "format" => None,
                "$ref" => {
                    let target = rule
                        .as_str()
                        .and_then(|path| self.root.pointer(path.trim_start_matches('#')));
                    self.check(target.expect("a reference leads somewhere"), value, place, found);
                    None
                }
                "type" => (!of_type(rule, value)).then(|| format!("is no {rule}")),
                "const" => (rule != value).then(|| format!("is not {rule}")),
                "enum" => {
                    (!rule.as_array().is_some_and(|all| all.contains(value))).then(|| format!("is not one of {rule}"))
                }
                "minimum" => number(value)
                    .is_some_and(|number| number < float(rule))
                    .then(|| format!("is below {rule}")),
                "maximum" => number(value)
                    .is_some_and(|number| number > float(rule))
                    .then(|| format!("is above {rule}")),
                "pattern" => None,
                "minItems" => value
                    .as_array()
                    .is_some_and(|all| (all.len() as f64) < float(rule))
                    .then(|| format!("has fewer than {rule} items")),
                "anyOf" => (self.matching(rule, value) == 0).then(|| "matches no alternative".to_owned()),
                "oneOf" => {
                    let matching = self.matching(rule, value);
                    (matching != 1).then(|| format!("matches {matching} alternatives"))
                }
                "allOf" => {
                    rule.as_array()
                        .into_iter()
                        .flatten()
                        .for_each(|part| self.check(part, value, place, found));
                    None
                }
                "items" => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{place}/{at}"), found);
                    }
                    None
                }
                "required" => {
                    let names = rule.as_array().into_iter().flatten().filter_map(Value::as_str);
                    let missing: Vec<&str> = names
                        .filter(|name| value.is_object() && value.get(name).is_none())
                        .collect();
                    (!missing.is_empty()).then(|| format!("lacks {}", missing.join(", ")))
                }
                "properties" | "additionalProperties" | "patternProperties" | "propertyNames" => None,
                other => Some(format!("the schema uses `{other}`, which this reader does not know")),
            };
            found.extend(bad.map(|bad| format!("{place}: {bad}: {value}")));
        }
        if let Value::Object(members) = value {
            self.members(rules, members, place, found);
        }
    }

    fn members(&self, rules: &Map<String, Value>, members: &Map<String, Value>, place: &str, found: &mut Vec<String>) {
        let named = rules.get("properties").and_then(Value::as_object);
        let closed = rules.get("additionalProperties") == Some(&Value::Bool(false));
        // Keys of maps may be bound to a pattern; what the pattern's values are is checked, the pattern itself is not.
        let patterned = rules
            .get("patternProperties")
            .and_then(Value::as_object)
            .and_then(|all| all.values().next());
        for (name, member) in members {
            let place = format!("{place}/{name}");
            match named.and_then(|named| named.get(name)).or(patterned) {
                Some(schema) => self.check(schema, member, &place, found),
                None if closed => found.push(format!("{place}: the schema knows no such member")),
                None => {
                    if let Some(schema) = rules.get("additionalProperties") {
                        self.check(schema, member, &place, found);
                    }
                }
            }
        }
    }

    fn matching(&self, alternatives: &Value, value: &Value) -> usize {
        let matches = |schema: &&Value| {
            let mut found = Vec::new();
            self.check(schema, value, "", &mut found);
            found.is_empty()
        };
        alternatives.as_array().into_iter().flatten().filter(matches).count()
    }
}

fn of_type(rule: &Value, value: &Value) -> bool {
    match rule {
        Value::Array(any) => any.iter().any(|one| of_type(one, value)),
        _ => match rule.as_str().unwrap_or_default() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "number" => value.is_number(),
            "integer" => value.is_u64() || value.is_i64(),
            _ => false,
        },
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn float(rule: &Value) -> f64 {
    rule.as_f64().expect("a bound is a number")
}

#[test]
fn a_mismatch_is_found_and_a_match_is_not() {
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "n": { "type": "integer", "minimum": 1 }, "s": { "$ref": "#/$defs/s" } },
        "required": ["n"],
        "additionalProperties": false,
        "$defs": { "s": { "anyOf": [{ "enum": ["a"] }, { "type": "null" }] } },
    });
    let good = [
        serde_json::json!({ "n": 1 }),
        serde_json::json!({ "n": 2, "s": "a" }),
        serde_json::json!({ "n": 2, "s": null }),
    ];
    let bad = [
        serde_json::json!({}),
        serde_json::json!({ "n": 0 }),
        serde_json::json!({ "n": 1.5 }),
        serde_json::json!({ "n": 1, "s": "b" }),
        serde_json::json!({ "n": 1, "x": 1 }),
        serde_json::json!([]),
    ];
    good.iter()
        .for_each(|value| assert_eq!(mismatches(&schema, value), [""; 0]));
    bad.iter()
        .for_each(|value| assert_ne!(mismatches(&schema, value), [""; 0], "{value}"));
}
