//! Orders that nobody paid in time, and goods that were kept for somebody who did not come: everything is let go. And money
//! that came in for nothing: it goes back.

use chrono::TimeDelta;
use huike_orders::{order::Provider, stock::ReservationEnd};
use huike_persistence::{
    Outcome, StoreError,
    jobs::{self, Job},
    orders, payments,
};
use huike_usecases::{UseCaseError, orders::expire_order, stock::reserve};

use super::{Bench, JobError, upkeep::go_on};

/// Closes unpaid orders whose time is over.
pub(super) const EXPIRE_ORDERS_JOB: &str = "order.expire";

const EXPIRE_EVERY: TimeDelta = TimeDelta::seconds(15);
const RETURN_EVERY: TimeDelta = TimeDelta::seconds(15);
/// So many are looked up at once. Each is closed by a transaction of its own, so that locks are taken in one order.
const CHUNK: i64 = 100;

/// Lets go whatever is over, until nothing is left. One that cannot be let go keeps no other from it.
pub(super) fn expire(bench: &Bench, job: &Job) -> Result<(), JobError> {
    loop {
        let (store, now) = (&bench.work.store, bench.work.clock.now());
        let (due, holders) = store.read_blocking(move |db| {
            Ok::<_, StoreError>((orders::list_due(db, now, CHUNK)?, reserve::list_due(db, now, CHUNK)?))
        })?;
        let mut ended = 0;
        for id in due {
            let caller = bench.caller();
            let closed = store.write_blocking(move |db, now| expire_order(db, &caller.act(now), id));
            ended += i64::from(noted("order", closed));
        }
        for holder in holders {
            let caller = bench.caller();
            let end = (holder, ReservationEnd::Expire);
            let let_go = store.write_blocking(move |db, now| reserve::end(db, &caller.act(now), end).map(|_| true));
            ended += i64::from(noted("reservation", let_go));
        }
        if ended < CHUNK {
            return bench.end(job, |db, job, now| jobs::repeat(db, job, now + EXPIRE_EVERY));
        }
        go_on(bench, job)?;
    }
}

/// Sends money back that came in for nothing.
pub(super) const RETURN_JOB: &str = "payment.return";

/// Sends back what is to go back. Each is one ask under one id, however often it is sent, so one that was sent by whoever was
/// killed before taking it down is sent again.
pub(super) fn send_back(bench: &Bench, job: &Job) -> Result<(), JobError> {
    let store = &bench.work.store;
    for (it, provider) in store.read_blocking(|db| payments::list_returns(db, CHUNK))? {
        match provider {
            // Nobody holds money here: the cashier has it back as soon as it is told.
            Provider::Test => {
                tracing::info!(payment.id = %it.payment, amount = %it.amount, "the test cashier has money back")
            }
            Provider::Wechat => continue,
        }
        let noted = store.write_blocking(move |db, now| payments::finish_return(db, it.id, now))?;
        if noted == Outcome::Refused {
            tracing::debug!(payment.id = %it.payment, "somebody else sent it back");
        }
    }
    bench.end(job, |db, job, now| jobs::repeat(db, job, now + RETURN_EVERY))
}

/// Whether it ended; why not, is for the log, and it is tried again the next time.
fn noted(what: &'static str, ended: Result<bool, UseCaseError>) -> bool {
    ended.unwrap_or_else(|error| {
        tracing::warn!(what, %error, "what is over could not be let go: {error}");
        false
    })
}
