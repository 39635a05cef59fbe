//! Goods on their way from one site or store to another (调拨): asked for by somebody who answers for both places, sent by
//! those who have the goods, received by those who get them.

use huike_access::{Permission, Scope, Sight};
use huike_kernel::{NodeId, SkuId, StockTransferId, Text};
use huike_orders::stock::{
    MovementKind, TransferLine, TransferState, decide_cancel, decide_receive, decide_request, decide_send,
};
use huike_persistence::{
    Db, Outcome, StoreError, nodes, scope,
    stock_transfers::{self, Transfer},
};
use serde_json::{Value, json};

use super::{
    depot,
    goods::place,
    known,
    movements::{Cause, move_all},
    open, open_stocks,
};
use crate::{
    Act, Caller, UseCaseError,
    caller::admit,
    record::{self, Aggregate, Change, Place},
};

/// What the transfer is called in answers and in the history.
const TRANSFER: &str = "stock_transfer";

/// Goods that are asked for.
#[derive(Debug, Clone)]
pub struct TransferAsk {
    /// Where they come from.
    pub from: NodeId,
    /// Where they go.
    pub to: NodeId,
    /// What, and how many.
    pub lines: Vec<(SkuId, i64)>,
    /// What is said about it.
    pub note: Option<Text<200>>,
}

/// What is stated of every line when goods leave or arrive.
#[derive(Debug, Clone)]
pub struct StatedLines {
    /// Which transfer.
    pub transfer: StockTransferId,
    /// How many left or arrived of each SKU.
    pub lines: Vec<(SkuId, i64)>,
    /// Why fewer arrived than were sent.
    pub reason: Option<Text<200>>,
}

/// A transfer to give up.
#[derive(Debug, Clone)]
pub struct TransferCancel {
    /// Which one.
    pub transfer: StockTransferId,
    /// Why.
    pub reason: Text<200>,
}

/// Asks for goods. Whoever asks answers for both places, so nobody helps themselves to what others have.
pub fn request_transfer(db: &mut Db, act: &Act<'_>, ask: &TransferAsk) -> Result<Transfer, UseCaseError> {
    let staff = act.staff(Permission::StockMove)?;
    depot(db, act, ask.from, Permission::StockMove)?;
    open(&depot(db, act, ask.to, Permission::StockMove)?)?;
    decide_request(ask.from, ask.to, &ask.lines)?;
    known(db, ask.lines.iter().map(|(sku, _)| *sku), false)?;
    let line =
        |(sku, requested): &(SkuId, i64)| TransferLine { sku: *sku, requested: *requested, sent: None, received: None };
    let mut lines: Vec<TransferLine> = ask.lines.iter().map(line).collect();
    lines.sort_unstable_by_key(|line| line.sku);
    let made = Transfer {
        id: act.new_id(),
        to: ask.to,
        from: ask.from,
        state: TransferState::Requested,
        note: ask.note.as_ref().map(ToString::to_string),
        reason: None,
        version: 1,
        requested: (staff, act.now),
        sent: None,
        ended: None,
        lines,
    };
    stock_transfers::insert(db, &made)?;
    note(db, act, &made, ("stock_transfer_requested", "stock_transfer.request", Value::Null))?;
    Ok(made)
}

/// Sends the goods: from now on they are in no stock.
pub fn send_transfer(db: &mut Db, act: &Act<'_>, ask: &StatedLines) -> Result<Transfer, UseCaseError> {
    let mut held = hold(db, ask.transfer)?;
    let node = end_of(db, act, &held, held.from)?;
    let before = told(&held);
    held.lines = decide_send(held.state, &held.lines, &ask.lines)?;
    let out = held.lines.iter().map(|line| (line.sku, line.sent.unwrap_or(0).saturating_neg()));
    let out: Vec<(SkuId, i64)> = out.filter(|(_, quantity)| *quantity != 0).collect();
    move_all(db, act, (node, cause(&held, MovementKind::TransferOut, None)), &out)?;
    held.state = TransferState::Sent;
    held.sent = Some((act.staff(Permission::StockMove)?, act.now));
    save(db, act, &mut held, ("stock_transfer_sent", "stock_transfer.send", before))?;
    Ok(held)
}

/// Takes the goods in. What was sent and did not arrive is stated, with the reason.
pub fn receive_transfer(db: &mut Db, act: &Act<'_>, ask: &StatedLines) -> Result<Transfer, UseCaseError> {
    let mut held = hold(db, ask.transfer)?;
    let node = end_of(db, act, &held, held.to)?;
    let before = told(&held);
    held.lines = decide_receive(held.state, &held.lines, &ask.lines, ask.reason.is_some())?;
    let arrived = held.lines.iter().map(|line| (line.sku, line.received.unwrap_or(0)));
    let arrived: Vec<(SkuId, i64)> = arrived.filter(|(_, quantity)| *quantity != 0).collect();
    open_stocks(db, act, held.to, arrived.iter().map(|(sku, _)| *sku))?;
    let reason = ask.reason.as_ref().map(Text::as_str);
    move_all(db, act, (node, cause(&held, MovementKind::TransferIn, reason)), &arrived)?;
    held.state = TransferState::Received;
    held.reason = reason.map(str::to_owned);
    held.ended = Some((act.staff(Permission::StockMove)?, act.now));
    save(db, act, &mut held, ("stock_transfer_received", "stock_transfer.receive", before))?;
    Ok(held)
}

/// Gives a transfer up before anything left. Either end may.
pub fn cancel_transfer(db: &mut Db, act: &Act<'_>, ask: &TransferCancel) -> Result<Transfer, UseCaseError> {
    let mut held = hold(db, ask.transfer)?;
    admit(sight(db, &act.caller.scope, &held)?, Permission::StockMove, TRANSFER)?;
    let before = told(&held);
    decide_cancel(held.state)?;
    held.state = TransferState::Cancelled;
    held.reason = Some(ask.reason.to_string());
    held.ended = Some((act.staff(Permission::StockMove)?, act.now));
    save(db, act, &mut held, ("stock_transfer_cancelled", "stock_transfer.cancel", before))?;
    Ok(held)
}

/// The transfer, if the caller may know of either end.
pub fn find_transfer(db: &mut Db, caller: &Caller, id: StockTransferId) -> Result<Transfer, UseCaseError> {
    let found = stock_transfers::find(db, id)?.ok_or(UseCaseError::NotFound(TRANSFER))?;
    admit(sight(db, &caller.scope, &found)?, Permission::StockRead, TRANSFER)?;
    Ok(found)
}

/// What the caller may know of a transfer: as much as of the end they know more of.
fn sight(db: &mut Db, reach: &Scope, it: &Transfer) -> Result<Sight, StoreError> {
    let ends = [scope::sight(db, reach, it.from)?, scope::sight(db, reach, it.to)?];
    let best = [Sight::Permitted, Sight::Visible].into_iter().find(|sight| ends.contains(sight));
    Ok(best.unwrap_or(Sight::Hidden))
}

fn hold(db: &mut Db, id: StockTransferId) -> Result<Transfer, UseCaseError> {
    stock_transfers::lock(db, id)?.ok_or(UseCaseError::NotFound(TRANSFER))
}

/// The end that acts, where the caller may move stock. Who sees the transfer by its other end is told that it is not for
/// them; to others it is not there.
fn end_of(db: &mut Db, act: &Act<'_>, held: &Transfer, site: NodeId) -> Result<Place, UseCaseError> {
    let here = scope::sight(db, &act.caller.scope, site)?;
    let seen = match sight(db, &act.caller.scope, held)? {
        Sight::Hidden => Sight::Hidden,
        _ if here == Sight::Permitted => Sight::Permitted,
        _ => Sight::Visible,
    };
    admit(seen, Permission::StockMove, TRANSFER)?;
    let node = nodes::find(db, site)?.ok_or(UseCaseError::NotFound(TRANSFER))?;
    Ok(place(&node))
}

fn cause<'a>(held: &Transfer, kind: MovementKind, reason: Option<&'a str>) -> Cause<'a> {
    Cause { kind, reason, source: Some((TRANSFER, held.id.as_uuid())) }
}

fn save(
    db: &mut Db,
    act: &Act<'_>,
    held: &mut Transfer,
    words: (&'static str, &'static str, Value),
) -> Result<(), UseCaseError> {
    match stock_transfers::update(db, held)? {
        Outcome::Applied => note(db, act, held, words),
        Outcome::Refused => Err(UseCaseError::VersionConflict),
    }
}

/// What is told of a transfer, in events and in the audit log.
fn told(it: &Transfer) -> Value {
    let line = |line: &TransferLine| {
        json!({
            "sku_id": line.sku, "requested": line.requested, "sent": line.sent, "received": line.received,
            "difference": line.difference(),
        })
    };
    let lines: Vec<Value> = it.lines.iter().map(line).collect();
    json!({ "from_site_id": it.from, "to_site_id": it.to, "state": it.state, "reason": it.reason, "lines": lines })
}

fn note(
    db: &mut Db,
    act: &Act<'_>,
    it: &Transfer,
    (event, action, before): (&'static str, &'static str, Value),
) -> Result<(), UseCaseError> {
    let node = nodes::find(db, it.to)?.ok_or(UseCaseError::NotFound(TRANSFER))?;
    let aggregate = Aggregate { kind: TRANSFER, id: it.id.as_uuid(), seq: it.version };
    record::emit(db, act, place(&node), aggregate, (event, told(it)))?;
    let change = Change { action, subject_kind: TRANSFER, subject: it.id.to_string(), before, after: told(it) };
    Ok(record::audit(db, act, it.to, change)?)
}
