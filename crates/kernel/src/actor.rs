//! Who did it.

use uuid::Uuid;

use crate::{ApiKeyId, CustomerId, StaffId};

/// Whoever acts: stored with every event and audit row, and the principal that idempotency keys belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member of staff.
    Staff(StaffId),
    /// A customer, for themselves.
    Customer(CustomerId),
    /// A program with an API key.
    Integration(ApiKeyId),
    /// Huike itself: a job, the command line.
    System,
}

impl Actor {
    /// The word for what kind of actor it is: `staff`, `customer`, `integration`, `system`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Staff(_) => "staff",
            Self::Customer(_) => "customer",
            Self::Integration(_) => "integration",
            Self::System => "system",
        }
    }

    /// Its id; Huike itself has none.
    pub const fn id(&self) -> Option<Uuid> {
        match self {
            Self::Staff(id) => Some(id.as_uuid()),
            Self::Customer(id) => Some(id.as_uuid()),
            Self::Integration(id) => Some(id.as_uuid()),
            Self::System => None,
        }
    }

    /// The actor of that kind with that id, as [`Actor::kind`] and [`Actor::id`] told them. `None` where they do not fit
    /// together.
    pub fn read(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("staff", Some(id)) => Some(Self::Staff(id.into())),
            ("customer", Some(id)) => Some(Self::Customer(id.into())),
            ("integration", Some(id)) => Some(Self::Integration(id.into())),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }

    /// One text for both, such as `staff:0190…`: the owner of idempotency keys.
    pub fn principal(&self) -> String {
        self.id().map_or_else(|| self.kind().to_owned(), |id| format!("{}:{id}", self.kind()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_of_different_kinds_never_share_a_principal() {
        let id = Uuid::from_u128(7);
        let staff = Actor::Staff(StaffId::from_uuid(id)).principal();
        let customer = Actor::Customer(CustomerId::from_uuid(id)).principal();
        assert_ne!(staff, customer);
        assert_eq!(Actor::System.principal(), "system");
    }

    #[test]
    fn an_actor_reads_back_from_kind_and_id() {
        let id = Uuid::from_u128(7);
        let all = [Actor::Staff(id.into()), Actor::Customer(id.into()), Actor::Integration(id.into()), Actor::System];
        for actor in all {
            assert_eq!(Actor::read(actor.kind(), actor.id()), Some(actor));
        }
        for (kind, id) in [("staff", None), ("system", Some(id)), ("god", Some(id))] {
            assert_eq!(Actor::read(kind, id), None);
        }
    }
}
