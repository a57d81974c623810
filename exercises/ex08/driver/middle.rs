//! What stands between: chains of interceptors, authentication, metrics.

use super::tasks::named;
use super::{client, code, config, number, soon, started};
use ex08::proto::GetTaskRequest;
use ex08::{
    AuthError, AuthInterceptor, Claims, GrpcServerBuilder, Interceptor, MetricsCollector, MetricsInterceptor,
    TokenValidator,
};
use ex08_protocol::{Code, OK, OTHER, Opinion};
use std::sync::{Arc, Mutex, PoisonError};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

/// What happened, in order.
type Log = Arc<Mutex<Vec<String>>>;

fn note(log: &Log, line: String) {
    log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

fn noted(log: &Log) -> Vec<String> {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Takes note of calls; may refuse, and set metadata.
struct Recorder {
    name: String,
    log: Log,
    refuses: Option<Status>,
    sets: Option<String>,
}

impl Interceptor for Recorder {
    fn intercept_request(&self, request: &mut Request<()>) -> Result<(), Status> {
        let seen = request.metadata().get("x-seen").and_then(|value| value.to_str().ok());
        note(&self.log, format!("{} in {}", self.name, seen.unwrap_or("-")));
        if let Some(value) = self.sets.as_ref().and_then(|value| value.parse().ok()) {
            request.metadata_mut().insert("x-seen", value);
        }
        self.refuses.clone().map_or(Ok(()), Err)
    }

    fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn intercept_metadata(&self, metadata: &mut MetadataMap) -> Result<(), Status> {
        note(&self.log, format!("{} out", self.name));
        if let Some(value) = self.sets.as_ref().and_then(|value| value.parse().ok()) {
            metadata.insert("x-answer", value);
        }
        Ok(())
    }
}

/// A call through a chain.
pub async fn chain(names: Vec<String>, refuses: Option<u8>) -> (Vec<String>, Code) {
    let log = Log::default();
    let mut builder = GrpcServerBuilder::new(config());
    for (at, name) in names.into_iter().enumerate() {
        let refuses = refuses.filter(|refusing| usize::from(*refusing) == at);
        builder = builder.with_interceptor(Recorder {
            name,
            log: Arc::clone(&log),
            refuses: refuses.map(|_| Status::resource_exhausted("no")),
            sets: None,
        });
    }
    let mut client = client(started(builder).await);
    let answer = soon(client.create_task(named("a".to_owned()))).await;
    (noted(&log), code(&answer))
}

/// A call through interceptors that set metadata.
pub async fn metadata(value: String) -> (Option<String>, Option<String>) {
    let log = Log::default();
    let recorder = |name: &str, sets: Option<String>| Recorder {
        name: name.to_owned(),
        log: Arc::clone(&log),
        refuses: None,
        sets,
    };
    let builder = GrpcServerBuilder::new(config())
        .with_interceptor(recorder("first", Some(value)))
        .with_interceptor(recorder("last", None));
    let mut client = client(started(builder).await);
    let answer = soon(client.create_task(named("a".to_owned()))).await;
    let seen = noted(&log)
        .into_iter()
        .find_map(|line| line.strip_prefix("last in ").map(str::to_owned));
    let answered = answer.ok().and_then(|response| {
        let value = response.metadata().get("x-answer")?;
        value.to_str().ok().map(str::to_owned)
    });
    (seen, answered)
}

/// Knows one token, and has an opinion of it.
struct Validator(Opinion);

impl TokenValidator for Validator {
    fn validate(&self, token: &str) -> Result<Claims, AuthError> {
        match self.0 {
            Opinion::Good if token == "secret" => Ok(Claims {
                subject: "alice".to_owned(),
                roles: vec!["reader".to_owned(), "writer".to_owned()],
                expires_at: 32_503_680_000,
            }),
            Opinion::Good | Opinion::Invalid => Err(AuthError::InvalidToken("not that one".to_owned())),
            Opinion::Expired => Err(AuthError::TokenExpired),
            Opinion::Insufficient => Err(AuthError::InsufficientPermissions),
        }
    }
}

fn with_header<T>(message: T, header: Option<String>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(value) = header.and_then(|header| header.parse().ok()) {
        request.metadata_mut().insert("authorization", value);
    }
    request
}

/// The interceptor alone.
pub fn auth(header: Option<String>, opinion: Opinion) -> (Code, Option<String>, Vec<String>) {
    let interceptor = AuthInterceptor::new(Arc::new(Validator(opinion)));
    let mut request = with_header((), header);
    let answer = interceptor.intercept_request(&mut request);
    let code = answer.err().map_or(OK, |status| number(status.code()));
    let claims = request.extensions().get::<Claims>();
    let subject = claims.map(|claims| claims.subject.clone());
    (
        code,
        subject,
        claims.map(|claims| claims.roles.clone()).unwrap_or_default(),
    )
}

/// The interceptor in a server.
pub async fn guarded(header: Option<String>, opinion: Opinion) -> Code {
    let auth = AuthInterceptor::new(Arc::new(Validator(opinion)));
    let builder = GrpcServerBuilder::new(config()).with_interceptor(auth);
    let mut client = client(started(builder).await);
    let request = with_header(named("a".to_owned()), header);
    code(&soon(client.create_task(request)).await)
}

/// Takes note of what is measured.
#[derive(Default)]
struct Collector {
    calls: Mutex<(Vec<(String, Code)>, i64)>,
}

impl Collector {
    fn change(&self, change: impl FnOnce(&mut (Vec<(String, Code)>, i64))) {
        change(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl MetricsCollector for Collector {
    fn record_request(&self, method: &str, status: tonic::Code, _duration_ms: u64) {
        self.change(|calls| calls.0.push((method.to_owned(), number(status))));
    }

    fn increment_active_requests(&self) {
        self.change(|calls| calls.1 += 1);
    }

    fn decrement_active_requests(&self) {
        self.change(|calls| calls.1 -= 1);
    }
}

/// Calls of a server that measures.
pub async fn metrics(calls: Vec<bool>) -> (Vec<(String, Code)>, i64) {
    let collector = Arc::new(Collector::default());
    let metrics = MetricsInterceptor::new(Arc::clone(&collector) as Arc<dyn MetricsCollector>);
    let mut client = client(started(GrpcServerBuilder::new(config()).with_interceptor(metrics)).await);
    let made = soon(client.create_task(named("a".to_owned()))).await;
    let Ok(made) = made.map(Response::into_inner) else {
        return (Vec::new(), i64::from(OTHER));
    };
    for exists in calls {
        let id = if exists {
            made.id.clone()
        } else {
            "no-such-task".to_owned()
        };
        let _ = soon(client.get_task(GetTaskRequest { id })).await;
    }
    // The end of a call is heard before or after its answer: another answer is not enough, so ask until nobody is active.
    for _ in 0..200 {
        if collector.calls.lock().unwrap_or_else(PoisonError::into_inner).1 == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let calls = collector.calls.lock().unwrap_or_else(PoisonError::into_inner);
    calls.clone()
}
