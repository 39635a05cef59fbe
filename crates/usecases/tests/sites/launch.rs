use huike_access::{Permission, Role};
use huike_kernel::{BlueprintId, StaffId, Text};
use huike_persistence::{db_test, nodes, settings, store_pages};
use huike_sites::{Blueprint, LaunchForm, SettingKey, SiteLook, StoreForm, StorePage, resolve};
use huike_usecases::{
    UseCaseError, blueprints,
    launch::{self, LaunchAsk, Launched},
    settings as decide,
    store_pages::{self as pages, PageAsk},
};
use serde_json::json;

use crate::support::{Brand, code, form};

fn page(phone: &str) -> StorePage {
    serde_json::from_value(json!({ "address": "天河路 1 号", "phone": phone })).unwrap()
}

fn store(name: &str, code: &str) -> StoreForm {
    StoreForm { store: form(name, code), page: page("020-8888 6666") }
}

fn launch_form(stores: Vec<StoreForm>) -> LaunchForm {
    let look: SiteLook = serde_json::from_value(json!({ "slogan": "广州的小熊" })).unwrap();
    LaunchForm { site: form("广州站", "guangzhou"), look, stores }
}

fn blueprint(brand: &Brand) -> BlueprintId {
    let look: SiteLook =
        serde_json::from_value(json!({ "accent_colour": "#00AA00", "blocks": ["coupons", "stores"] })).unwrap();
    let blueprint = Blueprint { name: Text::new("标准站").unwrap(), look };
    let made =
        brand.act((brand.owner, Permission::BlueprintManage), move |db, act| blueprints::create(db, act, &blueprint));
    made.unwrap().id
}

fn launch(brand: &Brand, who: StaffId, ask: LaunchAsk) -> Result<Launched, UseCaseError> {
    brand.act((who, Permission::SiteLaunch), move |db, act| launch::launch_site(db, act, &ask))
}

db_test! {
    fn one_form_makes_the_site_its_look_its_stores_and_their_pages(database) {
        let brand = Brand::new(database);
        let stores = vec![store("天河店", "tianhe"), store("越秀店", "yuexiu")];
        let ask = LaunchAsk { parent: brand.region, blueprint: Some(blueprint(&brand)), form: launch_form(stores) };
        let launched = launch(&brand, brand.owner, ask).unwrap();
        assert_eq!(brand.node(launched.site).parent, Some(brand.region));
        let site = launched.site;
        let chain = brand.read(move |db| settings::find_chain(db, site)).unwrap();
        for key in [SettingKey::Slogan, SettingKey::AccentColour, SettingKey::Blocks] {
            assert_eq!(resolve(&chain, key).from, Some(site), "{key}");
        }
        let stores = launched.stores.clone();
        assert_eq!(brand.read(move |db| store_pages::list(db, &stores)).len(), 2);
        assert!(launched.stores.iter().all(|store| brand.node(*store).parent == Some(site)));
        assert_eq!(brand.audited(site), ["site.launch"]);
        assert_eq!(brand.events(launched.stores[0].as_uuid()), [(1, "node_created".to_owned())]);
    }

    fn a_launch_that_is_refused_half_way_leaves_nothing(database) {
        let brand = Brand::new(database);
        let stores = vec![store("天河店", "tianhe"), store("已有", "store-a")];
        let ask = LaunchAsk { parent: brand.region, blueprint: None, form: launch_form(stores) };
        assert_eq!(code(launch(&brand, brand.owner, ask)), "node_code_taken");
        assert!(brand.read(|db| nodes::find_by_code(db, "guangzhou")).is_none());
        assert!(brand.read(|db| nodes::find_by_code(db, "tianhe")).is_none());
    }

    fn what_was_locked_since_is_left_out_of_the_blueprint_but_refused_in_the_form(database) {
        let brand = Brand::new(database);
        let blueprint = Some(blueprint(&brand));
        let lock = |key| {
            let at = (brand.region, key);
            brand.act((brand.owner, Permission::SettingLock), move |db, act| decide::lock_setting(db, act, at)).unwrap()
        };
        lock(SettingKey::AccentColour);
        let ask = LaunchAsk { parent: brand.region, blueprint, form: launch_form(Vec::new()) };
        let launched = launch(&brand, brand.owner, ask.clone()).unwrap();
        assert_eq!(
            launched.left_out.iter().map(|it| (it.key, it.locked_by)).collect::<Vec<_>>(),
            [(SettingKey::AccentColour, brand.region)]
        );
        lock(SettingKey::Slogan);
        assert_eq!(code(launch(&brand, brand.owner, ask)), "setting_locked");
    }

    fn only_the_head_launches_and_only_from_what_is_open(database) {
        let brand = Brand::new(database);
        let regional = brand.hire(Role::Owner, brand.region);
        let id = blueprint(&brand);
        let ask = LaunchAsk { parent: brand.region, blueprint: Some(id), form: launch_form(Vec::new()) };
        assert_eq!(code(launch(&brand, regional, ask.clone())), "permission_denied");
        let close = |version| {
            brand
                .act((brand.owner, Permission::BlueprintManage), move |db, act| blueprints::close(db, act, id, version))
        };
        assert_eq!(code(close(9)), "version_conflict");
        close(1).unwrap();
        assert_eq!(code(launch(&brand, brand.owner, ask.clone())), "not_found");
        let below_a_site = LaunchAsk { parent: brand.site_a, blueprint: None, ..ask };
        assert_eq!(code(launch(&brand, brand.owner, below_a_site)), "node_kind_mismatch");
    }

    fn a_page_belongs_to_a_store_and_is_not_overwritten_unseen(database) {
        let brand = Brand::new(database);
        let manager = brand.hire(Role::StoreManager, brand.store_a);
        let put = |store, version, phone: &str| {
            let ask = PageAsk { store, version, page: page(phone) };
            brand.act((manager, Permission::StorePageWrite), move |db, act| pages::put_page(db, act, &ask))
        };
        assert_eq!(put(brand.store_a, 0, "020-1111 2222").unwrap().version, 1);
        assert_eq!(code(put(brand.store_a, 0, "020-3333 4444")), "version_conflict");
        assert_eq!(put(brand.store_a, 1, "020-3333 4444").unwrap().version, 2);
        assert_eq!(code(put(brand.store_b, 0, "020-1111 2222")), "not_found");
        let ask = PageAsk { store: brand.site_a, version: 0, page: page("020-1111 2222") };
        let misplaced =
            brand.act((brand.owner, Permission::StorePageWrite), move |db, act| pages::put_page(db, act, &ask));
        assert_eq!(code(misplaced), "store_page_misplaced");
    }
}
