//! The service of tasks, in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::ResponseStream;
use crate::proto::task_service_server::TaskService;
use crate::proto::{
    CreateTaskRequest, GetTaskRequest, ImportSummary, ListTasksRequest, Task, TaskEvent, TaskStatus, TaskUpdate,
    WatchTaskRequest,
};

/// How many answers of a stream wait for a slow reader before the server waits too.
const AHEAD: usize = 16;
/// How many changes a slow watcher may be behind.
const BEHIND: usize = 1024;

/// All tasks.
#[derive(Clone, Default)]
pub struct TaskServiceImpl {
    state: Arc<Mutex<Vec<Entry>>>,
}

/// A task and those who watch it.
struct Entry {
    task: Task,
    changes: broadcast::Sender<Task>,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn unknown(id: &str) -> Status {
    Status::not_found(format!("there is no task `{id}`"))
}

fn event(task: Task) -> TaskEvent {
    TaskEvent { task: Some(task) }
}

fn checked(request: CreateTaskRequest) -> Result<CreateTaskRequest, Status> {
    if request.title.is_empty() {
        return Err(Status::invalid_argument("a task needs a title"));
    }
    Ok(request)
}

impl TaskServiceImpl {
    /// One without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create(&self, request: CreateTaskRequest) -> Task {
        let mut entries = self.entries();
        let created = now();
        let task = Task {
            id: format!("task-{}", entries.len() + 1),
            title: request.title,
            description: request.description,
            status: TaskStatus::Pending.into(),
            created_at: created,
            updated_at: created,
            metadata: request.metadata,
        };
        entries.push(Entry {
            task: task.clone(),
            changes: broadcast::Sender::new(BEHIND),
        });
        task
    }

    fn update(&self, update: &TaskUpdate) -> Result<Task, Status> {
        let status = TaskStatus::try_from(update.status).map_err(|_| Status::invalid_argument("unknown status"))?;
        let mut entries = self.entries();
        let entry = entries
            .iter_mut()
            .find(|entry| entry.task.id == update.id)
            .ok_or_else(|| unknown(&update.id))?;
        entry.task.status = status.into();
        entry.task.updated_at = now().max(entry.task.updated_at);
        // Nobody has to watch.
        let _ = entry.changes.send(entry.task.clone());
        Ok(entry.task.clone())
    }
}

/// A stream that a task fills.
fn streaming<T: Send + 'static>(receiver: mpsc::Receiver<Result<T, Status>>) -> Response<ResponseStream<T>> {
    Response::new(Box::pin(ReceiverStream::new(receiver)))
}

fn is_over(task: &Task) -> bool {
    matches!(task.status(), TaskStatus::Completed | TaskStatus::Failed)
}

#[tonic::async_trait]
impl TaskService for TaskServiceImpl {
    type ListTasksStream = ResponseStream<Task>;
    type StreamUpdatesStream = ResponseStream<TaskEvent>;
    type WatchTaskStream = ResponseStream<TaskEvent>;

    async fn create_task(&self, request: Request<CreateTaskRequest>) -> Result<Response<Task>, Status> {
        Ok(Response::new(self.create(checked(request.into_inner())?)))
    }

    async fn get_task(&self, request: Request<GetTaskRequest>) -> Result<Response<Task>, Status> {
        let id = request.into_inner().id;
        let entries = self.entries();
        let found = entries.iter().find(|entry| entry.task.id == id);
        Ok(Response::new(found.ok_or_else(|| unknown(&id))?.task.clone()))
    }

    async fn list_tasks(&self, request: Request<ListTasksRequest>) -> Result<Response<ResponseStream<Task>>, Status> {
        let wanted = request.into_inner().status;
        let tasks: Vec<_> = self
            .entries()
            .iter()
            .filter(|entry| wanted.is_none_or(|status| entry.task.status == status))
            .map(|entry| Ok(entry.task.clone()))
            .collect();
        Ok(Response::new(Box::pin(tokio_stream::iter(tasks))))
    }

    async fn import_tasks(
        &self,
        request: Request<Streaming<CreateTaskRequest>>,
    ) -> Result<Response<ImportSummary>, Status> {
        let mut requests = request.into_inner();
        let mut wanted = Vec::new();
        while let Some(request) = requests.message().await? {
            wanted.push(checked(request)?);
        }
        let ids: Vec<String> = wanted.into_iter().map(|request| self.create(request).id).collect();
        let created = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        Ok(Response::new(ImportSummary { created, ids }))
    }

    async fn stream_updates(
        &self,
        request: Request<Streaming<TaskUpdate>>,
    ) -> Result<Response<ResponseStream<TaskEvent>>, Status> {
        let mut updates = request.into_inner();
        let service = self.clone();
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            loop {
                let answer = match updates.message().await {
                    Ok(Some(update)) => service.update(&update).map(event),
                    Ok(None) => return,
                    Err(status) => Err(status),
                };
                let failed = answer.is_err();
                if sender.send(answer).await.is_err() || failed {
                    return;
                }
            }
        });
        Ok(streaming(receiver))
    }

    async fn watch_task(
        &self,
        request: Request<WatchTaskRequest>,
    ) -> Result<Response<ResponseStream<TaskEvent>>, Status> {
        let id = request.into_inner().id;
        let (mut task, mut changes) = {
            let entries = self.entries();
            let found = entries.iter().find(|entry| entry.task.id == id);
            let entry = found.ok_or_else(|| unknown(&id))?;
            (entry.task.clone(), entry.changes.subscribe())
        };
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            loop {
                let over = is_over(&task);
                if sender.send(Ok(event(task))).await.is_err() || over {
                    return;
                }
                let next = tokio::select! {
                    next = changes.recv() => next,
                    () = sender.closed() => return,
                };
                task = match next {
                    Ok(task) => task,
                    Err(_) => {
                        let _ = sender.send(Err(Status::data_loss("the watcher is too slow"))).await;
                        return;
                    }
                };
            }
        });
        Ok(streaming(receiver))
    }
}
