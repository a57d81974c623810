//! What is timed: unary calls over the loopback.

use ex08::proto::CreateTaskRequest;
use ex08::proto::GetTaskRequest;
use ex08::proto::task_service_client::TaskServiceClient;
use ex08::{GrpcServerBuilder, GrpcServerConfig};
use witness::Work;
use witness::aio::{Flavor, Runtime};

witness::workloads! { unary }

/// Reads one of a few tasks, `size` times.
fn unary(size: usize) -> Work {
    let runtime = Runtime::new(Flavor::CurrentThread);
    let (mut client, ids) = runtime.block_on(async {
        let config = GrpcServerConfig {
            listen_addr: "127.0.0.1:0".to_owned(),
            ..GrpcServerConfig::default()
        };
        let server = GrpcServerBuilder::new(config).build().await.expect("the loopback");
        let address = format!("http://{}", server.local_addr());
        tokio::spawn(server.serve());
        let mut client = TaskServiceClient::connect(address).await.expect("the server");
        let mut ids = Vec::new();
        for title in ["a", "b", "c"] {
            let request = CreateTaskRequest {
                title: title.to_owned(),
                ..CreateTaskRequest::default()
            };
            let made = client.create_task(request).await.expect("a task");
            ids.push(made.into_inner().id);
        }
        (client, ids)
    });
    witness::work(move || {
        runtime.block_on(async {
            let mut sum = 0;
            for at in 0..size {
                let id = ids[at % ids.len()].clone();
                let answer = client.get_task(GetTaskRequest { id }).await;
                sum += answer.map_or(0, |task| 1 + u64::from(task.get_ref().title.as_bytes()[0]));
            }
            sum
        })
    })
}
