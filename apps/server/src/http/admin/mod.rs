//! What staff do: `/admin/v1`.

pub mod api_keys;
pub mod blueprints;
pub mod customer_blocks;
pub mod customer_notes;
pub mod customers;
pub mod me;
pub mod nodes;
pub mod session;
pub mod settings;
pub mod sites;
pub mod staff;
pub mod staff_roles;
pub mod stores;
pub mod transact;
