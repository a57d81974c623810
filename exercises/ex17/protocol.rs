//! The script language of EX17: clocks and replicas in numbered slots, and what one can do with them.
//!
//! Each type has slots of its own, with a letter: `k` clocks, `g` and `p` counters, `s` sets that grow, `o` observed-remove
//! sets, `v` registers, `m` maps, `l` lists, `a` and `d` documents. A slot that was not mentioned before holds a new one. Where
//! writes are made in the name of an actor, each slot has actors of its own, and a slot that was copied into is a state on its
//! way: it merges and is looked at, and writing to it does nothing. So no two writers ever share an actor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The number of a replica, or of a clock.
pub type Slot = u8;

/// One of the actors of a slot. No other slot has it, and they do not all fit 32 bits.
pub fn actor(c: Slot, name: u8) -> u64 {
    match name {
        0 => u64::from(c) + 1,
        _ => u64::MAX - 256 * u64::from(name) - u64::from(c),
    }
}

/// A value of a document, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Datum {
    /// `Value::Null`.
    Null,
    /// `Value::Bool`.
    Bool(bool),
    /// `Value::Int`.
    Int(i64),
    /// `Value::Float`.
    Float(f64),
    /// `Value::String`.
    Text(String),
    /// `Value::List`.
    List(Vec<Datum>),
    /// `Value::Map`.
    Map(BTreeMap<String, Datum>),
}

impl Datum {
    /// The line of Rust that makes it.
    fn rust(&self) -> String {
        match self {
            Self::Null => "Value::Null".to_owned(),
            Self::Bool(value) => format!("Value::Bool({value})"),
            Self::Int(value) => format!("Value::Int({value})"),
            Self::Float(value) => format!("Value::Float({value:?})"),
            Self::Text(value) => format!("Value::String({value:?}.into())"),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(Self::rust).collect();
                format!("Value::List(vec![{}])", values.join(", "))
            }
            Self::Map(entries) => {
                let entry = |(key, value): (&String, &Self)| format!("({key:?}.into(), {})", value.rust());
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("Value::Map([{}].into())", entries.join(", "))
            }
        }
    }
}

/// The line of Rust that merges two slots, also when they are the same one.
fn merging(letter: char, c: Slot, other: Slot) -> String {
    let clone = if c == other { ".clone()" } else { "" };
    format!("{letter}{c}.merge(&{letter}{other}{clone});")
}

/// The counts of a clock, as scripts give them: no zeros, each actor once. They are small; the bound is for scripts that nobody
/// wrote.
pub fn counts_of(counts: &[(u64, u64)]) -> BTreeMap<u64, u64> {
    let mut sums = BTreeMap::new();
    for (actor, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let sum: &mut u64 = sums.entry(*actor).or_default();
        *sum = sum.saturating_add(*count).min(64);
    }
    sums
}

/// The value that is written with a clock: its counts, so that different writes have different clocks.
pub fn written(counts: &[(u64, u64)]) -> String {
    let counts = counts_of(counts);
    let counts: Vec<String> = counts
        .iter()
        .map(|(actor, count)| format!("{actor}: {count}"))
        .collect();
    counts.join(", ")
}

witness::language! {
    /// Clocks and replicas by type and number.
    pub trait Library {
        /// Counts an event.
        fn clock_inc(k: Slot, actor: u64) => "k{k}.inc({actor});";
        /// Takes in another clock.
        fn clock_merge(k: Slot, other: Slot) => { merging('k', *k, *other) };
        /// A copy of a clock.
        fn clock_copy(k: Slot, copy: Slot) => "let mut k{copy} = k{k}.clone();";
        /// The count of an actor.
        fn clock_get(k: Slot, actor: u64) -> u64 => "k{k}.get(&{actor})";
        /// Whether a clock is before another.
        fn clock_happens_before(k: Slot, other: Slot) -> bool => "k{k}.happens_before(&k{other})";
        /// Whether two clocks are equal.
        fn clock_equals(k: Slot, other: Slot) -> bool => "k{k} == k{other}";

        /// Counts one, as an actor of the slot.
        fn gcounter_inc(c: Slot, name: u8) => { format!("g{c}.inc({});", actor(*c, *name)) };
        /// Hears of the increments of an actor.
        fn gcounter_apply(c: Slot, actor: u64, count: u64) => "g{c}.apply(({actor}, {count}));";
        /// Takes in another state.
        fn gcounter_merge(c: Slot, other: Slot) => { merging('g', *c, *other) };
        /// A copy of a state.
        fn gcounter_copy(c: Slot, copy: Slot) => "let mut g{copy} = g{c}.clone();";
        /// The total.
        fn gcounter_read(c: Slot) -> u64 => "g{c}.read()";

        /// Counts one up, as an actor of the slot.
        fn pncounter_inc(c: Slot, name: u8) => { format!("p{c}.inc({});", actor(*c, *name)) };
        /// Counts one down.
        fn pncounter_dec(c: Slot, name: u8) => { format!("p{c}.dec({});", actor(*c, *name)) };
        /// Takes in another state.
        fn pncounter_merge(c: Slot, other: Slot) => { merging('p', *c, *other) };
        /// A copy of a state.
        fn pncounter_copy(c: Slot, copy: Slot) => "let mut p{copy} = p{c}.clone();";
        /// The total.
        fn pncounter_read(c: Slot) -> i64 => "p{c}.read()";

        /// Adds.
        fn gset_add(c: Slot, value: String) => "s{c}.add({value:?}.to_string());";
        /// Hears of an addition.
        fn gset_apply(c: Slot, value: String) => "s{c}.apply({value:?}.to_string());";
        /// Whether a value is there.
        fn gset_contains(c: Slot, value: String) -> bool => "s{c}.contains(&{value:?}.to_string())";
        /// The values. Sorted: the contract fixes no order.
        fn gset_values(c: Slot) -> Vec<String> => "s{c}.iter()";
        /// How many values there are.
        fn gset_len(c: Slot) -> u64 => "s{c}.len()";
        /// Takes in another state.
        fn gset_merge(c: Slot, other: Slot) => { merging('s', *c, *other) };
        /// A copy of a state.
        fn gset_copy(c: Slot, copy: Slot) => "let mut s{copy} = s{c}.clone();";

        /// Adds, as an actor of the slot.
        fn orswot_add(c: Slot, value: String, name: u8) => {
            format!("o{c}.add({value:?}.to_string(), {});", actor(*c, *name))
        };
        /// Removes.
        fn orswot_remove(c: Slot, value: String) => "o{c}.remove(&{value:?}.to_string());";
        /// Whether a value is there.
        fn orswot_contains(c: Slot, value: String) -> bool => "o{c}.contains(&{value:?}.to_string())";
        /// The values. Sorted: the contract fixes no order.
        fn orswot_values(c: Slot) -> Vec<String> => "o{c}.iter()";
        /// Takes in another state.
        fn orswot_merge(c: Slot, other: Slot) => { merging('o', *c, *other) };
        /// A copy of a state.
        fn orswot_copy(c: Slot, copy: Slot) => "let mut o{copy} = o{c}.clone();";

        /// Hears of a write with this clock; the value says the same counts.
        fn mvreg_set(c: Slot, counts: Vec<(u64, u64)>) => {
            format!("v{c}.set({0:?}.to_string(), clock(/* {0} */));", written(counts))
        };
        /// The values. Sorted: the contract fixes no order.
        fn mvreg_read(c: Slot) -> Vec<String> => "v{c}.read()";
        /// Takes in another state.
        fn mvreg_merge(c: Slot, other: Slot) => { merging('v', *c, *other) };
        /// A copy of a state.
        fn mvreg_copy(c: Slot, copy: Slot) => "let mut v{copy} = v{c}.clone();";

        /// Inserts a value of the driver's own type, a set of numbers that merges by union.
        fn map_insert(c: Slot, key: String, note: u32) => "m{c}.insert({key:?}.to_string(), Notes::from([{note}]));";
        /// Adds a number to the value of a key, if it has one; whether it has.
        fn map_note(c: Slot, key: String, note: u32) -> bool =>
            "m{c}.get_mut(&{key:?}.to_string()).map(|notes| notes.insert({note})).is_some()";
        /// The numbers under a key.
        fn map_get(c: Slot, key: String) -> Option<Vec<u32>> => "m{c}.get(&{key:?}.to_string())";
        /// The keys. Sorted: the contract fixes no order.
        fn map_keys(c: Slot) -> Vec<String> => "m{c}.keys()";
        /// Takes in another state.
        fn map_merge(c: Slot, other: Slot) => { merging('m', *c, *other) };
        /// A copy of a state.
        fn map_copy(c: Slot, copy: Slot) => "let mut m{copy} = m{c}.clone();";

        /// Inserts, as an actor of the slot.
        fn list_insert(c: Slot, index: u8, value: u32, name: u8) => {
            format!("l{c}.insert({index}, {value}, {});", actor(*c, *name))
        };
        /// Deletes.
        fn list_delete(c: Slot, index: u8) => "l{c}.delete({index});";
        /// The values, in order.
        fn list_values(c: Slot) -> Vec<u32> => "l{c}.iter()";
        /// How many values there are.
        fn list_len(c: Slot) -> u64 => "l{c}.len()";
        /// Takes in another state.
        fn list_merge(c: Slot, other: Slot) => { merging('l', *c, *other) };
        /// A copy of a state.
        fn list_copy(c: Slot, copy: Slot) => "let mut l{copy} = l{c}.clone();";

        /// The largest of some numbers, by operations on one state.
        fn max_apply(numbers: Vec<i64>) -> i64 =>
            "let mut state = MaxRegister::initial(); for n in {numbers:?} {{ MaxRegister::apply_op(&mut state, n); }} state";
        /// The largest of some numbers, by a merge of two states.
        fn max_merge(one: i64, other: i64) -> i64 => "MaxRegister::merge_states(&{one}, &{other})";

        /// Writes to an `AutoCommit`; whether it says that it did.
        fn commit_put(c: Slot, key: String, value: i64) -> bool => "a{c}.put({key:?}, Value::Int({value})).is_ok()";
        /// Reads.
        fn commit_get(c: Slot, key: String) -> Option<i64> => "a{c}.get({key:?})";
        /// The keys. Sorted: the contract fixes no order.
        fn commit_keys(c: Slot) -> Vec<String> => "a{c}.keys()";
        /// Writes any value to an `AutoCommit`, and reads it.
        fn commit_hold(c: Slot, key: String, value: Datum) -> Option<Datum> => {
            format!("a{c}.put({key:?}, {}).unwrap(); a{c}.get({key:?})", value.rust())
        };

        /// Writes.
        fn document_put(c: Slot, key: String, value: u32) => "d{c}.put({key:?}, Value::Int({value}));";
        /// Reads.
        fn document_get(c: Slot, key: String) -> Option<u32> => "d{c}.get({key:?})";
        /// Writes any value in one document, merges it into a new one, and reads it there.
        fn document_send(key: String, value: Datum) -> Option<Datum> => {
            format!("a.put({key:?}, {}); b.merge(&a); b.get({key:?})", value.rust())
        };
        /// Two new documents write a key, and merge each other; what each then reads.
        fn document_meet(one: Datum, other: Datum) -> (Option<Datum>, Option<Datum>) => {
            format!(
                "a.put(\"x\", {}); b.put(\"x\", {}); let old = a.clone(); a.merge(&b); b.merge(&old); (a.get(\"x\"), b.get(\"x\"))",
                one.rust(),
                other.rust(),
            )
        };
        /// Two new documents write a key in turn, each after it has merged the other. How often the one that merges then has
        /// what was written last.
        fn document_relay(rounds: u16) -> u16 =>
            "(0..{rounds}).filter(|i| {{ swap(&mut a, &mut b); a.put(\"x\", Value::Int(*i)); b.merge(&a); b.get(\"x\") == Some(Int(*i)) }}).count()";
        /// Takes in another state.
        fn document_merge(c: Slot, other: Slot) => { merging('d', *c, *other) };
        /// A copy of a state.
        fn document_copy(c: Slot, copy: Slot) => "let mut d{copy} = d{c}.clone();";
    }
}
