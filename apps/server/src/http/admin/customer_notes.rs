//! Notes and tags on customers (备注与标签).

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_kernel::{CustomerId, NodeId, NoteId, Paragraph, StaffId, Text};
use huike_persistence::{
    Db, Store,
    customer_notes::{self, Note},
};
use huike_usecases::{Act, Caller, UseCaseError, customers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    customers::TagView,
    transact::{self, transact},
};
use crate::{
    api::{Created, NoContent},
    auth::{Staff, may},
    extract::{Listing, OptionalKey, Page, Path, Valid},
    problem::Problem,
};

/// A note.
#[derive(Serialize, ToSchema)]
pub struct NoteView {
    /// Its id.
    id: NoteId,
    /// The node that keeps it.
    site_id: NodeId,
    /// What it says.
    #[schema(example = "想要下午送货")]
    body: String,
    /// Who wrote it.
    staff_id: StaffId,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self { id: note.id, site_id: note.site, body: note.body, staff_id: note.staff, created_at: note.created_at }
    }
}

/// `GET /customers/{customer_id}/notes`
pub async fn list(
    who: Staff<may::CustomerRead>,
    store: Data<Store>,
    path: Path<CustomerId>,
    listing: Listing,
) -> Result<Json<Page<NoteView>>, Problem> {
    let (caller, id, page) = (who.caller(), *path, listing.page);
    let wanted = (page.after()?, page.fetch());
    let notes = store.read(move |db| customers::list_notes(db, &caller, id, wanted)).await?;
    Ok(Json(Page::cut(notes, &page, |note| note.id, NoteView::from)))
}

/// A note to write.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "body": "想要下午送货" }))]
pub struct NoteRequest {
    /// The node that keeps it, where the customer has been.
    site_id: NodeId,
    /// What it says, up to 1 000 characters.
    body: Paragraph<1000>,
}

/// `POST /customers/{customer_id}/notes`
pub async fn add(
    who: Staff<may::CustomerNote>,
    store: Data<Store>,
    key: OptionalKey,
    path: Path<CustomerId>,
    body: Valid<NoteRequest>,
) -> Result<Created<NoteView>, Problem> {
    let once = key.once(&who, &body);
    let NoteRequest { site_id, body } = body.into_inner();
    let at = (site_id, *path);
    let load = move |db: &mut Db, caller: &Caller, id| {
        let found = customer_notes::find(db, at.1, id)?.ok_or(UseCaseError::NotFound("note"))?;
        caller.reach(db, found.site, Permission::CustomerNote, "note")?;
        Ok(found)
    };
    let make = move |db: &mut Db, act: &Act<'_>| customers::add_note(db, act, at, &body);
    let note = transact::create(&store, who.caller(), once, make, (|note: &Note| note.id, load)).await?;
    Ok(Created(note.into()))
}

/// `DELETE /customers/{customer_id}/notes/{note_id}`
pub async fn delete(
    who: Staff<may::CustomerNote>,
    store: Data<Store>,
    path: Path<(CustomerId, NoteId)>,
) -> Result<NoContent, Problem> {
    let (customer, note) = *path;
    transact(&store, who.caller(), move |db, act| customers::delete_note(db, act, customer, note)).await?;
    Ok(NoContent)
}

/// `PUT /customers/{customer_id}/tags/{site_id}/{tag}`
pub async fn add_tag(
    who: Staff<may::CustomerTag>,
    store: Data<Store>,
    path: Path<(CustomerId, NodeId, Text<20>)>,
) -> Result<Json<TagView>, Problem> {
    let (customer, site, tag) = path.into_inner();
    let tag =
        transact(&store, who.caller(), move |db, act| customers::add_tag(db, act, (site, customer), &tag)).await?;
    Ok(Json(tag.into()))
}

/// `DELETE /customers/{customer_id}/tags/{site_id}/{tag}`
pub async fn remove_tag(
    who: Staff<may::CustomerTag>,
    store: Data<Store>,
    path: Path<(CustomerId, NodeId, Text<20>)>,
) -> Result<NoContent, Problem> {
    let (customer, site, tag) = path.into_inner();
    transact(&store, who.caller(), move |db, act| customers::remove_tag(db, act, (site, customer), tag.as_str()))
        .await?;
    Ok(NoContent)
}
