//! A loop over several sources of events, with a deadline.

use tokio::sync::{broadcast, watch};
use tokio::time;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Stopped,
    Idle,
    Closed(usize),
}

pub async fn listen(mut net: broadcast::Receiver<u64>, mut stop: watch::Receiver<bool>) -> Ended {
    let mut seen = 0;
    loop {
        tokio::select! {
            biased;
            changed = stop.changed() => {
                if changed.is_err() || *stop.borrow() {
                    return Ended::Stopped;
                }
            }
            received = net.recv() => match received {
                Ok(_) => seen += 1,
                Err(broadcast::error::RecvError::Lagged(missed)) => seen += missed as usize,
                Err(broadcast::error::RecvError::Closed) => return Ended::Closed(seen),
            },
            () = time::sleep(time::Duration::from_millis(50)) => return Ended::Idle,
        }
    }
}

pub async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    tokio::join!(a, b)
}
