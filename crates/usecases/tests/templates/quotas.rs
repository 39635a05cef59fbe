//! Quotas: never more than the total, whoever moves them and whoever claims meanwhile.

use std::sync::Barrier;

use huike_access::Permission;
use huike_kernel::{DomainError, NodeId, TemplateId};
use huike_persistence::{
    db_test,
    quotas::{self, QuotaRow, QuotaTake},
};
use huike_usecases::{
    UseCaseError,
    templates::{self, SetQuotas, SiteQuota},
};

use crate::support::{Brand, CLERK, MARKETER, any, refused, rules};

fn set(brand: &Brand, id: TemplateId, split: &[(NodeId, i64)]) -> Result<(), UseCaseError> {
    let quotas = split.iter().map(|(site, quota)| SiteQuota { site: *site, quota: *quota }).collect();
    let set = SetQuotas { ask: any(id), quotas };
    brand.act((MARKETER, Permission::CouponQuota), move |db, act| templates::set_quotas(db, act, &set)).map(|_| ())
}

fn rows(brand: &Brand, id: TemplateId) -> Vec<(NodeId, i64, i64)> {
    let rows = brand.read(move |db| Ok(quotas::list(db, id)?));
    rows.into_iter().map(|QuotaRow { node, quota, issued }| (node, quota, issued)).collect()
}

fn take(brand: &Brand, id: TemplateId, site: NodeId, count: i64) -> QuotaTake {
    let head = brand.head;
    brand.write(move |db, _| Ok(quotas::take(db, id, head, site, count)?)).unwrap()
}

db_test! {
    fn the_owner_keeps_what_is_not_assigned_and_serves_those_without_a_share(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        assert_eq!(take(&brand, id, brand.site_a, 1), QuotaTake::Unsplit);
        set(&brand, id, &[(brand.site_a, 60)]).unwrap();
        assert_eq!(rows(&brand, id), [(brand.head, 40, 0), (brand.site_a, 60, 0)]);
        assert_eq!(take(&brand, id, brand.site_a, 61), QuotaTake::Refused);
        assert_eq!(take(&brand, id, brand.site_a, 60), QuotaTake::Applied);
        assert_eq!(take(&brand, id, brand.site_b, 40), QuotaTake::Applied);
        assert_eq!(take(&brand, id, brand.site_b, 1), QuotaTake::Refused);
    }

    fn a_share_moves_while_live_but_never_below_what_was_issued(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        set(&brand, id, &[(brand.site_a, 60), (brand.site_b, 10)]).unwrap();
        assert_eq!(take(&brand, id, brand.site_a, 30), QuotaTake::Applied);
        let refusal = set(&brand, id, &[(brand.site_a, 29)]).unwrap_err();
        assert_eq!((refusal.code(), refusal.pointer().as_deref()), ("quota_below_issued", Some("/quotas/0/quota")));
        assert_eq!(refused(set(&brand, id, &[])), "quota_below_issued", "a site that is not named has nothing");
        set(&brand, id, &[(brand.site_a, 30)]).unwrap();
        assert_eq!(rows(&brand, id), [(brand.head, 70, 0), (brand.site_a, 30, 30)]);
        assert_eq!(brand.audited(id.as_uuid()).iter().filter(|it| *it == "coupon_template.set_quotas").count(), 2);
    }

    fn what_was_issued_before_the_split_stays_with_the_owner(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        let before = huike_persistence::stock::Take { issued: 50, claimed: 50, committed: huike_kernel::Money::ZERO };
        let taken = brand.write(move |db, _| Ok(huike_persistence::stock::take(db, id, before)?)).unwrap();
        assert_eq!(taken, huike_persistence::Outcome::Applied);
        assert_eq!(refused(set(&brand, id, &[(brand.site_a, 51)])), "quota_above_total");
        set(&brand, id, &[(brand.site_a, 50)]).unwrap();
        assert_eq!(rows(&brand, id), [(brand.head, 50, 50), (brand.site_a, 50, 0)]);
        set(&brand, id, &[]).unwrap();
        assert_eq!(rows(&brand, id), []);
    }

    fn only_sites_below_the_owner_have_a_share(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        for node in [brand.head, brand.shop] {
            let refusal = set(&brand, id, &[(brand.site_a, 1), (node, 1)]).unwrap_err();
            assert_eq!((refusal.code(), refusal.pointer().as_deref()), ("quota_not_below", Some("/quotas/1/site_id")));
        }
        assert_eq!(refused(set(&brand, id, &[(brand.site_a, 1), (brand.site_a, 1)])), "quota_twice");
        assert_eq!(refused(set(&brand, id, &[(brand.site_a, -1)])), "quota_negative");
    }

    fn a_smaller_total_must_still_hold_what_is_assigned(database) {
        let brand = Brand::with_team(database);
        let id = brand.create(MARKETER, brand.head, &rules(100)).unwrap().template.id;
        set(&brand, id, &[(brand.site_a, 60)]).unwrap();
        let edit =
            |quantity| templates::DraftEdit { ask: any(id), name: None, rules: Some(rules(quantity)), look: None };
        let small = edit(59);
        brand.act((MARKETER, Permission::CouponCreate), move |db, act| templates::edit_draft(db, act, &small)).unwrap();
        brand.submit(MARKETER, any(id)).unwrap();
        brand.approve(crate::support::APPROVER, brand.seen(id)).unwrap();
        assert_eq!(refused(brand.publish(MARKETER, any(id))), "quantity_below_quotas");
        set(&brand, id, &[(brand.site_a, 9)]).unwrap();
        brand.publish(MARKETER, any(id)).unwrap();
        assert_eq!(rows(&brand, id), [(brand.head, 50, 0), (brand.site_a, 9, 0)]);
    }

    fn a_permission_is_needed_and_strangers_see_nothing(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        for (who, code) in [(CLERK, "not_found"), (crate::support::APPROVER, "permission_denied")] {
            let set = SetQuotas { ask: any(id), quotas: Vec::new() };
            let answer = brand.act((who, Permission::CouponQuota), move |db, act| templates::set_quotas(db, act, &set));
            assert_eq!(refused(answer), code);
        }
    }

    fn twenty_moves_among_claims_never_exceed_the_total(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(100));
        let start = Barrier::new(28);
        std::thread::scope(|scope| {
            for n in 0..20_i64 {
                let (brand, start) = (&brand, &start);
                scope.spawn(move || {
                    start.wait();
                    let moved = set(brand, id, &[(brand.site_a, 40 + n), (brand.site_b, 60 - n)]);
                    assert!(moved.is_ok() || ["quota_above_total", "quota_below_issued"].contains(&refused(moved)));
                });
            }
            for n in 0..8 {
                let (brand, start) = (&brand, &start);
                scope.spawn(move || {
                    start.wait();
                    let site = if n % 2 == 0 { brand.site_a } else { brand.site_b };
                    for _ in 0..5 {
                        let _taken = take(brand, id, site, 2);
                    }
                });
            }
        });
        let rows = rows(&brand, id);
        assert_eq!(rows.iter().map(|(_, quota, _)| quota).sum::<i64>(), 100, "{rows:?}");
        assert!(rows.iter().all(|(_, quota, issued)| issued <= quota), "{rows:?}");
    }
}
