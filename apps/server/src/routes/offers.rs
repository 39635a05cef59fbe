//! Offers that people manage: their life, and what they would cost.

use crate::{
    api::Api,
    http::admin::{offer_review as review, offer_switch as switch, offer_trials, offers},
};

/// Adds them to `/admin/v1`.
pub(super) fn add(api: &mut Api) {
    const OFFER: &str = "/offers/{offer_id}";
    let on = |rest: &str| format!("{OFFER}{rest}");
    api.tag("Offers 优惠活动")
        .get("/offers", offers::list, "list_offers", "List offers")
        .post("/offers", offers::create, "create_offer", "Draft an offer")
        .post("/offers/simulate", offer_trials::simulate, "simulate_offer", "See what an offer would change")
        .get(OFFER, offers::show, "show_offer", "See an offer")
        .patch(OFFER, offers::edit, "edit_offer", "Change a draft")
        .get(&on("/versions"), offers::list_versions, "list_offer_versions", "List an offer's versions")
        .post(&on("/versions"), offers::open_version, "open_offer_version", "Begin a new version")
        .post(&on("/submit"), review::submit, "submit_offer", "Hand a draft to review")
        .post(&on("/withdraw"), review::withdraw, "withdraw_offer", "Take a version back from review")
        .post(&on("/approve"), review::approve, "approve_offer", "Approve a version")
        .post(&on("/reject"), review::reject, "reject_offer", "Send a version back to its makers")
        .post(
            &on("/self-publish"),
            review::self_publish,
            "self_publish_offer",
            "Publish a draft alone, where the policy allows it",
        )
        .post(&on("/publish"), switch::publish, "publish_offer", "Put an approved version in force")
        .post(&on("/pause"), switch::pause, "pause_offer", "Take an offer out of force for now")
        .post(&on("/resume"), switch::resume, "resume_offer", "Put an offer in force again")
        .post(&on("/end"), switch::end, "end_offer", "End an offer for good")
        .put(&on("/budget"), switch::set_budget, "set_offer_budget", "Let an offer cost more or less");
}
