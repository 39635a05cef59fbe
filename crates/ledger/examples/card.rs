//! A stored-value card: topped up, spent with the bonus first, and given back by the law.

use huike_kernel::Money;
use huike_ledger::{
    Turnover, run_on,
    stored_value::{Parts, SpendOrder, interest, refund_by_customer, refund_by_merchant, split},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bought = Parts { principal: "500".parse()?, bonus: "100".parse()? };
    let mut left = bought;
    let mut spent: Vec<i64> = Vec::new();
    for bill in ["80", "120", "100"] {
        let bill: Money = bill.parse()?;
        let taken = split(SpendOrder::BonusFirst, left, bill)?;
        let rest = |there: Money, taken: Money| there.checked_sub(taken).ok_or("out of range");
        left = Parts { principal: rest(left.principal, taken.principal)?, bonus: rest(left.bonus, taken.bonus)? };
        spent.push(-bill.fen());
        println!("a bill of {bill}: principal {}, bonus {}", taken.principal, taken.bonus);
    }

    let total = bought.total().ok_or("out of range")?;
    let used: Money = "300".parse()?;
    let turnover = Turnover { opening: total.fen(), debits: used.fen(), credits: 0 };
    for line in run_on(turnover.opening, spent, |entry| *entry) {
        println!("{:>10} {:>10}", Money::from_fen(line.entry), Money::from_fen(line.balance));
    }
    println!("closing {}", Money::from_fen(turnover.closing()));

    let by_merchant = refund_by_merchant(bought, used)?;
    let by_customer = refund_by_customer(bought.principal, used)?;
    let waited = interest(by_merchant, "0.03".parse()?, 30)?;
    println!("the shop closes: {by_merchant} back, and {waited} after thirty days");
    println!("the customer wants out: {by_customer} back");
    Ok(())
}
