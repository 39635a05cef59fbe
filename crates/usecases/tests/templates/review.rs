//! Two people where there are two; one where there is one, and then it is on record.

use std::sync::Barrier;

use huike_access::{Permission, Role};
use huike_coupons::{TemplateState, VersionState};
use huike_kernel::TemplateId;
use huike_persistence::db_test;
use huike_usecases::templates::{self, DraftEdit};
use serde_json::json;

use crate::support::{APPROVER, BOTH, Brand, MARKETER, OWNER, any, person, refused, rules, with_budget};

fn draft(brand: &Brand, who: u128) -> TemplateId {
    brand.create(who, brand.head, &with_budget(10, "300.00")).unwrap().template.id
}

fn edit_by(brand: &Brand, who: u128, id: TemplateId) {
    let edit = DraftEdit { ask: any(id), name: None, rules: Some(rules(5)), look: None };
    brand.act((who, Permission::CouponCreate), move |db, act| templates::edit_draft(db, act, &edit)).unwrap();
}

db_test! {
    fn nobody_approves_what_they_made_even_holding_both_roles(database) {
        let brand = Brand::with_team(database);
        for maker in [BOTH, OWNER] {
            let id = draft(&brand, maker);
            brand.submit(maker, any(id)).unwrap();
            assert_eq!(refused(brand.approve(maker, brand.seen(id))), "review_own_work");
            let passed = brand.approve(APPROVER, brand.seen(id)).unwrap();
            assert_eq!(
                (passed.version.reviewed.map(|(by, _)| by), passed.version.unreviewed),
                (Some(person(APPROVER)), false)
            );
        }
    }

    fn whoever_wrote_on_a_draft_or_handed_it_in_is_one_of_its_makers(database) {
        let brand = Brand::with_team(database);
        let edited = draft(&brand, MARKETER);
        edit_by(&brand, BOTH, edited);
        brand.submit(MARKETER, any(edited)).unwrap();
        assert_eq!(refused(brand.approve(BOTH, brand.seen(edited))), "review_own_work");
        let handed_in = draft(&brand, MARKETER);
        brand.submit(BOTH, any(handed_in)).unwrap();
        assert_eq!(refused(brand.approve(BOTH, brand.seen(handed_in))), "review_own_work");
        assert_eq!(brand.approve(APPROVER, brand.seen(handed_in)).unwrap().version.state, VersionState::Approved);
    }

    fn a_reviewer_passes_only_what_they_have_looked_at(database) {
        let brand = Brand::with_team(database);
        let id = draft(&brand, MARKETER);
        brand.submit(MARKETER, any(id)).unwrap();
        let looked_at = brand.seen(id);
        brand.act((MARKETER, Permission::CouponCreate), move |db, act| templates::withdraw(db, act, any(id))).unwrap();
        edit_by(&brand, MARKETER, id);
        brand.submit(MARKETER, any(id)).unwrap();
        assert_eq!(refused(brand.approve(APPROVER, looked_at)), "version_conflict");
        assert_eq!(refused(brand.approve(APPROVER, any(id))), "version_conflict");
    }

    fn a_one_person_shop_publishes_alone_within_its_cap_and_it_is_on_record(database) {
        let brand = Brand::alone(database);
        let id = draft(&brand, OWNER);
        assert_eq!(refused(brand.self_publish(OWNER, any(id))), "review_own_work");
        brand.set_policy(json!({ "kind": "self_publish", "budget_cap": "300.00" }));

        let dear = brand.create(OWNER, brand.head, &with_budget(20, "300.01")).unwrap().template.id;
        assert_eq!(refused(brand.self_publish(OWNER, any(dear))), "review_budget_over_cap");
        let bare = brand.create(OWNER, brand.head, &rules(10)).unwrap().template.id;
        assert_eq!(refused(brand.self_publish(OWNER, any(bare))), "budget_required");
        brand.submit(OWNER, any(bare)).unwrap();
        assert_eq!(refused(brand.approve(OWNER, brand.seen(bare))), "budget_required");

        let live = brand.self_publish(OWNER, any(id)).unwrap();
        assert_eq!(live.template.state, TemplateState::Live);
        assert!(live.version.unreviewed && live.stock.unwrap().accepting);
        let kinds: Vec<String> = brand.events(id.as_uuid()).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, ["template_created", "template_submitted", "template_self_approved", "template_published"]);
    }

    fn a_team_cannot_bypass_review(database) {
        let brand = Brand::with_team(database);
        brand.set_policy(json!({ "kind": "self_publish", "budget_cap": "300.00" }));
        let id = draft(&brand, OWNER);
        assert_eq!(refused(brand.self_publish(OWNER, any(id))), "review_team_exists");
        assert_eq!(brand.find(id).template.version, 1, "a refusal leaves nothing, not even the handing in");
        let by_marketer = draft(&brand, MARKETER);
        assert_eq!(refused(brand.self_publish(MARKETER, any(by_marketer))), "review_owner_only");
        let for_site = brand.create(OWNER, brand.site_a, &with_budget(1, "30.00")).unwrap().template.id;
        assert_eq!(refused(brand.self_publish(OWNER, any(for_site))), "review_team_exists", "an approver above counts");
    }

    fn an_approver_of_another_site_is_no_colleague(database) {
        let brand = Brand::alone(database);
        brand.set_policy(json!({ "kind": "self_publish", "budget_cap": "300.00" }));
        brand.hire(APPROVER, Role::Approver, brand.site_b);
        let id = brand.create(OWNER, brand.site_a, &with_budget(1, "30.00")).unwrap().template.id;
        assert_eq!(brand.self_publish(OWNER, any(id)).unwrap().template.state, TemplateState::Live);
    }

    fn below_an_amount_makers_need_nobody(database) {
        let brand = Brand::with_team(database);
        brand.set_policy(json!({ "kind": "above_amount", "amount": "300.00" }));
        let id = draft(&brand, MARKETER);
        assert!(brand.self_publish(MARKETER, any(id)).unwrap().version.unreviewed);
        let dear = brand.create(MARKETER, brand.head, &with_budget(20, "300.01")).unwrap().template.id;
        assert_eq!(refused(brand.self_publish(MARKETER, any(dear))), "review_above_amount");
    }

    fn of_many_approvals_at_once_one_wins(database) {
        let brand = Brand::with_team(database);
        let id = draft(&brand, MARKETER);
        brand.submit(MARKETER, any(id)).unwrap();
        let (looked_at, start) = (brand.seen(id), Barrier::new(8));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..8)
                .map(|n| {
                    let (brand, start) = (&brand, &start);
                    scope.spawn(move || {
                        start.wait();
                        brand.approve(if n % 2 == 0 { APPROVER } else { BOTH }, looked_at)
                    })
                })
                .collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.into_iter().all(|it| refused(it) == "version_conflict"));
        assert_eq!(brand.events(id.as_uuid()).len(), 3);
    }
}
