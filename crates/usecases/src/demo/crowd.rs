//! The crowd: customers beyond those of the story, up to a million.
//!
//! They come in waves. Each wave lives through all the days, is stored, and is forgotten, so that a million customers take
//! the memory of one wave. They claim offers of their own, which count nothing but what each customer claimed: no wave
//! has to know what another did, and the story is told as without them. What stores book on a day they share with
//! everybody.

use std::ops::ControlFlow;

use huike_coupons::rules::QUANTITY_MAX;
use huike_persistence::Db;

use super::{
    DemoProgress, DemoSize, Tell,
    catalogue::EVERYWHERE,
    names,
    plan::{OfferPlan, Way, days, off, offer, share_off},
    play::Play,
    rows, stopped,
};
use crate::UseCaseError;

/// What is offered to a crowd of that size; nothing where there is none.
pub(super) fn offers(crowd: usize) -> Result<Vec<OfferPlan>, UseCaseError> {
    if crowd == 0 {
        return Ok(Vec::new());
    }
    let quantity = i64::try_from(crowd).unwrap_or(QUANTITY_MAX).saturating_mul(2).min(QUANTITY_MAX);
    let offers = [
        offer(("满60减8·全城欢迎", "来了就是小象家的人"), off("8", "60")?, quantity, days(14)).fares(50, 46).each(1),
        offer(("满180减22·全城同庆", "和邻居一起囤"), off("22", "180")?, quantity, days(21)).fares(30, 50).each(2),
        offer(("9.5折·会员回馈", "老朋友有礼"), share_off("0.05", "0", "30")?, quantity, days(10))
            .fares(20, 44)
            .each(1),
    ];
    Ok(offers.into_iter().map(|plan| plan.way(Way::Crowd).through(EVERYWHERE)).collect())
}

/// Plays and stores the crowd, wave by wave. The story comes afterwards, because it signs the days.
pub(super) fn play(db: &mut Db, play: &mut Play<'_>, size: DemoSize, tell: Tell<'_>) -> Result<(), UseCaseError> {
    let mut came = 0;
    while came < size.crowd {
        let count = size.wave.clamp(1, size.crowd - came);
        let story = play.begin_wave(names::crowd_phones(came, count), size);
        rows::store_played(db, play)?;
        play.end_wave(story);
        came += count;
        if tell(DemoProgress::Crowd { came, of: size.crowd }) == ControlFlow::Break(()) {
            return Err(stopped());
        }
    }
    Ok(())
}
