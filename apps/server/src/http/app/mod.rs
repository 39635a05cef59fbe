//! What customers do: `/app/v1`.

pub mod me;
pub mod sessions;
