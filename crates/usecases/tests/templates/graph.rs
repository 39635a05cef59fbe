//! Every act on every state: what the graph of the domain does not allow is refused and leaves no trace.

use huike_access::Permission;
use huike_coupons::{TemplateState as T, VersionState as V};
use huike_kernel::{TemplateId, Text};
use huike_persistence::{db_test, template_lists::Listed};
use huike_usecases::{
    UseCaseError,
    templates::{self, DraftEdit, SetQuotas},
};

use crate::support::{APPROVER, Brand, MARKETER, any, refused, rules};

const ACTS: [&str; 12] = [
    "edit",
    "submit",
    "withdraw",
    "approve",
    "reject",
    "publish",
    "pause",
    "resume",
    "kill",
    "lift_kill",
    "end",
    "open_version",
];

fn perform(brand: &Brand, id: TemplateId, act: &str) -> Result<Listed, UseCaseError> {
    let reason = || Text::new("测试").unwrap();
    let create = (MARKETER, Permission::CouponCreate);
    let publish = (MARKETER, Permission::CouponPublish);
    let kill = (APPROVER, Permission::CouponKill);
    match act {
        "edit" => {
            let edit = DraftEdit { ask: any(id), name: None, rules: Some(rules(10)), look: None };
            brand.act(create, move |db, act| templates::edit_draft(db, act, &edit))
        }
        "submit" => brand.submit(MARKETER, any(id)),
        "withdraw" => brand.act(create, move |db, act| templates::withdraw(db, act, any(id))),
        "approve" => brand.approve(APPROVER, brand.seen(id)),
        "reject" => {
            let approve = (APPROVER, Permission::CouponApprove);
            brand.act(approve, move |db, act| templates::reject(db, act, any(id), &reason()))
        }
        "publish" => brand.publish(MARKETER, any(id)),
        "pause" => brand.act(publish, move |db, act| templates::pause(db, act, any(id))),
        "resume" => brand.act(publish, move |db, act| templates::resume(db, act, any(id))),
        "kill" => brand.act(kill, move |db, act| templates::kill(db, act, any(id), &reason())),
        "lift_kill" => brand.act(kill, move |db, act| templates::lift_kill(db, act, any(id))),
        "end" => brand.act(publish, move |db, act| templates::end(db, act, any(id))),
        "open_version" => brand.act(create, move |db, act| templates::open_version(db, act, any(id))),
        other => unreachable!("{other}"),
    }
}

/// The acts that lead to a state, what that state is, and which acts it allows.
type Row = (&'static [&'static str], (T, V), &'static [&'static str]);

const STATES: [Row; 13] = [
    (&[], (T::Draft, V::Draft), &["edit", "submit"]),
    (&["submit"], (T::InReview, V::InReview), &["withdraw", "approve", "reject"]),
    (&["submit", "approve"], (T::Approved, V::Approved), &["publish", "kill", "end", "open_version"]),
    (&["submit", "approve", "kill"], (T::Approved, V::Approved), &["lift_kill", "end", "open_version"]),
    (&["submit", "approve", "open_version"], (T::Approved, V::Draft), &["edit", "submit", "kill", "end"]),
    (&["submit", "approve", "publish"], (T::Live, V::Live), &["pause", "kill", "end", "open_version"]),
    (&["submit", "approve", "publish", "pause"], (T::Paused, V::Live), &["resume", "kill", "end", "open_version"]),
    (&["submit", "approve", "publish", "kill"], (T::Paused, V::Live), &["lift_kill", "end", "open_version"]),
    (
        &["submit", "approve", "publish", "open_version"],
        (T::Live, V::Draft),
        &["edit", "submit", "pause", "kill", "end"],
    ),
    (
        &["submit", "approve", "publish", "open_version", "submit"],
        (T::Live, V::InReview),
        &["withdraw", "approve", "reject", "pause", "kill", "end"],
    ),
    (
        &["submit", "approve", "publish", "pause", "open_version", "submit", "approve"],
        (T::Paused, V::Approved),
        &["publish", "resume", "kill", "end", "open_version"],
    ),
    (&["submit", "approve", "publish", "end"], (T::Ended, V::Live), &["kill"]),
    (&["submit", "approve", "publish", "kill", "end"], (T::Ended, V::Live), &["lift_kill"]),
];

db_test! {
    fn every_act_that_the_graph_does_not_allow_is_refused_and_leaves_no_trace(database) {
        let brand = Brand::with_team(database);
        for (way, (template, version), allowed) in STATES {
            for act in ACTS {
                let id = brand.create(MARKETER, brand.head, &rules(10)).unwrap().template.id;
                for step in way {
                    perform(&brand, id, step).unwrap();
                }
                let before = brand.find(id);
                assert_eq!((before.template.state, before.version.state), (template, version), "{way:?}");
                let answer = perform(&brand, id, act);
                assert_eq!(answer.is_ok(), allowed.contains(&act), "{way:?} then {act}: {answer:?}");
                let after = brand.find(id);
                match answer {
                    Err(_) => assert_eq!(after, before, "{way:?} then {act}"),
                    Ok(_) => assert!(
                        before.template.state == after.template.state
                            || before.template.state.may_become(after.template.state)
                    ),
                }
                assert_eq!(brand.events(id.as_uuid()).len(), usize::try_from(after.template.version).unwrap());
            }
        }
    }

    fn an_ended_template_takes_no_quotas(database) {
        let brand = Brand::with_team(database);
        let id = brand.live(&rules(10));
        perform(&brand, id, "end").unwrap();
        let set = SetQuotas { ask: any(id), quotas: Vec::new() };
        let answer =
            brand.act((MARKETER, Permission::CouponQuota), move |db, act| templates::set_quotas(db, act, &set));
        assert_eq!(refused(answer), "template_ended");
    }
}
