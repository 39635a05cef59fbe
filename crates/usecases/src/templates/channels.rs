//! Channels (发放渠道): each way a template is issued has its own link, and a poster may have a code of its own.

use huike_access::Permission;
use huike_coupons::{ChannelKind, ClaimError, CouponError, TemplateError, TemplateState};
use huike_kernel::{ChannelId, NodeId, TemplateId, Text};
use huike_persistence::{
    Db, Outcome,
    channels::{self, Channel, SharedCode},
    coupons, nodes, scope, templates,
};
use serde_json::{Value, json};

use super::{TEMPLATE, is_readable, refuse};
use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change, Place},
};

const CHANNEL: &str = "channel";
const AGGREGATE: &str = "coupon_channel";

/// A channel to open. Its id, link and code are made outside: the code is sealed under the id.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Its id.
    pub id: ChannelId,
    /// The template it issues.
    pub template: TemplateId,
    /// The node that runs it, at or below the template's owner; the owner when not said.
    pub site: Option<NodeId>,
    /// What it is.
    pub kind: ChannelKind,
    /// What staff call it.
    pub name: Text<60>,
    /// The unguessable part of its link.
    pub link_token: String,
    /// The code that everybody who comes this way enters.
    pub code: Option<SharedCode>,
}

/// Opens a channel.
pub fn create_channel(db: &mut Db, act: &Act<'_>, new: &NewChannel) -> Result<Channel, UseCaseError> {
    let template = templates::find(db, new.template)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    let site = new.site.unwrap_or(template.site);
    let may_read = is_readable(db, &act.caller.scope, &template)?;
    if !may_read || !scope::path_of(db, site)?.contains(&template.site) {
        act.reach(db, template.site, Permission::ChannelManage, TEMPLATE)?;
        return Err(UseCaseError::NotFound("node"));
    }
    act.reach(db, site, Permission::ChannelManage, "node")?;
    if template.state == TemplateState::Ended {
        return Err(refuse(TemplateError::Ended));
    }
    let channel = Channel {
        id: new.id,
        site,
        template_site: template.site,
        template: template.id,
        kind: new.kind,
        name: new.name.as_str().to_owned(),
        link_token: new.link_token.clone(),
        code: new.code.clone(),
        open: true,
        created_by: act.staff(Permission::ChannelManage)?,
        created_at: act.now,
    };
    check_code_free(db, new.code.as_ref())?;
    if channels::insert(db, &channel)? == Outcome::Refused {
        return Err(UseCaseError::Taken("code"));
    }
    leave_trace(db, act, &channel, (1, "channel_opened", "coupon_channel.create"))?;
    Ok(channel)
}

/// Closes a channel for good; coupons that came through it are honoured.
pub fn close_channel(db: &mut Db, act: &Act<'_>, id: ChannelId) -> Result<Channel, UseCaseError> {
    let found = channels::find(db, id)?.ok_or(UseCaseError::NotFound(CHANNEL))?;
    act.reach(db, found.site, Permission::ChannelManage, CHANNEL)?;
    if channels::close(db, id)? == Outcome::Refused {
        return Err(CouponError::from(ClaimError::ChannelClosed).into());
    }
    let closed = Channel { open: false, ..found };
    leave_trace(db, act, &closed, (2, "channel_closed", "coupon_channel.close"))?;
    Ok(closed)
}

/// One entry field takes all codes, so a shared code must not be a coupon's already.
fn check_code_free(db: &mut Db, code: Option<&SharedCode>) -> Result<(), UseCaseError> {
    let Some(code) = code else { return Ok(()) };
    match coupons::find_id_by_code(db, &code.lookup)? {
        Some(_) => Err(UseCaseError::Taken("code")),
        None => Ok(()),
    }
}

fn leave_trace(
    db: &mut Db,
    act: &Act<'_>,
    channel: &Channel,
    (seq, event, action): (i64, &'static str, &'static str),
) -> Result<(), UseCaseError> {
    let node = nodes::find(db, channel.site)?.ok_or(UseCaseError::NotFound("node"))?;
    let place = Place { site: node.id, zone: node.zone };
    let aggregate = Aggregate { kind: AGGREGATE, id: channel.id.as_uuid(), seq };
    let after = json!({ "template_id": channel.template, "kind": channel.kind, "open": channel.open });
    record::emit(db, act, place, aggregate, (event, after.clone()))?;
    let before = if seq == 1 { Value::Null } else { json!({ "open": true }) };
    let change = Change { action, subject_kind: AGGREGATE, subject: channel.id.to_string(), before, after };
    Ok(record::audit(db, act, channel.site, change)?)
}
