//! Staff (员工): who works where, and who may sign in.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_access::{Login, Permission, Role, RoleBinding, StaffState, decide_password};
use huike_kernel::{CustomerId, NodeId, StaffId, Text};
use huike_persistence::{
    Db, Store, StoreError, roles,
    staff::{self as stored, StaffFilter},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    staff::{self, Managed, NewStaff, StaffEdit},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    me::RoleView,
    staff_roles::RoleRequest,
    transact::{self, transact},
};
use crate::{
    api::{Created, NoContent},
    auth::{Gate, Staff, StaffDesk, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// A member of staff.
#[derive(Serialize, ToSchema)]
pub struct StaffView {
    /// Their id.
    id: StaffId,
    /// The node that employs them.
    site_id: NodeId,
    /// The name they sign in with.
    #[schema(example = "chen.fang")]
    login: String,
    /// The name others see.
    #[schema(example = "陈芳")]
    name: String,
    /// Who they are as a customer, where that is known: nobody redeems their own coupon.
    customer_id: Option<CustomerId>,
    /// Whether they may sign in.
    state: StaffState,
    /// Whether somebody else set their password, so that they have to change it first.
    must_change_password: bool,
    /// The roles they hold, wherever that is.
    roles: Vec<RoleView>,
    /// Counts the changes; to be given back with an act on them.
    version: i64,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl StaffView {
    fn new(person: stored::Staff, roles: &[RoleBinding]) -> Self {
        Self {
            id: person.id,
            site_id: person.site,
            login: person.login.to_string(),
            name: person.name,
            customer_id: person.customer,
            state: person.state,
            must_change_password: person.must_change_password,
            roles: roles.iter().map(RoleView::from).collect(),
            version: person.version,
            created_at: person.created_at,
        }
    }

    /// With the roles they hold now.
    pub(super) fn load(db: &mut Db, person: stored::Staff) -> Result<Self, StoreError> {
        let roles = stored::list_roles(db, person.id)?;
        Ok(Self::new(person, &roles))
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StaffQuery {
    /// Only those employed by this very node.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
    /// Only holders of this role, at a node you see.
    #[param(inline)]
    role: Option<Role>,
    /// Only those who may sign in, or may not.
    #[param(inline)]
    state: Option<StaffState>,
}

/// `GET /staff`
pub async fn list(
    who: Staff<may::StaffRead>,
    store: Data<Store>,
    listing: Listing<StaffQuery>,
) -> Result<Json<Page<StaffView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit, roots) = (page.after()?, page.fetch(), who.scope.permitted.clone());
    let filter = StaffFilter { site: filter.site_id, role: filter.role, state: filter.state };
    let found = store.read(move |db| {
        let people = stored::list(db, &roots, filter, before, limit)?;
        let held = roles::list_of(db, &people.iter().map(|person| person.id).collect::<Vec<_>>())?;
        Ok::<_, StoreError>((people, held))
    });
    let (people, held) = found.await?;
    let view = |person: stored::Staff| {
        let roles = held.get(&person.id).map_or(&[][..], Vec::as_slice);
        StaffView::new(person, roles)
    };
    Ok(Json(Page::cut(people, &page, |person| person.id, view)))
}

/// `GET /staff/{staff_id}`
pub async fn show(
    who: Staff<may::StaffRead>,
    store: Data<Store>,
    path: Path<StaffId>,
) -> Result<Json<StaffView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let found = store.read(move |db| {
        let person = staff::find_seen(db, &caller, id, Permission::StaffRead)?;
        Ok::<_, UseCaseError>(StaffView::load(db, person)?)
    });
    Ok(Json(found.await?))
}

/// Somebody to add.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "login": "chen.fang",
    "name": "陈芳",
    "password": "春眠不觉晓处处闻啼鸟",
    "roles": [{ "role": "clerk", "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00" }]
}))]
pub struct CreateStaffRequest {
    /// The node that employs them.
    site_id: NodeId,
    /// The name they will sign in with: letters, digits, `.`, `-`, `_`, `@`.
    #[schema(value_type = String, min_length = 3, max_length = 64)]
    login: Login,
    /// The name others see, up to 40 characters.
    name: Text<40>,
    /// Their first password, which they have to change.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
    password: SecretString,
    /// Who they are as a customer, where that is known.
    customer_id: Option<CustomerId>,
    /// Their first roles.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    roles: Vec<RoleRequest>,
}

/// `POST /staff`
pub async fn create(
    who: Staff<may::StaffManage>,
    store: Data<Store>,
    desk: Data<StaffDesk>,
    key: OptionalKey,
    body: Valid<CreateStaffRequest>,
) -> Result<Created<StaffView>, Problem> {
    let once = key.once(&who, &body);
    let CreateStaffRequest { site_id, login, name, password, customer_id, roles } = body.into_inner();
    decide_password(&login, password.expose_secret())?;
    let password_hash = desk.passwords.hash(password).await?;
    let roles = roles.into_iter().map(RoleBinding::from).collect();
    let new = NewStaff { site: site_id, login, name, password_hash, customer: customer_id, roles };
    let load = |db: &mut Db, caller: &Caller, id| {
        let person = stored::find(db, id)?.ok_or(UseCaseError::NotFound("member of staff"))?;
        caller.reach(db, person.site, Permission::StaffManage, "member of staff")?;
        Ok(StaffView::load(db, person)?)
    };
    let make = move |db: &mut Db, act: &Act<'_>| {
        let person = staff::create(db, act, &new)?;
        Ok(StaffView::load(db, person)?)
    };
    Ok(Created(transact::create(&store, who.caller(), once, make, (|person: &StaffView| person.id, load)).await?))
}

/// A change of a member of staff; what is not named stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "state": "disabled" }))]
pub struct UpdateStaffRequest {
    /// `version` as the caller has seen it; refused when it has changed since.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    version: i64,
    /// Another name.
    name: Option<Text<40>>,
    /// Who they are as a customer.
    customer_id: Option<CustomerId>,
    /// Whether they may sign in. Whoever is disabled is signed out at once.
    state: Option<StaffState>,
}

/// `PATCH /staff/{staff_id}`
pub async fn update(
    who: Staff<may::StaffManage>,
    store: Data<Store>,
    gate: Data<Gate>,
    path: Path<StaffId>,
    body: Valid<UpdateStaffRequest>,
) -> Result<Json<StaffView>, Problem> {
    let UpdateStaffRequest { version, name, customer_id, state } = body.into_inner();
    let edit = StaffEdit { staff: *path, version, name, customer: customer_id, state };
    let done = transact(&store, who.caller(), move |db, act| {
        let Managed { staff, ended } = staff::update(db, act, &edit)?;
        Ok((StaffView::load(db, staff)?, ended))
    });
    let (view, ended) = done.await?;
    gate.forget(&ended);
    Ok(Json(view))
}

/// A new password for somebody else.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "夜来风雨声花落知多少" }))]
pub struct ResetPasswordRequest {
    /// The new password, which they have to change.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 128)]
    password: SecretString,
}

/// `PUT /staff/{staff_id}/password`
pub async fn reset_password(
    who: Staff<may::StaffManage>,
    store: Data<Store>,
    (desk, gate): (Data<StaffDesk>, Data<Gate>),
    path: Path<StaffId>,
    body: Valid<ResetPasswordRequest>,
) -> Result<NoContent, Problem> {
    let (caller, id, password) = (who.caller(), *path, body.into_inner().password);
    let target = store.read(move |db| staff::find_seen(db, &caller, id, Permission::StaffManage)).await?;
    decide_password(&target.login, password.expose_secret())?;
    let hash = desk.passwords.hash(password).await?;
    let done = transact(&store, who.caller(), move |db, act| staff::reset_password(db, act, id, &hash)).await?;
    gate.forget(&done.ended);
    Ok(NoContent)
}
