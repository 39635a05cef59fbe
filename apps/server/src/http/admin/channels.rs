//! Channels (发放渠道): each way a template is issued, with its own link or code.

use actix_web::web::{Data, Json};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_coupons::{
    ChannelKind,
    codes::{PlainCode, lookup_hash},
};
use huike_kernel::{ChannelId, IdSource, NodeId, RandomSource, StaffId, TemplateId, Text, new_id};
use huike_persistence::{
    Db, Store,
    channels::{self, Channel, SharedCode},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    templates::{self, NewChannel},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::transact::{self, transact};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    keys::KeyRing,
    problem::Problem,
    sources::random_bytes,
};

/// What a channel may be that staff open.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelWord {
    /// A community (社群).
    Community,
    /// A message to customers.
    Message,
    /// A landing page.
    LandingPage,
    /// A printed poster.
    Poster,
    /// A till receipt.
    TillReceipt,
    /// An integration.
    Api,
}

impl From<ChannelWord> for ChannelKind {
    fn from(word: ChannelWord) -> Self {
        match word {
            ChannelWord::Community => Self::Community,
            ChannelWord::Message => Self::Message,
            ChannelWord::LandingPage => Self::LandingPage,
            ChannelWord::Poster => Self::Poster,
            ChannelWord::TillReceipt => Self::TillReceipt,
            ChannelWord::Api => Self::Api,
        }
    }
}

/// A channel to open.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "poster", "name": "天河店门口海报", "code": "SUMMER-10" }))]
pub struct OpenChannelRequest {
    /// The node that runs it, at or below the template's owner; the owner when not said.
    site_id: Option<NodeId>,
    /// What it is.
    kind: ChannelWord,
    /// What staff call it, up to 60 characters.
    name: Text<60>,
    /// A code that everybody who comes this way enters: letters and digits, with hyphens to taste.
    #[validate(length(min = 4, max = 60))]
    code: Option<String>,
}

/// A channel.
#[derive(Serialize, ToSchema)]
pub struct ChannelView {
    /// Its id.
    id: ChannelId,
    /// The node that runs it.
    site_id: NodeId,
    /// The template it issues.
    template_id: TemplateId,
    /// What it is.
    kind: ChannelKind,
    /// What staff call it.
    #[schema(example = "天河店门口海报")]
    name: String,
    /// The unguessable part of its link.
    #[schema(example = "yWNJb1sBeg4Vxw3kTq0bzg")]
    link_token: String,
    /// The code that everybody who comes this way enters.
    #[schema(example = "SUMMER-10")]
    code: Option<String>,
    /// Whether it takes claims.
    open: bool,
    /// Who opened it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
}

impl ChannelView {
    fn of(channel: Channel, keys: &KeyRing) -> Self {
        let open_seal = |code: SharedCode| keys.open_code(&code.sealed, channel.id.as_uuid());
        Self {
            code: channel.code.and_then(open_seal),
            id: channel.id,
            site_id: channel.site,
            template_id: channel.template,
            kind: channel.kind,
            name: channel.name,
            link_token: channel.link_token,
            open: channel.open,
            created_by: channel.created_by,
            created_at: channel.created_at,
        }
    }
}

/// `GET /coupon-templates/{template_id}/channels`
pub async fn list(
    who: Staff<may::CouponRead>,
    store: Data<Store>,
    keys: Data<KeyRing>,
    path: Path<TemplateId>,
    listing: Listing,
) -> Result<Json<Page<ChannelView>>, Problem> {
    let (reach, id, page) = (who.scope.clone(), *path, listing.page);
    let (before, limit) = (page.after()?, page.fetch());
    let found = store.read(move |db| {
        templates::find_readable(db, &reach, Permission::CouponRead, id)?;
        Ok::<_, UseCaseError>(channels::list(db, id, &reach.permitted, before, limit)?)
    });
    Ok(Json(Page::cut(found.await?, &page, |channel| channel.id, |channel| ChannelView::of(channel, &keys))))
}

/// `POST /coupon-templates/{template_id}/channels`
pub async fn open(
    who: Staff<may::ChannelManage>,
    (store, keys): (Data<Store>, Data<KeyRing>),
    (ids, random): (Data<dyn IdSource>, Data<dyn RandomSource>),
    (key, path): (OptionalKey, Path<TemplateId>),
    body: Valid<OpenChannelRequest>,
) -> Result<Created<ChannelView>, Problem> {
    let once = key.once(&who, &body);
    let OpenChannelRequest { site_id, kind, name, code } = body.into_inner();
    let id: ChannelId = new_id(&**ids);
    let code = code.map(|text| seal(&text, id, &keys, &**random)).transpose()?;
    let link_token = URL_SAFE_NO_PAD.encode(random_bytes::<16>(&**random));
    let new = NewChannel { id, template: *path, site: site_id, kind: kind.into(), name, link_token, code };
    let load = |db: &mut Db, caller: &Caller, id| {
        let found = channels::find(db, id)?.ok_or(UseCaseError::NotFound("channel"))?;
        caller.reach(db, found.site, Permission::ChannelManage, "channel")?;
        Ok(found)
    };
    let make = move |db: &mut Db, act: &Act<'_>| templates::create_channel(db, act, &new);
    let made = transact::create(&store, who.caller(), once, make, (|made: &Channel| made.id, load)).await?;
    Ok(Created(ChannelView::of(made, &keys)))
}

fn seal(text: &str, id: ChannelId, keys: &KeyRing, random: &dyn RandomSource) -> Result<SharedCode, Problem> {
    let code = PlainCode::new(text)?;
    let sealed = keys.seal_code(code.shown(), id.as_uuid(), random).ok_or_else(Problem::internal)?;
    Ok(SharedCode { lookup: lookup_hash(code.canonical(), &keys.lookup).to_vec(), sealed })
}

/// `POST /channels/{channel_id}/close`
pub async fn close(
    who: Staff<may::ChannelManage>,
    store: Data<Store>,
    keys: Data<KeyRing>,
    path: Path<ChannelId>,
) -> Result<Json<ChannelView>, Problem> {
    let id = *path;
    let closed = transact(&store, who.caller(), move |db, act| templates::close_channel(db, act, id)).await?;
    Ok(Json(ChannelView::of(closed, &keys)))
}
