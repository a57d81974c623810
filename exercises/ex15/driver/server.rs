//! A server on the loopback, which is asked for its health. It serves from threads of its own: a probe may block.

use ex15::{HealthChecker, HealthProbes, NodeId, NodeInfo, NodeState};
use ex15_protocol::{Answer, Health};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a probe waits for a server that answers: longer than any machine is slow.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it waits for one that does not.
const SHORT: Duration = Duration::from_millis(60);

/// What is said on a path; nothing for ever, if there is no answer.
type Answers = Arc<HashMap<&'static str, Option<Answer>>>;

struct Server {
    addr: SocketAddr,
    is_over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    fn new(live: Option<Answer>, ready: Option<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback has free ports");
        let addr = listener.local_addr().expect("it is bound");
        let is_over = Arc::new(AtomicBool::new(false));
        let answers: Answers = Arc::new(HashMap::from([("/live", live), ("/ready", ready)]));
        let flag = Arc::clone(&is_over);
        let accepting = thread::spawn(move || accept(&listener, &answers, &flag));
        Self {
            addr,
            is_over,
            accepting: Some(accepting),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes it up.
        let woken = TcpStream::connect(self.addr);
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
    }
}

/// Serves each connection on its own until it is over. Connections that are left without an answer are closed then.
fn accept(listener: &TcpListener, answers: &Answers, is_over: &AtomicBool) {
    let mut held = Vec::new();
    for stream in listener.incoming() {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let (keep, end) = mpsc::channel::<()>();
        held.push(keep);
        let answers = Arc::clone(answers);
        thread::spawn(move || {
            if serve(&stream, &answers).is_none() {
                let _ = end.recv();
            }
        });
    }
}

/// Answers the request of a connection. None, if it is not to be answered.
fn serve(stream: &TcpStream, answers: &Answers) -> Option<()> {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut lines = BufReader::new(stream.take(8192)).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let _headers = lines.take_while(|line| !line.is_empty()).count();
    let answer = match answers.get(path(&request)) {
        Some(answer) => (*answer)?,
        None => Answer::Status(404),
    };
    let text = match answer {
        Answer::Status(status) => {
            format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Answer::Nonsense => "200 is what I would like to say\r\n\r\n".to_owned(),
        Answer::Closes => String::new(),
    };
    let mut stream = stream;
    let _ = stream.write_all(text.as_bytes());
    Some(())
}

/// The path of a GET request, in whichever form it is written.
fn path(request: &str) -> &str {
    let target = request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
    let target = target.unwrap_or_default();
    match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    }
}

fn node(addr: SocketAddr) -> NodeInfo {
    NodeInfo {
        id: NodeId(1),
        addr: addr.to_string(),
        state: NodeState::Healthy,
        last_heartbeat: Instant::now(),
        shards: Vec::new(),
        metadata: HashMap::new(),
    }
}

fn ask(addr: SocketAddr, interval: Duration) -> HealthProbes {
    let checker = HealthChecker::new(interval);
    let checker = checker.with_liveness("/live").with_readiness("/ready");
    witness::aio::block_on(checker.check(&node(addr)))
}

fn health(probes: &HealthProbes) -> Health {
    Health {
        liveness: probes.liveness,
        readiness: probes.readiness,
    }
}

pub(super) fn probe(live: Answer, ready: Answer) -> Health {
    let server = Server::new(Some(live), Some(ready));
    health(&ask(server.addr, PATIENCE))
}

pub(super) fn probe_mute(is_live_mute: bool) -> Health {
    let well = Some(Answer::Status(200));
    let server = if is_live_mute {
        Server::new(None, well)
    } else {
        Server::new(well, None)
    };
    health(&ask(server.addr, SHORT))
}

pub(super) fn probe_nobody() -> Health {
    // The port is taken, and nobody listens.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .expect("a loopback has free ports");
    health(&ask(socket.local_addr().expect("it is bound"), PATIENCE))
}

pub(super) fn is_dated() -> bool {
    let well = Answer::Status(200);
    let server = Server::new(Some(well), Some(well));
    let before = Instant::now();
    let probes = ask(server.addr, PATIENCE);
    before <= probes.last_check && probes.last_check <= Instant::now()
}
