use huike_access::{Permission, Role, RoleBinding, StaffState};
use huike_kernel::{NodeId, StaffId};
use huike_persistence::{db_test, roles as stored, staff as people};
use huike_usecases::{
    UseCaseError, roles,
    staff::{self, Managed, StaffEdit},
};

use crate::support::{Brand, at_once, code};

type Granted = Result<people::Staff, UseCaseError>;

fn grant(brand: &Brand, who: StaffId, whom: StaffId, (role, node): (Role, NodeId)) -> Granted {
    let binding = RoleBinding { role, node };
    brand.act((who, Permission::RoleGrant), move |db, act| roles::grant(db, act, whom, binding))
}

fn revoke(brand: &Brand, who: StaffId, whom: StaffId, (role, node): (Role, NodeId)) -> Granted {
    let binding = RoleBinding { role, node };
    brand.act((who, Permission::RoleGrant), move |db, act| roles::revoke(db, act, whom, binding))
}

fn disable(brand: &Brand, who: StaffId, whom: StaffId, version: i64) -> Result<Managed, UseCaseError> {
    let state = Some(StaffState::Disabled);
    let edit = StaffEdit { staff: whom, version, name: None, customer: None, state };
    brand.act((who, Permission::StaffManage), move |db, act| staff::update(db, act, &edit))
}

fn active_owners(brand: &Brand) -> usize {
    let head = brand.head;
    brand.read(move |db| stored::count_active_holders(db, &[Role::Owner], head, None))
}

db_test! {
    fn nobody_gives_more_than_their_own_role_may(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        assert_eq!(code(grant(&brand, operator, clerk, (Role::Approver, brand.site_a))), "role_above_own");
        assert_eq!(code(grant(&brand, operator, clerk, (Role::Clerk, brand.store_b))), "not_found");
        assert_eq!(code(grant(&brand, operator, operator, (Role::StoreManager, brand.site_a))), "role_self_grant");
        assert_eq!(code(grant(&brand, operator, clerk, (Role::Clerk, brand.site_a))), "role_needs_store");
        let given = grant(&brand, operator, clerk, (Role::StoreManager, brand.store_a)).unwrap();
        assert_eq!(given.version, 2);
        assert_eq!(code(grant(&brand, operator, clerk, (Role::StoreManager, brand.store_a))), "already_taken");
        assert_eq!(brand.events(clerk.as_uuid()), [(2, "staff_role_granted".to_owned())]);
        assert_eq!(brand.audited(clerk), ["staff.grant_role"]);
    }

    fn somebody_elsewhere_does_not_exist_for_whoever_grants(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let stranger = brand.hire(Role::Clerk, brand.store_b);
        assert_eq!(code(grant(&brand, operator, stranger, (Role::Clerk, brand.store_a))), "not_found");
        assert_eq!(code(revoke(&brand, operator, stranger, (Role::Clerk, brand.store_b))), "not_found");
    }

    fn the_last_owner_stays(database) {
        let brand = Brand::new(database);
        let owner = (Role::Owner, brand.head);
        assert_eq!(code(revoke(&brand, brand.owner, brand.owner, owner)), "owner_last");
        assert_eq!(code(disable(&brand, brand.owner, brand.owner, 1)), "owner_last");
        let second = brand.hire(Role::Owner, brand.head);
        disable(&brand, brand.owner, second, 1).unwrap();
        assert_eq!(code(revoke(&brand, brand.owner, brand.owner, owner)), "owner_last", "a disabled owner is none");
    }

    fn two_owners_who_remove_each_other_at_once_leave_one(database) {
        let brand = Brand::new(database);
        for _ in 0..5 {
            let (one, other) = (brand.hire(Role::Owner, brand.head), brand.hire(Role::Owner, brand.head));
            let owner = (Role::Owner, brand.head);
            let _others: Vec<_> = brand
                .owner_ids()
                .into_iter()
                .filter(|id| *id != one && *id != other)
                .map(|id| revoke(&brand, one, id, owner).unwrap())
                .collect();
            let (first, second) = at_once(|| revoke(&brand, one, other, owner), || revoke(&brand, other, one, owner));
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            assert_eq!(active_owners(&brand), 1);
        }
    }

    fn an_owner_who_is_disabled_while_another_is_revoked_leaves_one(database) {
        let brand = Brand::new(database);
        for _ in 0..5 {
            let (one, other) = (brand.hire(Role::Owner, brand.head), brand.hire(Role::Owner, brand.head));
            let owner = (Role::Owner, brand.head);
            for id in brand.owner_ids().into_iter().filter(|id| *id != one && *id != other) {
                revoke(&brand, one, id, owner).unwrap();
            }
            let (first, second) = at_once(|| disable(&brand, one, other, 1), || revoke(&brand, other, one, owner));
            assert!(first.is_ok() != second.is_ok());
            assert_eq!(active_owners(&brand), 1);
        }
    }

    fn a_right_that_is_gone_does_not_last_until_the_next_sign_in(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let caller = brand.caller(operator, Permission::RoleGrant);
        revoke(&brand, brand.owner, operator, (Role::SiteOperator, brand.site_a)).unwrap();
        let binding = RoleBinding { role: Role::StoreManager, node: brand.store_a };
        let late = brand.store.write_blocking(move |db, now| roles::grant(db, &caller.act(now), clerk, binding));
        assert_eq!(code(late), "permission_denied");
    }

    fn people_are_listed_where_they_work_or_hold_a_role(database) {
        let brand = Brand::new(database);
        let (site_a, site_b) = (brand.site_a, brand.site_b);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let visitor = brand.hire(Role::Clerk, brand.store_b);
        grant(&brand, brand.owner, visitor, (Role::Warehouse, site_a)).unwrap();
        let list = |root, filter| {
            let found = brand.read(move |db| people::list(db, &[root], filter, None, 100));
            found.into_iter().map(|person| person.id).collect::<Vec<_>>()
        };
        assert_eq!(list(site_a, people::StaffFilter::default()), [visitor, clerk], "newest first");
        assert_eq!(list(site_b, people::StaffFilter::default()), [visitor]);
        let clerks = people::StaffFilter { role: Some(Role::Clerk), ..people::StaffFilter::default() };
        assert_eq!(list(site_a, clerks), [clerk], "the visitor is a clerk elsewhere");
        let roles = brand.read(move |db| stored::list_of(db, &[clerk, visitor]));
        assert_eq!((roles[&clerk].len(), roles[&visitor].len()), (1, 2));
    }
}

impl Brand {
    fn owner_ids(&self) -> Vec<StaffId> {
        let (head, filter) =
            (self.head, people::StaffFilter { role: Some(Role::Owner), ..people::StaffFilter::default() });
        let found = self.read(move |db| people::list(db, &[head], filter, None, 100));
        let bound = |person: &people::Staff| {
            let id = person.id;
            self.read(move |db| people::list_roles(db, id))
                .contains(&RoleBinding { role: Role::Owner, node: self.head })
        };
        found.into_iter().filter(bound).map(|person| person.id).collect()
    }
}
