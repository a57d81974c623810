//! What a case may aim at, and whether it hit: files, sockets and a process of the test's own.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::support::cache;

/// What is isolated if one of these layers is in force.
const NEEDS: &[(&str, &[&str])] = &[
    ("files", &["landlock", "namespaces"]),
    ("our-files", &["user", "landlock", "namespaces"]),
    ("network", &["seccomp", "namespaces"]),
    ("signals", &["user", "seccomp", "namespaces", "landlock-scope"]),
    ("processes", &["seccomp"]),
    ("memory", &["cgroup", "seccomp"]),
];

/// That sources are scanned, as they are on every machine.
pub const POLICY: &str = "policy";

/// A text that nobody may read.
pub const SECRET: &str = "the-hidden-checks-know-7f3a9c";

/// What is isolated, as a card says.
pub fn isolated(card: &Value) -> BTreeSet<&'static str> {
    let layers: BTreeSet<&str> = card["sandbox"]["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let holds = |of: &&(&str, &[&str])| of.1.iter().any(|layer| layers.contains(layer));
    let isolated = NEEDS.iter().filter(holds).map(|(need, _)| *need);
    isolated.chain([POLICY]).collect()
}

/// Whether a need has a name.
pub fn is_known(need: &str) -> bool {
    need == POLICY || NEEDS.iter().any(|(known, _)| *known == need)
}

/// What one case may aim at.
pub struct Targets {
    /// A number that only this case knows; what it leaves behind is found by it.
    pub mark: String,
    place: PathBuf,
    course: PathBuf,
    victim: Child,
    tcp: TcpListener,
    udp: UdpSocket,
    unix: UnixListener,
}

impl Targets {
    /// Makes them below a directory that everybody may enter.
    pub fn new(below: &Path, course: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = u64::from(std::process::id()) * 1000 + u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let place = below.join("outside");
        fs::create_dir(&place).expect("a folder can be made");
        fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).expect("it can be opened to all");
        fs::write(
            below.join("secret.rs"),
            format!("pub const SECRET: &str = \"{SECRET}\";\n"),
        )
        .expect("written");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        let unix = UnixListener::bind(below.join("socket")).expect("a socket can be made");
        fs::set_permissions(below.join("socket"), fs::Permissions::from_mode(0o777)).expect("it can be opened to all");
        tcp.set_nonblocking(true).expect("sockets can be asked");
        udp.set_nonblocking(true).expect("sockets can be asked");
        unix.set_nonblocking(true).expect("sockets can be asked");
        Self {
            mark: format!("77{number:010}"),
            course: course.to_owned(),
            victim: Command::new("sleep").arg("900").spawn().expect("there is a `sleep`"),
            place,
            tcp,
            udp,
            unix,
        }
    }

    /// A text of a case with the targets in it.
    pub fn fill(&self, text: &str) -> String {
        let port = |address: std::io::Result<std::net::SocketAddr>| address.expect("it is bound").port().to_string();
        let below = self.place.parent().expect("it is below one").display().to_string();
        let values = [
            ("@MARK@", self.mark.clone()),
            ("@OUTSIDE@", self.place.display().to_string()),
            ("@SECRET@", format!("{below}/secret.rs")),
            ("@UNIX@", format!("{below}/socket")),
            ("@COURSE@", self.course.display().to_string()),
            ("@CACHE@", cache().display().to_string()),
            ("@VICTIM@", self.victim.id().to_string()),
            ("@TCP@", port(self.tcp.local_addr())),
            ("@UDP@", port(self.udp.local_addr())),
            // What no file of TOML may hold as it is.
            ("@ESC@", "\u{1b}".to_owned()),
            ("@BEL@", "\u{7}".to_owned()),
            ("@TURN@", "\u{202e}".to_owned()),
            ("@INSIDE@", "\u{2066}".to_owned()),
        ];
        values
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// What was hit.
    pub fn hits(&mut self) -> Vec<String> {
        let mut hits = Vec::new();
        if self.victim.try_wait().expect("it is ours").is_some() {
            hits.push("a process outside was ended".to_owned());
        }
        let inside = fs::read_dir(&self.place).expect("it is there");
        hits.extend(inside.map(|entry| format!("{} was written", entry.expect("listed").path().display())));
        let common = ["/tmp", "/dev/shm", "/var/tmp"].map(|folder| format!("{folder}/{}", self.mark));
        for path in common.iter().filter(|path| Path::new(path).symlink_metadata().is_ok()) {
            hits.push(format!("{path} was written"));
            let _ = fs::remove_file(path);
        }
        if self.tcp.accept().is_ok() {
            hits.push("a TCP connection was made".to_owned());
        }
        if self.unix.accept().is_ok() {
            hits.push("a unix socket was reached".to_owned());
        }
        match self.udp.recv(&mut [0; 64]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => hits.push("a datagram was sent".to_owned()),
        }
        hits
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}

/// Processes that belong to a case: by where they work, by their environment, by a word of their command line. Those are ended.
pub fn leftovers(place: &Path, mark: &str) -> Vec<String> {
    // Names of cases may begin alike.
    let place = format!("{}/", place.display());
    let processes = fs::read_dir("/proc").expect("there is a /proc").filter_map(Result::ok);
    let mut found = Vec::new();
    for process in processes {
        let Ok(pid) = process.file_name().to_string_lossy().parse::<i32>() else {
            continue;
        };
        let path = process.path();
        let text = |name: &str| String::from_utf8_lossy(&fs::read(path.join(name)).unwrap_or_default()).into_owned();
        let works_in = format!("{}/", fs::read_link(path.join("cwd")).unwrap_or_default().display());
        let command = text("cmdline");
        if works_in.contains(&place) || text("environ").contains(&place) || command.contains(mark) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
            found.push(format!("process {pid} is left: {}", command.replace('\0', " ")));
        }
    }
    found
}
