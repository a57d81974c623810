//! Registre de services : les clés seulement, dans un arbre sous un verrou. Transactions, watches, baux et services : à venir.

mod types;

use std::collections::BTreeMap;
use tokio::sync::RwLock;
pub use types::*;

#[derive(Default)]
struct State {
    revision: Revision,
    keys: BTreeMap<String, KeyValue>,
}

/// Le registre de services.
pub struct ServiceRegistry {
    state: RwLock<State>,
}

impl ServiceRegistry {
    /// Crée un registre vide.
    pub fn new(_config: RegistryConfig) -> Self {
        Self {
            state: RwLock::new(State::default()),
        }
    }

    /// Lit une clé ou un préfixe.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResponse, RegistryError> {
        let state = self.state.read().await;
        let from_key = state.keys.range(key.to_owned()..).map(|(_, kv)| kv);
        let mut kvs: Vec<KeyValue> = if options.prefix {
            from_key.take_while(|kv| kv.key.starts_with(key)).cloned().collect()
        } else {
            from_key.take_while(|kv| kv.key == key).cloned().collect()
        };
        if kvs.is_empty() && !options.prefix {
            return Err(RegistryError::KeyNotFound(key.to_owned()));
        }
        let count = kvs.len();
        if options.sort_order == SortOrder::Descend {
            kvs.reverse();
        }
        kvs.truncate(options.limit.unwrap_or(usize::MAX));
        if options.keys_only {
            kvs.iter_mut().for_each(|kv| kv.value.clear());
        }
        Ok(GetResponse {
            kvs,
            count,
            revision: state.revision,
        })
    }

    /// Écrit une clé.
    pub async fn put(&self, key: &str, value: Vec<u8>, options: PutOptions) -> Result<PutResponse, RegistryError> {
        if let Some(lease) = options.lease {
            return Err(RegistryError::LeaseNotFound(lease));
        }
        let mut state = self.state.write().await;
        let old = state.keys.get(key).cloned();
        if options.ignore_value && old.as_ref().is_some_and(|old| old.value == value) {
            return Ok(PutResponse {
                prev_kv: old.filter(|_| options.prev_kv),
                revision: state.revision,
            });
        }
        state.revision += 1;
        let revision = state.revision;
        let (create_revision, version) = old
            .as_ref()
            .map_or((revision, 1), |old| (old.create_revision, old.version + 1));
        let kv = KeyValue {
            key: key.to_owned(),
            value,
            create_revision,
            mod_revision: revision,
            version,
            lease: None,
        };
        state.keys.insert(key.to_owned(), kv);
        Ok(PutResponse {
            prev_kv: old.filter(|_| options.prev_kv),
            revision,
        })
    }

    /// Supprime une clé ou un préfixe.
    pub async fn delete(&self, key: &str, prefix: bool) -> Result<DeleteResponse, RegistryError> {
        let mut state = self.state.write().await;
        let wanted = |other: &str| if prefix { other.starts_with(key) } else { other == key };
        let keys: Vec<String> = state.keys.keys().filter(|other| wanted(other)).cloned().collect();
        let prev_kvs: Vec<KeyValue> = keys.iter().filter_map(|key| state.keys.remove(key)).collect();
        if !prev_kvs.is_empty() {
            state.revision += 1;
        }
        Ok(DeleteResponse {
            deleted: prev_kvs.len(),
            prev_kvs,
            revision: state.revision,
        })
    }

    /// La révision du dernier commit.
    pub async fn current_revision(&self) -> Revision {
        self.state.read().await.revision
    }
}
