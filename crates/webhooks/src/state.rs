//! The life of an endpoint and of a delivery.

use huike_kernel::words;

words!(
    /// Whether an endpoint is sent anything.
    EndpointState, "webhook endpoint state" {
        /// It is.
        Enabled = "enabled",
        /// It is not, and what was pending is cancelled.
        Disabled = "disabled",
        /// It is no more; it stays for the sake of its deliveries.
        Removed = "removed",
    }
);

words!(
    /// Why an endpoint is disabled.
    DisabledReason, "webhook disabled reason" {
        /// Somebody wanted it so.
        Staff = "staff",
        /// The receiver answered that it is gone for good (410).
        Gone = "gone",
    }
);

words!(
    /// Where a delivery comes from.
    DeliveryOrigin, "webhook delivery origin" {
        /// Something happened.
        Event = "event",
        /// Staff want it told once more.
        Replay = "replay",
        /// Staff try the endpoint out.
        Test = "test",
    }
);

words!(
    /// Where a delivery (推送) stands.
    DeliveryState, "webhook delivery state" {
        /// 待推送: it is tried, or will be.
        Pending = "pending",
        /// 已送达: the receiver said so.
        Delivered = "delivered",
        /// 已搁置: the last attempt failed; staff may replay it.
        Parked = "parked",
        /// 已取消: its endpoint was disabled first.
        Cancelled = "cancelled",
    }
);

words!(
    /// Where a replay of a window stands.
    ReplayState, "webhook replay state" {
        /// Deliveries are being made.
        Running = "running",
        /// All deliveries were made.
        Done = "done",
        /// It ended early: its endpoint was disabled or removed.
        Stopped = "stopped",
    }
);

/// Every step of a delivery (`None`: birth). What is not listed here is refused; a replay is a new delivery.
pub const EDGES: &[(Option<DeliveryState>, DeliveryState)] = &[
    (None, DeliveryState::Pending),
    (Some(DeliveryState::Pending), DeliveryState::Delivered),
    (Some(DeliveryState::Pending), DeliveryState::Parked),
    (Some(DeliveryState::Pending), DeliveryState::Cancelled),
];

impl DeliveryState {
    /// Whether the graph holds this step.
    pub fn allows(from: Option<Self>, to: Self) -> bool {
        EDGES.contains(&(from, to))
    }

    /// Whether nothing more happens to it.
    pub fn is_final(self) -> bool {
        !EDGES.iter().any(|(from, _)| *from == Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_pending_goes_on() {
        for state in DeliveryState::ALL {
            assert_eq!(state.is_final(), *state != DeliveryState::Pending);
        }
        assert!(DeliveryState::allows(None, DeliveryState::Pending));
        assert!(!DeliveryState::allows(Some(DeliveryState::Parked), DeliveryState::Pending));
    }
}
