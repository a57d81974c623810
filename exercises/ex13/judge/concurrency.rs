//! Several clients at once while the network is cut, judged by what they recorded.

use ex13_protocol::{Act, Answered, Deed, Reply, Script, Seen, steps::*};
use judge::history::{LONGEST, Recorded, Sequential, linearizable};
use judge::{Objection, Trial, Verdict};
use proptest::{collection::vec, prelude::*, sample::select};
use std::collections::BTreeMap;
use witness::aio::Call;

/// What the store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Store(BTreeMap<String, u8>);

impl Sequential for Store {
    type Operation = Deed;
    type Returned = Option<Reply>;

    /// An operation without an answer may take effect at any time from its call on; it may also come last, after
    /// everything that anybody saw, which is as good as never.
    fn step(&self, deed: &Deed, reply: &Option<Reply>) -> Option<Self> {
        let mut after = self.clone();
        let right = match deed {
            Deed::Set(key, value) => {
                after.0.insert(key.clone(), *value);
                Reply::Done
            }
            Deed::Delete(key) => Reply::Value(after.0.remove(key).map(|value| vec![value])),
            Deed::Get(key) => Reply::Value(self.0.get(key).map(|value| vec![*value])),
            Deed::Isolate(_) | Deed::Reconnect => Reply::Done,
        };
        reply.as_ref().is_none_or(|reply| *reply == right).then_some(after)
    }
}

fn recorded(call: &Call<Answered>) -> Option<Recorded<Deed, Option<Reply>>> {
    let Answered { deed, reply } = call.value.clone();
    // A failed read says nothing, and cuts are no operations on the store.
    let tells = match deed {
        Deed::Set(..) | Deed::Delete(_) => true,
        Deed::Get(_) => reply.is_some(),
        Deed::Isolate(_) | Deed::Reconnect => false,
    };
    tells.then(|| Recorded {
        operation: deed,
        returned_at: if reply.is_some() { call.returned } else { u64::MAX },
        returned: reply,
        called_at: call.called,
    })
}

fn key() -> impl Strategy<Value = String> {
    select(vec!["x", "y"]).prop_map(str::to_owned)
}

fn client() -> impl Strategy<Value = Vec<Act>> {
    let deed = prop_oneof![
        3 => (key(), 0..50_u8).prop_map(|(key, value)| Deed::Set(key, value)),
        1 => key().prop_map(Deed::Delete),
        3 => key().prop_map(Deed::Get),
    ];
    let act = (0..250_u16, 0..3_u8, deed).prop_map(|(wait, via, deed)| Act { wait, via, deed });
    vec(act, 4..12)
}

/// Who cuts and mends the network meanwhile: often the leader, for long enough that the others elect another.
fn nemesis() -> impl Strategy<Value = Vec<Act>> {
    let deed = prop_oneof![
        3 => Just(Deed::Isolate(0)),
        1 => (1..4_u8).prop_map(Deed::Isolate),
        1 => Just(Deed::Reconnect),
    ];
    let act = (50..900_u16, 0..3_u8, deed).prop_map(|(wait, via, deed)| Act { wait, via, deed });
    vec(act, 1..4)
}

/// R3, R11: reads and writes of several clients, through leaders that come and go, have an order that explains all answers.
pub fn concurrent_operations_are_linearizable(trial: &mut Trial<Script>) -> Verdict {
    let scripts = (vec(client(), 2..5), nemesis()).prop_map(|(mut programs, nemesis)| {
        programs.push(nemesis);
        vec![together(programs)]
    });
    trial.cases(40).forall(scripts, |case| {
        for (at, _, seen) in case.steps() {
            let Seen::together(calls) = seen else { continue };
            let history: Vec<_> = calls.iter().filter_map(recorded).collect();
            if history.len() > LONGEST {
                continue;
            }
            if let Err(explained) = linearizable(Store::default(), &history) {
                let all = history.len();
                let text = format!(
                    "no order explains these answers: at most {} of {all} operations",
                    explained.len()
                );
                return Err(Objection::at(at, text));
            }
        }
        Ok(())
    })
}
