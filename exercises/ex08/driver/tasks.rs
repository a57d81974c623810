//! The calls of the service of tasks.

use super::{State, TaskView, soon, view};
use ex08::proto::task_service_client::TaskServiceClient;
use ex08::proto::{
    CreateTaskRequest, GetTaskRequest, ImportSummary, ListTasksRequest, Task, TaskEvent, TaskUpdate, WatchTaskRequest,
};
use ex08_protocol::{Code, OK, OTHER, STILL_OPEN};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

/// A client of the service.
pub type Client = TaskServiceClient<Channel>;

/// Creates a task.
pub async fn create(
    mut client: Client,
    title: String,
    description: String,
    metadata: Vec<(String, String)>,
) -> Result<Task, Code> {
    let request = CreateTaskRequest {
        title,
        description,
        metadata: metadata.into_iter().collect(),
    };
    soon(client.create_task(request)).await.map(tonic::Response::into_inner)
}

/// Reads a task.
pub async fn get(mut client: Client, id: String) -> Result<Task, Code> {
    soon(client.get_task(GetTaskRequest { id }))
        .await
        .map(tonic::Response::into_inner)
}

/// Reads the whole list.
pub async fn list(mut client: Client, state: Option<State>) -> Result<Vec<TaskView>, Code> {
    let request = ListTasksRequest {
        status: state.map(status),
    };
    soon(async move {
        let mut tasks = client.list_tasks(request).await?.into_inner();
        let mut views = Vec::new();
        while let Some(task) = tasks.message().await? {
            views.push(view(task));
        }
        Ok(views)
    })
    .await
}

/// Creates tasks by one stream.
pub async fn import(mut client: Client, titles: Vec<String>) -> Result<ImportSummary, Code> {
    let requests: Vec<_> = titles.into_iter().map(named).collect();
    soon(client.import_tasks(tokio_stream::iter(requests)))
        .await
        .map(tonic::Response::into_inner)
}

/// Something to create.
pub fn named(title: String) -> CreateTaskRequest {
    CreateTaskRequest {
        title,
        ..CreateTaskRequest::default()
    }
}

/// Sends changes one by one.
pub async fn update(mut client: Client, changes: Vec<(String, State)>) -> (Vec<TaskView>, Code) {
    let (sender, receiver) = mpsc::channel(1);
    let mut views = Vec::new();
    // The answer may begin with the first event only.
    let mut changes = changes.into_iter();
    let Some((id, state)) = changes.next() else {
        return (views, OK);
    };
    let first = TaskUpdate {
        id,
        status: status(state),
    };
    if sender.send(first).await.is_err() {
        return (views, OTHER);
    }
    let mut events = match soon(client.stream_updates(ReceiverStream::new(receiver))).await {
        Ok(response) => response.into_inner(),
        Err(code) => return (views, code),
    };
    loop {
        match next(&mut events).await {
            Ok(Some(task)) => views.push(view(task)),
            Ok(None) => return (views, OTHER),
            Err(code) => return (views, code),
        }
        let Some((id, state)) = changes.next() else {
            break;
        };
        let change = TaskUpdate {
            id,
            status: status(state),
        };
        if sender.send(change).await.is_err() {
            return (views, OTHER);
        }
    }
    drop(sender);
    // The end of the requests is the end of the events.
    match next(&mut events).await {
        Ok(None) => (views, OK),
        Ok(Some(_)) => (views, OTHER),
        Err(code) => (views, code),
    }
}

/// Follows a task that is changed.
pub async fn follow(mut client: Client, id: String, changes: Vec<State>) -> (Vec<i32>, Code) {
    let mut states = Vec::new();
    let request = WatchTaskRequest { id: id.clone() };
    let mut events = match soon(client.watch_task(request)).await {
        Ok(response) => response.into_inner(),
        Err(code) => return (states, code),
    };
    match next(&mut events).await {
        Ok(Some(task)) => states.push(task.status),
        Ok(None) => return (states, OTHER),
        Err(code) => return (states, code),
    }
    let wanted = changes.len();
    let changes = changes.into_iter().map(|state| (id.clone(), state)).collect();
    let made = update(client, changes).await;
    if made.1 != OK {
        return (states, made.1);
    }
    let over = |state: Option<&i32>| state.is_some_and(|state| *state >= status(State::Completed));
    while states.len() <= wanted || over(states.last()) {
        match next(&mut events).await {
            Ok(Some(task)) => states.push(task.status),
            Ok(None) => return (states, OK),
            Err(code) => return (states, code),
        }
    }
    (states, STILL_OPEN)
}

/// The task of the next event.
async fn next(events: &mut Streaming<TaskEvent>) -> Result<Option<Task>, Code> {
    let event = soon(events.message()).await;
    Ok(event?.map(|event| event.task.unwrap_or_default()))
}

/// The number of a state on the wire.
pub fn status(state: State) -> i32 {
    match state {
        State::Pending => 0,
        State::InProgress => 1,
        State::Completed => 2,
        State::Failed => 3,
    }
}
