//! The parts together: what no part can be asked alone. Time is tokio's, paused, so nothing sleeps.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::time::advance;

use super::*;
use crate::{TxnOp, WatchEvent, WatchFilter};

fn registry() -> ServiceRegistry {
    ServiceRegistry::new(RegistryConfig {
        event_buffer_size: 4,
        max_watchers_per_key: 2,
        ..RegistryConfig::default()
    })
}

fn on(lease: LeaseId) -> PutOptions {
    PutOptions {
        lease: Some(lease),
        ..PutOptions::default()
    }
}

fn from(start_revision: Option<Revision>, prefix: bool) -> WatchOptions {
    WatchOptions {
        start_revision,
        prefix,
        prev_kv: true,
        filters: Vec::new(),
    }
}

async fn write(registry: &ServiceRegistry, key: &str) -> Revision {
    registry
        .put(key, b"v".to_vec(), PutOptions::default())
        .await
        .expect("no lease is asked for")
        .revision
}

/// What is there to read now, in short.
fn arrived(watch: &mut WatchHandle) -> Vec<(Revision, Vec<String>)> {
    let mut responses = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(response)) = pin!(watch.next()).poll(&mut context) {
        let keys = response.events.into_iter().map(|event| match event {
            WatchEvent::Put(kv) => format!("+{}", kv.key),
            WatchEvent::Delete { key, .. } => format!("-{key}"),
        });
        responses.push((response.revision, keys.collect()));
    }
    responses
}

#[tokio::test(start_paused = true)]
async fn an_expired_lease_deletes_its_keys_and_watchers_hear_of_it() {
    let registry = registry();
    let lease = registry.lease_grant(Duration::from_secs(10)).await.expect("granted");
    registry
        .put("/e/1", Vec::new(), on(lease))
        .await
        .expect("the lease is in force");
    registry
        .put("/e/2", Vec::new(), on(lease))
        .await
        .expect("the lease is in force");
    let mut watch = registry.watch("/e/", from(None, true)).await.expect("a place is free");
    advance(Duration::from_secs(9)).await;
    assert!(registry.get("/e/1", GetOptions::default()).await.is_ok());
    let ended = watch.next().await.expect("the timer ends the lease");
    assert_eq!(ended.events.len(), 2);
    assert!(registry.get("/e/1", GetOptions::default()).await.is_err());
    assert!(matches!(
        registry.lease_info(lease).await,
        Err(RegistryError::LeaseNotFound(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_renewed_lease_lasts() {
    let registry = registry();
    let lease = registry.lease_grant(Duration::from_secs(10)).await.expect("granted");
    for _ in 0..5 {
        advance(Duration::from_secs(9)).await;
        let info = registry.lease_keepalive(lease).await.expect("still in force");
        assert_eq!(info.ttl, Duration::from_secs(10));
    }
    advance(Duration::from_secs(10)).await;
    assert!(registry.lease_keepalive(lease).await.is_err());
}

#[tokio::test]
async fn a_key_put_again_without_its_lease_outlives_it() {
    let registry = registry();
    let lease = registry.lease_grant(Duration::from_secs(60)).await.expect("granted");
    registry.put("k", Vec::new(), on(lease)).await.expect("in force");
    write(&registry, "k").await;
    assert!(registry.lease_info(lease).await.expect("in force").keys.is_empty());
    registry.lease_revoke(lease).await.expect("in force");
    assert!(registry.get("k", GetOptions::default()).await.is_ok());
}

#[tokio::test]
async fn a_refused_transaction_does_nothing() {
    let registry = registry();
    let put = |key: &str, options| TxnOp::Put {
        key: key.to_owned(),
        value: Vec::new(),
        options,
    };
    let txn = Transaction {
        success: vec![put("a", PutOptions::default()), put("b", on(77))],
        ..Transaction::default()
    };
    assert!(matches!(registry.txn(txn).await, Err(RegistryError::LeaseNotFound(77))));
    assert_eq!(registry.current_revision().await, 0);
    assert!(registry.get("a", GetOptions::default()).await.is_err());
}

#[tokio::test]
async fn a_watch_replays_the_past_and_goes_on() {
    let registry = registry();
    write(&registry, "a").await;
    let start = write(&registry, "a").await;
    let mut watch = registry
        .watch("a", from(Some(start), false))
        .await
        .expect("a place is free");
    registry.delete("a", false).await.expect("it is there");
    write(&registry, "ab").await;
    assert_eq!(
        arrived(&mut watch),
        [(start, vec!["+a".to_owned()]), (start + 1, vec!["-a".to_owned()])]
    );
}

#[tokio::test]
async fn a_commit_is_one_response_also_for_watchers_of_several_keys() {
    let registry = registry();
    let mut watch = registry.watch("/", from(None, true)).await.expect("a place is free");
    let put = |key: &str| TxnOp::Put {
        key: key.to_owned(),
        value: Vec::new(),
        options: PutOptions::default(),
    };
    let txn = Transaction {
        success: vec![put("/a"), put("/b")],
        ..Transaction::default()
    };
    let revision = registry.txn(txn).await.expect("nothing to refuse").revision;
    assert_eq!(
        arrived(&mut watch),
        [(revision, vec!["+/a".to_owned(), "+/b".to_owned()])]
    );
}

#[tokio::test]
async fn filtered_events_do_not_arrive() {
    let registry = registry();
    let options = WatchOptions {
        filters: vec![WatchFilter::NoPut],
        ..from(None, false)
    };
    let mut watch = registry.watch("a", options).await.expect("a place is free");
    write(&registry, "a").await;
    registry.delete("a", false).await.expect("it is there");
    assert_eq!(arrived(&mut watch), [(2, vec!["-a".to_owned()])]);
}

#[tokio::test]
async fn a_slow_watcher_sees_the_end_and_no_hole() {
    let registry = registry();
    let mut watch = registry.watch("a", from(None, false)).await.expect("a place is free");
    for _ in 0..10 {
        write(&registry, "a").await;
    }
    let mut revisions = Vec::new();
    while let Some(response) = watch.next().await {
        revisions.push(response.revision);
    }
    assert_eq!(revisions, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_cancelled_watch_frees_its_place() {
    let registry = registry();
    let first = registry.watch("a", from(None, false)).await.expect("the first of two");
    let _second = registry.watch("a", from(None, false)).await.expect("the second of two");
    assert!(matches!(
        registry.watch("a", from(None, false)).await,
        Err(RegistryError::TooManyWatchers(_))
    ));
    first.cancel();
    assert!(registry.watch("a", from(None, false)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn old_revisions_are_compacted_by_themselves() {
    let registry = ServiceRegistry::new(RegistryConfig {
        compaction_interval_secs: 10,
        revision_retention_secs: 60,
        ..RegistryConfig::default()
    });
    let first = write(&registry, "a").await;
    for _ in 0..8 {
        advance(Duration::from_secs(10)).await;
        write(&registry, "a").await;
    }
    let then = GetOptions {
        revision: Some(first),
        ..GetOptions::default()
    };
    assert!(matches!(
        registry.get("a", then).await,
        Err(RegistryError::RevisionCompacted { .. })
    ));
    assert!(matches!(
        registry.watch("a", from(Some(first), false)).await,
        Err(RegistryError::RevisionCompacted { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_service_lives_as_long_as_its_lease() {
    let registry = registry();
    let registration = |namespace: &str| ServiceRegistration {
        id: "api-1".to_owned(),
        name: "api".to_owned(),
        namespace: namespace.to_owned(),
        address: "10.0.0.1".to_owned(),
        port: 80,
        tags: vec!["blue".to_owned(), "v1".to_owned()],
        metadata: HashMap::new(),
        health_checks: Vec::new(),
        weight: 1,
    };
    let lease = registry
        .register_service(registration("west"))
        .await
        .expect("registered");
    registry
        .register_service(registration("east"))
        .await
        .expect("registered");
    registry.lease_revoke(lease).await.expect("in force");
    assert!(
        registry
            .discover("api", "west")
            .await
            .expect("never refused")
            .is_empty()
    );
    assert_eq!(registry.discover("api", "east").await.expect("never refused").len(), 1);
    let both = ["v1".to_owned(), "green".to_owned()];
    assert!(
        registry
            .discover_with_filters("api", "east", &both, None)
            .await
            .expect("never refused")
            .is_empty()
    );
    advance(Duration::from_secs(3600)).await;
    assert!(
        registry
            .discover("api", "east")
            .await
            .expect("never refused")
            .is_empty()
    );
    assert!(matches!(
        registry.deregister_service("api-1", "east").await,
        Err(RegistryError::ServiceNotFound(_))
    ));
}
