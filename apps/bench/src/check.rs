//! What a run left behind, compared with what was answered. That the books agree with each other is for `huike verify`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use huike_kernel::{SystemClock, TemplateId};
use huike_persistence::{
    Db, Store, StoreError, StoreOptions, nodes, stock,
    tracking::{self, Slice},
};

use crate::Outcome;

/// What is to be compared.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// A file with the templates whose coupons were claimed or redeemed, a line each.
    #[arg(long)]
    templates: PathBuf,
    /// Asks that were answered with success.
    #[arg(long)]
    answered: i64,
    /// Asks whose answer nobody waited for: they may have been granted.
    #[arg(long, default_value_t = 0)]
    unheard: i64,
    /// Count redemptions, not claims.
    #[arg(long)]
    redemptions: bool,
    /// Nothing must be left: everything was asked for.
    #[arg(long)]
    sold_out: bool,
}

/// What the database says.
struct Stored {
    claimed: i64,
    redeemed: i64,
    left: i64,
}

impl CheckArgs {
    /// Reads beside a running server.
    pub(crate) fn run(&self, database_url: &str) -> Outcome {
        let store = Store::open(&database_url.parse()?, &StoreOptions::default(), Arc::new(SystemClock))?;
        let list = std::fs::read_to_string(&self.templates)?;
        let templates: Vec<TemplateId> = list.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let mut stored = Stored { claimed: 0, redeemed: 0, left: 0 };
        for template in templates {
            let one = store.read_blocking(move |db| read(db, template))??;
            stored.claimed += one.claimed;
            stored.redeemed += one.redeemed;
            stored.left += one.left;
        }
        let (what, count) =
            if self.redemptions { ("redemptions", stored.redeemed) } else { ("claims", stored.claimed) };
        if count < self.answered || count > self.answered + self.unheard {
            return Err(format!("{} {what} were answered, {count} are stored", self.answered).into());
        }
        if self.sold_out && stored.left != 0 {
            return Err(format!("{} are left of what was sold out", stored.left).into());
        }
        Ok(())
    }
}

/// The figures of one template; the inner error is an over-issue.
fn read(db: &mut Db, template: TemplateId) -> Result<Result<Stored, String>, StoreError> {
    let stock = stock::find(db, template)?.ok_or_else(|| StoreError::corrupt("coupon_stock", template))?;
    let head = nodes::find_head(db)?.ok_or_else(|| StoreError::corrupt("node", "there is no head"))?;
    let figures = tracking::totals(db, &Slice { template, roots: vec![head.id] })?;
    let counted = figures.counts.claimed;
    if stock.issued > stock.quantity || stock.issued != counted || stock.claimed != counted {
        return Ok(Err(format!(
            "over-issue: {template} has {} coupons, {} of {} are issued, {} claimed",
            counted, stock.issued, stock.quantity, stock.claimed
        )));
    }
    Ok(Ok(Stored { claimed: counted, redeemed: figures.redeemed.count, left: stock.quantity - stock.issued }))
}
