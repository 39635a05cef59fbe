//! The work on an offer: drafted, reviewed, published and switched by its use cases, each at its moment.

use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use huike_coupons::{Look, TemplateRules, codes::PlainCode, template::Reason};
use huike_kernel::{ChannelId, NodeId, StaffId, TemplateId, new_id};
use huike_persistence::{
    Db,
    channels::Channel,
    code_batches::{self, BatchState},
    jobs, templates as rows,
};
use serde_json::json;

use super::{
    DemoCodes,
    dates::Dates,
    plan::{ChannelPlan, Life, OfferPlan, Way},
    stage::{Stage, mistake, read, text},
    stalls::Offer,
    world::World,
};
use crate::{
    Act, UseCaseError,
    batches::{self, BatchSource, NewBatch},
    templates::{self, DraftEdit, NewChannel, NewTemplate, SetQuotas, SiteQuota, TemplateAsk},
};

/// Where an offer is worked on.
pub(super) struct Desk<'w> {
    pub(super) world: &'w World,
    pub(super) owner: NodeId,
    pub(super) maker: StaffId,
}

impl Desk<'_> {
    pub(super) fn draft(
        &self,
        db: &mut Db,
        stage: &Stage,
        plan: &OfferPlan,
        day: i64,
    ) -> Result<TemplateId, UseCaseError> {
        let look: Look = serde_json::from_value(json!({
            "colour": plan.colour,
            "slogan": plan.slogan,
            "countdown": plan.rules.claim_window.is_some() || matches!(plan.life, Life::Exhausted(_)),
        }))
        .map_err(|error| mistake(plan.name, &error))?;
        let new = NewTemplate { site: self.owner, name: text(plan.name)?, rules: plan.rules.clone(), look };
        let at = stage.dates.past(day, (10, 12));
        let maker = stage.staff(self.maker, self.owner, at);
        let id = templates::create(db, &maker.act(at), &new)?.template.id;
        // Whoever drafts, looks at it once more.
        let at = stage.dates.past(day, (10, 47));
        let edit = DraftEdit { ask: ask(id), name: None, rules: Some(plan.rules.clone()), look: None };
        templates::edit_draft(db, &stage.staff(self.maker, self.owner, at).act(at), &edit)?;
        Ok(id)
    }

    /// Walks the template on to where its life ends.
    pub(super) fn live(
        &self,
        db: &mut Db,
        stage: &Stage,
        codes: &dyn DemoCodes,
        (offer, since): (&mut Offer, i64),
    ) -> Result<(), UseCaseError> {
        let id = offer.id;
        let from = match offer.plan.life {
            Life::Draft => return Ok(()),
            Life::InReview => return self.submit(db, stage, id, since - 4),
            Life::Rejected(reason) => {
                self.submit(db, stage, id, since - 4)?;
                return self.reject(db, stage, id, (since - 2, reason));
            }
            Life::Approved => {
                self.submit(db, stage, id, since - 4)?;
                return self.approve(db, stage, id, since - 3);
            }
            Life::Alone(_) => self.publish_alone(db, stage, id, since)?,
            _ => {
                self.submit(db, stage, id, since - 4)?;
                self.approve(db, stage, id, since - 3)?;
                self.split(db, stage, offer, since)?;
                self.publish(db, stage, id, since)?
            }
        };
        offer.editions.push((from, Rc::new(offer.plan.rules.clone())));
        self.open_channels(db, stage, codes, (offer, since))?;
        self.order_codes(db, stage, codes, (offer, since))?;
        self.fare(db, stage, offer)
    }

    fn publish_alone(
        &self,
        db: &mut Db,
        stage: &Stage,
        id: TemplateId,
        day: i64,
    ) -> Result<DateTime<Utc>, UseCaseError> {
        let at = stage.dates.past(day, (8, 0));
        templates::self_publish(db, &stage.staff(self.maker, self.owner, at).act(at), ask(id))?;
        Ok(at)
    }

    /// What became of it once it was live.
    fn fare(&self, db: &mut Db, stage: &Stage, offer: &mut Offer) -> Result<(), UseCaseError> {
        let id = offer.id;
        let moment = |day| stage.dates.past(day, (18, 20));
        match offer.plan.life {
            Life::Paused(_, day) => {
                let maker = stage.staff(self.maker, self.owner, moment(day));
                templates::pause(db, &maker.act(moment(day)), ask(id))?;
                offer.closes_at = Some(moment(day));
            }
            Life::Ended(_, day) => {
                let maker = stage.staff(self.maker, self.owner, moment(day));
                templates::end(db, &maker.act(moment(day)), ask(id))?;
                offer.closes_at = Some(moment(day));
            }
            Life::Killed(_, day, reason) => {
                let approver = stage.staff(self.world.team.approver, self.world.head, moment(day));
                let reason: Reason = text(reason)?;
                templates::kill(db, &approver.act(moment(day)), ask(id), &reason)?;
                offer.closes_at = Some(moment(day));
                offer.killed = Some((moment(day), reason));
            }
            Life::Revised(_, day) => self.revise(db, stage, offer, day)?,
            _ => {}
        }
        Ok(())
    }

    fn revise(&self, db: &mut Db, stage: &Stage, offer: &mut Offer, day: i64) -> Result<(), UseCaseError> {
        let Some(rules): Option<TemplateRules> = offer.plan.revised.clone() else { return Ok(()) };
        let at = stage.dates.past(day - 4, (9, 30));
        let act_at = |stage: &Stage| stage.staff(self.maker, self.owner, at);
        templates::open_version(db, &act_at(stage).act(at), ask(offer.id))?;
        let edit = DraftEdit { ask: ask(offer.id), name: None, rules: Some(rules.clone()), look: None };
        templates::edit_draft(db, &act_at(stage).act(at), &edit)?;
        self.submit(db, stage, offer.id, day - 3)?;
        self.approve(db, stage, offer.id, day - 2)?;
        let from = self.publish(db, stage, offer.id, day)?;
        offer.editions.push((from, Rc::new(rules)));
        Ok(())
    }

    fn submit(&self, db: &mut Db, stage: &Stage, id: TemplateId, day: i64) -> Result<(), UseCaseError> {
        let at = stage.dates.past(day, (15, 5));
        templates::submit(db, &stage.staff(self.maker, self.owner, at).act(at), ask(id))?;
        Ok(())
    }

    fn approve(&self, db: &mut Db, stage: &Stage, id: TemplateId, day: i64) -> Result<(), UseCaseError> {
        let at = stage.dates.past(day, (11, 15));
        let approver = stage.staff(self.world.team.approver, self.world.head, at);
        let seen = rows::find(db, id)?.map(|template| template.version);
        templates::approve(db, &approver.act(at), TemplateAsk { template: id, seen })?;
        Ok(())
    }

    fn reject(
        &self,
        db: &mut Db,
        stage: &Stage,
        id: TemplateId,
        (day, reason): (i64, &str),
    ) -> Result<(), UseCaseError> {
        let at = stage.dates.past(day, (14, 30));
        let approver = stage.staff(self.world.team.approver, self.world.head, at);
        templates::reject(db, &approver.act(at), ask(id), &text(reason)?)?;
        Ok(())
    }

    fn publish(&self, db: &mut Db, stage: &Stage, id: TemplateId, day: i64) -> Result<DateTime<Utc>, UseCaseError> {
        let at = stage.dates.past(day, (8, 0));
        templates::publish(db, &stage.staff(self.maker, self.owner, at).act(at), ask(id))?;
        Ok(at)
    }

    fn split(&self, db: &mut Db, stage: &Stage, offer: &mut Offer, day: i64) -> Result<(), UseCaseError> {
        if offer.plan.quotas.is_empty() {
            return Ok(());
        }
        let at = stage.dates.past(day - 1, (17, 0));
        let mut quotas = Vec::new();
        for (code, quota) in offer.plan.quotas {
            let site = self.world.site(code).ok_or_else(|| mistake(code, &"is nowhere"))?.id;
            quotas.push(SiteQuota { site, quota: *quota });
            offer.shares.insert(site, (*quota, 0));
        }
        let assigned: i64 = quotas.iter().map(|quota| quota.quota).sum();
        offer.shares.insert(self.owner, (offer.plan.rules.quantity - assigned, 0));
        let set = SetQuotas { ask: ask(offer.id), quotas };
        templates::set_quotas(db, &stage.staff(self.maker, self.owner, at).act(at), &set)?;
        Ok(())
    }

    fn open_channels(
        &self,
        db: &mut Db,
        stage: &Stage,
        codes: &dyn DemoCodes,
        (offer, day): (&mut Offer, i64),
    ) -> Result<(), UseCaseError> {
        let at = stage.dates.past(day, (8, 10));
        for plan in offer.plan.channels {
            let maker = stage.staff(self.maker, self.owner, at);
            let channel = self.open_channel(db, &maker.act(at), codes, (offer.id, plan))?;
            offer.channels.push((channel.id, *plan));
        }
        Ok(())
    }

    /// Orders a batch of codes. The job that would make them is taken off the list: the codes are played.
    fn order_codes(
        &self,
        db: &mut Db,
        stage: &Stage,
        codes: &dyn DemoCodes,
        (offer, day): (&mut Offer, i64),
    ) -> Result<(), UseCaseError> {
        let Way::Printed { codes: quantity, pattern } = offer.plan.way else { return Ok(()) };
        let at = stage.dates.past(day, (9, 20));
        let source = match pattern {
            None => BatchSource::Signed,
            Some(pattern) => BatchSource::Pattern(read(pattern)?),
        };
        let new = NewBatch {
            template: offer.id,
            site: self.owner,
            name: text(offer.plan.name)?,
            source,
            quantity: i64::from(quantity),
            link_token: codes.link_token(),
        };
        let begun = batches::begin_batch(db, &stage.staff(self.maker, self.owner, at).act(at), &new)?;
        let done = Dates::later(at, 1);
        if let Some(job) = jobs::take_due(db, at, TimeDelta::minutes(1))? {
            let _done = jobs::finish(db, &job, done)?;
        }
        let mut batch = code_batches::find(db, begun.batch)?.ok_or(UseCaseError::NotFound("code batch"))?;
        (batch.made, batch.state) = (batch.quantity, BatchState::Done);
        let _saved = code_batches::save(db, &batch)?;
        offer.batch = Some(batch);
        Ok(())
    }

    fn open_channel(
        &self,
        db: &mut Db,
        act: &Act<'_>,
        codes: &dyn DemoCodes,
        (template, plan): (TemplateId, &ChannelPlan),
    ) -> Result<Channel, UseCaseError> {
        let id: ChannelId = new_id(act.caller.ids.as_ref());
        let code = plan.code.map(|code| Ok::<_, UseCaseError>(codes.shared(id, &read_code(code)?))).transpose()?;
        let new = NewChannel {
            id,
            template,
            site: None,
            kind: plan.kind,
            name: text(plan.name)?,
            link_token: codes.link_token(),
            code,
        };
        templates::create_channel(db, act, &new)
    }
}

fn read_code(code: &str) -> Result<PlainCode, UseCaseError> {
    PlainCode::new(code).map_err(|error| mistake(code, &error))
}

/// An act on the template as it is.
fn ask(template: TemplateId) -> TemplateAsk {
    TemplateAsk { template, seen: None }
}
