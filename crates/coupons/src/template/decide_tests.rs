//! Templates walked through their life.

use huike_kernel::DomainError;

use super::*;
use crate::samples;

fn at(template: TemplateState, version: VersionState) -> TemplateFacts<'static> {
    TemplateFacts { template, version, killed: None }
}

fn stock() -> PublishFacts {
    PublishFacts { now: samples::noon(), issued: 0, assigned: 0, used: Money::ZERO }
}

fn reason() -> Reason {
    Reason::new("门槛太低").unwrap()
}

fn code<T: std::fmt::Debug>(outcome: Result<T, CouponError>) -> &'static str {
    outcome.unwrap_err().code()
}

/// Every act on every pair of states.
fn every_step(facts: &TemplateFacts<'_>, rules: &TemplateRules) -> Vec<Step> {
    [
        decide_edit_draft(facts),
        decide_submit(facts, rules),
        decide_withdraw(facts),
        decide_approve(facts),
        decide_reject(facts, reason()),
        decide_publish(facts, rules, &stock()),
        decide_pause(facts),
        decide_exhausted(facts),
        decide_resume(facts),
        decide_kill(facts, reason()),
        decide_lift_kill(facts),
        decide_end(facts),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn no_act_leaves_either_graph() {
    let rules = samples::amount_off("30", "200");
    let why = reason();
    for template in TemplateState::ALL {
        for version in VersionState::ALL {
            for killed in [None, Some(&why)] {
                if !template.may_hold(*version) {
                    continue;
                }
                let facts = TemplateFacts { template: *template, version: *version, killed };
                for step in every_step(&facts, &rules) {
                    let lawful = step.template == *template || template.may_become(step.template);
                    assert!(lawful, "{template} -{}-> {}", step.event, step.template);
                    let lawful = step.version == *version || version.may_become(step.version);
                    assert!(lawful, "version {version} -{}-> {}", step.event, step.version);
                    assert!(step.template.may_hold(step.version), "{} with {}", step.template, step.version);
                }
            }
        }
    }
}

#[test]
fn a_first_version_takes_the_template_along() {
    let rules = samples::amount_off("30", "200");
    let submitted = decide_submit(&at(TemplateState::Draft, VersionState::Draft), &rules).unwrap();
    assert_eq!((submitted.template, submitted.version), (TemplateState::InReview, VersionState::InReview));
    let approved = decide_approve(&at(submitted.template, submitted.version)).unwrap();
    assert_eq!((approved.template, approved.version), (TemplateState::Approved, VersionState::Approved));
    let live = decide_publish(&at(approved.template, approved.version), &rules, &stock()).unwrap();
    assert_eq!((live.template, live.version), (TemplateState::Live, VersionState::Live));
}

#[test]
fn a_later_version_walks_alone_while_the_template_stays_live() {
    let rules = samples::amount_off("30", "200");
    for template in [TemplateState::Live, TemplateState::Paused] {
        let draft = decide_new_version(&at(template, VersionState::Live)).unwrap();
        assert_eq!((draft.template, draft.version), (template, VersionState::Draft));
        let submitted = decide_submit(&at(template, VersionState::Draft), &rules).unwrap();
        assert_eq!((submitted.template, submitted.version), (template, VersionState::InReview));
        let rejected = decide_reject(&at(template, VersionState::InReview), reason()).unwrap();
        assert_eq!(
            (rejected.template, rejected.version, rejected.reason),
            (template, VersionState::Draft, Some(reason()))
        );
        let live = decide_publish(&at(template, VersionState::Approved), &rules, &stock()).unwrap();
        assert_eq!((live.template, live.version), (template, VersionState::Live));
    }
}

#[test]
fn rules_are_frozen_from_review_on_and_one_version_is_open_at_a_time() {
    for version in [VersionState::InReview, VersionState::Approved, VersionState::Live, VersionState::Superseded] {
        assert_eq!(code(decide_edit_draft(&at(TemplateState::Live, version))), "template_not_draft");
    }
    for version in [VersionState::Draft, VersionState::InReview] {
        assert_eq!(code(decide_new_version(&at(TemplateState::Live, version))), "template_version_open");
    }
}

#[test]
fn unsound_rules_never_reach_a_reviewer() {
    let rules = samples::amount_off("300", "200");
    let refused = decide_submit(&at(TemplateState::Draft, VersionState::Draft), &rules).unwrap_err();
    assert_eq!((refused.code(), refused.pointer().as_deref()), ("coupon_rules_invalid", Some("/effect/amount")));
    assert_eq!(refused.details().unwrap()["problems"][0]["code"], "amount_above_threshold");
}

#[test]
fn a_one_person_shop_publishes_only_with_a_budget() {
    let mut rules = samples::amount_off("30", "200");
    let draft = at(TemplateState::Draft, VersionState::Draft);
    assert_eq!(code(decide_self_publish(&draft, &rules)), "budget_required");
    rules.budget = Some(samples::budget("3000", None));
    let [submitted, approved] = decide_self_publish(&draft, &rules).unwrap();
    assert_eq!(submitted.event, TemplateEvent::Submitted);
    assert_eq!((approved.template, approved.event), (TemplateState::Approved, TemplateEvent::SelfApproved));
}

#[test]
fn a_version_never_promises_less_than_was_given_already() {
    let mut rules = samples::amount_off("30", "200");
    rules.budget = Some(samples::budget("3000", None));
    let approved = at(TemplateState::Live, VersionState::Approved);
    let publish = |stock: PublishFacts| code(decide_publish(&approved, &rules, &stock));
    assert_eq!(publish(PublishFacts { issued: 101, ..stock() }), "quantity_below_issued");
    assert_eq!(publish(PublishFacts { assigned: 101, ..stock() }), "quantity_below_quotas");
    assert_eq!(publish(PublishFacts { used: samples::yuan("3000.01"), ..stock() }), "budget_below_used");
    let mut past = rules.clone();
    past.validity = Validity::Fixed { starts_at: samples::minutes_after_noon(-9), ends_at: samples::noon() };
    assert_eq!(code(decide_publish(&approved, &past, &stock())), "template_window_past");
}

#[test]
fn the_kill_switch_pauses_and_lifting_it_does_not_resume() {
    let killed = decide_kill(&at(TemplateState::Live, VersionState::Live), reason()).unwrap();
    assert_eq!((killed.template, killed.reason.clone()), (TemplateState::Paused, Some(reason())));
    let why = reason();
    let facts = TemplateFacts { killed: Some(&why), ..at(TemplateState::Paused, VersionState::Live) };
    assert_eq!(code(decide_resume(&facts)), "template_killed");
    assert_eq!(code(decide_kill(&facts, reason())), "template_killed");
    assert_eq!(decide_lift_kill(&facts).unwrap().template, TemplateState::Paused);
    assert_eq!(code(decide_lift_kill(&at(TemplateState::Paused, VersionState::Live))), "template_not_killed");
}

#[test]
fn held_coupons_of_an_ended_template_can_still_be_stopped() {
    let killed = decide_kill(&at(TemplateState::Ended, VersionState::Live), reason()).unwrap();
    assert_eq!(killed.template, TemplateState::Ended);
    assert_eq!(code(decide_kill(&at(TemplateState::Draft, VersionState::Draft), reason())), "template_never_approved");
}

#[test]
fn nothing_follows_the_end() {
    let rules = samples::amount_off("30", "200");
    for version in VersionState::ALL {
        let ended = at(TemplateState::Ended, *version);
        let steps = every_step(&ended, &rules);
        assert!(steps.iter().all(|step| step.event == TemplateEvent::Killed), "{steps:?}");
    }
}
