//! Where the provider is.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

/// A scheme, a host and a port. Encrypted, except to this very machine, where fakes run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub(super) https: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Origin {
    /// Reads `https://host[:port]`, or `http://` of a loopback address. Nothing may follow.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nameless = url.username().is_empty() && url.password().is_none();
        let https = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&url.host()?) => false,
            _ => return None,
        };
        if !bare || !nameless {
            return None;
        }
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some(Self { https, host, port: url.port_or_known_default()? })
    }

    /// What the `Host` header says.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.https { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
        // A name may lead anywhere.
        Host::Domain(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_called_without_encryption() {
        for (text, shown) in [
            ("https://api.mch.weixin.qq.com", Some("https://api.mch.weixin.qq.com")),
            ("https://api2.mch.weixin.qq.com:8443/", Some("https://api2.mch.weixin.qq.com:8443")),
            ("http://127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("http://[::1]:9000", Some("http://[::1]:9000")),
            ("http://api.mch.weixin.qq.com", None),
            ("http://localhost:9000", None),
            ("http://127.0.0.1.example.com", None),
            ("https://somebody@api.mch.weixin.qq.com", None),
            ("https://api.mch.weixin.qq.com/v3", None),
            ("https://api.mch.weixin.qq.com?a", None),
            ("ftp://127.0.0.1", None),
            ("api.mch.weixin.qq.com", None),
        ] {
            assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), shown, "{text}");
        }
    }
}
