//! Plays the script language on the API of the exercise. It calls and reports, and judges nothing.
//!
//! Servers listen on ports that the machine chooses. What must come is waited for with [`PATIENCE`]; no answer depends on how long
//! something took. The clock of retries is tokio's, stopped.

#[path = "driver/clients.rs"]
mod clients;
#[path = "driver/extras.rs"]
mod extras;
#[path = "driver/limits.rs"]
mod limits;
#[path = "driver/middle.rs"]
mod middle;
#[path = "driver/tasks.rs"]
mod tasks;

use ex08::proto::Task;
use ex08::proto::task_service_client::TaskServiceClient;
use ex08::{GrpcServer, GrpcServerBuilder, GrpcServerConfig};
use ex08_protocol::{Balance, Code, Health, NOTHING, OTHER, Opinion, Policy, Services, Slot, State, TaskView, Tried};
use std::net::SocketAddr;
use std::time::Duration;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};
use witness::aio::{Flavor, Runtime};

/// How long to wait for what must come.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// A server, its tasks, and a client.
pub struct World {
    runtime: Runtime,
    /// Made when it is needed first.
    client: Option<TaskServiceClient<Channel>>,
    /// The ids of created tasks.
    ids: Vec<String>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            runtime: Runtime::new(Flavor::CurrentThread),
            client: None,
            ids: Vec::new(),
        }
    }
}

/// The configuration of servers: the machine chooses the port.
pub fn config() -> GrpcServerConfig {
    GrpcServerConfig {
        listen_addr: "127.0.0.1:0".to_owned(),
        enable_reflection: false,
        enable_health_check: false,
        ..GrpcServerConfig::default()
    }
}

/// A server that was built.
pub async fn built(builder: GrpcServerBuilder) -> GrpcServer {
    match builder.build().await {
        Ok(server) => server,
        Err(error) => panic!("`build` on 127.0.0.1:0 failed: {error}"),
    }
}

/// Starts it.
pub async fn started(builder: GrpcServerBuilder) -> SocketAddr {
    let server = built(builder).await;
    let address = server.local_addr();
    tokio::spawn(async move { server.serve().await });
    address
}

/// A connection to a server.
pub fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}"));
    endpoint.expect("an address").connect_lazy()
}

/// A client of a server.
pub fn client(address: SocketAddr) -> TaskServiceClient<Channel> {
    TaskServiceClient::new(channel(address))
}

/// The answer, unless it never comes.
pub async fn soon<T>(answer: impl Future<Output = Result<T, Status>>) -> Result<T, Code> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(status)) => Err(number(status.code())),
        Err(_) => Err(NOTHING),
    }
}

/// The number of a code.
pub fn number(code: tonic::Code) -> Code {
    u8::try_from(code as i32).unwrap_or(OTHER)
}

/// The code of a result.
pub fn code<T>(result: &Result<T, Code>) -> Code {
    result.as_ref().err().copied().unwrap_or(ex08_protocol::OK)
}

/// What is told of a task.
pub fn view(task: Task) -> TaskView {
    let mut metadata: Vec<_> = task.metadata.into_iter().collect();
    metadata.sort();
    TaskView {
        title: task.title,
        description: task.description,
        state: task.status,
        metadata,
        dated: task.created_at > 0 && task.updated_at >= task.created_at,
    }
}

impl World {
    /// The client of the script's server.
    fn client(&mut self) -> TaskServiceClient<Channel> {
        if self.client.is_none() {
            let address = self.runtime.block_on(started(GrpcServerBuilder::new(config())));
            let made = self.runtime.block_on(async { client(address) });
            self.client = Some(made);
        }
        self.client.clone().expect("made above")
    }

    /// The id of a task, or one that none has.
    fn id(&self, k: Slot) -> String {
        self.ids
            .get(usize::from(k))
            .cloned()
            .unwrap_or_else(|| "no-such-task".to_owned())
    }
}

impl Services for World {
    fn create(
        &mut self,
        title: String,
        description: String,
        metadata: Vec<(String, String)>,
    ) -> Result<TaskView, Code> {
        let client = self.client();
        let made = self
            .runtime
            .block_on(tasks::create(client, title, description, metadata))?;
        self.ids.push(made.id.clone());
        Ok(view(made))
    }

    fn get(&mut self, k: Slot) -> Result<TaskView, Code> {
        let (client, id) = (self.client(), self.id(k));
        self.runtime.block_on(tasks::get(client, id)).map(view)
    }

    fn list(&mut self, state: Option<State>) -> Result<Vec<TaskView>, Code> {
        let client = self.client();
        self.runtime.block_on(tasks::list(client, state))
    }

    fn import(&mut self, titles: Vec<String>) -> Result<u32, Code> {
        let client = self.client();
        let summary = self.runtime.block_on(tasks::import(client, titles))?;
        self.ids.extend(summary.ids);
        Ok(summary.created)
    }

    fn update(&mut self, changes: Vec<(Slot, State)>) -> (Vec<TaskView>, Code) {
        let client = self.client();
        let changes = changes.into_iter().map(|(k, state)| (self.id(k), state)).collect();
        self.runtime.block_on(tasks::update(client, changes))
    }

    fn follow(&mut self, k: Slot, changes: Vec<State>) -> (Vec<i32>, Code) {
        let (client, id) = (self.client(), self.id(k));
        self.runtime.block_on(tasks::follow(client, id, changes))
    }

    fn chain(&mut self, names: Vec<String>, refuses: Option<u8>) -> (Vec<String>, Code) {
        self.runtime.block_on(middle::chain(names, refuses))
    }

    fn metadata(&mut self, value: String) -> (Option<String>, Option<String>) {
        self.runtime.block_on(middle::metadata(value))
    }

    fn auth(&mut self, header: Option<String>, opinion: Opinion) -> (Code, Option<String>, Vec<String>) {
        middle::auth(header, opinion)
    }

    fn guarded(&mut self, header: Option<String>, opinion: Opinion) -> Code {
        self.runtime.block_on(middle::guarded(header, opinion))
    }

    fn metrics(&mut self, calls: Vec<bool>) -> (Vec<(String, Code)>, i64) {
        self.runtime.block_on(middle::metrics(calls))
    }

    fn retry(&mut self, policy: Policy, codes: Vec<Code>) -> Tried {
        self.runtime.block_on(clients::retry(policy, codes))
    }

    fn stalled(&mut self) -> Tried {
        self.runtime.block_on(clients::stalled())
    }

    fn balance(&mut self, strategy: Balance, n: u8, keep: Vec<bool>) -> Option<Vec<u8>> {
        self.runtime.block_on(clients::balance(strategy, n, keep))
    }

    fn spread(&mut self, calls: u8) -> Vec<u32> {
        self.runtime.block_on(clients::spread(calls))
    }

    fn health(&mut self, before: Vec<Health>, after: Vec<(bool, Health)>) -> (Health, Health, Vec<Health>) {
        self.runtime.block_on(extras::health(before, after))
    }

    fn extras(&mut self, configured: bool, added: bool) -> (Code, Code) {
        self.runtime.block_on(extras::extras(configured, added))
    }

    fn message(&mut self, limit: u32, size: u32) -> (bool, Code) {
        self.runtime.block_on(limits::message(limit, size))
    }

    fn timeout(&mut self) -> (Code, Code) {
        self.runtime.block_on(limits::timeout())
    }

    fn shutdown(&mut self, more: u8) -> (bool, Result<u32, Code>, bool) {
        self.runtime.block_on(limits::shutdown(more))
    }

    fn crowd(&mut self) -> (bool, bool) {
        self.runtime.block_on(limits::crowd())
    }

    fn taken(&mut self) -> String {
        self.runtime.block_on(limits::taken())
    }
}
