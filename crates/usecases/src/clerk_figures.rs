//! What clerks (店员) redeemed, with what is odd in it.

use std::cmp::Reverse;

use huike_coupons::clerk_figures::{ClerkFigures, ClerkFlag, flag_crew};
use huike_kernel::StaffId;
use huike_persistence::{
    Db, StoreError,
    clerk_figures::{self, ClerkSlice},
};

/// One clerk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClerkRow {
    /// Who.
    pub clerk: StaffId,
    /// What they redeemed.
    pub figures: ClerkFigures,
    /// What is odd in it, beside the other clerks of the slice.
    pub flags: Vec<ClerkFlag>,
}

impl ClerkRow {
    /// By what they are listed: the most flags first, then the most redemptions.
    pub fn key(&self) -> (Reverse<usize>, Reverse<i64>, StaffId) {
        (Reverse(self.flags.len()), Reverse(self.figures.redemptions), self.clerk)
    }
}

/// Every clerk of the slice who redeemed anything, the oddest first. All of them: each is measured beside the others.
pub fn list(db: &mut Db, slice: &ClerkSlice) -> Result<Vec<ClerkRow>, StoreError> {
    let counted = clerk_figures::count(db, slice)?;
    let crew: Vec<ClerkFigures> = counted.iter().map(|(_, figures)| *figures).collect();
    let flags = flag_crew(&crew);
    let mut rows: Vec<ClerkRow> =
        counted.into_iter().zip(flags).map(|((clerk, figures), flags)| ClerkRow { clerk, figures, flags }).collect();
    rows.sort_by_key(ClerkRow::key);
    Ok(rows)
}
