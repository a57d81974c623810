//! A store behind a trait, generic over keys, with an associated error and a blanket implementation.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;

pub trait Store<K, V> {
    type Error: std::error::Error + 'static;

    fn put(&mut self, key: K, value: V) -> Result<Option<V>, Self::Error>;

    fn fetch<Q>(&self, key: &Q) -> Result<Option<&V>, Self::Error>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized;
}

impl<K: Hash + Eq, V> Store<K, V> for HashMap<K, V> {
    type Error = Infallible;

    fn put(&mut self, key: K, value: V) -> Result<Option<V>, Infallible> {
        Ok(self.insert(key, value))
    }

    fn fetch<Q>(&self, key: &Q) -> Result<Option<&V>, Infallible>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Ok(self.get(key))
    }
}

pub trait StoreExt<K, V>: Store<K, V> {
    fn put_all<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) -> Result<usize, Box<dyn std::error::Error>> {
        let mut count = 0;
        for (key, value) in pairs {
            self.put(key, value)?;
            count += 1;
        }
        Ok(count)
    }
}

impl<K, V, S: Store<K, V> + ?Sized> StoreExt<K, V> for S {}
