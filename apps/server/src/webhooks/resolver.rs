//! From a name to addresses: once for each attempt, and by somebody whom a test can stand in for.

use std::{future::Future, io, net::IpAddr, pin::Pin};

/// The addresses of a name, or why there are none.
pub type Resolved<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Knows the addresses of names.
pub trait Resolve: Send + Sync {
    /// Every address of the name, the preferred one first.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a>;
}

/// Asks the machine, as every other program on it does.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
