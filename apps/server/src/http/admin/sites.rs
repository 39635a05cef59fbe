//! Launching a site in one form (一键建站).

use actix_web::web::Data;
use huike_kernel::{BlueprintId, NodeId};
use huike_persistence::Store;
use huike_sites::{LaunchForm, NodeForm, SettingKey, SiteLook, StoreForm};
use huike_usecases::launch::{self, LaunchAsk, Launched};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Valid},
    problem::Problem,
};

/// Fifty stores, each with a page of its own, are more than an ordinary body.
const LAUNCH_LIMIT_BYTES: usize = 512 * 1_024;

/// A site to launch.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "parent_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "site": { "name": "广州站", "code": "guangzhou", "area": "440100" },
    "look": {
        "accent_colour": "#FF7A00",
        "banner": { "image": "https://cdn.example.com/guangzhou.png", "alt": "广州站开业" },
        "slogan": "广州的小熊",
        "blocks": ["banner", "coupons", "stores"],
        "modules": { "coupons": true }
    },
    "stores": [{
        "store": { "name": "天河店", "code": "gz-tianhe", "area": "440106" },
        "page": {
            "address": "天河路 208 号",
            "phone": "020-8888 6666",
            "opening_hours": { "mon": [["09:00", "21:30"]], "sat": [["10:00", "22:00"]] },
            "position": { "latitude_udeg": 23129110, "longitude_udeg": 113264385, "datum": "gcj02" }
        }
    }]
}))]
pub struct LaunchSiteRequest {
    /// What the site will stand below: the head or a region.
    parent_id: NodeId,
    /// What it is launched from; where the form is silent, the blueprint speaks.
    blueprint_id: Option<BlueprintId>,
    /// The site.
    site: NodeForm,
    /// Its look.
    #[serde(default)]
    look: SiteLook,
    /// Its first stores.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    stores: Vec<StoreForm>,
}

/// What was launched.
#[derive(Serialize, ToSchema)]
pub struct LaunchView {
    /// The site.
    site_id: NodeId,
    /// Its stores, in the order of the form.
    store_ids: Vec<NodeId>,
    /// What the blueprint proposed but a node above has locked since: not set.
    left_out: Vec<LeftOutView>,
}

/// A setting that was not set.
#[derive(Serialize, ToSchema)]
pub struct LeftOutView {
    /// Which.
    key: SettingKey,
    /// The node that locks it.
    locked_by: NodeId,
}

impl From<Launched> for LaunchView {
    fn from(launched: Launched) -> Self {
        let left_out = launched.left_out.into_iter();
        Self {
            site_id: launched.site,
            store_ids: launched.stores,
            left_out: left_out.map(|left| LeftOutView { key: left.key, locked_by: left.locked_by }).collect(),
        }
    }
}

/// `POST /sites`
pub async fn launch(
    who: Staff<may::SiteLaunch>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<LaunchSiteRequest, LAUNCH_LIMIT_BYTES>,
) -> Result<Created<LaunchView>, Problem> {
    let (once, caller) = (key.once(&who, &body), who.caller());
    let LaunchSiteRequest { parent_id, blueprint_id, site, look, stores } = body.into_inner();
    let ask = LaunchAsk { parent: parent_id, blueprint: blueprint_id, form: LaunchForm { site, look, stores } };
    let launched = store.write_once(once, move |db, now| launch::launch_site(db, &caller.act(now), &ask)).await?;
    Ok(Created(launched.value.into()))
}
