//! Tries one thing that it should not do, and says whether it could. Compiled by the tests; not a part of them.

#![expect(unconditional_recursion, reason = "one attack is just that")]

use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::io::Error;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixStream};
use std::time::Duration;
use std::{env, fs, net, process, thread};

unsafe extern "C" {
    fn fork() -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn ptrace(request: c_long, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn mmap(address: *mut c_void, length: usize, protection: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut u8;
    fn memfd_create(name: *const c_char, flags: u32) -> c_int;
    fn shmget(key: c_int, size: usize, flags: c_int) -> c_int;
    fn shmctl(id: c_int, command: c_int, buffer: *mut c_void) -> c_int;
    fn unshare(flags: c_int) -> c_int;
    fn chmod(path: *const c_char, mode: u32) -> c_int;
    fn wait(status: *mut c_int) -> c_int;
    fn setsid() -> c_int;
}

type Attempt = Result<(), Error>;

fn check(returned: impl Into<i64>) -> Attempt {
    if returned.into() < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

fn touch(memory: &mut [u8]) {
    for byte in memory.iter_mut().step_by(4096) {
        *byte = 1;
    }
}

fn attempt(what: &str, with: &str) -> Attempt {
    let number = || with.parse::<usize>().expect("a number");
    let pid = || with.parse::<c_int>().expect("a number");
    let text = || CString::new(with).expect("no zero");
    match what {
        "nothing" => Ok(()),
        "read" => fs::read(with).map(drop),
        "stat" => fs::metadata(with).map(drop),
        "write" => fs::write(with, "x"),
        "list" => fs::read_dir(with).map(drop),
        "connect" => net::TcpStream::connect_timeout(&with.parse().expect("an address"), Duration::from_secs(2)).map(drop),
        "send" => {
            let socket = net::UdpSocket::bind("127.0.0.1:0")?;
            socket.send_to(b"x", with).map(drop)
        }
        "talk" => {
            // To itself, over the loopback.
            let listener = net::TcpListener::bind("127.0.0.1:0")?;
            let address = listener.local_addr()?;
            let client = thread::spawn(move || net::TcpStream::connect(address).map(drop));
            listener.accept()?;
            client.join().expect("no panic")
        }
        "abstract" => UnixStream::connect_addr(&SocketAddr::from_abstract_name(with)?).map(drop),
        "pathname" => UnixStream::connect(with).map(drop),
        "datagrams" => UnixDatagram::pair().map(drop),
        "fork" => match unsafe { fork() } {
            0 => process::exit(0),
            pid => check(pid),
        },
        "spawn" => process::Command::new(with).status().map(drop),
        "signal" => check(unsafe { kill(pid(), 0) }),
        "seize" => check(unsafe { ptrace(0x4206, pid(), std::ptr::null_mut(), std::ptr::null_mut()) }),
        "memfd" => check(unsafe { memfd_create(c"x".as_ptr(), 0) }),
        "segment" => {
            let id = unsafe { shmget(0, 4096, 0o600) };
            check(id)?;
            check(unsafe { shmctl(id, 0, std::ptr::null_mut()) })
        }
        "unshare" => check(unsafe { unshare(0x1000_0000) }),
        "chmod" => check(unsafe { chmod(text().as_ptr(), 0o600) }),
        "allocate" => {
            touch(&mut vec![0; number() << 20]);
            Ok(())
        }
        "share" => {
            let length = number() << 20;
            let memory = unsafe { mmap(std::ptr::null_mut(), length, 3, 0x21, -1, 0) };
            if memory as isize == -1 {
                return Err(Error::last_os_error());
            }
            touch(unsafe { std::slice::from_raw_parts_mut(memory, length) });
            Ok(())
        }
        "allocate-thrice" => {
            for _ in 0..3 {
                if unsafe { fork() } == 0 {
                    let mut memory = vec![0; number() << 20];
                    touch(&mut memory);
                    thread::sleep(Duration::from_millis(700));
                    std::hint::black_box(&memory);
                    process::exit(0);
                }
            }
            while unsafe { wait(std::ptr::null_mut()) } > 0 {}
            Ok(())
        }
        "leave" => {
            // A daemon: its parent ends, it leaves the session.
            let pid = unsafe { fork() };
            check(pid)?;
            if pid == 0 {
                unsafe { setsid() };
                if unsafe { fork() } == 0 {
                    let error = std::os::unix::process::CommandExt::exec(process::Command::new("/bin/sleep").arg(with));
                    panic!("{error}");
                }
                process::exit(0);
            }
            thread::sleep(Duration::from_millis(300));
            Ok(())
        }
        "overflow" => {
            fn deeper(n: u64) -> u64 {
                let page = std::hint::black_box([n; 512]);
                deeper(n + 1) + page[n as usize % 512]
            }
            println!("{}", deeper(0));
            Ok(())
        }
        "threads" => {
            let threads: Vec<_> = (0..number()).map(|n| thread::Builder::new().name(n.to_string()).spawn(|| 1)).collect();
            threads.into_iter().try_for_each(|thread| thread.map(|thread| drop(thread.join())))
        }
        "abort" => process::abort(),
        "panic" => panic!("as asked"),
        "loop" => loop {
            std::hint::black_box(());
        },
        "sleep" => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        "exit" => process::exit(pid()),
        other => panic!("unknown: {other}"),
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match attempt(&arguments[0], arguments.get(1).map_or("", String::as_str)) {
        Ok(()) => println!("done"),
        Err(error) => println!("denied: {error}"),
    }
}
