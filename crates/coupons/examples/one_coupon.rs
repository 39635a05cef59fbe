//! One coupon from the draft of its template to an undone redemption.

use chrono::{DateTime, TimeDelta, Utc};
use huike_coupons::{
    ClaimFacts, CounterAsk, CouponEdge, CouponError, CouponState, Effect, HeldCoupon, Standing, TemplateRules,
    TemplateState, VersionState,
    calendar::HolidayCalendar,
    decide_claim, decide_counter_redeem, decide_unredeem,
    redeem::{UndoPath, UnredeemAsk},
    rule_card::{CardContext, Locale, rule_card},
    rules::Validity,
    template::{PublishFacts, Reason, TemplateFacts, decide_approve, decide_publish, decide_submit},
};
use huike_kernel::{Money, Zone};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: DateTime<Utc> = "2026-06-02T04:00:00Z".parse()?;
    let zone = Zone::default();
    let effect = Effect::AmountOff { amount: "30".parse()?, threshold: "200".parse()? };
    let rules = TemplateRules::new(effect, 1_000, Validity::Relative { delay_minutes: 0, days: 7 });
    publish(&rules, now)?;

    let context = CardContext { zone, today: zone.local(now).day, usable: None, included: &[], excluded: &[] };
    let card = rule_card(&rules, &context, Locale::Zh);
    println!("{}", card.title);
    for line in &card.lines {
        println!("  {} {}", if line.strong { "!" } else { "-" }, line.text);
    }

    let customer = Standing { blocked: false, is_new: true, in_segment: None };
    let claim = ClaimFacts {
        now,
        zone,
        template: TemplateState::Live,
        killed: None,
        channel_open: true,
        site_in_scope: true,
        customer,
    };
    let grant = decide_claim(&rules, &claim)?;
    println!("claimed, usable until {}", grant.usable.ends_at);

    let mut coupon = HeldCoupon {
        state: CouponState::Issued,
        owner: Some(Uuid::from_u128(9).into()),
        usable_from: Some(grant.usable.starts_at),
        expires_at: Some(grant.usable.ends_at),
        committed: grant.committed,
    };
    let calendar = HolidayCalendar::embedded()?;
    let ask = CounterAsk {
        now,
        zone,
        calendar: &calendar,
        order_amount: Some("177".parse()?),
        store_in_scope: true,
        killed: None,
        clerk_is_owner: false,
        customer,
        day_signed: false,
        winner: None,
    };
    if let Err(refusal) = decide_counter_redeem(&rules, &coupon, &ask) {
        println!("first try: {refusal}");
    }
    let ask = CounterAsk { order_amount: Some("250".parse()?), ..ask };
    let redemption = decide_counter_redeem(&rules, &coupon, &ask)?;
    coupon.state = coupon.state.after(CouponEdge::Redeem, true)?;
    println!("redeemed for {} off", redemption.discount);

    undo(&rules, &coupon, now, redemption.cost)?;
    Ok(())
}

fn publish(rules: &TemplateRules, now: DateTime<Utc>) -> Result<(), CouponError> {
    let draft = TemplateFacts { template: TemplateState::Draft, version: VersionState::Draft, killed: None };
    let submitted = decide_submit(&draft, rules)?;
    let waiting = TemplateFacts { template: submitted.template, version: submitted.version, killed: None };
    let approved = decide_approve(&waiting)?;
    let frozen = TemplateFacts { template: approved.template, version: approved.version, killed: None };
    let stock = PublishFacts { now, issued: 0, assigned: 0, used: Money::ZERO };
    let live = decide_publish(&frozen, rules, &stock)?;
    println!("the template is {}", live.template);
    Ok(())
}

fn undo(
    rules: &TemplateRules,
    coupon: &HeldCoupon,
    redeemed_at: DateTime<Utc>,
    cost: Money,
) -> Result<(), Box<dyn std::error::Error>> {
    let reason = Reason::new("客户改主意")?;
    let undo = decide_unredeem(
        rules,
        coupon,
        &UnredeemAsk {
            now: redeemed_at.checked_add_signed(TimeDelta::minutes(5)).ok_or("past the end of time")?,
            zone: Zone::default(),
            path: UndoPath::AtStore,
            reason: Some(&reason),
            redeemed_at,
            cost,
            same_store: true,
            day_signed: false,
        },
    )?;
    println!("undone, the coupon is {} again", undo.final_state());
    Ok(())
}
