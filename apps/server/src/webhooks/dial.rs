//! From a URL to a connection. The name is resolved once, every address it has is asked about, and the connection goes to one
//! of those addresses: a name that says something else the second time is not asked a second time.

use std::{net::IpAddr, sync::Arc, time::Duration};

use huike_webhooks::{EndpointUrl, Fault, Host, may_be_called};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::ClientConfig, rustls::pki_types::ServerName};

use super::resolver::Resolve;

/// How many addresses of one name are tried.
const ADDRESSES_MAX: usize = 4;
/// How long one of them may take to take the call, so that there is time for the next.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// A connection, encrypted or not.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Dialer {
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) allow_loopback: bool,
}

impl Dialer {
    /// A connection to whoever the URL names.
    pub(super) async fn dial(&self, url: &EndpointUrl) -> Result<Box<dyn Wire>, Fault> {
        let host = url.host().ok_or(Fault::UrlRefused)?;
        let tcp = self.reach(&self.addresses(host).await?, url.port()).await?;
        // Small messages, one at a time: waiting for more to send only delays them. It works without, too.
        drop(tcp.set_nodelay(true));
        if !url.is_https() {
            return Ok(Box::new(tcp));
        }
        let name = server_name(host).ok_or(Fault::UrlRefused)?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let tls = connector.connect(name, tcp).await.map_err(|_unsafe| Fault::TlsFailed)?;
        Ok(Box::new(tls))
    }

    /// The addresses to call. One that may not be called spoils them all: a name that leads behind our walls, and be it now
    /// and then, is no receiver's.
    async fn addresses(&self, host: Host<'_>) -> Result<Vec<IpAddr>, Fault> {
        let found = match host {
            Host::Address(address) => vec![address],
            Host::Name(name) => self.resolver.resolve(name).await.map_err(|_unknown| Fault::NameUnknown)?,
        };
        if found.is_empty() {
            return Err(Fault::NameUnknown);
        }
        if found.iter().any(|address| !may_be_called(*address, self.allow_loopback)) {
            return Err(Fault::AddressRefused);
        }
        Ok(found)
    }

    async fn reach(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, Fault> {
        for address in addresses.iter().take(ADDRESSES_MAX) {
            if let Ok(Ok(stream)) = timeout(CONNECT_MAX, TcpStream::connect((*address, port))).await {
                return Ok(stream);
            }
        }
        Err(Fault::ConnectFailed)
    }
}

/// Whom the certificate must be for.
fn server_name(host: Host<'_>) -> Option<ServerName<'static>> {
    match host {
        Host::Address(address) => Some(ServerName::IpAddress(address.into())),
        // A final dot is for resolvers; certificates know names without.
        Host::Name(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned()).ok(),
    }
}
