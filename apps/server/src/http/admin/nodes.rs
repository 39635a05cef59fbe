//! The tree of the brand (机构): regions, sites and stores.

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::{AreaCode, NodeId, Text, Zone};
use huike_persistence::{
    Db, Store,
    nodes::{self, NodeFilter},
};
use huike_sites::{MerchantCode, Node, NodeChange, NodeForm, NodeKind, NodeState};
use huike_usecases::{
    Act, Caller, UseCaseError,
    sites::{self, NodeAsk, NodeEdit},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::transact::{self, VersionRequest, transact};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// An element of the tree.
#[derive(Serialize, ToSchema)]
pub struct NodeView {
    /// Its id.
    id: NodeId,
    /// What it is.
    kind: NodeKind,
    /// What it stands below; null for the head.
    parent_id: Option<NodeId>,
    /// Its name on screen.
    #[schema(example = "广州站")]
    name: String,
    /// The code it is known by (商户号).
    code: MerchantCode,
    /// The zone that cuts its days.
    zone: Zone,
    /// Where it is.
    area: Option<AreaCode>,
    /// Whether it takes part.
    state: NodeState,
    /// Counts the changes; to be given back with an act on it.
    version: i64,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            kind: node.kind,
            parent_id: node.parent,
            name: node.name.to_string(),
            code: node.code,
            zone: node.zone,
            area: node.area,
            state: node.state,
            version: node.version,
        }
    }
}

/// A node with the way to it.
#[derive(Serialize, ToSchema)]
pub struct NodeDetail {
    /// The node.
    node: NodeView,
    /// What stands above it, head first.
    above: Vec<NodeRef>,
}

/// A node by name.
#[derive(Serialize, ToSchema)]
pub struct NodeRef {
    /// Its id.
    id: NodeId,
    /// What it is.
    kind: NodeKind,
    /// Its name on screen.
    #[schema(example = "华南大区")]
    name: String,
}

impl From<Node> for NodeRef {
    fn from(node: Node) -> Self {
        Self { id: node.id, kind: node.kind, name: node.name.to_string() }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NodeQuery {
    /// Only those directly below this one.
    #[param(value_type = Option<uuid::Uuid>)]
    parent_id: Option<NodeId>,
    /// Only those at or below this one.
    #[param(value_type = Option<uuid::Uuid>)]
    under: Option<NodeId>,
    /// Only of this kind.
    #[param(inline)]
    kind: Option<NodeKind>,
    /// Only in this state.
    #[param(inline)]
    state: Option<NodeState>,
}

/// `GET /nodes`
pub async fn list(
    who: Staff<may::NodeRead>,
    store: Data<Store>,
    listing: Listing<NodeQuery>,
) -> Result<Json<Page<NodeView>>, Problem> {
    let Listing { page, filter } = listing;
    let (after, limit, roots) = (page.after()?, page.fetch(), who.scope.permitted.clone());
    let filter = NodeFilter { parent: filter.parent_id, under: filter.under, kind: filter.kind, state: filter.state };
    let rows = store.read(move |db| nodes::list(db, &roots, filter, after, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |node| node.id, NodeView::from)))
}

/// `GET /nodes/{node_id}`
pub async fn show(
    who: Staff<may::NodeRead>,
    store: Data<Store>,
    path: Path<NodeId>,
) -> Result<Json<NodeDetail>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let way = store.read(move |db| {
        caller.reach(db, id, Permission::NodeRead, "node")?;
        Ok::<_, UseCaseError>(nodes::list_path(db, id)?)
    });
    let mut way = way.await?;
    let node = way.pop().ok_or_else(Problem::not_found)?;
    Ok(Json(NodeDetail { node: node.into(), above: way.into_iter().map(NodeRef::from).collect() }))
}

/// A node to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "parent_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "kind": "store",
    "name": "天河店",
    "code": "gz-tianhe",
    "area": "440106"
}))]
pub struct CreateNodeRequest {
    /// What it will stand below.
    parent_id: NodeId,
    /// What it will be: `region`, `site` or `store`.
    kind: NodeKind,
    /// Its name on screen, up to 60 characters.
    name: Text<60>,
    /// The code it will be known by (商户号).
    code: MerchantCode,
    /// Where it is.
    area: Option<AreaCode>,
    /// The zone that cuts its days; without one that of the node above.
    zone: Option<Zone>,
}

/// `POST /nodes`
pub async fn create(
    who: Staff<may::NodeCreate>,
    store: Data<Store>,
    key: OptionalKey,
    body: Valid<CreateNodeRequest>,
) -> Result<Created<NodeView>, Problem> {
    let once = key.once(&who, &body);
    let CreateNodeRequest { parent_id, kind, name, code, area, zone } = body.into_inner();
    let ask = NodeAsk { parent: parent_id, kind, form: NodeForm { name, code, area, zone } };
    let load = |db: &mut Db, caller: &Caller, id| {
        caller.reach(db, id, Permission::NodeCreate, "node")?;
        nodes::find(db, id)?.ok_or(UseCaseError::NotFound("node"))
    };
    let make = move |db: &mut Db, act: &Act<'_>| sites::create_node(db, act, &ask);
    let made = transact::create(&store, who.caller(), once, make, (|node: &Node| node.id, load)).await?;
    Ok(Created(made.into()))
}

/// A change of a node; what is not named stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "name": "天河旗舰店" }))]
pub struct UpdateNodeRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    version: i64,
    /// Another name.
    name: Option<Text<60>>,
    /// Another area.
    area: Option<AreaCode>,
    /// Another zone; only while no days are on record.
    zone: Option<Zone>,
}

/// `PATCH /nodes/{node_id}`
pub async fn update(
    who: Staff<may::NodeUpdate>,
    store: Data<Store>,
    path: Path<NodeId>,
    body: Valid<UpdateNodeRequest>,
) -> Result<Json<NodeView>, Problem> {
    let UpdateNodeRequest { version, name, area, zone } = body.into_inner();
    let edit = NodeEdit { node: *path, version, change: NodeChange { name, area, zone } };
    let node = transact(&store, who.caller(), move |db, act| sites::update_node(db, act, &edit)).await?;
    Ok(Json(node.into()))
}

/// `POST /nodes/{node_id}/close`
pub async fn close(
    who: Staff<may::NodeClose>,
    store: Data<Store>,
    path: Path<NodeId>,
    body: Valid<VersionRequest>,
) -> Result<Json<NodeView>, Problem> {
    let (id, version) = (*path, body.version);
    let node = transact(&store, who.caller(), move |db, act| sites::close_node(db, act, id, version)).await?;
    Ok(Json(node.into()))
}

/// `POST /nodes/{node_id}/reopen`
pub async fn reopen(
    who: Staff<may::NodeClose>,
    store: Data<Store>,
    path: Path<NodeId>,
    body: Valid<VersionRequest>,
) -> Result<Json<NodeView>, Problem> {
    let (id, version) = (*path, body.version);
    let node = transact(&store, who.caller(), move |db, act| sites::reopen_node(db, act, id, version)).await?;
    Ok(Json(node.into()))
}
