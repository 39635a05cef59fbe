//! What clerks redeemed over some days, counted from the redemptions themselves. What is odd in it is
//! `huike_coupons::clerk_figures`'s to say.

use std::collections::BTreeMap;

use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use huike_coupons::clerk_figures::{ClerkFigures, JUST_CLAIMED_MINUTES, NEAR_EXPIRY_HOURS};
use huike_kernel::{NodeId, StaffId};

use crate::{
    Db, StoreError,
    db::each,
    schema::{coupon, redemption, staff},
    scope::subtree,
    sql_types::DbId,
    tracking::Days,
};

/// Whose redemptions are counted: those of staff in stores at or below the roots.
#[derive(Debug, Clone)]
pub struct ClerkSlice {
    /// The roots.
    pub roots: Vec<NodeId>,
    /// Only at or below this node too.
    pub under: Option<NodeId>,
    /// Local days of the stores.
    pub days: Days,
}

impl ClerkSlice {
    /// What narrows the slice, or else what bounds it anyway.
    fn within(&self) -> &[NodeId] {
        if self.under.is_some() { self.under.as_slice() } else { &self.roots }
    }
}

type Counts = (StaffId, i64, i64, i64, i64, i64, i64);

/// The redemptions of a slice.
macro_rules! redemptions_of {
    ($slice:expr) => {
        redemption::table
            .filter(redemption::actor_kind.eq("staff"))
            .filter(redemption::site_id.eq_any(subtree(&$slice.roots)))
            .filter(redemption::site_id.eq_any(subtree($slice.within())))
            .filter(redemption::local_day.between($slice.days.first.to_string(), $slice.days.last.to_string()))
    };
}

/// The figures of each clerk who redeemed anything, by id.
pub fn count(db: &mut Db, slice: &ClerkSlice) -> Result<Vec<(StaffId, ClerkFigures)>, StoreError> {
    let (hours, minutes) = match db {
        Db::Sqlite(_) => (micros(NEAR_EXPIRY_HOURS.saturating_mul(60)), micros(JUST_CLAIMED_MINUTES)),
        Db::Postgres(_) => {
            (format!("INTERVAL '{NEAR_EXPIRY_HOURS} hours'"), format!("INTERVAL '{JUST_CLAIMED_MINUTES} minutes'"))
        }
    };
    let counted = |when: &str| sql::<BigInt>(&format!("COUNT(CASE WHEN {when} THEN 1 END)"));
    let stands = "redemption.reversed_at IS NULL";
    let near = format!("{stands} AND redemption.redeemed_at >= coupon.expires_at - {hours}");
    let just = format!("{stands} AND redemption.redeemed_at <= coupon.claimed_at + {minutes}");
    let customers = format!("COUNT(DISTINCT CASE WHEN {stands} THEN redemption.customer_id END)");
    let rows: Vec<Counts> = each!(db, |c| redemptions_of!(slice)
        .inner_join(coupon::table)
        .group_by(redemption::actor_id)
        .select((
            redemption::actor_id,
            count_star(),
            counted("redemption.reversed_at IS NOT NULL"),
            counted("redemption.reversal_approved_by IS NOT NULL"),
            counted(&near),
            counted(&just),
            sql::<BigInt>(&customers),
        ))
        .load(c))?;
    let most = count_most(db, slice)?;
    let figures = |(clerk, redemptions, undone, undone_late, near_expiry, just_claimed, customers): Counts| {
        let top_customer = most.get(&clerk).copied().unwrap_or_else(|| customers.min(1));
        (clerk, ClerkFigures { redemptions, undone, undone_late, near_expiry, just_claimed, customers, top_customer })
    };
    let mut found: Vec<_> = rows.into_iter().map(figures).collect();
    found.sort_unstable_by_key(|(clerk, _)| *clerk);
    Ok(found)
}

fn micros(minutes: i64) -> String {
    minutes.saturating_mul(60_000_000).to_string()
}

/// How often the customer came whom each clerk served most often; of those served more than once.
fn count_most(db: &mut Db, slice: &ClerkSlice) -> Result<BTreeMap<StaffId, i64>, StoreError> {
    let pairs: Vec<(StaffId, i64)> = redemptions_of!(slice)
        .filter(redemption::reversed_at.is_null())
        .filter(redemption::customer_id.is_not_null())
        .group_by((redemption::actor_id, redemption::customer_id))
        .having(count_star().gt(1_i64))
        .select((redemption::actor_id, count_star()))
        .load(db)?;
    let mut most = BTreeMap::new();
    for (clerk, times) in pairs {
        let best: &mut i64 = most.entry(clerk).or_default();
        *best = times.max(*best);
    }
    Ok(most)
}

/// What they are called, as far as they belong to a node at or below the roots.
pub fn list_names(db: &mut Db, roots: &[NodeId], clerks: &[StaffId]) -> Result<BTreeMap<StaffId, String>, StoreError> {
    let rows: Vec<(StaffId, String)> = staff::table
        .filter(staff::id.eq_any(DbId::list(clerks)).and(staff::site_id.eq_any(subtree(roots))))
        .select((staff::id, staff::name))
        .load(db)?;
    Ok(rows.into_iter().collect())
}
