//! Where webhooks are sent: a URL that says no more than whom to call.

use std::{fmt, net::IpAddr, str::FromStr};

use url::Url;

use crate::{WebhookError, may_be_called};

/// Longer is no URL of a receiver.
const CHARACTERS_MAX: usize = 2_048;

/// A URL that may be called, as far as it can be told from its text. A name must be resolved, and each of its
/// addresses asked about ([`may_be_called`]), when it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUrl(Url);

/// Who is to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host<'a> {
    /// A name, yet to be resolved.
    Name(&'a str),
    /// An address that may be called.
    Address(IpAddr),
}

impl EndpointUrl {
    /// Reads a URL: https, no user name, no fragment, no address behind our walls. In development, `allow_loopback`, also
    /// plain http and the machine itself.
    pub fn parse(text: &str, allow_loopback: bool) -> Result<Self, WebhookError> {
        // The URL standard drops tabs and line breaks silently; whoever sends them means something else than we read.
        if text.len() > CHARACTERS_MAX || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(WebhookError::UrlMalformed);
        }
        let url = Url::from_str(text).map_err(|_malformed| WebhookError::UrlMalformed)?;
        match url.scheme() {
            "https" => {}
            "http" if allow_loopback => {}
            "http" => return Err(WebhookError::UrlNotHttps),
            _ => return Err(WebhookError::UrlMalformed),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(WebhookError::UrlMalformed);
        }
        let url = Self(url);
        match url.host().ok_or(WebhookError::UrlMalformed)? {
            Host::Address(address) if !may_be_called(address, allow_loopback) => Err(WebhookError::AddressRefused),
            Host::Name(name) if !allow_loopback && is_this_machine(name) => Err(WebhookError::AddressRefused),
            Host::Name(_) | Host::Address(_) => Ok(url),
        }
    }

    /// The URL as it is written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Who is to be called.
    pub fn host(&self) -> Option<Host<'_>> {
        self.0.host().map(|host| match host {
            url::Host::Domain(name) => Host::Name(name),
            url::Host::Ipv4(address) => Host::Address(address.into()),
            url::Host::Ipv6(address) => Host::Address(address.into()),
        })
    }

    /// At which port.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// What is asked for: path and query.
    pub fn target(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }
}

/// A final dot names the same host.
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_says_whom_to_call_and_what_to_ask_for() {
        let url = EndpointUrl::parse("https://Hooks.Example:8443/in?shop=7", false).unwrap();
        assert_eq!((url.host(), url.port()), (Some(Host::Name("hooks.example")), 8443));
        assert_eq!((url.authority(), url.target().as_str()), ("hooks.example:8443", "/in?shop=7"));
        let bare = EndpointUrl::parse("https://8.8.8.8", false).unwrap();
        assert_eq!((bare.host(), bare.port()), (Some(Host::Address("8.8.8.8".parse().unwrap())), 443));
        assert_eq!((bare.target().as_str(), bare.to_string().as_str()), ("/", "https://8.8.8.8/"));
        let named = EndpointUrl::parse("https://商城.例子/", false).unwrap();
        assert_eq!(named.host(), Some(Host::Name("xn--czru2d.xn--fsqu00a")));
    }

    #[test]
    fn however_an_address_behind_our_walls_is_written_it_is_refused() {
        for text in [
            "https://127.0.0.1",
            "https://127.1",
            "https://2130706433",
            "https://0x7f.0.0.1",
            "https://0177.0.0.1/",
            "https://0x7f000001",
            "https://127.0.0.1.",
            "https://１２７.0.0.1",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://[::ffff:7f00:1]",
            "https://10.0.0.1",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00:ec2::254]",
            "https://100.100.100.200",
            "https://localhost",
            "https://LOCALHOST./",
            "https://a.localhost:444",
            "https://0",
            "https://[64:ff9b::a9fe:a9fe]",
        ] {
            assert_eq!(EndpointUrl::parse(text, false), Err(WebhookError::AddressRefused), "{text}");
        }
    }

    #[test]
    fn a_url_that_says_more_than_whom_to_call_is_refused() {
        let long = format!("https://hooks.example/{}", "a".repeat(CHARACTERS_MAX));
        for text in [
            "",
            "hooks.example",
            "/in",
            "ftp://hooks.example",
            "file:///etc/passwd",
            "https://",
            "https://u@hooks.example",
            "https://u:p@hooks.example",
            "https://:p@hooks.example",
            "https://hooks.example/#in",
            "https://hooks.exa\tmple/",
            "https://hooks.example/\r\nx",
            " https://hooks.example",
            "https://hooks.example:99999/",
            "https://[::1",
            &long,
        ] {
            assert_eq!(EndpointUrl::parse(text, true), Err(WebhookError::UrlMalformed), "{text}");
        }
        assert_eq!(EndpointUrl::parse("http://hooks.example", false), Err(WebhookError::UrlNotHttps));
    }

    #[test]
    fn in_development_plain_http_and_the_machine_itself_are_welcome() {
        for text in ["http://127.0.0.1:8099/in", "http://localhost:3000", "http://[::1]:9", "http://hooks.example"] {
            assert!(EndpointUrl::parse(text, true).is_ok(), "{text}");
        }
        assert_eq!(EndpointUrl::parse("http://10.0.0.1", true), Err(WebhookError::AddressRefused));
    }

    proptest! {
        #[test]
        fn no_text_falls_over_and_what_is_read_reads_back(text in "(https?://)?[a-z0-9.:/@#?\\[\\]%]{0,40}|.*") {
            for dev in [false, true] {
                if let Ok(url) = EndpointUrl::parse(&text, dev) {
                    prop_assert_eq!(EndpointUrl::parse(url.as_str(), dev), Ok(url.clone()));
                    prop_assert!(url.host().is_some() && url.target().starts_with('/'));
                }
            }
        }
    }
}
