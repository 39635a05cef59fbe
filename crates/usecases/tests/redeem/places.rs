//! Who may redeem where.

use huike_access::Role;
use huike_persistence::db_test;
use huike_usecases::redeem::Shown;

use crate::{
    brand::{Brand, Person, code_of, hire, id},
    cards::amount_off,
};

db_test! {
    fn a_head_template_claimed_at_one_site_is_redeemed_at_another_only_if_in_scope(database) {
        let brand = Brand::new(database);
        let everywhere = brand.card(&brand.offer(amount_off("30", "0")), Some(brand.customer()));
        assert!(brand.redeem(brand.clerk_b, brand.store_b, &everywhere, None).is_ok());

        let mut rules = amount_off("30", "0");
        rules.scope.include_nodes = vec![brand.site_a];
        let narrow = brand.card(&brand.offer(rules), Some(brand.customer()));
        assert_eq!(code_of(&brand.redeem(brand.clerk_b, brand.store_b, &narrow, None)), "coupon_out_of_scope");
        assert!(brand.redeem(brand.clerk, brand.store_a, &narrow, None).is_ok());

        let mut rules = amount_off("30", "0");
        rules.scope.exclude_nodes = vec![brand.store_a];
        let excluded = brand.card(&brand.offer(rules), Some(brand.customer()));
        assert_eq!(code_of(&brand.redeem(brand.clerk, brand.store_a, &excluded, None)), "coupon_out_of_scope");
        assert!(brand.redeem(brand.clerk_a2, brand.store_a2, &excluded, None).is_ok());
        brand.books_balance();
    }

    fn a_coupon_of_another_site_is_foreign_and_nothing_more_is_told(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer_of(brand.site_a, amount_off("30", "0")), Some(brand.customer()));
        brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        let foreign = brand.redeem(brand.clerk_b, brand.store_b, &card, None);
        assert_eq!(code_of(&foreign), "code_foreign", "not even that it was redeemed");
        let shown = Shown::Code(card.code.clone());
        assert_eq!(code_of(&brand.preview(brand.clerk_b, brand.store_b, shown, None)), "code_foreign");
        brand.books_balance();
    }

    fn a_clerk_redeems_at_the_bound_store_only(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "0")), Some(brand.customer()));
        assert_eq!(code_of(&brand.redeem(brand.clerk, brand.store_a2, &card, None)), "not_found");
        assert_eq!(code_of(&brand.redeem(brand.clerk, brand.site_a, &card, None)), "not_found");
        let at_site = Person { role: Role::Clerk, node: brand.site_a, ..brand.clerk_a2 };
        let refused = brand.redeem(at_site, brand.store_a, &card, None);
        assert_eq!(code_of(&refused), "store_not_bound", "what the staff row says counts, not what the credential says");
        assert_eq!(code_of(&brand.redeem(brand.finance, brand.store_a, &card, None)), "permission_denied");
        brand.books_balance();
    }

    fn a_store_manager_of_a_site_redeems_in_each_of_its_stores(database) {
        let brand = Brand::new(database);
        let manager = Person { id: id(50).into(), role: Role::StoreManager, node: brand.site_a };
        let head = brand.head;
        brand.write(move |db, now| hire(db, head, manager, None, now));
        let offer = brand.offer(amount_off("30", "0"));
        for store in [brand.store_a, brand.store_a2] {
            let card = brand.card(&offer, Some(brand.customer()));
            assert!(brand.redeem(manager, store, &card, None).is_ok());
        }
        let card = brand.card(&offer, Some(brand.customer()));
        assert_eq!(code_of(&brand.redeem(manager, brand.store_b, &card, None)), "not_found");
    }

    fn nobody_redeems_their_own_coupon(database) {
        let brand = Brand::new(database);
        let customer = brand.customer();
        let clerk = Person { id: id(51).into(), role: Role::Clerk, node: brand.store_a };
        let head = brand.head;
        brand.write(move |db, now| hire(db, head, clerk, Some(customer), now));
        let card = brand.card(&brand.offer(amount_off("30", "0")), Some(customer));
        assert_eq!(code_of(&brand.redeem(clerk, brand.store_a, &card, None)), "coupon_own");
        assert!(brand.redeem(brand.clerk, brand.store_a, &card, None).is_ok());
        brand.books_balance();
    }
}
