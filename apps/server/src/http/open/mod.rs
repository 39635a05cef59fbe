//! What integrations do: `/open/v1`.

pub mod whoami;
