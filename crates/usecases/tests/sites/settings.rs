use huike_access::{Permission, Role};
use huike_kernel::{DomainError, NodeId, StaffId};
use huike_persistence::db_test;
use huike_sites::{ResolvedSetting, SettingKey};
use huike_usecases::{UseCaseError, settings};
use serde_json::{Value, json};

use crate::support::{Brand, code};

fn put(brand: &Brand, who: StaffId, at: (NodeId, SettingKey), value: Value) -> Result<ResolvedSetting, UseCaseError> {
    brand.act((who, Permission::SettingWrite), move |db, act| settings::put_setting(db, act, at, &value))
}

fn explain(brand: &Brand, node: NodeId, key: SettingKey) -> ResolvedSetting {
    let caller = brand.caller(brand.owner, Permission::SettingRead);
    let all = brand.store.read_blocking(move |db| settings::explain(db, &caller, node)).unwrap();
    assert_eq!(all.len(), SettingKey::ALL.len());
    all.into_iter().find(|setting| setting.key == key).unwrap()
}

db_test! {
    fn a_locked_setting_is_refused_with_its_lock_and_can_be_set_once_unlocked(database) {
        let brand = Brand::new(database);
        let at = (brand.site_a, SettingKey::MainColour);
        let refusal = put(&brand, brand.owner, at, json!("#00AA00")).unwrap_err();
        assert_eq!(refusal.code(), "setting_locked");
        assert_eq!(refusal.details().unwrap()["locked_by"], json!(brand.head), "the caller learns where to ask");

        let lock = (brand.head, SettingKey::MainColour);
        let unlock =
            |who| brand.act((who, Permission::SettingLock), move |db, act| settings::unlock_setting(db, act, lock));
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        assert_eq!(code(unlock(operator)), "not_found", "the head is above them");
        assert!(!unlock(brand.owner).unwrap().locks_below);
        assert_eq!(put(&brand, operator, at, json!("#00AA00")).unwrap().from, Some(brand.site_a));
        assert_eq!(brand.audited(brand.head).last().unwrap(), "setting.unlock");
    }

    fn a_value_comes_from_the_nearest_node_and_giving_it_up_inherits_again(database) {
        let brand = Brand::new(database);
        let key = SettingKey::Slogan;
        assert_eq!(explain(&brand, brand.store_a, key).from, None, "nobody set it: the default");
        put(&brand, brand.owner, (brand.head, key), json!("陪你长大")).unwrap();
        put(&brand, brand.owner, (brand.site_a, key), json!("广州的小熊")).unwrap();
        put(&brand, brand.owner, (brand.site_a, key), json!("天河的小熊")).unwrap();
        let found = explain(&brand, brand.store_a, key);
        assert_eq!((found.value.as_json(), found.from), (&json!("天河的小熊"), Some(brand.site_a)));
        assert_eq!(explain(&brand, brand.store_b, key).from, Some(brand.head));

        let remove = |at| {
            brand.act((brand.owner, Permission::SettingWrite), move |db, act| settings::remove_setting(db, act, at))
        };
        assert_eq!(remove((brand.site_a, key)).unwrap().from, Some(brand.head));
        assert_eq!(code(remove((brand.site_a, key))), "not_found");
    }

    fn a_lock_hides_what_is_below_at_once_and_gives_it_back(database) {
        let brand = Brand::new(database);
        let key = SettingKey::Slogan;
        put(&brand, brand.owner, (brand.site_a, key), json!("广州的小熊")).unwrap();
        let region = (brand.region, key);
        let locked =
            brand.act((brand.owner, Permission::SettingLock), move |db, act| settings::lock_setting(db, act, region));
        assert!(locked.unwrap().locks_below);
        let hidden = explain(&brand, brand.site_a, key);
        assert_eq!((hidden.from, hidden.locked_by), (None, Some(brand.region)));
        let unlocked =
            brand.act((brand.owner, Permission::SettingLock), move |db, act| settings::unlock_setting(db, act, region));
        assert!(!unlocked.unwrap().locks_below);
        assert_eq!(explain(&brand, brand.site_a, key).from, Some(brand.site_a));
    }

    fn the_right_to_change_a_slogan_is_not_the_right_to_change_who_reviews(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let at = (brand.site_a, SettingKey::ReviewPolicy);
        let policy = json!({ "kind": "self_publish", "budget_cap": "2000.00" });
        assert_eq!(code(put(&brand, operator, at, policy.clone())), "permission_denied");
        let lock = brand.act((operator, Permission::SettingLock), move |db, act| settings::lock_setting(db, act, at));
        assert_eq!(code(lock), "permission_denied");
        assert_eq!(put(&brand, brand.owner, at, policy.clone()).unwrap().value.as_json(), &policy);
    }

    fn a_value_that_does_not_fit_and_a_closed_node_are_refused(database) {
        let brand = Brand::new(database);
        assert_eq!(code(put(&brand, brand.owner, (brand.head, SettingKey::Slogan), json!(7))), "setting_invalid");
        let store = (brand.store_a, SettingKey::Modules);
        assert_eq!(code(put(&brand, brand.owner, store, json!({ "coupons": false }))), "setting_not_for_stores");
        let id = brand.store_a;
        brand
            .act((brand.owner, Permission::NodeClose), move |db, act| huike_usecases::sites::close_node(db, act, id, 1))
            .unwrap();
        assert_eq!(code(put(&brand, brand.owner, (id, SettingKey::Slogan), json!("晚了"))), "node_closed");
    }
}
