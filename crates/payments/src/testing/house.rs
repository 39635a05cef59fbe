//! What the fake knows, and what it does with a request whose signature is good.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{APP_ID, MERCHANT_ID, Queue, RefundEnd};
use crate::{PaymentRef, RefundRef};

/// An answer: status and body. `Value::Null` is an empty body.
pub(super) type Said = (u16, Value);

/// The fake's books.
#[derive(Default)]
pub(super) struct House {
    pub(super) payments: BTreeMap<String, FakePayment>,
    pub(super) refunds: BTreeMap<String, FakeRefund>,
    pub(super) mischief: Queue,
    pub(super) certificate_mischief: Queue,
    pub(super) asked: Vec<String>,
    pub(super) nonces: BTreeSet<String>,
    pub(super) rotated: bool,
    pub(super) signs_with_certificate: bool,
    pub(super) damage: Option<fn(String) -> String>,
}

/// A payment in the fake's books.
#[derive(Debug, Clone)]
pub(super) struct FakePayment {
    ask: Value,
    pub(super) amount_fen: i64,
    pub(super) paid_fen: i64,
    pub(super) payer: Option<String>,
    pub(super) state: &'static str,
    pub(super) transaction_id: String,
    pub(super) paid_at: Option<DateTime<Utc>>,
    pub(super) notify_url: String,
}

/// A refund in the fake's books.
#[derive(Debug, Clone)]
pub(super) struct FakeRefund {
    pub(super) payment: String,
    pub(super) amount_fen: i64,
    pub(super) status: &'static str,
    pub(super) refund_id: String,
    pub(super) taken_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    notify_url: String,
}

fn refuse(status: u16, code: &str) -> Said {
    (status, json!({ "code": code, "message": "refused" }))
}

fn time(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::Null, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true).into())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl FakePayment {
    pub(super) fn to_json(&self, id: &str) -> Value {
        let mut told = json!({ "mchid": MERCHANT_ID, "appid": APP_ID, "out_trade_no": id, "trade_state": self.state, "trade_type": "JSAPI" });
        if self.paid_at.is_some() {
            told["transaction_id"] = self.transaction_id.clone().into();
            told["success_time"] = time(self.paid_at);
            told["payer"] = json!({ "openid": self.payer });
            told["amount"] = json!({ "total": self.paid_fen, "payer_total": self.paid_fen, "currency": "CNY", "payer_currency": "CNY" });
        }
        told
    }
}

impl House {
    /// Does what a request asks for.
    pub(super) fn act(&mut self, method: &str, path: &str, body: &Value, now: DateTime<Utc>) -> Said {
        let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method, steps.as_slice()) {
            ("POST", ["v3", "pay", "transactions", kind @ ("jsapi" | "native")]) => self.prepay(kind, body),
            ("GET", ["v3", "pay", "transactions", "out-trade-no", id]) => {
                self.payments.get(*id).map_or_else(|| refuse(404, "ORDER_NOT_EXIST"), |it| (200, it.to_json(id)))
            }
            ("POST", ["v3", "pay", "transactions", "out-trade-no", id, "close"]) => self.close(id),
            ("POST", ["v3", "refund", "domestic", "refunds"]) => self.refund(body, now),
            ("GET", ["v3", "refund", "domestic", "refunds", id]) => {
                let found = self.refunds.get(*id);
                found.map_or_else(|| refuse(404, "RESOURCE_NOT_EXISTS"), |it| (200, it.to_json(id, "status")))
            }
            _ => refuse(404, "NO_SUCH_PATH"),
        }
    }

    fn prepay(&mut self, kind: &str, body: &Value) -> Said {
        let (id, amount) = (text(&body["out_trade_no"]), body["amount"]["total"].as_i64().unwrap_or_default());
        let mine = body["mchid"] == MERCHANT_ID && body["appid"] == APP_ID && body["amount"]["currency"] == "CNY";
        if !mine
            || amount <= 0
            || !(6..=32).contains(&id.len())
            || (kind == "jsapi" && !body["payer"]["openid"].is_string())
        {
            return refuse(400, "PARAM_ERROR");
        }
        let number = self.payments.len();
        let known = self.payments.entry(id).or_insert_with(|| FakePayment {
            ask: body.clone(),
            amount_fen: amount,
            paid_fen: 0,
            payer: body["payer"]["openid"].as_str().map(str::to_owned),
            state: "NOTPAY",
            transaction_id: format!("42000000012026112200000{number:05}"),
            paid_at: None,
            notify_url: text(&body["notify_url"]),
        });
        match known.state {
            _ if known.ask != *body => refuse(403, "OUT_TRADE_NO_USED"),
            "SUCCESS" | "REFUND" => refuse(400, "ORDERPAID"),
            "CLOSED" => refuse(400, "ORDER_CLOSED"),
            _ if kind == "native" => (200, json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={number}") })),
            _ => (200, json!({ "prepay_id": format!("wx22110000000000000000000000{number:05}") })),
        }
    }

    fn close(&mut self, id: &str) -> Said {
        let Some(known) = self.payments.get_mut(id) else {
            return refuse(404, "ORDER_NOT_EXIST");
        };
        match known.state {
            "SUCCESS" | "REFUND" => refuse(400, "ORDERPAID"),
            "CLOSED" => refuse(400, "ORDER_CLOSED"),
            _ => {
                known.state = "CLOSED";
                (204, Value::Null)
            }
        }
    }

    fn refund(&mut self, body: &Value, now: DateTime<Utc>) -> Said {
        let (id, payment) = (text(&body["out_refund_no"]), text(&body["out_trade_no"]));
        let amount_fen = body["amount"]["refund"].as_i64().unwrap_or_default();
        let Some(paid) = self.payments.get(&payment).filter(|it| it.paid_at.is_some()) else {
            return refuse(404, "RESOURCE_NOT_EXISTS");
        };
        if let Some(known) = self.refunds.get(&id) {
            let same = known.amount_fen == amount_fen && known.payment == payment;
            return if same { (200, known.to_json(&id, "status")) } else { refuse(400, "INVALID_REQUEST") };
        }
        let left = paid.paid_fen.saturating_sub(self.refunded_fen(&payment));
        if amount_fen <= 0 || amount_fen > left || body["amount"]["total"] != paid.paid_fen {
            return refuse(400, "INVALID_REQUEST");
        }
        let taken = FakeRefund {
            payment: payment.clone(),
            amount_fen,
            status: "PROCESSING",
            refund_id: format!("50300000012026112200000{:05}", self.refunds.len()),
            taken_at: now,
            ended_at: None,
            notify_url: text(&body["notify_url"]),
        };
        let told = taken.to_json(&id, "status");
        self.refunds.insert(id, taken);
        if let Some(paid) = self.payments.get_mut(&payment) {
            paid.state = "REFUND";
        }
        (200, told)
    }

    pub(super) fn payment(&self, payment: PaymentRef) -> &FakePayment {
        self.payments.get(&payment.to_string()).unwrap()
    }

    pub(super) fn pay(&mut self, payment: PaymentRef, paid_fen: i64, now: DateTime<Utc>) {
        let known = self.payments.get_mut(&payment.to_string()).unwrap();
        *known = FakePayment { paid_fen, state: "SUCCESS", paid_at: Some(now), ..known.clone() };
    }

    pub(super) fn end_refund(&mut self, refund: RefundRef, end: RefundEnd, now: DateTime<Utc>) -> (Value, String) {
        let known = self.refunds.get_mut(&refund.to_string()).unwrap();
        known.status = match end {
            RefundEnd::Success => "SUCCESS",
            RefundEnd::Closed => "CLOSED",
            RefundEnd::Abnormal => "ABNORMAL",
        };
        known.ended_at = Some(now);
        let mut told = known.to_json(&refund.to_string(), "refund_status");
        told["mchid"] = MERCHANT_ID.into();
        (told, known.notify_url.clone())
    }

    pub(super) fn refunded_fen(&self, payment: &str) -> i64 {
        let of_it = self.refunds.values().filter(|it| it.payment == payment && it.status != "CLOSED");
        of_it.map(|it| it.amount_fen).sum()
    }
}

impl FakeRefund {
    fn to_json(&self, id: &str, status_key: &str) -> Value {
        let mut told = json!({
            "refund_id": self.refund_id, "out_refund_no": id, "out_trade_no": self.payment,
            "amount": { "refund": self.amount_fen, "payer_refund": self.amount_fen },
        });
        told[status_key] = self.status.into();
        if self.status == "SUCCESS" {
            told["success_time"] = time(self.ended_at);
        }
        told
    }
}
