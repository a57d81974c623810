//! The public checks: what the statement says, in examples that a student can read and run.
//!
//! Nothing here sleeps: a task that shall come later waits for the others to yield, and the only clock is a generous
//! bound on a hang.

use ex09::{
    Compare, CompareResult, CompareTarget, GetOptions, HealthCheckDef, KeyValue, PutOptions, RegistryConfig,
    RegistryError, ServiceRegistration, ServiceRegistry, ServiceStatus, SortOrder, Transaction, TxnOp, TxnOpResponse,
    WatchEvent, WatchHandle, WatchOptions, WatchResponse,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a watch may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(4);

fn registry() -> ServiceRegistry {
    ServiceRegistry::new(RegistryConfig::default())
}

async fn put(registry: &ServiceRegistry, key: &str, value: &str) -> u64 {
    put_with(registry, key, value, PutOptions::default()).await
}

async fn put_with(registry: &ServiceRegistry, key: &str, value: &str, options: PutOptions) -> u64 {
    let written = registry.put(key, value.as_bytes().to_vec(), options).await;
    written.expect("put is refused").revision
}

async fn read(registry: &ServiceRegistry, key: &str) -> KeyValue {
    let found = registry.get(key, GetOptions::default()).await;
    let found = found.expect("the key is there");
    assert_eq!(found.kvs.len(), 1);
    found.kvs[0].clone()
}

async fn is_absent(registry: &ServiceRegistry, key: &str) -> bool {
    let found = registry.get(key, GetOptions::default()).await;
    matches!(found, Err(RegistryError::KeyNotFound(_)))
}

/// The default, but for what is set.
fn with(set: impl FnOnce(&mut GetOptions)) -> GetOptions {
    let mut options = GetOptions::default();
    set(&mut options);
    options
}

/// The state after a commit.
fn at(revision: u64) -> GetOptions {
    with(|get| get.revision = Some(revision))
}

/// The lease a key shall hang on.
fn on(lease: u64) -> PutOptions {
    PutOptions {
        lease: Some(lease),
        ..PutOptions::default()
    }
}

/// What is done if all comparisons hold.
fn when(compare: Vec<Compare>, success: Vec<TxnOp>) -> Transaction {
    Transaction {
        compare,
        success,
        failure: vec![],
    }
}

fn watching(start_revision: Option<u64>, prefix: bool) -> WatchOptions {
    WatchOptions {
        start_revision,
        prefix,
        prev_kv: false,
        filters: vec![],
    }
}

async fn next(watch: &mut WatchHandle) -> WatchResponse {
    let response = tokio::time::timeout(PATIENCE, watch.next()).await;
    response.expect("nothing arrives").expect("the watch has ended")
}

fn compare(key: &str, target: CompareTarget, result: CompareResult) -> Compare {
    Compare {
        key: key.to_owned(),
        target,
        result,
    }
}

fn write(key: &str, value: &str) -> TxnOp {
    TxnOp::Put {
        key: key.to_owned(),
        value: value.as_bytes().to_vec(),
        options: PutOptions::default(),
    }
}

fn service(id: &str, namespace: &str, tag: &str) -> ServiceRegistration {
    ServiceRegistration {
        id: id.to_owned(),
        name: "api".to_owned(),
        namespace: namespace.to_owned(),
        address: "10.0.0.1".to_owned(),
        port: 8080,
        tags: vec![tag.to_owned(), "primary".to_owned()],
        metadata: HashMap::new(),
        health_checks: vec![HealthCheckDef::Ttl {
            timeout: Duration::from_secs(3600),
        }],
        weight: 100,
    }
}

/// R1: what was put can be read, under its key only.
#[tokio::test]
async fn test_basic_put_get() {
    let registry = registry();
    put(&registry, "/services/api", "v1").await;

    let kv = read(&registry, "/services/api").await;
    assert_eq!(kv.key, "/services/api");
    assert_eq!(kv.value, b"v1");
    assert!(is_absent(&registry, "/services").await);

    let found = registry
        .get("/services/api", GetOptions::default())
        .await
        .expect("the key is there");
    assert_eq!(found.count, 1);
    assert!(found.revision <= registry.current_revision().await);

    put(&registry, "/services/api", "v2").await;
    assert_eq!(read(&registry, "/services/api").await.value, b"v2");
}

/// R6: a prefix selects the keys that start with it.
#[tokio::test]
async fn test_prefix_query() {
    let registry = registry();
    put(&registry, "/services/api/1", "a").await;
    put(&registry, "/services/api/2", "b").await;
    put(&registry, "/services/web/1", "c").await;
    put(&registry, "/services/api", "d").await;

    let found = registry.get("/services/api/", with(|get| get.prefix = true)).await;
    let found = found.expect("there are keys");
    assert_eq!(found.kvs.len(), 2);
    assert_eq!(found.count, 2);
    assert!(found.kvs.iter().all(|kv| kv.key.starts_with("/services/api/")));
}

/// R1: a deleted key is gone.
#[tokio::test]
async fn test_delete_key() {
    let registry = registry();
    put(&registry, "/key", "value").await;
    put(&registry, "/other", "value").await;

    let response = registry.delete("/key", false).await.expect("it is there");
    assert_eq!(response.deleted, 1);

    assert!(is_absent(&registry, "/key").await);
    assert!(!is_absent(&registry, "/other").await);
}

/// R10: a revoked lease takes its keys with it, and no others.
#[tokio::test]
async fn test_lease_lifecycle() {
    let registry = registry();
    let lease = registry.lease_grant(Duration::from_secs(3600)).await.expect("granted");
    let options = PutOptions {
        ignore_lease: false,
        ..on(lease)
    };
    put_with(&registry, "/ephemeral", "data", options).await;
    put(&registry, "/permanent", "data").await;

    let info = registry.lease_info(lease).await.expect("in force");
    assert_eq!(info.id, lease);
    assert_eq!(info.keys, ["/ephemeral"]);
    assert_eq!(info.granted_ttl, Duration::from_secs(3600));
    assert_eq!(read(&registry, "/ephemeral").await.lease, Some(lease));

    registry.lease_revoke(lease).await.expect("in force");
    assert!(is_absent(&registry, "/ephemeral").await);
    assert!(!is_absent(&registry, "/permanent").await);
    assert!(registry.lease_info(lease).await.is_err());
}

/// R8: a watcher hears of a later write to its key.
#[tokio::test]
async fn test_watch_events() {
    let registry = Arc::new(registry());
    let mut watch = registry
        .watch("/watched", watching(None, false))
        .await
        .expect("a place is free");

    let writer = Arc::clone(&registry);
    let task = tokio::spawn(async move {
        tokio::task::yield_now().await;
        put(&writer, "/unwatched", "old").await;
        put(&writer, "/watched", "new").await
    });

    let response = next(&mut watch).await;
    let revision = task.await.expect("the writer ends");
    assert_eq!(response.events.len(), 1);
    assert!(response.compact_revision <= response.revision);
    match &response.events[0] {
        WatchEvent::Put(kv) => {
            assert_eq!((kv.key.as_str(), kv.value.as_slice()), ("/watched", &b"new"[..]));
            assert_eq!(kv.mod_revision, revision);
        }
        WatchEvent::Delete { .. } => panic!("nothing was deleted"),
    }
}

/// R7: a transaction whose comparison holds takes the success branch, otherwise the other.
#[tokio::test]
async fn test_transaction_success() {
    let registry = registry();
    put(&registry, "/counter", "0").await;
    let zero = || CompareTarget::Value(b"0".to_vec());
    let increment = || Transaction {
        compare: vec![compare("/counter", zero(), CompareResult::Equal)],
        success: vec![write("/counter", "1")],
        failure: vec![write("/lost", "1")],
    };

    let response = registry.txn(increment()).await.expect("nothing is refused");
    assert!(response.succeeded);
    assert_eq!(read(&registry, "/counter").await.value, b"1");
    assert!(is_absent(&registry, "/lost").await);

    let response = registry.txn(increment()).await.expect("nothing is refused");
    assert!(!response.succeeded);
    assert_eq!(read(&registry, "/counter").await.value, b"1");
    assert!(!is_absent(&registry, "/lost").await);
}

/// R11: a registered service is found by its name and namespace, as it was registered.
#[tokio::test]
async fn test_service_registration() {
    let registry = registry();
    let lease = registry
        .register_service(service("api-1", "default", "v1"))
        .await
        .expect("registered");
    assert!(lease > 0);

    let found = registry.discover("api", "default").await.expect("there is one");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].address.as_str(), found[0].port),
        ("api-1", "10.0.0.1", 8080)
    );
    assert_eq!(found[0].tags, ["v1", "primary"]);
    assert_eq!(found[0].weight, 100);
}

/// R11: only services with the tag asked for are found.
#[tokio::test]
async fn test_service_discovery_with_tags() {
    let registry = registry();
    for i in 0..3 {
        let tag = if i % 2 == 0 { "v1" } else { "v2" };
        registry
            .register_service(service(&format!("api-{i}"), "default", tag))
            .await
            .expect("registered");
    }
    let found = registry
        .discover_with_filters("api", "default", &["v1".to_owned()], None)
        .await
        .expect("two of them");
    let mut ids: Vec<&str> = found.iter().map(|service| service.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["api-0", "api-2"]);

    let both = ["v1".to_owned(), "primary".to_owned()];
    let found = registry
        .discover_with_filters("api", "default", &both, None)
        .await
        .expect("two of them");
    assert_eq!(found.len(), 2);
}

/// R11: a service may ask for checks of any kind, and has a status from the beginning.
#[tokio::test]
async fn test_health_check_kinds() {
    let (address, timeout) = ("127.0.0.1:9".to_owned(), Duration::from_secs(1));
    let kinds = [
        HealthCheckDef::Http {
            url: format!("http://{address}/health"),
            method: "GET".to_owned(),
            expected_status: 200,
            timeout,
        },
        HealthCheckDef::Tcp {
            address: address.clone(),
            timeout,
        },
        HealthCheckDef::Grpc {
            address,
            service: None,
            timeout,
        },
        HealthCheckDef::Ttl {
            timeout: Duration::from_secs(3600),
        },
    ];
    let registry = registry();
    for (number, check) in kinds.into_iter().enumerate() {
        let service = ServiceRegistration {
            health_checks: vec![check],
            ..service(&format!("api-{number}"), "default", "v1")
        };
        registry.register_service(service).await.expect("registered");
    }
    let found = registry.discover("api", "default").await.expect("four of them");
    for service in &found {
        match service.status {
            ServiceStatus::Passing | ServiceStatus::Warning | ServiceStatus::Critical | ServiceStatus::Unknown => {}
        }
    }
    assert_eq!(found.len(), 4);
}

/// R1: errors say what they are about.
#[test]
fn test_errors() {
    let (requested, compact) = (3, 8);
    let compacted = RegistryError::RevisionCompacted { requested, compact };
    let errors = [
        (RegistryError::KeyNotFound("/k".to_owned()), "/k"),
        (RegistryError::LeaseNotFound(7), "7"),
        (RegistryError::LeaseExpired(7), "7"),
        (compacted, "8"),
        (RegistryError::TooManyWatchers("/k".to_owned()), "/k"),
        (RegistryError::TxnFailed, ""),
        (RegistryError::ServiceNotFound("api-1".to_owned()), "api-1"),
        (RegistryError::Internal("reason".to_owned()), "reason"),
    ];
    for (error, about) in errors {
        let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
        let text = error.to_string();
        let mentioned = !text.is_empty() && text.contains(about);
        assert!(mentioned, "`{text}` does not mention `{about}`");
    }
}

/// R2, R4: revisions rise, and the state after each of them can still be read.
#[tokio::test]
async fn test_revision_ordering() {
    let registry = registry();
    let first = put(&registry, "/a", "1").await;
    let second = put(&registry, "/b", "2").await;
    let third = put(&registry, "/a", "3").await;
    assert!(first < second && second < third);
    assert_eq!(registry.current_revision().await, third);

    for (revision, value) in [(first, b"1"), (second, b"1"), (third, b"3")] {
        let found = registry.get("/a", at(revision)).await.expect("it was there");
        assert_eq!(found.kvs[0].value, value);
    }
    assert!(matches!(
        registry.get("/b", at(first)).await,
        Err(RegistryError::KeyNotFound(_))
    ));
}

/// R7: each kind of comparison looks at its own field.
#[tokio::test]
async fn test_compare_target_variants() {
    let registry = registry();
    let lease = registry.lease_grant(Duration::from_secs(3600)).await.expect("granted");
    let other = registry.lease_grant(Duration::from_secs(3600)).await.expect("granted");
    let created = put(&registry, "/k", "a").await;
    put(&registry, "/else", "x").await;
    let modified = put_with(&registry, "/k", "b", on(lease)).await;

    use CompareTarget::{CreateRevision, Lease, ModRevision, Value, Version};
    let holds = [
        (Version(2), Version(3)),
        (CreateRevision(created), CreateRevision(modified)),
        (ModRevision(modified), ModRevision(created)),
        (Value(b"b".to_vec()), Value(b"a".to_vec())),
        (Lease(lease), Lease(other)),
    ];
    for (right, wrong) in holds {
        for (target, result, expected) in [
            (right.clone(), CompareResult::Equal, true),
            (right, CompareResult::NotEqual, false),
            (wrong.clone(), CompareResult::Equal, false),
            (wrong, CompareResult::NotEqual, true),
        ] {
            let question = compare("/k", target, result);
            let answer = registry
                .txn(when(vec![question.clone()], vec![]))
                .await
                .expect("nothing is refused")
                .succeeded;
            assert_eq!(answer, expected, "{question:?}");
        }
    }
}

/// R3: versions count the writes of one life, and a key that is created again has a new life.
#[tokio::test]
async fn test_versions() {
    let registry = registry();
    let created = put(&registry, "/k", "1").await;
    let modified = put(&registry, "/k", "2").await;
    let kv = read(&registry, "/k").await;
    assert_eq!(
        (kv.version, kv.create_revision, kv.mod_revision),
        (2, created, modified)
    );

    let gone = registry.delete("/k", false).await.expect("it is there").revision;
    assert!(gone > modified);
    let again = put(&registry, "/k", "3").await;
    let kv = read(&registry, "/k").await;
    assert_eq!((kv.version, kv.create_revision, kv.mod_revision), (1, again, again));
}

/// R6: keys come in the order asked for, as many as asked for, without values if asked for.
#[tokio::test]
async fn test_sorted_and_limited() {
    let registry = registry();
    for key in ["/n/b", "/n/a", "/n/c"] {
        put(&registry, key, "value").await;
    }
    let keys = async |sort_order, limit| {
        let options = with(|get| (get.prefix, get.sort_order, get.limit) = (true, sort_order, limit));
        let found = registry.get("/n/", options).await.expect("there are keys");
        found.kvs.into_iter().map(|kv| kv.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(SortOrder::Ascend, None).await, ["/n/a", "/n/b", "/n/c"]);
    assert_eq!(keys(SortOrder::Descend, Some(2)).await, ["/n/c", "/n/b"]);

    let options = with(|get| (get.prefix, get.keys_only) = (true, true));
    let found = registry.get("/n/", options).await.expect("there are keys");
    assert!(found.kvs.iter().all(|kv| kv.value.is_empty()));
    assert_eq!(found.kvs.len(), 3);
}

/// R5: what is older than a compaction is refused, what is not is still there.
#[tokio::test]
async fn test_compaction() {
    let registry = registry();
    let first = put(&registry, "/a", "1").await;
    let second = put(&registry, "/b", "1").await;
    let third = put(&registry, "/a", "2").await;
    registry.compact(second).await.expect("it is in the past");

    match registry.get("/a", at(first)).await {
        Err(RegistryError::RevisionCompacted { requested, compact }) => {
            assert_eq!((requested, compact), (first, second))
        }
        other => panic!("expected `RevisionCompacted`, got {other:?}"),
    }
    assert_eq!(
        registry.get("/a", at(third)).await.expect("not compacted").kvs[0].value,
        b"2"
    );
    assert_eq!(
        registry.get("/b", at(third)).await.expect("not compacted").kvs[0].value,
        b"1"
    );
    assert_eq!(read(&registry, "/b").await.create_revision, second);
}

/// R7: the operations of a transaction share one revision and see each other, and each has its answer.
#[tokio::test]
async fn test_transaction_operations() {
    let registry = registry();
    put(&registry, "/old", "1").await;
    let absent = compare("/new", CompareTarget::Version(0), CompareResult::Equal);
    let (key, options) = ("/new".to_owned(), GetOptions::default());
    let (old, prefix) = ("/old".to_owned(), false);
    let success = vec![
        write("/new", "2"),
        TxnOp::Get { key, options },
        TxnOp::Delete { key: old, prefix },
    ];
    let txn = when(vec![absent], success);
    let response = registry.txn(txn).await.expect("nothing is refused");
    assert!(response.succeeded);
    match response.responses.as_slice() {
        [
            TxnOpResponse::Put(_),
            TxnOpResponse::Get(get),
            TxnOpResponse::Delete(delete),
        ] => {
            assert_eq!(get.kvs[0].value, b"2");
            assert_eq!(delete.deleted, 1);
        }
        other => panic!("expected an answer to each operation, in order, got {other:?}"),
    }
    assert_eq!(read(&registry, "/new").await.mod_revision, response.revision);
    assert_eq!(registry.current_revision().await, response.revision);

    let (key, value, options) = ("/never".to_owned(), vec![], on(987_654_321));
    let refused = TxnOp::Put { key, value, options };
    let txn = when(vec![], vec![write("/neither", "1"), refused]);
    assert!(registry.txn(txn).await.is_err());
    assert!(is_absent(&registry, "/neither").await);
}

/// R8: a watch that starts in the past sees what happened since, then what happens.
#[tokio::test]
async fn test_watch_replays_history() {
    let registry = registry();
    put(&registry, "/w/a", "1").await;
    let start = put(&registry, "/w/b", "2").await;
    registry.delete("/w/a", false).await.expect("it is there");

    let mut watch = registry
        .watch("/w/", watching(Some(start), true))
        .await
        .expect("a place is free");
    put(&registry, "/w/c", "3").await;

    let mut seen = Vec::new();
    while seen.len() < 3 {
        seen.extend(next(&mut watch).await.events.into_iter().map(|event| match event {
            WatchEvent::Put(kv) => format!("+{}", kv.key),
            WatchEvent::Delete { key, .. } => format!("-{key}"),
        }));
    }
    assert_eq!(seen, ["+/w/b", "-/w/a", "+/w/c"]);
}

/// R9: a key has no more watchers than the configuration allows.
#[tokio::test]
async fn test_watcher_limit() {
    let usual = RegistryConfig::default();
    assert_eq!(
        (usual.max_watchers_per_key, usual.health_check_interval_secs),
        (100, 10)
    );
    let registry = ServiceRegistry::new(RegistryConfig {
        max_watchers_per_key: 2,
        ..RegistryConfig::default()
    });
    let _first = registry
        .watch("/k", watching(None, false))
        .await
        .expect("the first of two");
    let _second = registry
        .watch("/k", watching(None, false))
        .await
        .expect("the second of two");
    let third = registry.watch("/k", watching(None, false)).await;
    assert!(matches!(third, Err(RegistryError::TooManyWatchers(_))));
    assert!(registry.watch("/other", watching(None, false)).await.is_ok());
}

/// R12: no increment of many tasks is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn test_concurrent_increments() {
    let registry = Arc::new(registry());
    put(&registry, "/counter", "0").await;
    let tasks: Vec<_> = (0..8)
        .map(|_| tokio::spawn(increment(Arc::clone(&registry), 25)))
        .collect();
    for task in tasks {
        task.await.expect("the task ends");
    }
    let kv = read(&registry, "/counter").await;
    assert_eq!(kv.value, b"200");
    assert_eq!(kv.version, 201);
}

/// Adds one to the counter, so many times, each time again until nobody came between.
async fn increment(registry: Arc<ServiceRegistry>, times: u32) {
    for _ in 0..times {
        loop {
            let kv = read(&registry, "/counter").await;
            let count: u32 = String::from_utf8(kv.value).expect("digits").parse().expect("digits");
            let last = CompareTarget::ModRevision(kv.mod_revision);
            let unchanged = compare("/counter", last, CompareResult::Equal);
            let more = write("/counter", &(count + 1).to_string());
            let answer = registry.txn(when(vec![unchanged], vec![more])).await;
            if answer.expect("nothing is refused").succeeded {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}
