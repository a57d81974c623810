//! The rules of the table, at times of our choosing.

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const TICK: Duration = Duration::from_nanos(1);

fn table() -> (Table, Instant) {
    let config = LockServiceConfig {
        default_lease_duration: 3_600_000,
        max_lease_duration: 36_000_000,
        cleanup_interval: 0,
        renewal_margin: 0.25,
    };
    let now = Instant::now();
    (Table::new(config, now), now)
}

fn name(text: &str) -> String {
    text.to_owned()
}

impl Table {
    fn grant(&mut self, client: &str, renewal: Renewal, now: Instant) -> FencingToken {
        let request = Request {
            lock_id: name("lock"),
            client_id: name(client),
            lease: None,
            metadata: HashMap::new(),
            renewal,
        };
        match self.acquire(request, now) {
            Ok(AcquireResult::Acquired { fencing_token, .. }) => fencing_token,
            other => panic!("it is free, but {other:?}"),
        }
    }

    fn told(&mut self, now: Instant) -> Vec<String> {
        self.tick(now).iter().map(|event| format!("{event:?}")).collect()
    }
}

#[test]
fn a_lease_is_in_force_until_its_end_and_not_at_it() {
    let (mut table, start) = table();
    table.grant("a", Renewal::ByHolder, start);
    assert!(table.get(&name("lock"), start + HOUR - TICK).is_some());
    assert!(table.get(&name("lock"), start + HOUR).is_none());
    assert_eq!(table.in_force(start + HOUR - TICK).count(), 1);
    assert_eq!(table.in_force(start + HOUR).count(), 0);
}

#[test]
fn an_expiry_is_told_once_even_if_somebody_took_over() {
    let (mut table, start) = table();
    table.grant("a", Renewal::ByHolder, start);
    table.grant("b", Renewal::ByHolder, start + HOUR);
    assert_eq!(table.clean_up(start + HOUR), [(name("lock"), name("a"))]);
    assert_eq!(table.clean_up(start + HOUR), []);
    assert_eq!(table.clean_up(start + HOUR * 2), [(name("lock"), name("b"))]);
}

#[test]
fn a_renewal_prolongs_from_now_and_never_shortens() {
    let (mut table, start) = table();
    let token = table.grant("a", Renewal::ByHolder, start);
    let mut renew = |extension, now| table.renew(&name("lock"), &name("a"), token, Some(extension), now);
    assert_eq!(renew(HOUR * 2, start + HOUR / 2), Ok(start + HOUR * 5 / 2));
    assert_eq!(renew(HOUR, start + HOUR), Ok(start + HOUR * 5 / 2));
    assert_eq!(renew(HOUR, start + HOUR * 5 / 2), Err(LockError::Expired));
}

#[test]
fn a_warning_comes_when_the_margin_begins_and_once() {
    let (mut table, start) = table();
    table.grant("a", Renewal::ByHolder, start);
    let margin = start + HOUR * 3 / 4;
    assert!(table.told(margin - TICK).is_empty());
    assert_eq!(
        table.told(margin),
        [r#"LockExpiringSoon { lock_id: "lock", holder: "a", remaining: 900s }"#]
    );
    assert!(table.told(margin).is_empty());
    assert_eq!(
        table.told(start + HOUR),
        [r#"LockExpired { lock_id: "lock", holder: "a" }"#]
    );
}

#[test]
fn a_guarded_lock_is_renewed_in_its_margin() {
    let (mut table, start) = table();
    table.grant("a", Renewal::Automatic, start);
    let expiry = |table: &Table, now| table.get(&name("lock"), now).map(|info| info.expires_at);

    let margin = start + HOUR * 3 / 4;
    assert!(table.told(margin - TICK).is_empty());
    assert_eq!(expiry(&table, margin), Some(start + HOUR));
    assert!(table.told(margin).is_empty());
    assert_eq!(expiry(&table, margin), Some(margin + HOUR));
    // Too late: what nobody renewed in time is over.
    assert_eq!(
        table.told(margin + HOUR),
        [r#"LockExpired { lock_id: "lock", holder: "a" }"#]
    );
}

#[test]
fn a_margin_as_long_as_the_lease_renews_at_every_tick() {
    let (mut table, start) = table();
    table.config.renewal_margin = 1.0;
    table.grant("a", Renewal::Automatic, start);
    assert!(table.told(start).is_empty());
}

#[test]
fn expiries_are_told_no_more_often_than_configured() {
    let (mut table, start) = table();
    table.config.cleanup_interval = 7_200_000;
    table.grant("a", Renewal::ByHolder, start);
    assert!(table.told(start + HOUR).is_empty());
    assert_eq!(table.told(start + HOUR * 2).len(), 1);
}
