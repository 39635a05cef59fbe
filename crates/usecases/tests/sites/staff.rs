use chrono::TimeDelta;
use huike_access::{Permission, Role, RoleBinding, StaffState};
use huike_kernel::{Actor, StaffId, Text};
use huike_persistence::{
    StoreError, db_test,
    sessions::{self, NewSession},
    staff as people,
};
use huike_usecases::{
    UseCaseError,
    sign_in::{SessionAsk, begin_staff_session},
    staff::{self, NewStaff, StaffEdit},
};

use crate::support::{Brand, at_once, code};

fn new(brand: &Brand, login: &str, roles: Vec<RoleBinding>) -> NewStaff {
    NewStaff {
        site: brand.site_a,
        login: login.parse().unwrap(),
        name: Text::new("陈芳").unwrap(),
        password_hash: "$argon2id$".to_owned(),
        customer: None,
        roles,
    }
}

fn create(brand: &Brand, who: StaffId, ask: NewStaff) -> Result<people::Staff, UseCaseError> {
    brand.act((who, Permission::StaffManage), move |db, act| staff::create(db, act, &ask))
}

fn sign_in(brand: &Brand, id: StaffId, token: u8) {
    brand
        .store
        .write_blocking(move |db, now| {
            let expires_at = now + TimeDelta::hours(1);
            let session =
                NewSession { token_hash: [token; 32], principal: Actor::Staff(id), created_at: now, expires_at };
            sessions::insert(db, &session)
        })
        .unwrap();
}

fn is_signed_in(brand: &Brand, token: u8) -> bool {
    brand.read(move |db| Ok::<_, StoreError>(sessions::find(db, &[token; 32])?.is_some()))
}

db_test! {
    fn whoever_is_added_has_their_roles_or_is_not_added(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let clerk = RoleBinding { role: Role::Clerk, node: brand.store_a };
        let finance = RoleBinding { role: Role::Finance, node: brand.site_a };
        assert_eq!(code(create(&brand, operator, new(&brand, "chen.fang", vec![clerk, finance]))), "role_above_own");
        let login = "chen.fang".parse().unwrap();
        assert!(brand.read(move |db| people::find_by_login(db, &login)).is_none());

        let added = create(&brand, operator, new(&brand, "chen.fang", vec![clerk])).unwrap();
        assert!(added.must_change_password, "somebody else knows the password");
        let id = added.id;
        assert_eq!(brand.read(move |db| people::list_roles(db, id)), [clerk]);
        assert_eq!(brand.events(id.as_uuid()), [(1, "staff_created".to_owned())]);
        assert_eq!(code(create(&brand, operator, new(&brand, "Chen.Fang", vec![]))), "already_taken");
    }

    fn a_login_belongs_to_one_person(database) {
        let brand = Brand::new(database);
        let add = || create(&brand, brand.owner, new(&brand, "twin", vec![]));
        let (one, other) = at_once(add, add);
        assert!(one.is_ok() != other.is_ok());
        assert_eq!(code(if one.is_ok() { other } else { one }), "already_taken");
    }

    fn whoever_is_disabled_is_signed_out_at_once_and_may_come_back(database) {
        let brand = Brand::new(database);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        sign_in(&brand, clerk, 1);
        sign_in(&brand, brand.owner, 2);
        let set = |version, state| {
            let edit = StaffEdit { staff: clerk, version, name: None, customer: None, state: Some(state) };
            brand.act((brand.owner, Permission::StaffManage), move |db, act| staff::update(db, act, &edit))
        };
        let disabled = set(1, StaffState::Disabled).unwrap();
        assert_eq!((disabled.staff.state, disabled.ended), (StaffState::Disabled, vec![[1; 32]]));
        assert!(!is_signed_in(&brand, 1) && is_signed_in(&brand, 2));
        assert_eq!(code(set(1, StaffState::Active)), "version_conflict");
        assert_eq!(set(2, StaffState::Active).unwrap().staff.state, StaffState::Active);
    }

    fn a_change_of_ones_own_password_is_an_event_that_tells_no_secret(database) {
        let brand = Brand::new(database);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let checked = brand.store.read_blocking(move |db| huike_persistence::staff::find(db, clerk)).unwrap().unwrap();
        let version = checked.version;
        brand
            .act((clerk, Permission::StaffManage), move |db, act| {
                huike_usecases::sign_in::change_own_password(db, act, &checked, "$new$", &[9; 32])
            })
            .unwrap();
        assert_eq!(brand.events(clerk.as_uuid()), [(version + 1, "staff_password_changed".to_owned())]);
        assert_eq!(brand.audited(clerk), ["staff.change_password"]);
    }

    fn a_password_is_reset_only_by_who_could_give_every_role_of_theirs(database) {
        let brand = Brand::new(database);
        let manager = brand.hire(Role::StoreManager, brand.store_a);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let finance = brand.hire(Role::Finance, brand.store_a);
        sign_in(&brand, clerk, 1);
        let reset = |who, whom| {
            brand.act((who, Permission::StaffManage), move |db, act| staff::reset_password(db, act, whom, "$new$"))
        };
        let done = reset(manager, clerk).unwrap();
        assert_eq!((done.staff.password_hash.as_str(), done.staff.must_change_password), ("$new$", true));
        assert!(!is_signed_in(&brand, 1));
        assert_eq!(code(reset(manager, finance)), "role_above_own");
        assert_eq!(code(reset(manager, brand.owner)), "not_found");
        assert_eq!(code(reset(clerk, manager)), "permission_denied");
        assert_eq!(brand.audited(clerk), ["staff.reset_password"]);
    }

    fn a_sign_in_at_the_moment_of_a_reset_leaves_no_session(database) {
        let brand = Brand::new(database);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let checked = brand.read(move |db| people::find(db, clerk)).unwrap();
        let ask = SessionAsk { token_hash: [3; 32], lasts: TimeDelta::hours(1) };
        let (late, reset) = at_once(
            || {
                std::thread::sleep(std::time::Duration::from_millis(100));
                brand.store.write_blocking(move |db, now| begin_staff_session(db, &checked, &ask, now))
            },
            || {
                brand.act((brand.owner, Permission::StaffManage), move |db, act| {
                    let done = staff::reset_password(db, act, clerk, "$new$");
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    done
                })
            },
        );
        assert!(reset.is_ok());
        assert_eq!(code(late), "version_conflict");
        assert!(!is_signed_in(&brand, 3));
    }

    fn whoever_may_not_sign_in_any_more_manages_nobody(database) {
        let brand = Brand::new(database);
        let second = brand.hire(Role::Owner, brand.head);
        let clerk = brand.hire(Role::Clerk, brand.store_a);
        let caller = brand.caller(second, Permission::StaffManage);
        let edit =
            StaffEdit { staff: second, version: 1, name: None, customer: None, state: Some(StaffState::Disabled) };
        brand.act((brand.owner, Permission::StaffManage), move |db, act| staff::update(db, act, &edit)).unwrap();
        let late =
            brand.store.write_blocking(move |db, now| staff::reset_password(db, &caller.act(now), clerk, "$new$"));
        assert_eq!(code(late), "staff_disabled");
    }
}
