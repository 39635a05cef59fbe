//! Goods on their way from one site or store to another (调拨): asked for, sent, received, each by those who see the goods.
//! What was sent and did not arrive is stated on the line, with the reason; it is in no stock any more.

use huike_kernel::{NodeId, SkuId};

use super::StockError;

huike_kernel::words! {
    /// Where a transfer stands.
    TransferState, "state of a transfer" {
        /// Asked for (待发货).
        Requested = "requested",
        /// On its way (在途).
        Sent = "sent",
        /// Arrived (已收货).
        Received = "received",
        /// Given up before anything left (已取消).
        Cancelled = "cancelled",
    }
}

/// A line of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferLine {
    /// What.
    pub sku: SkuId,
    /// How many were asked for.
    pub requested: i64,
    /// How many left, once they did.
    pub sent: Option<i64>,
    /// How many arrived, once they did.
    pub received: Option<i64>,
}

impl TransferLine {
    /// How many left and did not arrive.
    pub fn difference(&self) -> Option<i64> {
        Some(self.sent?.saturating_sub(self.received?))
    }
}

/// Whether goods may be asked for.
pub fn decide_request(from: NodeId, to: NodeId, lines: &[(SkuId, i64)]) -> Result<(), StockError> {
    if from == to {
        return Err(StockError::TransferSamePlace);
    }
    super::check_lines(lines, 1)
}

/// Whether the transfer may still be given up.
pub fn decide_cancel(state: TransferState) -> Result<(), StockError> {
    if state == TransferState::Requested { Ok(()) } else { Err(StockError::TransferNotRequested { state }) }
}

/// The lines as they leave: every one is answered, with no more than was asked for; nothing may be sent of some.
pub fn decide_send(
    state: TransferState,
    lines: &[TransferLine],
    sent: &[(SkuId, i64)],
) -> Result<Vec<TransferLine>, StockError> {
    decide_cancel(state)?;
    let left = answer(lines, sent, |line| line.requested)?;
    if sent.iter().all(|(_, quantity)| *quantity == 0) {
        return Err(StockError::LinesOutOfRange);
    }
    Ok(left.into_iter().map(|(line, quantity)| TransferLine { sent: Some(quantity), ..line }).collect())
}

/// The lines as they arrived: every one is answered, with no more than was sent. Where less arrived somebody says why.
pub fn decide_receive(
    state: TransferState,
    lines: &[TransferLine],
    received: &[(SkuId, i64)],
    has_reason: bool,
) -> Result<Vec<TransferLine>, StockError> {
    if state != TransferState::Sent {
        return Err(StockError::TransferNotSent { state });
    }
    let arrived = answer(lines, received, |line| line.sent.unwrap_or(0))?;
    let lines: Vec<TransferLine> =
        arrived.into_iter().map(|(line, quantity)| TransferLine { received: Some(quantity), ..line }).collect();
    if !has_reason && lines.iter().any(|line| line.difference() != Some(0)) {
        return Err(StockError::TransferReasonMissing);
    }
    Ok(lines)
}

/// Each line with what is stated of it.
fn answer(
    lines: &[TransferLine],
    stated: &[(SkuId, i64)],
    most: impl Fn(&TransferLine) -> i64,
) -> Result<Vec<(TransferLine, i64)>, StockError> {
    super::check_lines(stated, 0)?;
    if stated.len() != lines.len() {
        return Err(StockError::TransferLinesDiffer);
    }
    let mut answered = Vec::with_capacity(lines.len());
    for (index, (sku, quantity)) in stated.iter().enumerate() {
        let line = lines.iter().find(|line| line.sku == *sku).ok_or(StockError::TransferLinesDiffer)?;
        if *quantity > most(line) {
            return Err(StockError::TransferTooMuch { line: index, most: most(line) });
        }
        answered.push((*line, *quantity));
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(number: u32) -> SkuId {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
    }

    fn line(number: u32, requested: i64) -> TransferLine {
        TransferLine { sku: sku(number), requested, sent: None, received: None }
    }

    #[test]
    fn what_did_not_arrive_is_stated_and_explained() {
        let lines = [line(1, 5), line(2, 3)];
        let sent = decide_send(TransferState::Requested, &lines, &[(sku(2), 3), (sku(1), 4)]).unwrap();
        let stated = [(sku(1), 3), (sku(2), 3)];
        assert_eq!(decide_receive(TransferState::Sent, &sent, &stated, false), Err(StockError::TransferReasonMissing));
        let received = decide_receive(TransferState::Sent, &sent, &stated, true).unwrap();
        let differences: Vec<_> = received.iter().map(|line| (line.sku, line.difference())).collect();
        assert_eq!(differences, [(sku(1), Some(1)), (sku(2), Some(0))]);
    }

    #[test]
    fn nothing_arrives_that_was_not_sent_and_nothing_is_sent_that_was_not_asked_for() {
        let lines = [line(1, 5)];
        let send = |stated: &[(SkuId, i64)]| decide_send(TransferState::Requested, &lines, stated);
        assert_eq!(send(&[(sku(1), 6)]), Err(StockError::TransferTooMuch { line: 0, most: 5 }));
        assert_eq!(send(&[(sku(2), 1)]), Err(StockError::TransferLinesDiffer));
        assert_eq!(send(&[(sku(1), 0)]), Err(StockError::LinesOutOfRange));
        let under_way = send(&[(sku(1), 2)]).unwrap();
        let receive = |state, quantity| decide_receive(state, &under_way, &[(sku(1), quantity)], true);
        assert_eq!(receive(TransferState::Sent, 3), Err(StockError::TransferTooMuch { line: 0, most: 2 }));
        for state in [TransferState::Requested, TransferState::Received, TransferState::Cancelled] {
            assert_eq!(receive(state, 2), Err(StockError::TransferNotSent { state }));
        }
    }

    #[test]
    fn only_what_has_not_left_is_cancelled_and_nothing_goes_in_a_circle() {
        assert_eq!(decide_cancel(TransferState::Requested), Ok(()));
        for state in [TransferState::Sent, TransferState::Received, TransferState::Cancelled] {
            assert_eq!(decide_cancel(state), Err(StockError::TransferNotRequested { state }));
        }
        let here: NodeId = "00000000-0000-7000-8000-000000000009".parse().unwrap();
        assert_eq!(decide_request(here, here, &[(sku(1), 1)]), Err(StockError::TransferSamePlace));
    }
}
