//! The script language of EX08: what one can do with a server, a client and what stands between them, and what one sees.
//!
//! Tasks are told by their number in the order in which the script created them, from 0 on; a number without a task stands for an
//! id that no task has. Codes are the numbers of gRPC. Every answer that a script waits for is waited for with patience, and
//! [`NOTHING`] stands for one that never came.

use serde::{Deserialize, Serialize};

/// The number of a task.
pub type Slot = u8;

/// The number of a gRPC code, or one of those below.
pub type Code = u8;

/// Success.
pub const OK: Code = 0;
/// `CANCELLED`.
pub const CANCELLED: Code = 1;
/// `DEADLINE_EXCEEDED`.
pub const DEADLINE_EXCEEDED: Code = 4;
/// `PERMISSION_DENIED`.
pub const PERMISSION_DENIED: Code = 7;
/// `UNIMPLEMENTED`.
pub const UNIMPLEMENTED: Code = 12;
/// `UNAUTHENTICATED`.
pub const UNAUTHENTICATED: Code = 16;
/// No code: all that was wanted came, and the stream goes on.
pub const STILL_OPEN: Code = 253;
/// No code: the client has another error, or the driver could not start what it needs.
pub const OTHER: Code = 254;
/// No code: no answer came, for a long time.
pub const NOTHING: Code = 255;

/// The status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// `PENDING`.
    Pending,
    /// `IN_PROGRESS`.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`.
    Failed,
}

/// What is seen of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Its status.
    pub state: i32,
    /// Its metadata, sorted.
    pub metadata: Vec<(String, String)>,
    /// Whether it was created at some time, and not changed before.
    pub dated: bool,
}

/// A validator's opinion of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opinion {
    /// It is good.
    Good,
    /// `InvalidToken`.
    Invalid,
    /// `TokenExpired`.
    Expired,
    /// `InsufficientPermissions`.
    Insufficient,
}

/// How connections are handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Balance {
    /// `RoundRobin`.
    RoundRobin,
    /// `Random`.
    Random,
    /// `LeastConnections`.
    Least,
    /// `WeightedRoundRobin`.
    Weighted(Vec<u32>),
}

/// The end of a call with retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It succeeded.
    Done,
    /// `GrpcError` with this code.
    Refused(Code),
    /// `RetriesExhausted`.
    Exhausted,
    /// `Timeout`.
    TimedOut,
    /// `ConnectionFailed`: the client did not start.
    NoClient,
}

/// What a call with retries did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How it ended.
    pub outcome: Outcome,
    /// How many milliseconds lay between its attempts: one less than there were attempts.
    pub waits: Vec<u64>,
}

/// How waits grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// `max_retries`.
    pub retries: u32,
    /// `initial_backoff_ms`.
    pub initial: u64,
    /// `max_backoff_ms`.
    pub longest: u64,
    /// `backoff_multiplier`.
    pub multiplier: f64,
    /// `retryable_codes`.
    pub codes: Vec<Code>,
}

/// The health of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// `Unknown`.
    Unknown,
    /// `Serving`.
    Serving,
    /// `NotServing`.
    NotServing,
}

witness::language! {
    /// A server, a client, and their parts.
    pub trait Services {
        /// Creates a task.
        fn create(title: String, description: String, metadata: Vec<(String, String)>) -> Result<TaskView, Code>
            => "client.create_task({title:?}, {description:?}, {metadata:?})";
        /// Reads one.
        fn get(k: Slot) -> Result<TaskView, Code> => "client.get_task(id(t{k}))";
        /// Lists tasks, as the stream has them.
        fn list(state: Option<State>) -> Result<Vec<TaskView>, Code> => "client.list_tasks({state:?}) // until the end of the stream";
        /// Creates several by one stream.
        fn import(titles: Vec<String>) -> Result<u32, Code> => "client.import_tasks(stream of {titles:?})";
        /// Sends changes, each when the answer to the one before has come.
        fn update(changes: Vec<(Slot, State)>) -> (Vec<TaskView>, Code) => "client.stream_updates({changes:?}) // one by one";
        /// Follows a task while changes are made, until the end of the stream or until all changes were seen.
        fn follow(k: Slot, changes: Vec<State>) -> (Vec<i32>, Code) => "client.watch_task(id(t{k})) // while it becomes {changes:?}";

        /// A chain of interceptors by name, of which one may refuse the request: what they did, and the code of a call.
        fn chain(names: Vec<String>, refuses: Option<u8>) -> (Vec<String>, Code)
            => "server with interceptors {names:?}, of which {refuses:?} refuses: client.create_task(\"a\")";
        /// Interceptors that add metadata: what the last one sees of the request and the client of the response.
        fn metadata(value: String) -> (Option<String>, Option<String>)
            => "server whose interceptors set x-seen = {value:?} in requests and x-answer in responses: client.create_task(\"a\")";
        /// The interceptor of authentication by itself: its code, and the subject in the extensions.
        fn auth(header: Option<String>, opinion: Opinion) -> (Code, Option<String>, Vec<String>)
            => "auth.intercept_request(authorization = {header:?}) // the validator says {opinion:?}";
        /// A server with authentication: the code of a call.
        fn guarded(header: Option<String>, opinion: Opinion) -> Code
            => "server with auth: client.create_task(\"a\") with authorization = {header:?} // the validator says {opinion:?}";
        /// A server with metrics and calls, good and bad: what was recorded, and how many calls are active.
        fn metrics(calls: Vec<bool>) -> (Vec<(String, Code)>, i64)
            => "server with metrics: client.get_task of one that exists or not: {calls:?}";

        /// A call with retries whose attempts end with these codes, then succeed.
        fn retry(policy: Policy, codes: Vec<Code>) -> Tried => "client.call_with_retry(..) // {policy:?}, attempts end with {codes:?}";
        /// A call with retries whose attempts never end.
        fn stalled() -> Tried => "client.call_with_retry(|_| pending()) // only Unavailable is retryable";
        /// Which of `n` servers get connections: each is acquired, and given back at once or kept as `keep` says.
        fn balance(strategy: Balance, n: u8, keep: Vec<bool>) -> Option<Vec<u8>>
            => "client over {n} servers, {strategy:?}: client.acquire() // kept: {keep:?}";
        /// Tasks created through connections of a client, in turn: how many each of two servers has.
        fn spread(calls: u8) -> Vec<u32> => "client over 2 servers: {calls} times acquire() and create_task";

        /// Sets statuses with watchers there: the status of each service afterwards, and what the watcher of the first heard.
        fn health(before: Vec<Health>, after: Vec<(bool, Health)>) -> (Health, Health, Vec<Health>)
            => "health of `a` set {before:?}; watch(`a`); then {after:?} // true: `a`, false: `b`";
        /// Whether a server tells its health and describes its services: configured, and by the builder.
        fn extras(configured: bool, added: bool) -> (Code, Code)
            => "server, enable_* = {configured}, with_*() called: {added}: health and reflection asked";

        /// A message of `size` bytes for a server that reads `limit`; then a small one.
        fn message(limit: u32, size: u32) -> (bool, Code) => "server, max_message_size = {limit}: a title of {size} bytes, then one of 1";
        /// A call that takes for ever, with a timeout of 150 ms, and one that does not.
        fn timeout() -> (Code, Code) => "server, request_timeout_ms = 150: an import that never ends; create_task";
        /// A shutdown while an import runs: whether the server went away before, the import's result, and the server's.
        fn shutdown(more: u8) -> (bool, Result<u32, Code>, bool) => "shutdown during an import, {more} more items, then its end";
        /// Two connections where one is allowed: whether the second was served too early, and whether one is after the first closed.
        fn crowd() -> (bool, bool) => "server, max_concurrent_connections = 1: a second connection; then the first closes";
        /// Whether a server is built on an address that is taken: the kind of error.
        fn taken() -> String => "GrpcServerBuilder::new(an address in use).build()";
    }
}
