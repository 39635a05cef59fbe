//! Who sees which templates, page by page, and what customers may claim at a site.

use chrono::{DateTime, TimeDelta, Utc};
use huike_access::Permission;
use huike_coupons::{TemplateState, rules::Validity};
use huike_kernel::{NodeId, TemplateId, TimeWindow};
use huike_persistence::{
    db_test, scope,
    template_lists::{self, TemplateFilter, TemplatePage},
};
use huike_usecases::templates;

use crate::support::{APPROVER, Brand, CLERK, MARKETER, OPERATOR_A, OWNER, any, rules};

const ALL: TemplatePage = TemplatePage { before: None, limit: 100 };

fn list(brand: &Brand, roots: &[NodeId], filter: TemplateFilter, page: TemplatePage) -> Vec<TemplateId> {
    let roots = roots.to_vec();
    let found = brand.read(move |db| Ok(template_lists::list(db, &roots, &filter, page)?));
    found.into_iter().map(|it| it.template.id).collect()
}

db_test! {
    fn a_site_sees_its_own_templates_and_what_is_live_above(database) {
        let brand = Brand::with_team(database);
        let draft_of_head = brand.create(MARKETER, brand.head, &rules(1)).unwrap().template.id;
        let live_of_head = brand.live(&rules(1));
        let draft_of_a = brand.create(OPERATOR_A, brand.site_a, &rules(1)).unwrap().template.id;
        let draft_of_b = brand.create(OWNER, brand.site_b, &rules(1)).unwrap().template.id;
        let seen = |roots: &[NodeId]| list(&brand, roots, TemplateFilter::default(), ALL);
        assert_eq!(seen(&[brand.head]), [draft_of_b, draft_of_a, live_of_head, draft_of_head]);
        assert_eq!(seen(&[brand.site_a]), [draft_of_a, live_of_head]);
        assert_eq!(seen(&[brand.site_a, brand.site_b]), [draft_of_b, draft_of_a, live_of_head]);
        assert_eq!(seen(&[]), []);
    }

    fn one_template_is_readable_exactly_where_it_is_listed(database) {
        let brand = Brand::with_team(database);
        let draft = brand.create(MARKETER, brand.head, &rules(1)).unwrap().template.id;
        let live = brand.live(&rules(1));
        let of_a = brand.create(OPERATOR_A, brand.site_a, &rules(1)).unwrap().template.id;
        let code = |who, id| {
            let reach = brand.caller(who, Permission::CouponRead).scope;
            let read = brand.write(move |db, _| templates::find_readable(db, &reach, Permission::CouponRead, id));
            read.map_or_else(|error| huike_kernel::DomainError::code(&error), |_| "ok")
        };
        assert_eq!(
            (code(OPERATOR_A, draft), code(OPERATOR_A, live), code(OPERATOR_A, of_a)),
            ("not_found", "ok", "ok")
        );
        assert_eq!((code(APPROVER, draft), code(CLERK, live)), ("ok", "not_found"));
    }

    fn of_a_template_above_only_the_live_version_is_seen(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        brand
            .act((MARKETER, Permission::CouponCreate), move |db, act| templates::open_version(db, act, any(id)))
            .unwrap();
        let listed = |roots: Vec<NodeId>| {
            let found = brand.read(move |db| Ok(template_lists::list(db, &roots, &TemplateFilter::default(), ALL)?));
            found.iter().map(|it| it.version.number).collect::<Vec<i64>>()
        };
        assert_eq!((listed(vec![brand.head]), listed(vec![brand.site_a])), (vec![2], vec![1]));
        assert_eq!(listed(vec![brand.head, brand.site_a]), [2], "and it is listed once");
        let seen = |who| {
            let reach = brand.caller(who, Permission::CouponRead).scope;
            brand.read(move |db| templates::find_readable(db, &reach, Permission::CouponRead, id)).version.number
        };
        assert_eq!((seen(MARKETER), seen(OPERATOR_A)), (2, 1));
    }

    fn filters_narrow_and_pages_follow_without_gap(database) {
        let brand = Brand::with_team(database);
        let ids: Vec<TemplateId> =
            (0..5).map(|_| brand.create(MARKETER, brand.head, &rules(1)).unwrap().template.id).collect();
        let live = brand.live(&rules(1));
        let state = TemplateFilter { state: Some(TemplateState::Live), ..TemplateFilter::default() };
        assert_eq!(list(&brand, &[brand.head], state, ALL), [live]);
        let text = |text: &str| TemplateFilter { text: Some(text.to_owned()), ..TemplateFilter::default() };
        assert_eq!(list(&brand, &[brand.head], text("200减"), ALL).len(), 6);
        for none in ["%", "_", "\\", "减200"] {
            assert_eq!(list(&brand, &[brand.head], text(none), ALL), [], "{none} is a letter, not a wildcard");
        }
        let kind = TemplateFilter { kind: Some("exchange".to_owned()), ..TemplateFilter::default() };
        assert_eq!(list(&brand, &[brand.head], kind, ALL), []);
        let first = list(&brand, &[brand.head], TemplateFilter::default(), TemplatePage { before: None, limit: 4 });
        let second = list(
            &brand,
            &[brand.head],
            TemplateFilter::default(),
            TemplatePage { before: first.last().copied(), limit: 4 },
        );
        let expected: Vec<TemplateId> = [live].into_iter().chain(ids.into_iter().rev()).collect();
        assert_eq!([first, second].concat(), expected);
    }

    fn customers_are_offered_what_is_live_open_and_good_at_the_site(database) {
        let brand = Brand::with_team(database);
        let now: DateTime<Utc> = "2030-06-01T04:00:00Z".parse().unwrap();
        let (past, soon) = (now - TimeDelta::days(1), now + TimeDelta::days(1));
        let everywhere = brand.live(&rules(1));
        let mut only_b = rules(1);
        only_b.scope.include_nodes = vec![brand.site_b];
        let only_b = brand.live(&only_b);
        let mut later = rules(1);
        later.claim_window = Some(TimeWindow { starts_at: soon, ends_at: soon + TimeDelta::days(1) });
        brand.live(&later);
        let mut fixed = rules(1);
        fixed.validity = Validity::Fixed { starts_at: past, ends_at: soon };
        let fixed = brand.live(&fixed);
        let paused = brand.live(&rules(1));
        brand
            .act((MARKETER, Permission::CouponPublish), move |db, act| templates::pause(db, act, any(paused)))
            .unwrap();
        brand.create(MARKETER, brand.head, &rules(1)).unwrap();

        let offered = |site, now| -> Vec<TemplateId> {
            let found = brand.read(move |db| {
                let path = scope::path_of(db, site)?;
                Ok(template_lists::list_claimable(db, &path, now, ALL)?)
            });
            found.into_iter().map(|it| it.template.id).collect()
        };
        assert_eq!(offered(brand.site_a, now), [fixed, everywhere]);
        assert_eq!(offered(brand.site_b, now), [fixed, only_b, everywhere]);
        assert_eq!(offered(brand.site_a, soon)[1..], [everywhere], "the later one opens, the fixed one is over");
    }
}
