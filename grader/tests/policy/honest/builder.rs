//! A builder that says at compile time what is still missing.

use std::marker::PhantomData;
use std::time::Duration;

pub struct Missing;
pub struct Given;

pub struct ClientBuilder<Address> {
    address: Option<String>,
    env: String,
    timeout: Duration,
    state: PhantomData<Address>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub address: String,
    pub env: String,
    pub timeout: Duration,
}

impl Default for ClientBuilder<Missing> {
    fn default() -> Self {
        Self {
            address: None,
            env: "production".to_owned(),
            timeout: Duration::from_millis(250),
            state: PhantomData,
        }
    }
}

impl<Address> ClientBuilder<Address> {
    #[must_use]
    pub fn env(mut self, env: &str) -> Self {
        env.clone_into(&mut self.env);
        self
    }

    #[must_use]
    pub fn address(self, address: &str) -> ClientBuilder<Given> {
        ClientBuilder {
            address: Some(address.to_owned()),
            env: self.env,
            timeout: self.timeout,
            state: PhantomData,
        }
    }
}

impl ClientBuilder<Given> {
    pub fn build(self) -> Client {
        Client {
            address: self.address.unwrap_or_default(),
            env: self.env,
            timeout: self.timeout,
        }
    }
}
