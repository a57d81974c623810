//! Only so many connections at the same time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// A connection, which keeps its place until it is closed.
pub(crate) struct Guest {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

/// Lets connections in while there are places. It ends when the receiver is dropped.
pub(crate) fn guests(listener: TcpListener, places: usize) -> ReceiverStream<io::Result<Guest>> {
    let places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let letting_in = async {
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                let guest = listener.accept().await.and_then(|(stream, _)| {
                    // Small answers must not wait for the acknowledgement of those before.
                    stream.set_nodelay(true)?;
                    Ok(Guest { stream, _place: place })
                });
                if sender.send(guest).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = letting_in => {}
            () = sender.closed() => {}
        }
    });
    ReceiverStream::new(receiver)
}

impl Connected for Guest {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
