//! The text of WeChat Pay's trade bill: a head, lines whose fields each begin with a backtick, a second head, and one line of totals.
//!
//! Fields are found by the names in the heads, so that a column more does no harm, and a column less is noticed.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use huike_kernel::Money;

use crate::{BillLine, BillLineKind, BillRefund, TradeBill};

const BEIJING_SECONDS: i32 = 8 * 3_600;
/// What is written between two fields.
const BETWEEN: &str = ",`";

const PAID: &str = "订单金额";
const REFUNDED: &str = "申请退款金额";
const FEE: &str = "手续费";

/// A head, or why the rest cannot be read by it.
type Columns<'a> = HashMap<&'a str, usize>;

/// Reads a bill, and holds its lines against its totals.
pub(super) fn read_bill(day: NaiveDate, text: &str) -> Result<TradeBill, &'static str> {
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().filter(|line| !line.trim().is_empty());
    let head = columns(lines.next().ok_or("it is empty")?);
    let mut booked = Vec::new();
    let mut sums = Sums::default();
    let totals_head = loop {
        let line = lines.next().ok_or("its totals are missing")?;
        let Some(fields) = split(line) else {
            break columns(line);
        };
        let row = Row { columns: &head, fields };
        booked.push(read_line(&row)?);
        sums.add(&row)?;
    };
    let totals = split(lines.next().ok_or("its totals are missing")?).ok_or("its totals are malformed")?;
    if lines.next().is_some() {
        return Err("it goes on after its totals");
    }
    sums.decide_equal(&Row { columns: &totals_head, fields: totals })?;
    Ok(TradeBill { day, lines: booked })
}

fn columns(head: &str) -> Columns<'_> {
    head.split(',').enumerate().map(|(at, name)| (name.trim(), at)).collect()
}

/// The fields of a line, unless it is a head. A comma inside a field is followed by no backtick.
fn split(line: &str) -> Option<Vec<&str>> {
    Some(line.trim_end_matches('\r').strip_prefix('`')?.split(BETWEEN).collect())
}

struct Row<'a> {
    columns: &'a Columns<'a>,
    fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn get(&self, name: &str) -> Result<&'a str, &'static str> {
        let at = self.columns.get(name).ok_or("a column is missing")?;
        self.fields.get(*at).copied().ok_or("a line is too short")
    }

    fn money(&self, name: &str) -> Result<Money, &'static str> {
        read_money(self.get(name)?).ok_or("an amount is malformed")
    }
}

/// Yuan, with any number of noughts after the fen: fees are written with five decimals.
fn read_money(text: &str) -> Option<Money> {
    let Some((yuan, decimals)) = text.split_once('.') else {
        return text.parse().ok();
    };
    let (fen, rest) = decimals.split_at_checked(2).unwrap_or((decimals, ""));
    if rest.bytes().all(|digit| digit == b'0') { format!("{yuan}.{fen}").parse().ok() } else { None }
}

fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(FixedOffset::east_opt(BEIJING_SECONDS)?.from_local_datetime(&local).single()?.to_utc())
}

fn read_line(row: &Row<'_>) -> Result<BillLine, &'static str> {
    if row.get("货币种类")? != "CNY" {
        return Err("a line is in another currency");
    }
    let kind = match row.get("交易状态")? {
        "SUCCESS" => BillLineKind::Payment,
        "REFUND" | "REVOKED" => BillLineKind::Refund,
        _ => return Err("a line is neither payment nor refund"),
    };
    let refund = match kind {
        BillLineKind::Payment => None,
        BillLineKind::Refund => Some(BillRefund {
            provider_refund_id: row.get("微信退款单号")?.to_owned(),
            refund_text: row.get("商户退款单号")?.to_owned(),
            status: row.get("退款状态")?.to_owned(),
        }),
    };
    Ok(BillLine {
        kind,
        at: read_time(row.get("交易时间")?).ok_or("a time is malformed")?,
        merchant_id: row.get("商户号")?.to_owned(),
        app_id: row.get("公众账号ID")?.to_owned(),
        transaction_id: row.get("微信订单号")?.to_owned(),
        payment_text: row.get("商户订单号")?.to_owned(),
        amount: row.money(if refund.is_some() { REFUNDED } else { PAID })?,
        fee: row.money(FEE)?,
        refund,
    })
}

/// What the lines come to.
#[derive(Default)]
struct Sums {
    lines: u64,
    paid: Money,
    refunded: Money,
    fees: Money,
}

impl Sums {
    fn add(&mut self, row: &Row<'_>) -> Result<(), &'static str> {
        let too_much = "its amounts are beyond all measure";
        self.lines = self.lines.saturating_add(1);
        self.paid = self.paid.checked_add(row.money(PAID)?).ok_or(too_much)?;
        self.refunded = self.refunded.checked_add(row.money(REFUNDED)?).ok_or(too_much)?;
        self.fees = self.fees.checked_add(row.money(FEE)?).ok_or(too_much)?;
        Ok(())
    }

    fn decide_equal(&self, totals: &Row<'_>) -> Result<(), &'static str> {
        if totals.get("总交易单数")?.parse() != Ok(self.lines) {
            return Err("its lines are not as many as its total says");
        }
        let same = totals.money("订单总金额")? == self.paid
            && totals.money("申请退款总金额")? == self.refunded
            && totals.money("手续费总金额")? == self.fees;
        if same { Ok(()) } else { Err("its lines do not add up to its totals") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    const PAYMENT: &str = "`2026-11-21 00:30:41,`wx8888,`1900000109,`0,`,`4200000925,`01936f5e0000700080000000000000ab,`oUpF8,`JSAPI,`SUCCESS,`OTHERS,`CNY,`6.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶, 两份`,`,`0.04000,`0.60%,`6.00,`0.00,`";
    const REFUND: &str = "`2026-11-21 12:00:00,`wx8888,`1900000109,`0,`,`4200000925,`01936f5e0000700080000000000000ab,`oUpF8,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`503000001,`01936f5e0000700080000000000000ac,`1.50,`0.00,`ORIGINAL,`PROCESSING,`茶,`,`-0.01000,`0.60%,`0.00,`1.50,`";

    fn day() -> NaiveDate {
        "2026-11-21".parse().unwrap()
    }

    fn bill(lines: &[&str], totals: &str) -> String {
        [&[HEAD], lines, &[TOTALS, totals]].concat().join("\r\n") + "\r\n"
    }

    #[test]
    fn a_bill_is_read_to_the_fen() {
        let read = read_bill(day(), &bill(&[PAYMENT, REFUND], "`2,`6.00,`1.50,`0.00,`0.03000,`6.00,`1.50")).unwrap();
        let [payment, refund] = read.lines.as_slice() else { panic!("two lines") };
        assert_eq!((payment.kind, payment.amount.fen(), payment.fee.fen()), (BillLineKind::Payment, 600, 4));
        assert_eq!(payment.at.to_rfc3339(), "2026-11-20T16:30:41+00:00");
        assert!(payment.payment().is_some() && payment.refund().is_none());
        assert_eq!((refund.kind, refund.amount.fen(), refund.fee.fen()), (BillLineKind::Refund, 150, -1));
        assert_eq!(refund.refund().unwrap().to_string(), "01936f5e0000700080000000000000ac");
        assert_eq!(refund.refund.as_ref().unwrap().status, "PROCESSING");
    }

    #[test]
    fn a_byte_order_mark_and_plain_line_ends_are_as_good() {
        let text = bill(&[PAYMENT], "`1,`6.00,`0.00,`0.00,`0.04000,`6.00,`0.00").replace("\r\n", "\n");
        assert_eq!(read_bill(day(), &format!("\u{feff}{text}")).unwrap().lines.len(), 1);
        assert_eq!(read_bill(day(), &bill(&[], "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00")).unwrap().lines, []);
    }

    #[test]
    fn a_bill_that_does_not_add_up_is_damaged() {
        let good = bill(&[PAYMENT, REFUND], "`2,`6.00,`1.50,`0.00,`0.03000,`6.00,`1.50");
        for (from, to, why) in [
            ("`2,`6.00", "`3,`6.00", "its lines are not as many as its total says"),
            ("`0.03000,`6.00,`1.50", "`0.03000,`6.01,`1.50", "its lines do not add up to its totals"),
            ("`0.03000,`6.00,`1.50", "`0.04000,`6.00,`1.50", "its lines do not add up to its totals"),
            ("`0.04000", "`0.04001", "an amount is malformed"),
            (",手续费,", ",手续,", "a column is missing"),
            ("`SUCCESS", "`PENDING", "a line is neither payment nor refund"),
            ("`CNY", "`USD", "a line is in another currency"),
            ("00:30:41", "25:30:41", "a time is malformed"),
            (TOTALS, "", "a line is too short"),
        ] {
            assert!(good.contains(from), "{from}");
            assert_eq!(read_bill(day(), &good.replacen(from, to, 1)), Err(why), "{from}");
        }
        assert_eq!(read_bill(day(), ""), Err("it is empty"));
        assert_eq!(read_bill(day(), &format!("{good}`1")), Err("it goes on after its totals"));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[`,\n0-9.总交易单数手续费-]{0,300}", cut: prop::sample::Index) {
            let _ = read_bill(day(), &text);
            let good = bill(&[PAYMENT, REFUND], "`2,`6.00,`1.50,`0.00,`0.03000,`6.00,`1.50");
            let end = good.char_indices().map(|(at, _)| at).nth(cut.index(good.chars().count() - 3)).unwrap();
            prop_assert!(read_bill(day(), &good[..end]).is_err());
        }

        #[test]
        fn amounts_read_back(fen in 0..1_000_000_000_i64, noughts in 0..4_usize) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(read_money(&format!("{money}{}", "0".repeat(noughts))), Some(money));
        }
    }
}
