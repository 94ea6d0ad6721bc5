//! How many connections there may be, and how long each may do nothing (robustness.md AB01).

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tower::Layer;

use super::client_address::{Network, block_of};

/// For the head of a request, and between two requests.
pub const FOR_A_HEAD: Duration = Duration::from_secs(10);
/// For a client that reads nothing of its answer.
const FOR_READING: Duration = Duration::from_secs(30);
/// Bytes of an answer that the system takes before the client is ready for them. With more, 30 s without room for
/// another byte would say nothing of whether a slow client still reads.
const UNSENT: u32 = 64 * 1024;
/// Connections at once, where the system lets a process open so many files.
const MOST: u64 = 4_096;
/// Files that are no client's connection: the database, mail, the log.
const OTHER_FILES: u64 = 200;
/// Connections of one client at once; a trusted proxy may have all.
const MOST_OF_ONE: usize = 256;

/// Lets connections in while there is room.
#[derive(Clone)]
pub struct Doorkeeper(Arc<Inside>);

struct Inside {
    trusted: Vec<Network>,
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// The place that one connection takes, until it is dropped.
pub struct Place {
    inside: Arc<Inside>,
    /// None: a trusted proxy.
    client: Option<IpAddr>,
}

impl Doorkeeper {
    /// Raises the number of files this process may open to what the system allows, and fits the connections into it.
    pub fn new(trusted: &[Network]) -> Self {
        let files = match getrlimit(Resource::RLIMIT_NOFILE) {
            Ok((now, most)) => {
                let wanted = most.min(MOST + OTHER_FILES).max(now);
                if setrlimit(Resource::RLIMIT_NOFILE, wanted, most).is_ok() { wanted } else { now }
            }
            Err(_) => 1_024,
        };
        let most = files.saturating_sub(OTHER_FILES).clamp(16, MOST);
        Self::with_most(trusted, usize::try_from(most).unwrap_or(usize::MAX))
    }

    fn with_most(trusted: &[Network], most: usize) -> Self {
        Self(Arc::new(Inside { trusted: trusted.to_vec(), most, open: Mutex::default() }))
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// A place for a connection from there; none: no room.
    pub fn place(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let is_trusted = self.0.trusted.iter().any(|network| network.holds(peer));
        let client = (!is_trusted).then(|| block_of(peer));
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= self.0.most {
            return None;
        }
        if let Some(client) = client {
            let of_one = open.by_client.entry(client).or_default();
            if *of_one >= MOST_OF_ONE {
                return None;
            }
            *of_one += 1;
        }
        open.all += 1;
        Some(Place { inside: Arc::clone(&self.0), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.inside.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(client) = self.client
            && let Some(of_one) = open.by_client.get_mut(&client)
        {
            *of_one -= 1;
            if *of_one == 0 {
                open.by_client.remove(&client);
            }
        }
    }
}

impl<S> Accept<TcpStream, S> for Doorkeeper {
    type Stream = Pin<Box<TimeoutStream<TcpStream>>>;
    type Service = AddExtension<S, Arc<Place>>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream.peer_addr().and_then(|peer| {
            stream.set_nodelay(true)?;
            SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT)?;
            let place = self.place(peer.ip()).ok_or(io::ErrorKind::QuotaExceeded)?;
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(FOR_READING));
            // the place is held as long as the connection's service is
            Ok((Box::pin(stream), Extension(Arc::new(place)).layer(service)))
        });
        ready(admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_never_takes_all_places_and_a_proxy_may() {
        let trusted = ["127.0.0.1".parse().unwrap()];
        let keeper = Doorkeeper::with_most(&trusted, 2 * MOST_OF_ONE);
        let place = |address: &str| keeper.place(address.parse().unwrap());

        let mut held: Vec<Place> = (0..MOST_OF_ONE).map(|n| place(&format!("2001:db8:0:1::{n:x}")).unwrap()).collect();
        assert!(place("2001:db8:0:1::ffff").is_none());
        held.extend((0..MOST_OF_ONE).map(|_| place("::ffff:127.0.0.1").unwrap()));
        assert!(place("127.0.0.1").is_none() && place("192.0.2.1").is_none());

        held.remove(0);
        assert_eq!(keeper.open(), 2 * MOST_OF_ONE - 1);
        held.push(place("2001:db8:0:1::ffff").unwrap());
        held.clear();
        assert_eq!(keeper.open(), 0);
        assert!(keeper.0.open.lock().unwrap().by_client.is_empty());
    }
}
