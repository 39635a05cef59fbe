//! Cases of other engines, with the figures they assert. Every portable one must come out to the fen.
//!
//! `PROMO_CASES` may name another file of the same shape, to be run as well.
#![cfg(test)]

mod adapter;
mod case;

use std::collections::BTreeMap;

use huike_kernel::{Money, money};
use huike_pricing::{Ask, CompiledOffers, CouponChoice, Policy, Quote, Selection, quote, quote::Gap};
use serde_json::Value;

use self::{
    adapter::{world, yuan},
    case::Case,
};

#[derive(Debug, PartialEq)]
enum Verdict {
    Agrees,
    /// Not run, by the file's own reason.
    Skipped(String),
    Differs(String),
}

#[test]
fn the_engine_agrees_with_every_portable_case() {
    let mut files = vec![format!("{}/tests/cases/promo-cases.json", env!("CARGO_MANIFEST_DIR"))];
    files.extend(std::env::var("PROMO_CASES"));
    let mut misses = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let cases: Vec<Case> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        misses.extend(run(&cases));
    }
    assert!(misses.is_empty(), "{} cases differ:\n{}", misses.len(), misses.join("\n"));
}

/// Runs the cases, prints a line per class and source, and returns those that differ though they must not.
fn run(cases: &[Case]) -> Vec<String> {
    let mut tally: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    let mut skipped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut misses = Vec::new();
    for case in cases {
        let class = case.portability.class.clone();
        let verdict = judge(case);
        if let Verdict::Skipped(reason) = &verdict {
            skipped.entry(format!("{class}: {reason}")).or_default().push(case.id.clone());
            if class == "portable" {
                misses.push(format!("{}: skipped, {reason}", case.id));
            }
        }
        if let Verdict::Differs(how) = &verdict {
            misses.push(format!("{}: {how}", case.id));
        }
        for source in [String::new(), case.source_repo.clone()] {
            let count = tally.entry((class.clone(), source)).or_default();
            count.1 += usize::from(!matches!(verdict, Verdict::Skipped(_)) || class == "portable");
            count.0 += usize::from(verdict == Verdict::Agrees);
        }
    }
    for ((class, source), (agree, of)) in &tally {
        println!("{class}{}{source} {agree}/{of}", if source.is_empty() { "" } else { " " });
    }
    for (reason, ids) in &skipped {
        println!("skipped ({}) {reason}: {}", ids.len(), ids.join(", "));
    }
    misses
}

fn judge(case: &Case) -> Verdict {
    if let Some(reason) = special(case) {
        return Verdict::Skipped(reason);
    }
    if let Some(apportion) = &case.apportion {
        return judge_apportion(case, apportion.amount, &apportion.weights);
    }
    let world = match world(case) {
        Ok(world) => world,
        Err(reason) => return Verdict::Skipped(reason),
    };
    let offers = match CompiledOffers::new(world.offers) {
        Ok(offers) => offers,
        Err(problems) => return Verdict::Differs(format!("an offer is refused: {problems:?}")),
    };
    let policy = Policy { selection: Selection::Priority, ..Policy::default() };
    let ask = Ask {
        cart: &world.cart,
        facts: &world.facts,
        held: &world.held,
        choice: &CouponChoice::Best,
        points_off: None,
    };
    match quote(&offers, &policy, &ask) {
        Ok(quote) => compare(case, &quote),
        Err(error) => Verdict::Differs(format!("the cart is refused: {error}")),
    }
}

/// Whether the case asks for more than a price, or for a policy that is not ours; by its own fields.
fn special(case: &Case) -> Option<String> {
    if let Some(when) = &case.portability.matches_when {
        let ours = [("rounding", "half_down"), ("remainder", "largest"), ("round_at", "per_line")];
        for (key, policy) in ours {
            let is_ours = |list: &Value| list.as_array().is_some_and(|of| of.iter().any(|word| word == policy));
            if when.get(key).is_some_and(|list| !is_ours(list)) {
                return Some(format!("holds only under another {key}"));
            }
        }
    }
    if case.loyalty.is_some() {
        return Some("points and tiers, no price".into());
    }
    if case.parallel.is_some() {
        return Some("parallel buyers, no price".into());
    }
    if case.tenders.is_some() {
        return Some("tenders, no price".into());
    }
    let of_price = ["discount_total", "total", "line_discounts", "shipping_total", "unit_prices", "apportion", "gap"];
    let asks_price = case.expected.as_object().is_some_and(|of| of.keys().any(|key| of_price.contains(&key.as_str())));
    (!asks_price).then(|| {
        let asked: Vec<&str> = case.expected.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        format!("asks for {}", asked.join(", "))
    })
}

fn judge_apportion(case: &Case, amount: i64, weights: &[i64]) -> Verdict {
    // A negative amount is spread like its opposite.
    let parts = match money::allocate(Money::from_fen(amount.abs()), weights) {
        Some(parts) => parts.into_iter().map(|part| part.fen() * amount.signum()).collect(),
        None => vec![0; weights.len()],
    };
    let wanted: Vec<i64> = serde_json::from_value(case.expected["apportion"].clone()).unwrap();
    if parts == wanted { Verdict::Agrees } else { Verdict::Differs(format!("{parts:?}, not {wanted:?}")) }
}

fn compare(case: &Case, quote: &Quote) -> Verdict {
    let mut differs = Vec::new();
    let mut check = |what: &str, ours: Option<Money>, theirs: &Value| {
        let theirs = yuan(theirs.as_str().unwrap());
        if ours != Some(theirs) {
            differs.push(format!("{what} {ours:?}, not {theirs}"));
        }
    };
    let goods = quote.totals.subtotal.checked_sub(quote.totals.discount).unwrap();
    for (key, wanted) in case.expected.as_object().unwrap() {
        match key.as_str() {
            // Figures of carts with shipping: some engines count it in, some do not; both are in the totals.
            "discount_total" => {
                let with_shipping = quote.totals.discount.checked_add(quote.totals.shipping_discount);
                let wanted_fen = Some(yuan(wanted.as_str().unwrap()));
                let ours = if with_shipping == wanted_fen { with_shipping } else { Some(quote.totals.discount) };
                check("discount", ours, wanted);
            }
            "total" => {
                let wanted_fen = yuan(wanted.as_str().unwrap());
                let ours = if quote.totals.payable == wanted_fen { quote.totals.payable } else { goods };
                check("total", Some(ours), wanted);
            }
            "shipping_total" => {
                let fee = quote.totals.shipping.checked_sub(quote.totals.shipping_discount);
                check("shipping", fee, wanted);
            }
            "line_discounts" => {
                for (sku, wanted) in wanted.as_object().unwrap() {
                    let line = quote.lines.iter().find(|line| line.sku == *sku).map(|line| line.discount);
                    let method = quote.shipping.iter().find(|fee| fee.method == *sku);
                    let off = method.map(|fee| fee.fee.checked_sub(fee.payable).unwrap());
                    check(sku, line.or(off), wanted);
                }
            }
            "unit_prices" => {
                for (sku, wanted) in wanted.as_object().unwrap() {
                    let line = quote.lines.iter().find(|line| line.sku == *sku).unwrap();
                    check(sku, Some(Money::from_fen(line.payable.fen() / i64::from(line.quantity))), wanted);
                }
            }
            _ => {}
        }
    }
    differs.extend(compare_refusal(case, quote));
    if differs.is_empty() { Verdict::Agrees } else { Verdict::Differs(differs.join("; ")) }
}

fn compare_refusal(case: &Case, quote: &Quote) -> Option<String> {
    if let Some(gap) = case.expected.get("gap") {
        let ours = quote.rejected.iter().filter_map(|rejected| rejected.gap);
        let is_ours = |ours: Gap| serde_json::to_value(ours).unwrap() == *gap;
        if !ours.clone().any(is_ours) {
            return Some(format!("gaps {:?}, not {gap}", ours.collect::<Vec<_>>()));
        }
    }
    let wanted = case.expected.get("rejected")?.as_str()?;
    let ours: &[&str] = match wanted {
        "CODE_NOT_FOUND" => &["not_found"],
        "EXPIRED" => &["expired"],
        "NOT_STARTED" => &["not_started"],
        "USAGE_LIMIT" | "CUSTOMER_LIMIT" => &["limit"],
        "CONDITION_NOT_MET" => &["threshold", "scope", "segment"],
        "CHANNEL_MISMATCH" => &["scope"],
        "BUDGET_EXCEEDED" => &["budget"],
        other => return Some(format!("nobody knows the code {other}")),
    };
    // A code nobody entered in our shop was never in hand: there is nothing to reject.
    if ours == ["not_found"] && quote.applied.is_empty() {
        return None;
    }
    let codes: Vec<&str> = quote.rejected.iter().map(|rejected| rejected.code.as_str()).collect();
    (!codes.iter().any(|code| ours.contains(code))).then(|| format!("rejected {codes:?}, not {ours:?}"))
}
