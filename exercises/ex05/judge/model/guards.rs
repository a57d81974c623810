//! Guards, against what is known.

use ex05_protocol::{At, Slot, Term, Timed};

use super::{Aspect, Model, Phase, State, Window, asked, hours};

impl Model<'_> {
    pub(super) fn guarded(&mut self, g: Slot, name: &str, client: &str, term: Term, answer: &Timed<bool>) {
        self.drop_guard(g);
        let window = Window::from(answer);
        let lease = if term == Term::Default {
            hours(1)
        } else {
            asked(term, &self.settings)
        };
        let (state, phase) = self.look(name, window);
        let mut again = false;
        match (&state, phase) {
            (State::Free, _) | (_, Some(Phase::Over)) => {
                self.expect(answer.value, Aspect::Guard, "nobody holds the lock: the client gets it");
            }
            (State::Held(held), _) => {
                let text = format!("{} holds the lock and its lease is not over", held.holder);
                again = held.holder == client;
                let right = again || !answer.value || phase == Some(Phase::Unsure);
                self.expect(right, Aspect::Guard, &text);
            }
            (State::Open, _) => again = true,
        }
        if answer.value {
            let mut new = self.held_by(client, window, window.from.plus(lease), lease);
            new.at_least = true;
            new.again = again;
            self.guards.insert(g, (name.to_owned(), new.serial));
            if phase.is_some_and(|phase| phase != Phase::InForce) {
                self.lock(name).maybe_lapsed = true;
            }
            self.grant(name, new);
        }
        self.touched = window.to;
    }

    pub(super) fn guard_token(&mut self, g: Slot, answer: &Timed<Option<u64>>) {
        let Some(token) = answer.value else { return };
        self.tokens.insert(g, token);
        let Some((name, serial)) = self.guards.get(&g).cloned() else {
            return;
        };
        let known = |lock: &super::Lock| lock.grants.iter().any(|(_, known)| *known == token);
        let is_taken = self.locks.values().any(known);
        let (holder, right) = match self.held(&name) {
            Some(held) if held.serial == serial => {
                let right = held.again || held.token.map_or(!is_taken && token > 0, |known| known == token);
                held.token.get_or_insert(token);
                (held.holder.clone(), right)
            }
            _ => return,
        };
        self.lock(&name).grants.insert((holder, token));
        self.greatest = self.greatest.max(token);
        self.expect(
            right,
            Aspect::GuardSays,
            "this is not the token of the guard's own grant",
        );
    }

    pub(super) fn guard_lock(&mut self, g: Slot, answer: Option<&str>) {
        let right = self.guards.get(&g).is_none_or(|(name, _)| answer == Some(name));
        self.expect(right, Aspect::GuardSays, "the guard holds another lock");
    }

    pub(super) fn remains(&mut self, g: Slot, answer: &Timed<Option<At>>) {
        let window = Window::from(answer);
        let (Some((name, serial)), Some(time)) = (self.guards.get(&g).cloned(), answer.value) else {
            return;
        };
        let (state, phase) = self.look(&name, window);
        let (State::Held(held), Some(Phase::InForce)) = (&state, phase) else {
            return;
        };
        if held.serial != serial {
            return;
        }
        // A guard may be renewed at any time, but its lease is never shortened by that.
        let least = held.until.minus(window.to);
        let most = held.lease.1.plus(held.lease.1);
        let right = !time.is_well_before(least) && !most.is_well_before(time);
        self.expect(right, Aspect::Remaining, "this is not what remains of the lease");
        if let Some((told, until)) = self.told.get(&name)
            && *told == serial
        {
            self.remaining.push((self.at, name, serial, window, time, *until));
        }
    }

    /// If the end of a lease is told to be the same before and after a guard was asked, it was the same in between.
    pub(super) fn compare_remaining(&mut self, name: &str, serial: u32, until: At) {
        for (at, asked, grant, window, time, before) in std::mem::take(&mut self.remaining) {
            if asked != name || grant != serial || before != until {
                continue;
            }
            let (least, most) = (until.minus(window.to), until.minus(window.from));
            if time.is_well_before(least) || most.is_well_before(time) {
                self.at = at;
                self.object(
                    Aspect::Remaining,
                    "this is not what remains until the `expires_at` of the lock",
                );
            }
        }
    }

    pub(super) fn drop_guard(&mut self, g: Slot) {
        if let Some((name, serial)) = self.guards.remove(&g)
            && let Some(held) = self.held(&name)
            && held.serial == serial
        {
            held.dropped = true;
        }
    }
}
