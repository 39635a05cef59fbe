use huike_access::{Permission, Role};
use huike_kernel::{CustomerId, NodeId, Paragraph, StaffId, Text};
use huike_persistence::{
    customer_notes, db_test,
    site_customers::{self as stored, CustomerFilter, PhoneQuery},
};
use huike_usecases::{
    UseCaseError,
    customers::{self, CustomerFile, TAGS_MAX},
};

use crate::support::{Brand, code};

fn file(brand: &Brand, who: StaffId, id: CustomerId) -> Result<CustomerFile, UseCaseError> {
    let caller = brand.caller(who, Permission::CustomerRead);
    brand.store.read_blocking(move |db| customers::read_file(db, &caller, id))
}

fn tag(brand: &Brand, who: StaffId, at: (NodeId, CustomerId), tag: &str) -> Result<customer_notes::Tag, UseCaseError> {
    let tag = Text::new(tag).unwrap();
    brand.act((who, Permission::CustomerTag), move |db, act| customers::add_tag(db, act, at, &tag))
}

fn block(brand: &Brand, who: StaffId, at: (NodeId, CustomerId), reason: Option<&str>) -> Result<(), UseCaseError> {
    let reason = reason.map(|reason| Text::new(reason).unwrap());
    brand.act((who, Permission::CustomerBlock), move |db, act| customers::set_site_block(db, act, at, reason.as_ref()))
}

fn block_brand(brand: &Brand, who: StaffId, id: CustomerId, reason: Option<&str>) -> Result<(), UseCaseError> {
    let reason = reason.map(|reason| Text::new(reason).unwrap());
    let may = (who, Permission::CustomerBlockBrand);
    brand.act(may, move |db, act| customers::set_brand_block(db, act, id, reason.as_ref()))
}

db_test! {
    fn a_customer_is_seen_only_where_they_have_been(database) {
        let brand = Brand::new(database);
        let service_a = brand.hire(Role::Service, brand.site_a);
        let service_b = brand.hire(Role::Service, brand.site_b);
        let warehouse_a = brand.hire(Role::Warehouse, brand.site_a);
        let id = brand.welcome("13812345678", brand.site_a);
        assert_eq!(file(&brand, service_a, id).unwrap().sites.len(), 1);
        assert_eq!(code(file(&brand, service_b, id)), "not_found");
        assert_eq!(code(file(&brand, warehouse_a, id)), "permission_denied");
        brand.welcome("13900000000", brand.site_b);
        assert_eq!(file(&brand, brand.owner, id).unwrap().customer.id, id);
    }

    fn a_customer_is_found_by_the_tail_or_the_whole_number_within_scope(database) {
        let brand = Brand::new(database);
        let one = brand.welcome("13812345678", brand.site_a);
        let other = brand.welcome("13999995678", brand.site_b);
        let find = |root: NodeId, phone: PhoneQuery| {
            let filter = CustomerFilter { phone: Some(phone), tag: None };
            let found = brand.read(move |db| stored::list(db, &[root], &filter, None, 10));
            found.into_iter().map(|customer| customer.id).collect::<Vec<_>>()
        };
        let tail = || PhoneQuery::Tail("5678".to_owned());
        assert_eq!(find(brand.head, tail()), [other, one]);
        assert_eq!(find(brand.site_a, tail()), [one]);
        assert_eq!(find(brand.head, PhoneQuery::Full("13812345678".parse().unwrap())), [one]);
        assert_eq!(find(brand.site_b, PhoneQuery::Full("13812345678".parse().unwrap())), []);
        let (head, filter) = (brand.head, CustomerFilter::default());
        let paged = brand.read(move |db| stored::list(db, &[head], &filter, Some(other), 10));
        assert_eq!(paged.iter().map(|customer| customer.id).collect::<Vec<_>>(), [one]);
    }

    fn a_node_sees_its_own_tags_and_notes_and_the_head_sees_all(database) {
        let brand = Brand::new(database);
        let service_a = brand.hire(Role::Service, brand.site_a);
        let id = brand.welcome("13812345678", brand.site_a);
        let site_b = brand.site_b;
        brand
            .store
            .write_blocking(move |db, now| huike_persistence::customers::note_visit(db, site_b, id, "claim", now))
            .unwrap();
        tag(&brand, service_a, (brand.site_a, id), "奶粉").unwrap();
        tag(&brand, service_a, (brand.site_a, id), "奶粉").unwrap();
        tag(&brand, brand.owner, (brand.site_b, id), "尿不湿").unwrap();
        assert_eq!(code(tag(&brand, service_a, (brand.site_b, id), "偷看")), "not_found");
        assert_eq!(file(&brand, service_a, id).unwrap().tags.len(), 1);
        let all = file(&brand, brand.owner, id).unwrap();
        assert_eq!((all.tags.len(), all.sites.len()), (2, 2));
        let filter = CustomerFilter { phone: None, tag: Some("尿不湿".to_owned()) };
        let (head, site_a, same) = (brand.head, brand.site_a, filter.clone());
        assert_eq!(brand.read(move |db| stored::list(db, &[head], &filter, None, 9)).len(), 1);
        assert_eq!(brand.read(move |db| stored::list(db, &[site_a], &same, None, 9)).len(), 0);
    }

    fn a_note_is_written_read_and_deleted_by_whoever_keeps_it(database) {
        let brand = Brand::new(database);
        let service = brand.hire(Role::Service, brand.site_a);
        let id = brand.welcome("13812345678", brand.site_a);
        let at = (brand.site_a, id);
        let write = |who, at| {
            let body = Paragraph::new("想要下午送货\n电话先说一声").unwrap();
            brand.act((who, Permission::CustomerNote), move |db, act| customers::add_note(db, act, at, &body))
        };
        let note = write(service, at).unwrap();
        assert_eq!(code(write(service, (brand.store_a, id))), "not_found", "they have not been there");
        let stranger = brand.hire(Role::Service, brand.site_b);
        let delete = |who| {
            brand.act((who, Permission::CustomerNote), move |db, act| customers::delete_note(db, act, id, note.id))
        };
        assert_eq!(code(delete(stranger)), "not_found");
        delete(service).unwrap();
        assert_eq!(code(delete(service)), "not_found");
        let head = brand.head;
        assert!(brand.read(move |db| customer_notes::list(db, &[head], id, None, 9)).is_empty());
        assert_eq!(brand.audited(id), ["customer.note", "customer.delete_note"]);
    }

    fn a_node_gives_one_customer_only_so_many_tags(database) {
        let brand = Brand::new(database);
        let at = (brand.site_a, brand.welcome("13812345678", brand.site_a));
        for number in 0..TAGS_MAX {
            tag(&brand, brand.owner, at, &format!("标签{number}")).unwrap();
        }
        assert_eq!(code(tag(&brand, brand.owner, at, "多一个")), "too_many");
        tag(&brand, brand.owner, at, "标签0").unwrap();
        brand
            .act((brand.owner, Permission::CustomerTag), move |db, act| customers::remove_tag(db, act, at, "标签0"))
            .unwrap();
        tag(&brand, brand.owner, at, "多一个").unwrap();
    }

    fn a_block_holds_at_one_site_or_in_the_whole_brand(database) {
        let brand = Brand::new(database);
        let (service_a, service_head) =
            (brand.hire(Role::Service, brand.site_a), brand.hire(Role::Service, brand.head));
        let id = brand.welcome("13812345678", brand.site_a);
        block(&brand, service_a, (brand.site_a, id), Some("刷单")).unwrap();
        assert_eq!(file(&brand, service_a, id).unwrap().sites[0].block_reason.as_deref(), Some("刷单"));
        block(&brand, service_a, (brand.site_a, id), None).unwrap();
        assert_eq!(code(block(&brand, service_a, (brand.site_a, id), None)), "not_found");

        assert_eq!(code(block_brand(&brand, service_a, id, Some("刷单"))), "permission_denied");
        block_brand(&brand, service_head, id, Some("刷单")).unwrap();
        assert_eq!(file(&brand, service_a, id).unwrap().customer.block_reason.as_deref(), Some("刷单"));
        block_brand(&brand, service_head, id, None).unwrap();
        let told = [(2, "customer_blocked".to_owned()), (3, "customer_unblocked".to_owned())];
        assert_eq!(brand.events(id.as_uuid()), told);
    }
}
