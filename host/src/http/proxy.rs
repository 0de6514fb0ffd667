//! Whose request it is that a reverse proxy hands on. What `x-forwarded-for` says is believed only of addresses that the
//! operator has named, because everybody can write that header; it decides whose attempts are counted, and what the audit notes.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::HeaderMap;

/// Longest row of proxies that is followed.
const HOPS_MAX: usize = 32;

/// An address, or all addresses that begin alike: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    /// How many bits are the same.
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || format!("`{text}` is no address and no network, like `10.0.0.7` or `10.0.0.0/8`");
        let (first, bits) = text.split_once('/').map_or((text, None), |(first, bits)| (first, Some(bits)));
        let first = first.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let width = width(first);
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| wrong())?;
        // A network of everybody would believe everybody.
        if bits == 0 || bits > width { Err(wrong()) } else { Ok(Network { first, bits }) }
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let shift = width(self.first) - self.bits;
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                first.to_bits() >> shift == address.to_bits() >> shift
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                first.to_bits() >> shift == address.to_bits() >> shift
            }
            _ => false,
        }
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address of whoever asked: that of the connection, or, where a named proxy has it open, the last one in
/// `x-forwarded-for` that is none of the named proxies. What stands before that, anybody may have written.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer.to_canonical();
    if !is_proxy(client) {
        return client;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let said = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    for hop in said.take(HOPS_MAX) {
        // A word that is no address ends what can be believed.
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { return client };
        client = hop.to_canonical();
        if !is_proxy(client) {
            return client;
        }
    }
    client
}

/// Whether an address is in one of these networks.
pub(super) fn is_among(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.holds(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, said: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, |address| is_among(&proxies, address)).to_string()
    }

    #[test]
    fn only_named_proxies_are_believed() {
        assert_eq!(asked("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(asked("10.1.2.3", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(asked("::ffff:10.1.2.3", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(asked("11.1.2.3", &["198.51.100.1"], &["10.0.0.0/8"]), "11.1.2.3");
        assert_eq!(asked("fd00::7", &["2001:db8::1"], &["fd00::/8"]), "2001:db8::1");
        assert_eq!(asked("10.1.2.3", &[], &["10.0.0.0/8"]), "10.1.2.3");
    }

    #[test]
    fn what_the_client_itself_wrote_is_not_believed() {
        let proxies = ["10.0.0.0/8", "192.0.2.4"];
        assert_eq!(asked("10.0.0.1", &["1.1.1.1, 198.51.100.1, 192.0.2.4"], &proxies), "198.51.100.1");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(asked("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], &proxies), "10.0.0.2");
    }

    #[test]
    fn a_network_of_everybody_and_what_is_none_are_refused() {
        for text in ["", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0/8", "proxy.example", "10.0.0.1/"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
