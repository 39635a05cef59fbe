//! The stock (库存): how much of a SKU lies at a site or store, how much of that is kept for somebody, and why it changed.
//! Every change is a movement with a reason; what is on hand is the sum of the movements, always.

mod batch;
mod error;
mod level;
mod lines;
mod movement;
mod reservation;
mod transfer;

pub use batch::check_inspection;
pub use error::StockError;
pub use level::StockLevel;
pub use lines::{LINES_MAX, ON_HAND_MAX, QUANTITY_MAX, check_lines};
pub use movement::{MovementKind, decide_count, decide_outflow};
pub use reservation::{HolderKind, ReservationEnd, ReservationState, decide_end};
pub use transfer::{TransferLine, TransferState, decide_cancel, decide_receive, decide_request, decide_send};
