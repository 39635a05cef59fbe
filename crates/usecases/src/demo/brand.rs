//! Builds the brand: head, settings, blueprint, regions, sites with their stores, and the people, each by its use case.

use huike_access::{Login, Role};
use huike_kernel::{ApiKeyId, BlueprintId, NodeId, StaffId};
use huike_persistence::{Db, Outcome, sessions::TokenHash, staff};
use huike_sites::{
    Blueprint, Datum, DayHours, LaunchForm, NodeForm, NodeKind, OpenSpan, OpeningHours, Position, SettingKey, SiteLook,
    StoreForm, StorePage,
};
use serde_json::{Value, json};

use super::{
    geography::{REGIONS, RegionPlan, SitePlan, StorePlan},
    stage::{Stage, mistake, read, text},
    team::{self, Crew},
    world::{Region, Site, Store, World},
};
use crate::{
    UseCaseError, api_keys, blueprints,
    bootstrap::{self, FirstStart},
    launch::{self, LaunchAsk},
    settings, sites,
};

/// What the shell made: hashes of passwords and of the key, whose texts it prints.
#[derive(Debug, Clone)]
pub struct DemoSecrets {
    /// The owner's sign-in name.
    pub owner: Login,
    /// The hash of the owner's password.
    pub owner_hash: String,
    /// Whether the owner's password was made here, so that it has to be changed first.
    pub owner_must_change: bool,
    /// The hash of the password that everybody else shares.
    pub staff_hash: String,
    /// The hash of the key of the till system.
    pub key_hash: TokenHash,
    /// The last characters of that key.
    pub key_tail: String,
}

/// Builds everything and says where it is.
pub(super) fn build(db: &mut Db, stage: &mut Stage, secrets: &DemoSecrets) -> Result<World, UseCaseError> {
    let (head, owner) = begin(db, stage, secrets)?;
    let mut crew = Crew::new(head, owner, secrets.staff_hash.clone());
    dress(db, stage, (head, owner), HEAD_SETTINGS)?;
    let blueprint = draw_blueprint(db, stage, (head, owner))?;
    let team = team::hire_head(db, stage, &mut crew)?;
    let (mut regions, mut sites) = (Vec::new(), Vec::new());
    for (index, plan) in REGIONS.iter().enumerate() {
        let region = make_region(db, stage, (head, owner), plan)?;
        let marketer = crew.hire(db, stage, region, (Role::Marketer, &format!("marketer-{}", plan.code)))?;
        for (order, site) in plan.sites.iter().enumerate() {
            let day = -124 + i64::try_from(index * 6 + order * 2).unwrap_or(0);
            let ask = LaunchAsk { parent: region, blueprint: Some(blueprint), form: form_of(site)? };
            let caller = stage.staff(owner, head, stage.dates.at(day, (10, 30)));
            let launched = launch::launch_site(db, &caller.act(stage.dates.at(day, (10, 30))), &ask)?;
            let path = vec![head, region, launched.site];
            let operator = crew.hire(db, stage, launched.site, (Role::SiteOperator, &format!("op-{}", site.code)))?;
            let stores = staff_stores(db, stage, &mut crew, site, (&launched.stores, &path))?;
            let (id, is_restaurant) = (launched.site, site.is_restaurant);
            if is_restaurant {
                dress(db, stage, (id, owner), RESTAURANT_SETTINGS)?;
            }
            sites.push(Site { code: site.code, id, path, weight: site.weight, is_restaurant, operator, stores });
        }
        regions.push(Region { code: plan.code, id: region, marketer });
    }
    let tills = make_key(db, stage, (head, owner), secrets)?;
    Ok(World { head, team, regions, sites, tills })
}

fn begin(db: &mut Db, stage: &Stage, secrets: &DemoSecrets) -> Result<(NodeId, StaffId), UseCaseError> {
    let at = stage.dates.at(-130, (9, 30));
    let first = FirstStart {
        brand: text("小象母婴")?,
        code: read("head")?,
        owner: secrets.owner.clone(),
        password_hash: secrets.owner_hash.clone(),
        must_change_password: secrets.owner_must_change,
    };
    if bootstrap::make_head(db, &stage.system(at).act(at), &first)? == Outcome::Refused {
        return Err(UseCaseError::Taken("brand"));
    }
    let owner = staff::find_by_login(db, &secrets.owner)?.ok_or(UseCaseError::NotFound("owner"))?;
    Ok((owner.site, owner.id))
}

/// What the head says of the brand. Names, colours and terms are locked for sites by default.
const HEAD_SETTINGS: &[(SettingKey, &str)] = &[
    (SettingKey::BrandName, r#""小象母婴""#),
    (SettingKey::MainColour, r##""#E8694A""##),
    (SettingKey::AccentColour, r##""#F6B95C""##),
    (SettingKey::Slogan, r#""陪每一个宝宝慢慢长大""#),
    (
        SettingKey::AfterSalesPolicy,
        r#""签收后 7 天内，未拆封商品可无理由退货；奶粉、辅食、纸尿裤等拆封后非质量问题不退换。""#,
    ),
    (
        SettingKey::PrivacyTerms,
        r#""我们只为提供会员与优惠服务收集必要的信息，不向第三方出售；你可以随时申请导出或删除。""#,
    ),
    (SettingKey::LegalTerms, r#""优惠券不可兑换现金。活动规则以领取时展示的规则卡为准。""#),
    (SettingKey::Blocks, r#"["banner","coupons","campaigns","stores"]"#),
    (SettingKey::ReviewPolicy, r#"{"kind":"required"}"#),
];

/// A partner decides on small things alone.
const RESTAURANT_SETTINGS: &[(SettingKey, &str)] = &[
    (SettingKey::ReviewPolicy, r#"{"kind":"above_amount","amount":"2000.00"}"#),
    (SettingKey::AccentColour, r##""#3E7C59""##),
];

fn dress(
    db: &mut Db,
    stage: &Stage,
    (node, owner): (NodeId, StaffId),
    values: &[(SettingKey, &str)],
) -> Result<(), UseCaseError> {
    let at = stage.dates.at(-105, (11, 0));
    let caller = stage.staff(owner, node, at);
    for (key, json) in values {
        let value: Value = serde_json::from_str(json).map_err(|error| mistake(json, &error))?;
        settings::put_setting(db, &caller.act(at), (node, *key), &value)?;
    }
    Ok(())
}

fn draw_blueprint(db: &mut Db, stage: &Stage, (head, owner): (NodeId, StaffId)) -> Result<BlueprintId, UseCaseError> {
    let at = stage.dates.at(-128, (14, 20));
    let look: SiteLook = serde_json::from_value(json!({
        "accent_colour": "#F6B95C",
        "banner": { "image": "/media/banner-elephants.jpg", "alt": "小象一家在草地上野餐" },
        "slogan": "陪每一个宝宝慢慢长大",
        "blocks": ["banner", "notice", "coupons", "stores"],
        "modules": { "coupons": true, "membership": true, "points": true },
    }))
    .map_err(|error| mistake("blueprint", &error))?;
    let blueprint = Blueprint { name: text("标准分站")?, look };
    Ok(blueprints::create(db, &stage.staff(owner, head, at).act(at), &blueprint)?.id)
}

fn make_region(
    db: &mut Db,
    stage: &Stage,
    (head, owner): (NodeId, StaffId),
    plan: &RegionPlan,
) -> Result<NodeId, UseCaseError> {
    let at = stage.dates.at(-127, (10, 5));
    let form = NodeForm { name: text(plan.name)?, code: read(plan.code)?, area: Some(read(plan.area)?), zone: None };
    let ask = sites::NodeAsk { parent: head, kind: NodeKind::Region, form };
    Ok(sites::create_node(db, &stage.staff(owner, head, at).act(at), &ask)?.id)
}

fn form_of(plan: &SitePlan) -> Result<LaunchForm, UseCaseError> {
    let site = NodeForm { name: text(plan.name)?, code: read(plan.code)?, area: Some(read(plan.area)?), zone: None };
    let look = SiteLook { slogan: Some(text(plan.slogan)?), ..SiteLook::default() };
    let stores = plan.stores.iter().map(|store| store_form(plan, store)).collect::<Result<_, _>>()?;
    Ok(LaunchForm { site, look, stores })
}

fn store_form(site: &SitePlan, plan: &StorePlan) -> Result<StoreForm, UseCaseError> {
    let hours = if site.is_restaurant { (10 * 60 + 30, 22 * 60) } else { (9 * 60 + 30, 21 * 60 + 30) };
    let day = DayHours::try_from(vec![OpenSpan::new(hours.0, hours.1)?])?;
    let page = StorePage {
        address: text(plan.address)?,
        phone: plan.phone.parse()?,
        opening_hours: OpeningHours::daily(&day),
        position: Some(Position::new(plan.position.0, plan.position.1, Datum::Gcj02)?),
        introduction: None,
    };
    let store = NodeForm { name: text(plan.name)?, code: read(plan.code)?, area: Some(read(plan.area)?), zone: None };
    Ok(StoreForm { store, page })
}

fn staff_stores(
    db: &mut Db,
    stage: &mut Stage,
    crew: &mut Crew,
    plan: &SitePlan,
    (ids, path): (&[NodeId], &[NodeId]),
) -> Result<Vec<Store>, UseCaseError> {
    let mut stores = Vec::new();
    for (id, store) in ids.iter().zip(plan.stores) {
        let manager = crew.hire(db, stage, *id, (Role::StoreManager, &format!("mgr-{}", store.code)))?;
        let mut clerks = vec![crew.hire(db, stage, *id, (Role::Clerk, &format!("clerk-{}", store.code)))?];
        if plan.weight > 15 {
            clerks.push(crew.hire(db, stage, *id, (Role::Clerk, &format!("clerk2-{}", store.code)))?);
        }
        let path = path.iter().copied().chain([*id]).collect();
        stores.push(Store { id: *id, path, manager, clerks });
    }
    Ok(stores)
}

/// The till system of the restaurants redeems by itself.
fn make_key(
    db: &mut Db,
    stage: &Stage,
    (head, owner): (NodeId, StaffId),
    secrets: &DemoSecrets,
) -> Result<ApiKeyId, UseCaseError> {
    let at = stage.dates.at(-100, (16, 40));
    let ask = api_keys::KeyAsk {
        site: head,
        name: text("收银系统")?,
        scopes: read("templates:read coupons:read redemptions:read redemptions:write customers:read quotes:read")?,
        expires_at: None,
        token_hash: secrets.key_hash,
        token_tail: secrets.key_tail.clone(),
    };
    Ok(api_keys::create(db, &stage.staff(owner, head, at).act(at), &ask)?.id)
}
