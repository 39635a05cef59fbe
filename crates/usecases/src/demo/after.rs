//! What is done once the play is stored, because its use cases look at what is there: a budget that ran out, requests
//! for late undos, and what customer service wrote down.

use chrono::{DateTime, Utc};
use huike_kernel::{Paragraph, StaffId};
use huike_persistence::Db;

use super::{
    play::Play,
    stage::{mistake, text},
};
use crate::{
    UseCaseError, customers,
    redeem::{self, LateUndoAsk},
    templates,
};

/// Notes of customer service, and the tag that goes with them.
const NOTES: &[(&str, &str)] = &[
    ("预产期在下个月，提醒待产包清单", "孕晚期"),
    ("宝宝牛奶蛋白过敏，只推荐深度水解奶粉", "过敏宝宝"),
    ("二胎家庭，常囤 XL 码纸尿裤", "二胎家庭"),
    ("喜欢周末来店，偏好有机棉", "周末客"),
    ("反馈湿巾包装漏气，已补发", "需回访"),
    ("办过抓周宴，常带朋友来", "口碑客户"),
];

/// Does the rest.
pub(super) fn finish(db: &mut Db, play: &mut Play<'_>) -> Result<(), UseCaseError> {
    for offer in &play.offers {
        if let Some(at) = offer.exhausted_at {
            templates::exhaust(db, &play.stage.system(at).act(at), offer.id)?;
        }
    }
    ask_for_late_undos(db, play)?;
    write_notes(db, play)
}

/// One request waits, another was not granted.
fn ask_for_late_undos(db: &mut Db, play: &Play<'_>) -> Result<(), UseCaseError> {
    let [first, second] = play.world.team.finance;
    let head = play.world.head;
    let asked = |db: &mut Db, day: i64, words: &str| -> Result<Option<uuid::Uuid>, UseCaseError> {
        let at = play.stage.dates.at(day, (16, 10));
        let before = at - chrono::TimeDelta::days(2);
        let used = play.used.iter().rfind(|used| used.redemption.is_active() && used.redemption.redeemed_at < before);
        let Some(redemption) = used.map(|used| used.redemption.id) else { return Ok(None) };
        let ask = LateUndoAsk { redemption, reason: text(words)? };
        let caller = play.stage.staff(first, head, at);
        Ok(Some(redeem::request_late_undo(db, &caller.act(at), &ask)?.id))
    };
    if let Some(request) = asked(db, -20, "客户称未到店，申请撤销")? {
        let at = play.stage.dates.at(-19, (10, 20));
        redeem::reject_late_undo(db, &play.stage.staff(second, head, at).act(at), request)?;
    }
    asked(db, -1, "门店反馈扫错券，已超过撤销时限")?;
    Ok(())
}

fn write_notes(db: &mut Db, play: &mut Play<'_>) -> Result<(), UseCaseError> {
    let (service, world) = (play.world.team.service, play.world);
    for (index, (note, tag)) in (0_i64..).zip(NOTES) {
        let place = usize::try_from(index * 7 + 3).unwrap_or(0);
        let Some(person) = play.people.all.get(place) else { continue };
        let Some(site) = world.sites.get(person.home) else { continue };
        let at = play.stage.dates.at(-2 - index, (11, 25)).max(person.created_at);
        let caller = play.stage.staff(service, world.head, at);
        let body: Paragraph<1000> = Paragraph::new(note).map_err(|error| mistake(note, &error))?;
        customers::add_note(db, &caller.act(at), (site.id, person.id), &body)?;
        customers::add_tag(db, &caller.act(at), (site.id, person.id), &text(tag)?)?;
    }
    block_somebody(db, play, service, play.stage.dates.at(-6, (15, 40)))
}

/// Somebody who resold coupons is blocked at one site.
fn block_somebody(db: &mut Db, play: &Play<'_>, service: StaffId, at: DateTime<Utc>) -> Result<(), UseCaseError> {
    let Some(person) = play.people.all.last() else { return Ok(()) };
    let Some(site) = play.world.sites.get(person.home) else { return Ok(()) };
    let at = at.max(person.created_at);
    let caller = play.stage.staff(service, play.world.head, at);
    let reason = text("倒卖优惠券，多次提醒无效")?;
    customers::set_site_block(db, &caller.act(at), (site.id, person.id), Some(&reason))
}
