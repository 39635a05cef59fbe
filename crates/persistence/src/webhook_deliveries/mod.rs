//! Messages to endpoints: made by the fan-out, taken and recorded by the sender, kept as a log.

mod due;
mod log;
mod make;
mod record;
mod upkeep;

pub use due::{DueDelivery, Message, TakeDue, take_due};
pub use log::{Attempt, Delivery, DeliveryFilter, find, list, list_attempts};
pub use make::{NewDelivery, NewOrigin, insert_many};
pub use record::{AttemptRecord, Verdict, give_back, record};
pub use upkeep::{backlog, cancel_stranded, count_replays, purge};
