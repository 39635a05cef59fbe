//! Messages to endpoints: made by the fan-out, taken and recorded by the sender, kept as a log.

mod due;
mod record;

pub use due::{DueDelivery, Message, TakeDue, take_due};
pub use record::{AttemptRecord, Verdict, give_back, record};

const PENDING: &str = "pending";
const DELIVERED: &str = "delivered";
const PARKED: &str = "parked";
const ORIGIN_EVENT: &str = "event";
