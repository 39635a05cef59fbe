use huike_access::{Permission, Role, RoleBinding};
use huike_persistence::{Outcome, db_test, nodes, scope, staff};
use huike_sites::{NodeChange, NodeKind, NodeState};
use huike_usecases::{
    UseCaseError,
    sites::{self, NodeAsk, NodeEdit},
};

use crate::support::{Brand, at_once, code, form};

fn rename(node: huike_kernel::NodeId, version: i64, name: &str) -> NodeEdit {
    let name = Some(huike_kernel::Text::new(name).unwrap());
    NodeEdit { node, version, change: NodeChange { name, ..NodeChange::default() } }
}

db_test! {
    fn a_node_knows_everything_above_it_and_a_root_everything_below(database) {
        let brand = Brand::new(database);
        let (store_a, site_a) = (brand.store_a, brand.site_a);
        let path = brand.read(move |db| scope::path_of(db, store_a));
        assert_eq!(path, [brand.head, brand.region, brand.site_a, brand.store_a]);
        let listed = brand.read(move |db| nodes::list(db, &[site_a], nodes::NodeFilter::default(), None, 100));
        assert_eq!(listed.iter().map(|node| node.id).collect::<Vec<_>>(), [brand.site_a, brand.store_a]);
        let named = brand.read(move |db| nodes::list_path(db, store_a));
        assert_eq!(named.iter().map(|node| node.kind).collect::<Vec<_>>(), NodeKind::ALL);
        assert_eq!(brand.read(|db| nodes::find_by_code(db, "store-a")).unwrap().id, brand.store_a);
    }

    fn a_list_is_cut_by_cursor_filter_and_scope(database) {
        let brand = Brand::new(database);
        let (head, site_a, site_b) = (brand.head, brand.site_a, brand.site_b);
        let of = move |filter, after, limit| brand.read(move |db| nodes::list(db, &[head], filter, after, limit));
        let all = of(nodes::NodeFilter::default(), None, 100);
        let mut paged = of(nodes::NodeFilter::default(), None, 4);
        paged.extend(of(nodes::NodeFilter::default(), Some(paged[3].id), 4));
        assert_eq!(all, paged);
        let sites = nodes::NodeFilter { kind: Some(NodeKind::Site), ..nodes::NodeFilter::default() };
        assert_eq!(of(sites, None, 9).iter().map(|node| node.id).collect::<Vec<_>>(), [site_a, site_b]);
        let under = nodes::NodeFilter { under: Some(site_b), ..nodes::NodeFilter::default() };
        assert_eq!(of(under, None, 9).len(), 2);
        let below =
            nodes::NodeFilter { parent: Some(head), state: Some(NodeState::Active), ..nodes::NodeFilter::default() };
        assert_eq!(of(below, None, 9).len(), 1);
    }

    fn a_sibling_is_hidden_and_what_is_only_visible_is_refused(database) {
        let brand = Brand::new(database);
        let operator = brand.hire(Role::SiteOperator, brand.site_a);
        let update = |node| {
            let edit = rename(node, 1, "新名");
            brand.act((operator, Permission::NodeUpdate), move |db, act| sites::update_node(db, act, &edit))
        };
        assert_eq!(update(brand.store_a).unwrap().name.as_str(), "新名");
        assert_eq!(code(update(brand.store_b)), "not_found");
        assert_eq!(code(update(brand.head)), "not_found");
        let warehouse = RoleBinding { role: Role::Warehouse, node: brand.site_b };
        let given = brand.store.write_blocking(move |db, now| staff::insert_role(db, operator, warehouse, None, now));
        assert_eq!(given.unwrap(), Outcome::Applied);
        assert_eq!(code(update(brand.store_b)), "permission_denied");
    }

    fn a_merchant_code_belongs_to_one_node(database) {
        let brand = Brand::new(database);
        let create = |name: &str| {
            let ask = NodeAsk { parent: brand.region, kind: NodeKind::Site, form: form(name, "twin") };
            brand.act((brand.owner, Permission::NodeCreate), move |db, act| sites::create_node(db, act, &ask))
        };
        let (one, other) = at_once(|| create("一店"), || create("二店"));
        assert!(one.is_ok() != other.is_ok());
        let taken = if one.is_ok() { other } else { one };
        assert!(matches!(taken, Err(UseCaseError::Sites(huike_sites::SitesError::NodeCodeTaken { .. }))));
    }

    fn of_two_edits_of_one_version_one_wins(database) {
        let brand = Brand::new(database);
        let edit = |name: &str| {
            let edit = rename(brand.site_a, 1, name);
            brand.act((brand.owner, Permission::NodeUpdate), move |db, act| sites::update_node(db, act, &edit))
        };
        let (one, other) = at_once(|| edit("甲"), || edit("乙"));
        assert!(one.is_ok() != other.is_ok());
        assert_eq!(code(if one.is_ok() { other } else { one }), "version_conflict");
        let created_updated = [(1, "node_created".to_owned()), (2, "node_updated".to_owned())];
        assert_eq!(brand.events(brand.site_a.as_uuid()), created_updated);
        assert_eq!(brand.audited(brand.site_a), ["node.create", "node.update"]);
    }

    fn a_node_never_closes_over_an_active_child(database) {
        let brand = Brand::new(database);
        let empty = NodeAsk { parent: brand.region, kind: NodeKind::Site, form: form("空", "empty") };
        let site = brand
            .act((brand.owner, Permission::NodeCreate), move |db, act| sites::create_node(db, act, &empty))
            .unwrap();
        let child = NodeAsk { parent: site.id, kind: NodeKind::Store, form: form("店", "late") };
        let (closed, made) = at_once(
            || brand.act((brand.owner, Permission::NodeClose), move |db, act| sites::close_node(db, act, site.id, 1)),
            || brand.act((brand.owner, Permission::NodeCreate), move |db, act| sites::create_node(db, act, &child)),
        );
        match (closed, made) {
            (Ok(_), made) => assert_eq!(code(made), "node_closed"),
            (closed, Ok(_)) => assert_eq!(code(closed), "node_has_children"),
            (Err(_), Err(_)) => panic!("one of them goes on"),
        }
    }

    fn a_closed_node_opens_again_below_an_active_parent(database) {
        let brand = Brand::new(database);
        let close = |node, version| {
            brand.act((brand.owner, Permission::NodeClose), move |db, act| sites::close_node(db, act, node, version))
        };
        assert_eq!(code(close(brand.site_a, 1)), "node_has_children");
        assert_eq!(close(brand.store_a, 1).unwrap().state, NodeState::Closed);
        assert_eq!(close(brand.site_a, 1).unwrap().version, 2);
        let reopen = |node, version| {
            brand.act((brand.owner, Permission::NodeClose), move |db, act| sites::reopen_node(db, act, node, version))
        };
        assert_eq!(code(reopen(brand.store_a, 2)), "node_closed");
        assert_eq!(reopen(brand.site_a, 2).unwrap().state, NodeState::Active);
        assert_eq!(reopen(brand.store_a, 2).unwrap().version, 3);
        assert_eq!(code(close(brand.head, 1)), "node_is_head");
    }

    fn the_zone_stays_once_a_customer_came_by(database) {
        let brand = Brand::new(database);
        let move_zone = |version, zone: &str| {
            let change = NodeChange { zone: Some(zone.parse().unwrap()), ..NodeChange::default() };
            let edit = NodeEdit { node: brand.site_a, version, change };
            brand.act((brand.owner, Permission::NodeUpdate), move |db, act| sites::update_node(db, act, &edit))
        };
        assert_eq!(move_zone(1, "Asia/Urumqi").unwrap().zone.to_string(), "Asia/Urumqi");
        brand.welcome("13800000001", brand.site_a);
        assert_eq!(code(move_zone(2, "Asia/Shanghai")), "node_zone_in_use");
        assert!(move_zone(2, "Asia/Urumqi").is_ok());
    }

    fn the_brand_has_one_head(database) {
        let brand = Brand::new(database);
        assert_eq!(brand.events(brand.head.as_uuid()), [(1, "node_created".to_owned())]);
        assert_eq!(brand.events(brand.owner.as_uuid()), [(1, "staff_created".to_owned())]);
        let mut second = brand.node(brand.head);
        second.id = brand.caller(brand.owner, Permission::NodeRead).act(chrono::DateTime::UNIX_EPOCH).new_id();
        second.code = "head-two".parse().unwrap();
        let outcome = brand.store.write_blocking(move |db, now| nodes::insert(db, &second, now));
        assert_eq!(outcome.unwrap(), Outcome::Refused);
    }
}
