//! The fake's trade bill, as the real one is written.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use huike_kernel::Money;

use super::{APP_ID, MERCHANT_ID, house::House};

const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/// What was paid and paid back on a day of Beijing's. There is no fee.
pub(super) fn write_bill(house: &House, day: NaiveDate) -> String {
    let (mut text, mut lines, mut paid, mut refunded) = (format!("\u{feff}{HEAD}\r\n"), 0_u32, 0_i64, 0_i64);
    for (id, payment) in &house.payments {
        let Some(at) = payment.paid_at.and_then(|at| on(at, day)) else { continue };
        let (payer, sum) = (payment.payer.clone().unwrap_or_default(), yuan(payment.paid_fen));
        let transaction = &payment.transaction_id;
        text += &format!(
            "`{at},`{APP_ID},`{MERCHANT_ID},`0,`,`{transaction},`{id},`{payer},`JSAPI,`SUCCESS,`OTHERS,`CNY,`{sum},`0.00,`0,`0,`0.00,`0.00,`,`,`订单, 一份,`,`0.00000,`0.60%,`{sum},`0.00,`\r\n"
        );
        (lines, paid) = (lines.saturating_add(1), paid.saturating_add(payment.paid_fen));
    }
    for (id, refund) in &house.refunds {
        let Some((at, payment)) = on(refund.taken_at, day).zip(house.payments.get(&refund.payment)) else { continue };
        let (sum, transaction, status) = (yuan(refund.amount_fen), &payment.transaction_id, refund.status);
        let (theirs, of) = (&refund.refund_id, &refund.payment);
        text += &format!(
            "`{at},`{APP_ID},`{MERCHANT_ID},`0,`,`{transaction},`{of},`,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`{theirs},`{id},`{sum},`0.00,`ORIGINAL,`{status},`订单,`,`0.00000,`0.60%,`0.00,`{sum},`\r\n"
        );
        (lines, refunded) = (lines.saturating_add(1), refunded.saturating_add(refund.amount_fen));
    }
    let (paid, refunded) = (yuan(paid), yuan(refunded));
    text += &format!("{TOTALS}\r\n`{lines},`{paid},`{refunded},`0.00,`0.00000,`{paid},`{refunded}\r\n");
    text
}

fn yuan(fen: i64) -> String {
    Money::from_fen(fen).to_string()
}

/// The moment in Beijing, if it is on that day there.
fn on(at: DateTime<Utc>, day: NaiveDate) -> Option<String> {
    let local = at.with_timezone(&FixedOffset::east_opt(8 * 3_600)?).naive_local();
    (local.date() == day).then(|| local.format("%Y-%m-%d %H:%M:%S").to_string())
}
