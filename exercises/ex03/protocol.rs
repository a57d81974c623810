//! The script language of EX03: replicas of the five types in numbered slots, and what one can do with them.
//!
//! Each type has slots of its own: `g` and `p` counters, `r` registers, `s` sets, `m` maps. A slot that was not mentioned
//! before holds a new replica, named after the slot. A slot that was copied into is a state on its way: it merges and is
//! looked at, and writing to it does nothing. So no two writers ever share a name.

use serde::{Deserialize, Serialize};

/// The number of a replica.
pub type Slot = u8;

/// How two timestamps compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The first is smaller.
    Less,
    /// They are equal.
    Equal,
    /// The first is larger.
    Greater,
}

/// The name of the replica in a slot: a letter, as long as there are any.
pub fn replica(c: Slot) -> String {
    match c {
        0..26 => char::from(b'A' + c).to_string(),
        _ => format!("Z{c}"),
    }
}

/// One of the names under which the owner of a slot counts. No other slot has it.
pub fn counting(c: Slot, name: u8) -> String {
    match name {
        0 => replica(c),
        _ => format!("{}{name}", replica(c)),
    }
}

/// The line of Rust that merges two slots, also when they are the same one.
fn merging(letter: char, c: Slot, other: Slot) -> String {
    let clone = if c == other { ".clone()" } else { "" };
    format!("{letter}{c}.merge(&{letter}{other}{clone});")
}

witness::language! {
    /// Replicas by type and number.
    pub trait Registry {
        /// The replica of a new timestamp.
        fn stamp_replica(replica: String) -> String => "Timestamp::new({replica:?}.into()).replica";
        /// A timestamp after `increment`.
        fn stamp_increment(time: u64, replica: String) -> (u64, String) =>
            "let mut t = Timestamp {{ time: {time}, replica: {replica:?}.into() }}; t.increment(); (t.time, t.replica)";
        /// How two timestamps compare.
        fn stamp_compare(time: u64, replica: String, other_time: u64, other_replica: String) -> Order =>
            "Timestamp {{ time: {time}, replica: {replica:?}.into() }}.cmp(&Timestamp {{ time: {other_time}, replica: {other_replica:?}.into() }})";

        /// Counts one, under a name of the slot.
        fn gcounter_increment(c: Slot, name: u8) => { format!("g{c}.increment(&{:?}.into());", counting(*c, *name)) };
        /// Counts several.
        fn gcounter_increment_by(c: Slot, name: u8, n: u64) => {
            format!("g{c}.increment_by(&{:?}.into(), {n});", counting(*c, *name))
        };
        /// Takes in another state.
        fn gcounter_merge(c: Slot, other: Slot) => { merging('g', *c, *other) };
        /// A copy of a state.
        fn gcounter_copy(c: Slot, copy: Slot) => "let mut g{copy} = g{c}.clone();";
        /// The total.
        fn gcounter_value(c: Slot) -> u64 => "g{c}.value()";
        /// What the owner of slot `of` has counted under one of its names.
        fn gcounter_replica_value(c: Slot, of: Slot, name: u8) -> u64 => {
            format!("g{c}.replica_value(&{:?}.into())", counting(*of, *name))
        };

        /// Counts one up.
        fn pncounter_increment(c: Slot, name: u8) => { format!("p{c}.increment(&{:?}.into());", counting(*c, *name)) };
        /// Counts one down.
        fn pncounter_decrement(c: Slot, name: u8) => { format!("p{c}.decrement(&{:?}.into());", counting(*c, *name)) };
        /// Counts several up.
        fn pncounter_increment_by(c: Slot, name: u8, n: u64) => {
            format!("p{c}.increment_by(&{:?}.into(), {n});", counting(*c, *name))
        };
        /// Counts several down.
        fn pncounter_decrement_by(c: Slot, name: u8, n: u64) => {
            format!("p{c}.decrement_by(&{:?}.into(), {n});", counting(*c, *name))
        };
        /// Takes in another state.
        fn pncounter_merge(c: Slot, other: Slot) => { merging('p', *c, *other) };
        /// A copy of a state.
        fn pncounter_copy(c: Slot, copy: Slot) => "let mut p{copy} = p{c}.clone();";
        /// The total.
        fn pncounter_value(c: Slot) -> i64 => "p{c}.value()";

        /// Some milliseconds pass, at least two.
        fn pause() => "sleep(Duration::from_millis(2));";
        /// Writes.
        fn register_set(c: Slot, value: u32) => "r{c}.set({value});";
        /// Reads.
        fn register_get(c: Slot) -> Option<u32> => "r{c}.get()";
        /// When the value was written, and by whom.
        fn register_timestamp(c: Slot) -> (u64, String) => "r{c}.timestamp()";
        /// Takes in another state.
        fn register_merge(c: Slot, other: Slot) => { merging('r', *c, *other) };
        /// A copy of a state.
        fn register_copy(c: Slot, copy: Slot) => "let mut r{copy} = r{c}.clone();";
        /// Writes again and again into one new register; another one merges it every time. How often it then has what was
        /// written last.
        fn register_follow(rounds: u16) -> u16 =>
            "(0..{rounds}).filter(|i| {{ a.set(*i); b.merge(&a); b.get() == Some(i) }}).count()";
        /// Two new registers write in turn, each after it has merged the other. How often the one that merges then has what
        /// was written last.
        fn register_relay(rounds: u16) -> u16 =>
            "(0..{rounds}).filter(|i| {{ swap(&mut a, &mut b); a.set(*i); b.merge(&a); b.get() == Some(i) }}).count()";

        /// Inserts.
        fn set_insert(c: Slot, value: String) => "s{c}.insert({value:?}.to_string());";
        /// Removes; whether there was something to remove.
        fn set_remove(c: Slot, value: String) -> bool => "s{c}.remove(&{value:?}.to_string())";
        /// Whether a value is there.
        fn set_contains(c: Slot, value: String) -> bool => "s{c}.contains(&{value:?}.to_string())";
        /// The values. Sorted: the contract fixes no order.
        fn set_values(c: Slot) -> Vec<String> => "s{c}.values()";
        /// How many values there are.
        fn set_len(c: Slot) -> u64 => "s{c}.len()";
        /// Whether there is no value.
        fn set_is_empty(c: Slot) -> bool => "s{c}.is_empty()";
        /// Takes in another state.
        fn set_merge(c: Slot, other: Slot) => { merging('s', *c, *other) };
        /// A copy of a state.
        fn set_copy(c: Slot, copy: Slot) => "let mut s{copy} = s{c}.clone();";

        /// Writes under a key.
        fn map_insert(c: Slot, key: String, value: u32) => "m{c}.insert({key:?}.to_string(), {value});";
        /// Removes a key.
        fn map_remove(c: Slot, key: String) => "m{c}.remove(&{key:?}.to_string());";
        /// Reads a key.
        fn map_get(c: Slot, key: String) -> Option<u32> => "m{c}.get(&{key:?}.to_string())";
        /// Whether a key has a value.
        fn map_contains_key(c: Slot, key: String) -> bool => "m{c}.contains_key(&{key:?}.to_string())";
        /// The keys that have a value. Sorted: the contract fixes no order.
        fn map_keys(c: Slot) -> Vec<String> => "m{c}.keys()";
        /// Takes in another state.
        fn map_merge(c: Slot, other: Slot) => { merging('m', *c, *other) };
        /// A copy of a state.
        fn map_copy(c: Slot, copy: Slot) => "let mut m{copy} = m{c}.clone();";
    }
}
