//! Redemption in a store (核销) and its undo (撤销核销).

use actix_web::web::{Data, Json};
use huike_access::Permission;
use huike_kernel::RedemptionId;
use huike_persistence::{Store, redemptions};
use huike_usecases::{UseCaseError, redeem};

use crate::{
    auth::{Staff, may},
    codes::Asker,
    counter::{AtCounter, CodeAsk, CounterDesk},
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    http::redemption_view::{
        CodeRequest, ReceiptView, RedemptionPreview, RedemptionQuery, RedemptionView, UndoRequest, UndoneView,
    },
    problem::Problem,
};

/// `POST /redemption-previews`
pub async fn preview(
    who: Staff<may::CouponRedeem>,
    desk: Data<CounterDesk>,
    asker: Asker,
    body: Valid<CodeRequest>,
) -> Result<Json<RedemptionPreview>, Problem> {
    let ask = CodeAsk::from(body.into_inner());
    let at_counter = AtCounter::new(who.caller(), &asker, &who, ask.store);
    Ok(Json(desk.preview(at_counter, &ask).await?.into()))
}

/// `POST /redemptions`
pub async fn redeem(
    who: Staff<may::CouponRedeem>,
    desk: Data<CounterDesk>,
    asker: Asker,
    key: IdempotencyKey,
    body: Valid<CodeRequest>,
) -> Result<Json<ReceiptView>, Problem> {
    let once = key.once(&who, &body);
    let ask = CodeAsk::from(body.into_inner());
    let at_counter = AtCounter::new(who.caller(), &asker, &who, ask.store);
    Ok(Json(desk.redeem(at_counter, once, &ask).await?.into()))
}

/// `POST /redemptions/{redemption_id}/undo`
pub async fn undo(
    who: Staff<may::CouponUnredeem>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<RedemptionId>,
    body: Valid<UndoRequest>,
) -> Result<Json<UndoneView>, Problem> {
    let (once, caller) = (key.once(&who, &body), who.caller());
    let ask = body.into_inner().about(*path);
    let done = store.write_once(once, move |db, now| redeem::undo(db, &caller.act(now), &ask)).await?;
    Ok(Json(done.value.into()))
}

/// `GET /redemptions`
pub async fn list(
    who: Staff<may::RedemptionRead>,
    store: Data<Store>,
    listing: Listing<RedemptionQuery>,
) -> Result<Json<Page<RedemptionView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let (roots, filter) = (who.scope.permitted.clone(), filter.into());
    let rows = store.read(move |db| redemptions::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, RedemptionView::from)))
}

/// `GET /redemptions/{redemption_id}`
pub async fn show(
    who: Staff<may::RedemptionRead>,
    store: Data<Store>,
    path: Path<RedemptionId>,
) -> Result<Json<RedemptionView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let found = store.read(move |db| {
        let found = redemptions::find(db, id)?.ok_or(UseCaseError::NotFound("redemption"))?;
        caller.reach(db, found.store, Permission::RedemptionRead, "redemption")?;
        Ok::<_, UseCaseError>(found)
    });
    Ok(Json(found.await?.into()))
}
