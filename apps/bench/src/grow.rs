//! History: claims that were made before the ones that are measured.

use clap::Args;
use huike_kernel::{Clock, SystemClock};

use crate::{Outcome, house::Brand};

/// Customers who claim, each of one template after the other.
const CUSTOMERS: usize = 50_000;

/// How much history to make.
#[derive(Args)]
pub(crate) struct GrowArgs {
    /// So many claims.
    #[arg(long)]
    claims: usize,
}

impl GrowArgs {
    pub(crate) fn run(&self, database_url: &str) -> Outcome {
        let brand = Brand::open(database_url)?;
        // Another thousandth of the day each time, so that no two runs make customers with one phone number.
        let first = usize::try_from(SystemClock.now().timestamp_millis() % 1_000_000)? * 5_000;
        let people = brand.sign_up(self.claims.min(CUSTOMERS), first + 1_000_000_000)?;
        let mut left = self.claims;
        while left > 0 {
            let part = people.get(..left.min(people.len())).unwrap_or_default();
            let template = brand.publish(i64::try_from(part.len())?)?;
            brand.hand_out(template, part)?;
            left -= part.len();
        }
        Ok(())
    }
}
