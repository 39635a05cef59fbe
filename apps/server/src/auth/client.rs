//! Where a request comes from, for limits on guessing. Never logged.

use std::{fmt, net::IpAddr, str::FromStr};

use actix_web::HttpRequest;

use crate::keys::KeyRing;

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is no address or network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no IP address or network such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// Whether the address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_number| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_address| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix <= longest { Ok(Self { address, prefix }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Believes these, and nobody else.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client's address: the peer's, or behind trusted proxies the last one that they did not add themselves.
    pub fn client(&self, request: &HttpRequest) -> ClientAddress {
        let Some(mut client) = request.peer_addr().map(|peer| peer.ip()) else {
            return ClientAddress(None);
        };
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        for hop in hops.iter().rev() {
            match hop.parse() {
                Ok(address) if self.trusts(client) => client = address,
                _ => break,
            }
        }
        ClientAddress(Some(client))
    }
}

/// Where a request comes from. Personal data: it has no `Display`, and its `Debug` is masked.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// Stands in where the address does not matter.
    pub const fn nowhere() -> Self {
        Self(None)
    }

    /// The address as it may be counted under in the database: a keyed digest, never the address itself.
    pub fn digest(&self, keys: &KeyRing) -> Option<String> {
        self.0.map(|address| keys.digest("ip", address.to_string().as_bytes()))
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, forwarded: &str, trusted: &[&str]) -> IpAddr {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        let proxies = TrustedProxies::new(trusted.iter().map(|text| text.parse().unwrap()).collect());
        proxies.client(&request).0.unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(client("9.9.9.9", "1.1.1.1", &[]), address("9.9.9.9"));
        assert_eq!(client("10.0.0.2", "1.1.1.1", &["10.0.0.0/8"]), address("1.1.1.1"));
        assert_eq!(client("10.0.0.2", "6.6.6.6, 1.1.1.1, 10.0.0.3", &["10.0.0.0/8"]), address("1.1.1.1"));
        assert_eq!(client("10.0.0.2", "junk", &["10.0.0.2"]), address("10.0.0.2"));
    }

    #[test]
    fn networks_hold_what_they_should() {
        let everywhere: Network = "0.0.0.0/0".parse().unwrap();
        assert!(everywhere.contains("1.2.3.4".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        let v6: Network = "fd00::/8".parse().unwrap();
        assert!(v6.contains("fd12::1".parse().unwrap()) && !v6.contains("fe80::1".parse().unwrap()));
    }
}
