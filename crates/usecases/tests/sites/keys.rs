use huike_access::{IntegrationScope, Permission, Role};
use huike_kernel::{NodeId, StaffId, Text};
use huike_persistence::{api_keys as stored, db_test};
use huike_usecases::{
    UseCaseError,
    api_keys::{self, KeyAsk},
};

use crate::support::{Brand, at_once, code};

fn create(brand: &Brand, who: StaffId, site: NodeId, token: u8) -> Result<stored::ApiKey, UseCaseError> {
    let ask = KeyAsk {
        site,
        name: Text::new("收银系统").unwrap(),
        scopes: [IntegrationScope::ClaimsWrite].into_iter().collect(),
        expires_at: None,
        token_hash: [token; 32],
        token_tail: "wxyz".to_owned(),
    };
    brand.act((who, Permission::ApiKeyManage), move |db, act| api_keys::create(db, act, &ask))
}

db_test! {
    fn a_key_works_until_it_is_revoked_once(database) {
        let brand = Brand::new(database);
        let key = create(&brand, brand.owner, brand.site_a, 1).unwrap();
        assert_eq!(brand.read(|db| stored::find_by_hash(db, &[1; 32])).unwrap().id, key.id);
        let revoke =
            || brand.act((brand.owner, Permission::ApiKeyManage), move |db, act| api_keys::revoke(db, act, key.id));
        let (one, other) = at_once(revoke, revoke);
        assert!(one.is_ok() != other.is_ok());
        assert_eq!(one.or(other).unwrap(), [1; 32]);
        assert!(brand.read(|db| stored::find_by_hash(db, &[1; 32])).is_none());
        assert_eq!(brand.audited(key.id), ["api_key.create", "api_key.revoke"]);
    }

    fn a_key_is_made_and_seen_only_in_its_own_part_of_the_tree(database) {
        let brand = Brand::new(database);
        let regional = brand.hire(Role::Owner, brand.site_a);
        assert_eq!(code(create(&brand, regional, brand.site_b, 1)), "not_found");
        let own = create(&brand, regional, brand.store_a, 2).unwrap();
        let other = create(&brand, brand.owner, brand.site_b, 3).unwrap();
        let site_a = brand.site_a;
        let seen = brand.read(move |db| stored::list(db, &[site_a], None, 10));
        assert_eq!(seen.iter().map(|key| key.id).collect::<Vec<_>>(), [own.id]);
        let revoked =
            brand.act((regional, Permission::ApiKeyManage), move |db, act| api_keys::revoke(db, act, other.id));
        assert_eq!(code(revoked), "not_found");
    }
}
