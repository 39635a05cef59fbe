//! Which events a consumer has still to see: rows written with the event and dropped by the consumer, so that commit order,
//! which is neither the order of ids nor that of clocks, does not matter.

/// The consumer that makes deliveries to webhook endpoints.
pub const WEBHOOK: &str = "webhook";
