//! Who asks, and the act that one run of a transaction makes of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use huike_access::{AccessError, Permission, Scope, Sight};
use huike_kernel::{Actor, IdSource, NodeId, new_id};
use huike_persistence::{Db, scope};
use uuid::Uuid;

use crate::UseCaseError;

/// Who asks, with what reach, in which request. Made once by the shell; a transaction may run several times with it.
#[derive(Clone)]
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
    /// How far the operation's permission reaches for them.
    pub scope: Scope,
    /// The request, for the audit log.
    pub request_id: String,
    /// Where new ids come from.
    pub ids: Arc<dyn IdSource>,
}

/// A caller within one run of a transaction.
pub struct Act<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The moment of this run.
    pub now: DateTime<Utc>,
}

impl Caller {
    /// The act of one run.
    pub fn act(&self, now: DateTime<Utc>) -> Act<'_> {
        Act { caller: self, now }
    }
}

impl Act<'_> {
    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        new_id(self.caller.ids.as_ref())
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.caller.actor
    }

    /// Goes on only if the permission reaches a row that this node owns: otherwise 403 where the caller may know of
    /// the row, `what` is not found where not.
    pub fn reach(
        &self,
        db: &mut Db,
        owner: NodeId,
        permission: Permission,
        what: &'static str,
    ) -> Result<(), UseCaseError> {
        match scope::sight(db, &self.caller.scope, owner)? {
            Sight::Permitted => Ok(()),
            Sight::Visible => Err(AccessError::PermissionDenied { permission }.into()),
            Sight::Hidden => Err(UseCaseError::NotFound(what)),
        }
    }
}
