//! Who may do what where: every operation of the OpenAPI documents, for every role and every scope of a key, at a place
//! of one's own, of a sibling, and above. What is expected comes from `x-huike-permission`, `x-huike-scope` and the
//! table of the access crate, so that a new operation is tested the day it is served.

mod ask;
mod credentials;
mod customers;
mod differential;
mod goods;
mod keys;
pub mod ledger;
mod nonsense;
mod operation;
mod people;
mod rows;
mod staff;
mod stage;
mod webhooks;

pub use ask::Ask;
pub use huike_access::IntegrationScope;
pub use keys::key;
pub use operation::{Operation, operations};
pub use rows::{Fresh, Place, Rows};
pub use stage::Stage;
