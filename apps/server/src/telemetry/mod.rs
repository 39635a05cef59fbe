//! What can be seen from outside: logs, metrics, and the middleware that makes both of every request.

pub mod log;
pub mod metrics;
pub mod request;
