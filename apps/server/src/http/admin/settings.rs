//! Settings of a node (设置): inherited, own, or locked above.

use actix_web::web::{Data, Json};
use huike_kernel::NodeId;
use huike_persistence::Store;
use huike_sites::{ResolvedSetting, SettingKey, SettingValue};
use huike_usecases::settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::transact::transact;
use crate::{
    auth::{Staff, may},
    extract::{Path, Query, Valid},
    problem::Problem,
};

/// One setting as it is in force.
#[derive(Serialize, ToSchema)]
pub struct SettingView {
    /// Which.
    key: SettingKey,
    /// The value in force.
    value: SettingValue,
    /// Where it comes from; only where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SettingSource>,
}

/// Where a value comes from, and who may change it.
#[derive(Serialize, ToSchema)]
pub struct SettingSource {
    /// The node that set it; null for the default.
    from: Option<NodeId>,
    /// The node above that keeps this one from setting it; whoever may unlock it there can let it go.
    locked_by: Option<NodeId>,
    /// Whether this node keeps those below from setting it.
    locks_below: bool,
}

impl SettingView {
    fn plain(setting: ResolvedSetting) -> Self {
        Self { key: setting.key, value: setting.value, source: None }
    }

    fn explained(setting: ResolvedSetting) -> Self {
        let ResolvedSetting { key, value, from, locked_by, locks_below } = setting;
        Self { key, value, source: Some(SettingSource { from, locked_by, locks_below }) }
    }
}

/// Every setting, in the order of the catalogue.
#[derive(Serialize, ToSchema)]
pub struct SettingList {
    /// The settings.
    items: Vec<SettingView>,
}

/// How much to tell.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// Whether to say where each value comes from and who locks it.
    #[serde(default)]
    #[param(default = false)]
    explain: bool,
}

/// `GET /nodes/{node_id}/settings`
pub async fn list(
    who: Staff<may::SettingRead>,
    store: Data<Store>,
    path: Path<NodeId>,
    query: Query<ExplainQuery>,
) -> Result<Json<SettingList>, Problem> {
    let (caller, node) = (who.caller(), *path);
    let all = store.read(move |db| settings::explain(db, &caller, node)).await?;
    let view = if query.explain { SettingView::explained } else { SettingView::plain };
    Ok(Json(SettingList { items: all.into_iter().map(view).collect() }))
}

/// A value to set.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "value": "陪你长大" }))]
pub struct SettingRequest {
    /// What fits the setting. Null is a value of its own: to inherit again, the node's value is removed.
    #[schema(value_type = SettingValue)]
    value: Value,
}

/// `PUT /nodes/{node_id}/settings/{key}`
pub async fn put(
    who: Staff<may::SettingWrite>,
    store: Data<Store>,
    path: Path<(NodeId, SettingKey)>,
    body: Valid<SettingRequest>,
) -> Result<Json<SettingView>, Problem> {
    let (at, value) = (*path, body.into_inner().value);
    let put = transact(&store, who.caller(), move |db, act| settings::put_setting(db, act, at, &value));
    Ok(Json(SettingView::explained(put.await?)))
}

/// `DELETE /nodes/{node_id}/settings/{key}`
pub async fn remove(
    who: Staff<may::SettingWrite>,
    store: Data<Store>,
    path: Path<(NodeId, SettingKey)>,
) -> Result<Json<SettingView>, Problem> {
    let at = *path;
    let removed = transact(&store, who.caller(), move |db, act| settings::remove_setting(db, act, at));
    Ok(Json(SettingView::explained(removed.await?)))
}

/// `PUT /nodes/{node_id}/settings/{key}/lock`
pub async fn lock(
    who: Staff<may::SettingLock>,
    store: Data<Store>,
    path: Path<(NodeId, SettingKey)>,
) -> Result<Json<SettingView>, Problem> {
    let at = *path;
    let locked = transact(&store, who.caller(), move |db, act| settings::lock_setting(db, act, at));
    Ok(Json(SettingView::explained(locked.await?)))
}

/// `DELETE /nodes/{node_id}/settings/{key}/lock`
pub async fn unlock(
    who: Staff<may::SettingLock>,
    store: Data<Store>,
    path: Path<(NodeId, SettingKey)>,
) -> Result<Json<SettingView>, Problem> {
    let at = *path;
    let unlocked = transact(&store, who.caller(), move |db, act| settings::unlock_setting(db, act, at));
    Ok(Json(SettingView::explained(unlocked.await?)))
}
