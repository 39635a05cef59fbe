//! Who asks, and the act that one run of a transaction makes of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use huike_access::{AccessError, Permission, Scope, Sight};
use huike_kernel::{Actor, IdSource, NodeId, StaffId, new_id};
use huike_persistence::{Db, nodes, scope, staff};
use huike_sites::Node;
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

    /// Goes on only if the permission reaches a row that this node owns: otherwise 403 where the caller may know of
    /// the row, `what` is not found where not.
    pub fn reach(
        &self,
        db: &mut Db,
        owner: NodeId,
        permission: Permission,
        what: &'static str,
    ) -> Result<(), UseCaseError> {
        admit(scope::sight(db, &self.scope, owner)?, permission, what)
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

    /// The member of staff who acts. Nobody else may do what needs to know one.
    pub fn staff(&self, permission: Permission) -> Result<StaffId, UseCaseError> {
        match self.caller.actor {
            Actor::Staff(id) => Ok(id),
            Actor::Customer(_) | Actor::Integration(_) | Actor::System => {
                Err(AccessError::PermissionDenied { permission }.into())
            }
        }
    }

    /// [`Caller::reach`].
    pub fn reach(
        &self,
        db: &mut Db,
        owner: NodeId,
        permission: Permission,
        what: &'static str,
    ) -> Result<(), UseCaseError> {
        self.caller.reach(db, owner, permission, what)
    }

    /// [`Caller::reach`] by the roles that whoever acts holds at this moment, whatever their credential said when the request
    /// came in. Huike itself, that is whoever runs the machine, needs no role.
    pub fn reach_afresh(
        &self,
        db: &mut Db,
        owner: NodeId,
        permission: Permission,
        what: &'static str,
    ) -> Result<(), UseCaseError> {
        if self.caller.actor == Actor::System {
            return Ok(());
        }
        let roles = staff::list_roles(db, self.staff(permission)?)?;
        admit(scope::sight(db, &Scope::of(&roles, permission), owner)?, permission, what)
    }

    /// The head, if the permission is held at the head itself: for what concerns the whole brand.
    pub fn reach_head(&self, db: &mut Db, permission: Permission) -> Result<Node, UseCaseError> {
        let head = nodes::find_head(db)?.ok_or(UseCaseError::NotFound("head"))?;
        if !self.caller.scope.is_held_at(head.id) {
            return Err(AccessError::PermissionDenied { permission }.into());
        }
        Ok(head)
    }
}

/// Goes on with what is permitted; what is only visible is 403, anything else is not found.
pub(crate) fn admit(sight: Sight, permission: Permission, what: &'static str) -> Result<(), UseCaseError> {
    match sight {
        Sight::Permitted => Ok(()),
        Sight::Visible => Err(AccessError::PermissionDenied { permission }.into()),
        Sight::Hidden => Err(UseCaseError::NotFound(what)),
    }
}
