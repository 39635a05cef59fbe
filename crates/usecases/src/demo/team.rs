//! The people who work for the brand.

use huike_access::{Role, RoleBinding};
use huike_kernel::{NodeId, StaffId};
use huike_persistence::{Db, Outcome, staff as rows};

use super::{
    names,
    stage::{Stage, read, text},
    world::HeadTeam,
};
use crate::{UseCaseError, staff};

/// Hires people.
pub(super) struct Crew {
    head: NodeId,
    owner: StaffId,
    password_hash: String,
    hired: i64,
}

impl Crew {
    pub(super) fn new(head: NodeId, owner: StaffId, password_hash: String) -> Self {
        Self { head, owner, password_hash, hired: 0 }
    }

    /// Hires somebody for one role at the node. They share a password that is good for more than one sign-in: whoever
    /// looks at the demonstration wants to look through many eyes.
    pub(super) fn hire(
        &mut self,
        db: &mut Db,
        stage: &mut Stage,
        node: NodeId,
        (role, login): (Role, &str),
    ) -> Result<StaffId, UseCaseError> {
        let at = stage.dates.at(-104, (9, 0)) + chrono::TimeDelta::minutes(3 * self.hired);
        self.hired += 1;
        let name = names::name(&mut stage.chance);
        let new = staff::NewStaff {
            site: node,
            login: read(login)?,
            name: text(&name)?,
            password_hash: self.password_hash.clone(),
            customer: None,
            roles: vec![RoleBinding { role, node }],
        };
        let hired = staff::create(db, &stage.staff(self.owner, self.head, at).act(at), &new)?;
        if rows::set_password(db, &hired, &self.password_hash, false, at)? == Outcome::Refused {
            return Err(UseCaseError::VersionConflict);
        }
        Ok(hired.id)
    }
}

/// Hires whoever works at the head.
pub(super) fn hire_head(db: &mut Db, stage: &mut Stage, crew: &mut Crew) -> Result<HeadTeam, UseCaseError> {
    let head = crew.head;
    let mut hire = |role, login| crew.hire(db, stage, head, (role, login));
    let team = HeadTeam {
        marketer: hire(Role::Marketer, "marketer")?,
        approver: hire(Role::Approver, "approver")?,
        finance: [hire(Role::Finance, "finance")?, hire(Role::Finance, "finance2")?],
        service: hire(Role::Service, "service")?,
        warehouse: hire(Role::Warehouse, "warehouse")?,
    };
    Ok(team)
}
