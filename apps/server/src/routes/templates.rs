//! Coupon templates: their life, their split among sites, their channels and figures.

use crate::{
    api::Api,
    http::admin::{
        channels, quotas, rule_cards, spending_alarms as alarms, template_review as review, template_switch as switch,
        templates, tracking,
    },
};

/// Adds them to `/admin/v1`.
pub(super) fn add(api: &mut Api) {
    const T: &str = "/coupon-templates/{template_id}";
    let on = |rest: &str| format!("{T}{rest}");

    api.tag("Coupon templates 券模板")
        .get("/coupon-templates", templates::list, "list_templates", "List templates")
        .post("/coupon-templates", templates::create, "create_template", "Draft a template")
        .post(
            "/coupon-templates/rule-card",
            rule_cards::preview,
            "preview_rule_card",
            "Say rules in plain words before they are saved",
        )
        .get(T, templates::show, "show_template", "See a template")
        .patch(T, templates::edit, "edit_template", "Change a draft")
        .get(&on("/rule-card"), rule_cards::show, "show_rule_card", "Say a template's rules in plain words")
        .get(&on("/versions"), templates::list_versions, "list_template_versions", "List a template's versions")
        .post(&on("/versions"), templates::open_version, "open_template_version", "Begin a new version")
        .post(&on("/submit"), review::submit, "submit_template", "Hand a draft to review")
        .post(&on("/withdraw"), review::withdraw, "withdraw_template", "Take a version back from review")
        .post(&on("/approve"), review::approve, "approve_template", "Approve a version")
        .post(&on("/reject"), review::reject, "reject_template", "Send a version back to its makers")
        .post(
            &on("/self-publish"),
            review::self_publish,
            "self_publish_template",
            "Publish a draft alone, where the policy allows it",
        )
        .post(&on("/publish"), switch::publish, "publish_template", "Publish an approved version")
        .post(&on("/pause"), switch::pause, "pause_template", "Stop claims for now")
        .post(&on("/resume"), switch::resume, "resume_template", "Let claims go on")
        .post(&on("/kill"), switch::kill, "kill_template", "Stop claims and held coupons at once")
        .post(&on("/lift-kill"), switch::lift_kill, "lift_template_kill", "Make held coupons good again")
        .post(&on("/end"), switch::end, "end_template", "End a template for good")
        .get(&on("/quotas"), quotas::show, "show_quotas", "See how a template's total is split among sites")
        .put(&on("/quotas"), quotas::set, "set_quotas", "Split a template's total among sites")
        .get(&on("/channels"), channels::list, "list_channels", "List a template's channels")
        .post(&on("/channels"), channels::open, "open_channel", "Open a channel")
        .post("/channels/{channel_id}/close", channels::close, "close_channel", "Close a channel")
        .get(&on("/tracking"), tracking::show, "show_tracking", "See what became of a template's coupons")
        .get("/spending-alarms", alarms::list, "list_spending_alarms", "List templates that spent too fast");
}
