//! What staff do: `/admin/v1`.

pub mod api_keys;
pub mod blueprints;
pub mod channels;
pub mod customer_blocks;
pub mod customer_notes;
pub mod customers;
pub mod me;
pub mod nodes;
pub mod quotas;
pub mod rule_cards;
pub mod session;
pub mod settings;
pub mod sites;
pub mod staff;
pub mod staff_roles;
pub mod stores;
pub mod template_review;
pub mod template_switch;
pub mod template_view;
pub mod templates;
pub mod tracking;
pub mod tracking_view;
pub mod transact;
