//! A network of the simulation: addresses are the real ones, packets are values.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub mod net {
    use super::{BTreeMap, SocketAddr, VecDeque};

    #[derive(Debug, Default)]
    pub struct TcpStream {
        pub sent: VecDeque<u8>,
    }

    #[derive(Debug, Default)]
    pub struct Net {
        pub links: BTreeMap<(SocketAddr, SocketAddr), TcpStream>,
    }

    impl Net {
        pub fn connect(&mut self, from: SocketAddr, to: SocketAddr) -> &mut TcpStream {
            self.links.entry((from, to)).or_default()
        }
    }
}

pub fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)), port)
}

pub fn greet(network: &mut net::Net) -> usize {
    let stream: &mut net::TcpStream = network.connect(address(1, 80), address(2, 80));
    stream.sent.extend(b"hello from std::net, not really");
    stream.sent.len()
}

pub fn parse(text: &str) -> Result<SocketAddr, std::net::AddrParseError> {
    text.parse()
}
