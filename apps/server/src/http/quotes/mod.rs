//! Quotes, as customers and integrations ask for them and see them.

mod answer;
mod rejection;
mod request;
mod view;

pub use answer::QuoteAnswer;
pub use request::{CART_LIMIT_BYTES, CartLines, cart_faults, read_hash, segment_names};
pub use view::QuoteView;
