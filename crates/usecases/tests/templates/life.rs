//! A template's whole life, and what stays frozen in it.

use huike_access::Permission;
use huike_coupons::{TemplateState, VersionState};
use huike_kernel::{DomainError, Text};
use huike_persistence::{db_test, templates::get_version};
use huike_usecases::templates::{self, DraftEdit};

use crate::support::{APPROVER, Brand, MARKETER, any, refused, rules, with_budget};

fn edit(brand: &Brand, edit: DraftEdit) -> Result<i64, huike_usecases::UseCaseError> {
    let made = brand.act((MARKETER, Permission::CouponCreate), move |db, act| templates::edit_draft(db, act, &edit));
    made.map(|it| it.template.version)
}

db_test! {
    fn a_template_walks_from_draft_to_its_end(database) {
        let brand = Brand::with_team(database);
        let draft = brand.create(MARKETER, brand.head, &rules(10)).unwrap();
        let id = draft.template.id;
        assert_eq!((draft.template.state, draft.version.state), (TemplateState::Draft, VersionState::Draft));
        assert!(draft.stock.is_none());

        brand.submit(MARKETER, any(id)).unwrap();
        let reason = Text::new("预算太高").unwrap();
        let rejected = brand
            .act((APPROVER, Permission::CouponApprove), move |db, act| templates::reject(db, act, any(id), &reason))
            .unwrap();
        assert_eq!(rejected.version.reject_reason.as_deref(), Some("预算太高"));
        let changed = DraftEdit { ask: any(id), name: None, rules: Some(rules(20)), look: None };
        edit(&brand, changed).unwrap();
        brand.submit(MARKETER, any(id)).unwrap();
        brand.act((MARKETER, Permission::CouponCreate), move |db, act| templates::withdraw(db, act, any(id))).unwrap();
        brand.submit(MARKETER, any(id)).unwrap();
        let approved = brand.approve(APPROVER, brand.seen(id)).unwrap();
        assert!(!approved.version.unreviewed && approved.stock.is_none());

        let live = brand.publish(MARKETER, any(id)).unwrap();
        assert_eq!((live.template.state, live.template.live_version), (TemplateState::Live, Some(1)));
        assert_eq!(live.stock.map(|it| (it.accepting, it.quantity, it.issued)), Some((true, 20, 0)));

        let switch = (MARKETER, Permission::CouponPublish);
        brand.act(switch, move |db, act| templates::pause(db, act, any(id))).unwrap();
        assert!(!brand.stock(id).unwrap().accepting);
        brand.act(switch, move |db, act| templates::resume(db, act, any(id))).unwrap();
        assert!(brand.stock(id).unwrap().accepting);

        let reason = Text::new("券码泄露").unwrap();
        let kill = (APPROVER, Permission::CouponKill);
        let killed = brand.act(kill, move |db, act| templates::kill(db, act, any(id), &reason)).unwrap();
        assert_eq!(killed.template.state, TemplateState::Paused);
        assert_eq!(refused(brand.act(switch, move |db, act| templates::resume(db, act, any(id)))), "template_killed");
        brand.act(kill, move |db, act| templates::lift_kill(db, act, any(id))).unwrap();
        assert!(!brand.stock(id).unwrap().accepting, "lifting the kill lets nobody claim by itself");
        let ended = brand.act(switch, move |db, act| templates::end(db, act, any(id))).unwrap();
        assert_eq!(ended.template.state, TemplateState::Ended);

        let seqs: Vec<i64> = brand.events(id.as_uuid()).into_iter().map(|(seq, _)| seq).collect();
        assert_eq!(seqs, (1..=ended.template.version).collect::<Vec<_>>(), "every change of the row has its event");
        assert_eq!(brand.audited(id.as_uuid()).len(), seqs.len(), "and its audit row");
    }

    fn a_new_version_takes_the_place_of_the_live_one_only_when_published(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        let opened = brand
            .act((MARKETER, Permission::CouponCreate), move |db, act| templates::open_version(db, act, any(id)))
            .unwrap();
        assert_eq!((opened.version.number, opened.version.state), (2, VersionState::Draft));
        edit(&brand, DraftEdit { ask: any(id), name: None, rules: Some(with_budget(50, "900.00")), look: None })
            .unwrap();
        brand.submit(MARKETER, any(id)).unwrap();
        brand.approve(APPROVER, brand.seen(id)).unwrap();
        assert_eq!((brand.find(id).template.live_version, brand.stock(id).unwrap().quantity), (Some(1), 10));

        brand.publish(MARKETER, any(id)).unwrap();
        let stock = brand.stock(id).unwrap();
        assert_eq!((stock.quantity, stock.budget_fen, stock.accepting), (50, Some(90_000), true));
        let old = brand.read(move |db| Ok(get_version(db, id, 1)?));
        assert_eq!((old.state, old.rules.quantity), (VersionState::Superseded, 10));
    }

    fn what_was_approved_is_frozen(database) {
        let brand = Brand::with_team(database);
        let id = brand.create(MARKETER, brand.head, &rules(10)).unwrap().template.id;
        brand.submit(MARKETER, any(id)).unwrap();
        let changed = || DraftEdit { ask: any(id), name: None, rules: Some(rules(99)), look: None };
        assert_eq!(refused(edit(&brand, changed())), "template_not_draft");
        brand.approve(APPROVER, brand.seen(id)).unwrap();
        assert_eq!(refused(edit(&brand, changed())), "template_not_draft");
        brand.publish(MARKETER, any(id)).unwrap();
        assert_eq!(refused(edit(&brand, changed())), "template_not_draft");
        brand
            .act((MARKETER, Permission::CouponCreate), move |db, act| templates::open_version(db, act, any(id)))
            .unwrap();
        let renamed = DraftEdit { ask: any(id), name: Some(Text::new("满10减10").unwrap()), rules: None, look: None };
        assert_eq!(refused(edit(&brand, renamed)), "template_name_frozen");
        assert_eq!(brand.read(move |db| Ok(get_version(db, id, 1)?)).rules, rules(10));
    }

    fn a_draft_names_only_units_of_its_owner_and_sound_rules(database) {
        let brand = Brand::with_team(database);
        let mut outside = rules(10);
        outside.scope.include_nodes = vec![brand.site_a, brand.site_b];
        let refusal = brand.create(MARKETER, brand.site_a, &outside).unwrap_err();
        assert_eq!(
            (refusal.code(), refusal.pointer().as_deref()),
            ("scope_outside_owner", Some("/rules/scope/include_nodes/1"))
        );
        let refusal = brand.create(MARKETER, brand.head, &rules(0)).unwrap_err();
        assert_eq!((refusal.code(), refusal.pointer().as_deref()), ("coupon_rules_invalid", Some("/rules/quantity")));
        assert_eq!(refused(brand.create(MARKETER, brand.shop, &rules(1))), "template_owner_is_store");
    }

    fn a_used_up_budget_pauses_and_nothing_else_does(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&with_budget(10, "60.00"));
        let ask = move |brand: &Brand| {
            brand.act((MARKETER, Permission::CouponPublish), move |db, act| templates::exhaust(db, act, id)).unwrap()
        };
        assert!(!ask(&brand));
        let two = huike_persistence::stock::Take { issued: 2, claimed: 2, committed: "60".parse().unwrap() };
        let taken = brand.write(move |db, _| Ok(huike_persistence::stock::take(db, id, two)?)).unwrap();
        assert_eq!(taken, huike_persistence::Outcome::Applied);
        assert!(ask(&brand));
        assert_eq!(brand.find(id).template.state, TemplateState::Paused);
        assert!(!ask(&brand), "a second call finds it done");
    }
}
