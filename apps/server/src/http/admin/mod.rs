//! What staff do: `/admin/v1`.

pub mod me;
pub mod session;
