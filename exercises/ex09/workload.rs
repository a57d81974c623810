//! What is timed: writing and reading among many keys, reading a prefix among others, one event for many watchers.

use ex09::{GetOptions, PutOptions, RegistryConfig, ServiceRegistry, WatchEvent, WatchOptions};
use witness::Work;
use witness::aio::{Flavor, Runtime};

witness::workloads! { put_get, prefix_read, fan_out }

/// Operations in one: starting to wait for a future costs as much as some of them.
const BATCH: usize = 64;

/// A registry that holds these keys.
fn holding(runtime: &Runtime, keys: &[String]) -> ServiceRegistry {
    runtime.block_on(async {
        let registry = ServiceRegistry::new(RegistryConfig {
            max_watchers_per_key: usize::MAX,
            ..RegistryConfig::default()
        });
        for key in keys {
            let _ = registry.put(key, b"initial".to_vec(), PutOptions::default()).await;
        }
        registry
    })
}

/// Writes and reads keys all over a registry of `size` keys.
fn put_get(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let keys: Vec<String> = (0..size.max(1))
        .map(|number| format!("/services/{number:08}"))
        .collect();
    let registry = holding(&runtime, &keys);
    let mut at = 0;
    witness::work(move || {
        runtime.block_on(async {
            let mut sum = 0;
            for _ in 0..BATCH {
                // A stride that visits every key before it comes back, and no two neighbours in a row.
                at = (at + 7919) % keys.len();
                let _ = registry.put(&keys[at], vec![at as u8], PutOptions::default()).await;
                let other = (at * 31 + 17) % keys.len();
                if let Ok(found) = registry.get(&keys[other], GetOptions::default()).await {
                    sum += found
                        .kvs
                        .iter()
                        .map(|kv| kv.version + u64::from(kv.value[0]))
                        .sum::<u64>();
                }
            }
            sum
        })
    })
}

/// Reads the 16 keys of a prefix that lies among `size` others.
fn prefix_read(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let others = (0..size).map(|number| format!("/services/{}/{number:08}", if number % 2 == 0 { "a" } else { "z" }));
    let wanted = (0..16).map(|number| format!("/services/m/{number:08}"));
    let keys: Vec<String> = others.chain(wanted).collect();
    let registry = holding(&runtime, &keys);
    witness::work(move || {
        runtime.block_on(async {
            let mut sum = 0;
            for _ in 0..BATCH {
                let options = GetOptions {
                    prefix: true,
                    ..GetOptions::default()
                };
                if let Ok(found) = registry.get("/services/m/", options).await {
                    sum += found.kvs.iter().map(|kv| kv.value.len() as u64).sum::<u64>();
                }
            }
            sum
        })
    })
}

/// Writes a key that `size` watchers watch, and has each of them read the event.
fn fan_out(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let key = "/services/watched".to_owned();
    let registry = holding(&runtime, std::slice::from_ref(&key));
    let mut watches = runtime.block_on(async {
        let mut watches = Vec::new();
        for _ in 0..size {
            let options = WatchOptions {
                start_revision: None,
                prefix: false,
                prev_kv: false,
                filters: Vec::new(),
            };
            watches.extend(registry.watch(&key, options).await);
        }
        watches
    });
    let mut value = 0_u8;
    witness::work(move || {
        value = value.wrapping_add(1);
        runtime.block_on(async {
            let _ = registry.put(&key, vec![value], PutOptions::default()).await;
            let mut sum = 0;
            for watch in &mut watches {
                if let Some(response) = watch.next().await {
                    for event in response.events {
                        sum += match event {
                            WatchEvent::Put(kv) => u64::from(kv.value[0]),
                            WatchEvent::Delete { .. } => 0,
                        };
                    }
                }
            }
            sum
        })
    })
}
