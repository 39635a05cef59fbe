//! Issuing (发放): a merchant gives coupons to customers it names.

use std::collections::{BTreeMap, BTreeSet};

use huike_access::{Permission, Sight};
use huike_kernel::{Actor, CouponId, CustomerId, DomainError, NodeId, Phone, TemplateId};
use huike_persistence::{Db, StoreError, TxError, scope, standing, templates};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Act, Caller, UseCaseError,
    claims::{ClaimAsk, claim_batch},
    codes::FreshCode,
    record::{self, Change},
};

/// How a customer is named.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// By id.
    Id(CustomerId),
    /// By phone number.
    Phone(Phone),
}

/// Coupons for a list of customers.
#[derive(Debug, Clone)]
pub struct IssueAsk {
    /// The template, which must be live.
    pub template: TemplateId,
    /// The node that gives.
    pub site: NodeId,
    /// Who gets one, each with the code of the coupon.
    pub rows: Vec<(Recipient, FreshCode)>,
    /// Who was named before, where a long list comes in parts.
    pub named: BTreeSet<CustomerId>,
}

/// What became of one row of the list. Phones are not repeated: this is kept with the idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedRow {
    /// The customer, where there is one the caller may know of.
    pub customer: Option<CustomerId>,
    /// The coupon they got.
    pub coupon: Option<CouponId>,
    /// Why they got none.
    pub refused: Option<String>,
}

/// Gives one coupon to each customer of the list who may have one, in the order of the list, and says row by row what
/// became of it. Only what concerns all of them refuses the list as a whole.
pub fn issue_list(db: &mut Db, act: &Act<'_>, ask: &IssueAsk) -> Result<Vec<IssuedRow>, UseCaseError> {
    act.reach(db, ask.site, Permission::CouponIssue, "node")?;
    guard_template(db, act.caller, ask.template, ask.site)?;
    let recipients: Vec<&Recipient> = ask.rows.iter().map(|(recipient, _)| recipient).collect();
    let known = Known::load(db, act.caller, &recipients)?;
    let mut rows = Vec::with_capacity(ask.rows.len());
    let mut named = ask.named.clone();
    let mut asks: Vec<(usize, ClaimAsk)> = Vec::new();
    for (index, (recipient, code)) in ask.rows.iter().enumerate() {
        let customer = known.find(recipient);
        let refused = match customer {
            None => Some("not_found".to_owned()),
            Some(customer) if !named.insert(customer) => Some("named_twice".to_owned()),
            Some(customer) => {
                asks.push((index, ClaimAsk { customer, site: ask.site, channel: None, code: code.clone() }));
                None
            }
        };
        rows.push(IssuedRow { customer, coupon: None, refused });
    }
    let batch: Vec<_> = asks.iter().map(|(_, ask)| (act, ask)).collect();
    let answers = claim_batch(db, ask.template, &batch)?;
    for ((index, _), answer) in asks.iter().zip(answers) {
        let Some(row) = rows.get_mut(*index) else { continue };
        match answer {
            Ok(claimed) => row.coupon = Some(claimed.coupon),
            Err(error) if error.store().is_some() => return Err(error),
            Err(error) => row.refused = Some(error.code().to_owned()),
        }
    }
    let issued = rows.iter().filter(|row| row.coupon.is_some()).count();
    let change = Change {
        action: "coupon.issue",
        subject_kind: "coupon_template",
        subject: ask.template.to_string(),
        before: json!(null),
        after: json!({ "named": rows.len(), "issued": issued }),
    };
    record::audit(db, act, ask.site, change)?;
    Ok(rows)
}

/// The customer that another system claims for: if it may claim at the site, and know of the template and of them. Asked
/// before the claim is handed in.
pub fn find_recipient(
    db: &mut Db,
    caller: &Caller,
    (template, site): (TemplateId, NodeId),
    recipient: &Recipient,
) -> Result<CustomerId, UseCaseError> {
    caller.reach(db, site, Permission::CouponIssue, "node")?;
    guard_template(db, caller, template, site)?;
    Known::load(db, caller, &[recipient])?.find(recipient).ok_or(UseCaseError::NotFound("customer"))
}

/// A template is known to the caller if it is theirs to see or belongs to a node above the site.
fn guard_template(db: &mut Db, caller: &Caller, id: TemplateId, site: NodeId) -> Result<(), UseCaseError> {
    let template = templates::find(db, id)?.ok_or(UseCaseError::NotFound("template"))?;
    if scope::path_of(db, site)?.contains(&template.site) {
        return Ok(());
    }
    match scope::sight(db, &caller.scope, template.site)? {
        Sight::Hidden => Err(UseCaseError::NotFound("template")),
        Sight::Permitted | Sight::Visible => Ok(()),
    }
}

/// The customers of a list that the caller may know of.
struct Known {
    seen: BTreeSet<CustomerId>,
    by_phone: BTreeMap<String, CustomerId>,
}

impl Known {
    fn load(db: &mut Db, caller: &Caller, recipients: &[&Recipient]) -> Result<Self, StoreError> {
        let (mut ids, mut phones) = (Vec::new(), Vec::new());
        for recipient in recipients {
            match recipient {
                Recipient::Id(id) => ids.push(*id),
                Recipient::Phone(phone) => phones.push(phone.clone()),
            }
        }
        let by_phone = standing::by_phone(db, &phones)?;
        ids.extend(by_phone.values().copied());
        let mut seen = standing::seen_below(db, &caller.scope.permitted, &ids)?;
        // A till that was told the number speaks for a customer who stands in front of it, the first time too.
        if matches!(caller.actor, Actor::Integration(_)) {
            seen.extend(by_phone.values().copied());
        }
        Ok(Self { seen, by_phone })
    }

    fn find(&self, recipient: &Recipient) -> Option<CustomerId> {
        let id = match recipient {
            Recipient::Id(id) => *id,
            Recipient::Phone(phone) => *self.by_phone.get(phone.as_str())?,
        };
        self.seen.contains(&id).then_some(id)
    }
}
