//! Whose request it is: the other end, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// One address, or a range like `172.16.0.0/12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many leading bits count.
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address or range, like 127.0.0.1 or 172.16.0.0/12");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let differs = match (self.address, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differs >= self.bits
    }
}

/// The client's address: the peer's own, or, where the peer is a trusted proxy, the last one in `X-Forwarded-For`
/// that is not. What stands before that, anybody can have written.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    let mut entries = lines.iter().flat_map(|line| line.split(',')).rev();
    while is_trusted(client) {
        match entries.next().map(|entry| entry.trim().parse::<IpAddr>()) {
            Some(Ok(address)) => client = address.to_canonical(),
            _ => break,
        }
    }
    client
}

/// What one client is taken to have: an IPv4 address, or the first half of an IPv6 address (a /64).
pub fn block_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (!0 << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted = ["127.0.0.1".parse().unwrap(), "10.1.0.0/16".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(client("192.0.2.1", &["203.0.113.5"]), "192.0.2.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(client("::ffff:127.0.0.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        assert_eq!(client("127.0.0.1", &["198.51.100.1, 203.0.113.5"]), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &["198.51.100.1", "203.0.113.5, 10.1.2.3"]), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, unknown"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn a_client_has_a_block_of_addresses() {
        let block = |address: &str| block_of(address.parse().unwrap()).to_string();
        assert_eq!(block("192.0.2.1"), "192.0.2.1");
        assert_eq!(block("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(block("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }

    #[test]
    fn ranges_are_read() {
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("proxy".parse::<Network>().is_err());
        assert!("::/0".parse::<Network>().unwrap().holds("2001:db8::1".parse().unwrap()));
        assert!(!"10.1.0.0/16".parse::<Network>().unwrap().holds("10.2.0.1".parse().unwrap()));
    }
}
