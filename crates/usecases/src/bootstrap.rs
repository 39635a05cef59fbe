//! The first start: a brand has a head, and the head has an owner.

use huike_access::{Login, Role, RoleBinding, StaffState};
use huike_kernel::{NodeId, StaffId, Text, Zone};
use huike_persistence::{Db, Outcome, nodes, staff};
use huike_sites::{MerchantCode, Node, NodeKind, NodeState};
use serde_json::json;

use crate::{
    Act, UseCaseError,
    record::{self, Change},
    sites, staff as people,
};

/// What the first start needs to know.
#[derive(Debug, Clone)]
pub struct FirstStart {
    /// The brand's name, to be changed later.
    pub brand: Text<60>,
    /// The head's code.
    pub code: MerchantCode,
    /// The owner's sign-in name.
    pub owner: Login,
    /// The hash of the owner's password.
    pub password_hash: String,
    /// Whether the password was made here, so that it has to be changed first.
    pub must_change_password: bool,
}

/// Makes the head and its owner where there is no head yet. Of several instances that start at once one does it.
pub fn make_head(db: &mut Db, act: &Act<'_>, first: &FirstStart) -> Result<Outcome, UseCaseError> {
    if nodes::find_head(db)?.is_some() {
        return Ok(Outcome::Refused);
    }
    let head = Node {
        id: act.new_id::<NodeId>(),
        kind: NodeKind::Head,
        parent: None,
        name: first.brand.clone(),
        code: first.code.clone(),
        zone: Zone::default(),
        area: None,
        state: NodeState::Active,
        version: 1,
    };
    if nodes::insert(db, &head, act.now)? == Outcome::Refused {
        return Ok(Outcome::Refused);
    }
    let owner = staff::Staff {
        id: act.new_id::<StaffId>(),
        site: head.id,
        login: first.owner.clone(),
        name: first.owner.to_string(),
        password_hash: first.password_hash.clone(),
        must_change_password: first.must_change_password,
        customer: None,
        state: StaffState::Active,
        version: 1,
        created_at: act.now,
    };
    if staff::insert(db, &owner)? == Outcome::Refused {
        return Err(UseCaseError::Taken("login"));
    }
    let role = RoleBinding { role: Role::Owner, node: head.id };
    if staff::insert_role(db, owner.id, role, None, act.now)? == Outcome::Refused {
        return Err(UseCaseError::Taken("role"));
    }
    sites::emit(db, act, "node_created", &head)?;
    people::emit(db, act, &owner, ("staff_created", json!({ "roles": [role] })))?;
    let change = Change {
        action: "brand.begin",
        subject_kind: "node",
        subject: head.id.to_string(),
        before: json!(null),
        after: json!({ "owner": owner.id }),
    };
    record::audit(db, act, head.id, change)?;
    Ok(Outcome::Applied)
}
