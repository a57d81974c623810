//! Limits of a server, and its end.

use super::tasks::named;
use super::{PATIENCE, built, client, code, config, soon, started};
use ex08::{GrpcServerBuilder, ServerError};
use ex08_protocol::Code;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Response;

/// How long something is watched that must not happen: a right server passes however slow the machine is.
const WHILE: Duration = Duration::from_millis(120);

/// A message of a size.
pub async fn message(limit: u32, size: u32) -> (bool, Code) {
    let mut config = config();
    config.max_message_size = limit as usize;
    let mut client = client(started(GrpcServerBuilder::new(config)).await)
        .max_decoding_message_size(64 << 20)
        .max_encoding_message_size(64 << 20);
    let large = soon(client.create_task(named("x".repeat(size as usize)))).await;
    let small = soon(client.create_task(named("x".to_owned()))).await;
    (large.is_ok(), code(&small))
}

/// A call that never ends.
pub async fn timeout() -> (Code, Code) {
    let mut config = config();
    config.request_timeout_ms = 150;
    let mut client = client(started(GrpcServerBuilder::new(config)).await);
    let (sender, receiver) = mpsc::channel(1);
    let _ = sender.send(named("a".to_owned())).await;
    let stalled = soon(client.import_tasks(ReceiverStream::new(receiver))).await;
    drop(sender);
    // The machine may be slow just now: one of several calls is in time.
    let mut quick = ex08_protocol::NOTHING;
    for _ in 0..5 {
        quick = code(&soon(client.create_task(named("b".to_owned()))).await);
        if quick == ex08_protocol::OK {
            break;
        }
    }
    (code(&stalled), quick)
}

/// The end of a server while a call runs.
pub async fn shutdown(more: u8) -> (bool, Result<u32, Code>, bool) {
    let server = built(GrpcServerBuilder::new(config())).await;
    let address = server.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async move {
        let _ = stopped.await;
    }));
    let mut first = client(address);
    // The connection stands, and the call has begun when the server took two items from a channel of one.
    let _ = soon(first.create_task(named("z".to_owned()))).await;
    let (sender, receiver) = mpsc::channel(1);
    let call = tokio::spawn(async move { soon(first.import_tasks(ReceiverStream::new(receiver))).await });
    for _ in 0..3 {
        let _ = tokio::time::timeout(PATIENCE, sender.send(named("a".to_owned()))).await;
    }
    tokio::time::sleep(WHILE).await;
    let _ = stop.send(());
    tokio::time::sleep(WHILE).await;
    let early = serving.is_finished();
    for _ in 0..more {
        let _ = tokio::time::timeout(PATIENCE, sender.send(named("a".to_owned()))).await;
    }
    drop(sender);
    let imported = match call.await {
        Ok(answer) => answer.map(Response::into_inner).map(|summary| summary.created),
        Err(_) => Err(ex08_protocol::OTHER),
    };
    let ended = tokio::time::timeout(PATIENCE, serving).await;
    (early, imported, matches!(ended, Ok(Ok(Ok(())))))
}

/// Two where one is allowed.
pub async fn crowd() -> (bool, bool) {
    let mut config = config();
    config.max_concurrent_connections = 1;
    let address = started(GrpcServerBuilder::new(config)).await;
    let mut first = client(address);
    let served = soon(first.create_task(named("a".to_owned()))).await.is_ok();
    let mut second = client(address);
    let early = tokio::time::timeout(WHILE, second.create_task(named("b".to_owned()))).await;
    let early = served && matches!(early, Ok(Ok(_)));
    drop((first, second));
    // A server notices the end of a connection some time after it.
    for _ in 0..100 {
        let mut third = client(address);
        let wait = Duration::from_millis(200);
        if let Ok(Ok(_)) = tokio::time::timeout(wait, third.create_task(named("c".to_owned()))).await {
            return (early, served);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (early, false)
}

/// An address that is taken.
pub async fn taken() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("the loopback");
    let mut config = config();
    config.listen_addr = listener.local_addr().expect("an address").to_string();
    match GrpcServerBuilder::new(config).build().await {
        Ok(_) => "built".to_owned(),
        Err(ServerError::BindError(_)) => "BindError".to_owned(),
        Err(_) => "another error".to_owned(),
    }
}
