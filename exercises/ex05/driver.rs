//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.

mod asking;
mod contest;
mod guards;
mod holding;
mod ticking;

use ex05::{FencingToken, LockGuard, LockService, LockServiceConfig};
use ex05_protocol::{
    Answer, Asked, At, Contest, Epoch, Info, Locks, Outlived, Refusal, Settings, Slot, Term, Timed, Token,
};
use std::collections::BTreeMap;
use std::mem;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A service, and what stands behind the script's numbers.
pub struct World {
    epoch: Epoch,
    guards: BTreeMap<Slot, LockGuard>,
    service: LockService,
    tokens: BTreeMap<Slot, u64>,
    /// When the last lease of milliseconds is over, if each was prolonged by all that was asked for.
    short: Instant,
}

impl Default for World {
    fn default() -> Self {
        Self {
            epoch: Epoch::default(),
            guards: BTreeMap::new(),
            service: start(&Settings::default()),
            tokens: BTreeMap::new(),
            short: Instant::now(),
        }
    }
}

impl World {
    fn token(&self, token: Token) -> FencingToken {
        FencingToken(token.number(&self.tokens))
    }

    /// A lease was asked for.
    fn note(&mut self, term: Term) {
        if let (Term::Millis(_), Some(time)) = (term, term.duration()) {
            self.short = self.short.max(Instant::now()) + time;
        }
    }
}

fn start(settings: &Settings) -> LockService {
    let millis = |hours: u64| hours * 3_600_000;
    LockService::new(LockServiceConfig {
        default_lease_duration: millis(u64::from(settings.default_hours.max(1))),
        max_lease_duration: millis(u64::from(settings.max_hours.max(1))),
        cleanup_interval: 1,
        renewal_margin: f64::from(settings.margin_ppm) / 1e6,
    })
}

impl Locks for World {
    fn configure(&mut self, settings: Settings) {
        // Guards may be what a submission lacks: their type is not mentioned here.
        drop(mem::take(&mut self.guards));
        self.tokens.clear();
        self.service = start(&settings);
    }

    fn try_acquire(&mut self, t: Slot, lock: String, client: String, term: Term) -> Timed<Answer> {
        holding::acquire(self, t, lock, client, term, BTreeMap::new())
    }

    fn try_acquire_with(
        &mut self,
        t: Slot,
        lock: String,
        client: String,
        metadata: BTreeMap<String, String>,
    ) -> Timed<Answer> {
        holding::acquire(self, t, lock, client, Term::Hours(1), metadata)
    }

    fn ask_for_hours(&mut self, lock: String, client: String, hours: u16) -> Timed<Asked> {
        holding::ask_for_hours(self, lock, client, hours)
    }

    fn release(&mut self, lock: String, client: String, token: Token) -> Timed<Result<(), Refusal>> {
        holding::release(self, &lock, &client, token)
    }

    fn renew(&mut self, lock: String, client: String, token: Token, term: Term) -> Timed<Result<At, Refusal>> {
        holding::renew(self, &lock, &client, token, term)
    }

    fn renew_for_hours(&mut self, lock: String, client: String, token: Token, hours: u16) -> Timed<Asked> {
        holding::renew_for_hours(self, &lock, &client, token, hours)
    }

    fn is_valid(&mut self, lock: String, token: Token) -> Timed<bool> {
        let token = self.token(token);
        self.epoch
            .timed(|| matches!(self.service.is_valid(&lock, token), Ok(true)))
    }

    fn info(&mut self, lock: String) -> Timed<Option<Info>> {
        asking::info(self, &lock)
    }

    fn metadata(&mut self, lock: String) -> Timed<Option<BTreeMap<String, String>>> {
        asking::metadata(self, &lock)
    }

    fn list(&mut self) -> Timed<Vec<Info>> {
        asking::list(self)
    }

    fn list_client(&mut self, client: String) -> Timed<Vec<Info>> {
        asking::list_client(self, &client)
    }

    fn wait(&mut self) {
        // Sleeping ends no sooner than it shall; the slack is for clocks that count milliseconds.
        let end = self.short + Duration::from_nanos(2 * At::SLACK.0);
        sleep(end.saturating_duration_since(Instant::now()));
    }

    fn pause(&mut self, millis: u8) {
        sleep(Duration::from_millis(u64::from(millis)));
    }

    fn cleanup(&mut self) -> Timed<Vec<String>> {
        ticking::cleanup(self)
    }

    fn tick_expired(&mut self) -> Timed<Vec<(String, String)>> {
        ticking::expired(self)
    }

    fn tick_soon(&mut self) -> Timed<Vec<(String, String, At)>> {
        ticking::soon(self)
    }

    fn guard(&mut self, g: Slot, lock: String, client: String, term: Term) -> Timed<bool> {
        guards::acquire(self, g, lock, client, term)
    }

    fn guard_token(&mut self, g: Slot) -> Timed<Option<u64>> {
        guards::token(self, g)
    }

    fn guard_lock(&mut self, g: Slot) -> Option<String> {
        guards::lock(self, g)
    }

    fn remaining(&mut self, g: Slot) -> Timed<Option<At>> {
        guards::remaining(self, g)
    }

    fn drop_guard(&mut self, g: Slot) {
        self.guards.remove(&g);
    }

    fn outlive(&mut self, lock: String) -> Outlived {
        guards::outlive(&lock)
    }

    fn contest(&mut self, threads: u8, times: u8) -> Contest {
        contest::contest(threads, times)
    }
}
