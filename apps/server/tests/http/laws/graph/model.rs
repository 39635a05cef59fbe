//! The reference: small, and written from the book, not from the code.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::rules::{Rules, Validity, WORTH, local_day};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Live,
    Paused,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Unclaimed,
    Issued,
    Redeemed,
    Expired,
    Voided,
}

impl State {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::Issued => "issued",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Voided => "voided",
        }
    }
}

/// A redemption, undone or not.
#[derive(Debug, Clone)]
pub struct Redemption {
    pub id: String,
    pub store: usize,
    pub day: NaiveDate,
    pub undone: bool,
}

/// One coupon.
#[derive(Debug, Clone)]
pub struct Coupon {
    pub id: String,
    pub code: String,
    pub state: State,
    /// Who claimed it, and on which local day.
    pub owner: Option<(usize, NaiveDate)>,
    pub expires_at: Option<DateTime<Utc>>,
    /// The rules it was issued under.
    pub rules: Rules,
    pub redemption: Option<Redemption>,
}

/// Why a command is refused: the code of the problem.
pub type Refusal = &'static str;
pub type Verdict = Result<(), Refusal>;

/// A template and everything issued of it.
#[derive(Debug)]
pub struct Model {
    pub begun: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub rules: Rules,
    pub standing: Standing,
    pub killed: bool,
    pub issued: i64,
    pub claimed: i64,
    pub committed: i64,
    pub spent: i64,
    pub coupons: Vec<Coupon>,
    claims: BTreeMap<usize, i64>,
    claims_of_day: BTreeMap<NaiveDate, i64>,
    uses: BTreeMap<(usize, NaiveDate), i64>,
}

impl Model {
    pub fn new(begun: DateTime<Utc>, rules: Rules) -> Self {
        Self {
            begun,
            now: begun,
            rules,
            standing: Standing::Live,
            killed: false,
            issued: 0,
            claimed: 0,
            committed: 0,
            spent: 0,
            coupons: Vec::new(),
            claims: BTreeMap::new(),
            claims_of_day: BTreeMap::new(),
            uses: BTreeMap::new(),
        }
    }

    fn is_on_offer(&self, rules: &Rules) -> Verdict {
        if self.killed {
            return Err("coupon_killed");
        }
        match self.standing {
            Standing::Live => {}
            Standing::Paused => return Err("coupon_paused"),
            Standing::Ended => return Err("coupon_ended"),
        }
        if rules.closes_at(self.begun).is_some_and(|end| self.now >= end) {
            return Err("coupon_claim_closed");
        }
        Ok(())
    }

    fn is_within_limits(&self, rules: &Rules, shopper: usize) -> Verdict {
        let mine = self.claims.get(&shopper).copied().unwrap_or_default();
        let today = self.claims_of_day.get(&local_day(self.now)).copied().unwrap_or_default();
        if rules.per_customer.is_some_and(|cap| mine >= cap) || rules.per_day.is_some_and(|cap| today >= cap) {
            return Err("coupon_limit_reached");
        }
        Ok(())
    }

    fn is_in_stock(&self, count: i64) -> Verdict {
        if self.issued + count > self.rules.quantity {
            return Err("coupon_sold_out");
        }
        if self.rules.budget.is_some_and(|budget| self.committed + self.spent + count * WORTH > budget) {
            return Err("coupon_budget_exhausted");
        }
        Ok(())
    }

    /// Whether not even one more coupon fits into the budget: then the template may pause itself.
    pub fn is_exhausted(&self) -> bool {
        self.is_in_stock(1) == Err("coupon_budget_exhausted")
    }

    pub fn may_claim(&self, shopper: usize) -> Verdict {
        self.is_on_offer(&self.rules)?;
        self.is_within_limits(&self.rules, shopper)?;
        self.is_in_stock(1)
    }

    pub fn may_print(&self, count: i64) -> Verdict {
        self.is_on_offer(&self.rules)?;
        self.is_in_stock(count)
    }

    /// What a customer gets who enters the coupon's code: the coupon, or one and the same refusal for all that is not
    /// theirs to take.
    pub fn may_enter(&self, shopper: usize, coupon: &Coupon) -> Verdict {
        match coupon.state {
            State::Issued if coupon.owner.is_some_and(|(owner, _)| owner == shopper) => Ok(()),
            State::Unclaimed if !self.killed => {
                self.is_on_offer(&coupon.rules)?;
                self.is_within_limits(&coupon.rules, shopper)
            }
            _ => Err("code_not_claimable"),
        }
    }

    pub fn may_redeem(&self, coupon: &Coupon, store: usize) -> Verdict {
        match coupon.state {
            State::Redeemed => return Err("coupon_already_redeemed"),
            State::Expired => return Err("coupon_expired"),
            State::Voided => return Err("coupon_voided"),
            State::Unclaimed | State::Issued => {}
        }
        if self.killed {
            return Err("coupon_killed");
        }
        let uses = self.uses.get(&(store, local_day(self.now))).copied().unwrap_or_default();
        if coupon.rules.per_store_day.is_some_and(|cap| uses >= cap) {
            return Err("coupon_limit_reached");
        }
        Ok(())
    }

    /// Of a coupon that was redeemed once at least.
    pub fn may_undo(&self, redemption: &Redemption, store: usize) -> Verdict {
        if redemption.undone {
            return Err("redemption_undone");
        }
        if redemption.store != store {
            return Err("coupon_other_store");
        }
        if redemption.day != local_day(self.now) {
            return Err("coupon_unredeem_window_over");
        }
        Ok(())
    }

    pub fn may_void(&self, coupon: &Coupon) -> Verdict {
        match coupon.state {
            State::Unclaimed | State::Issued => Ok(()),
            State::Redeemed | State::Expired | State::Voided => Err("coupon_state_refuses"),
        }
    }

    pub fn may_publish(&self, rules: &Rules) -> Verdict {
        if rules.closes_at(self.begun).is_some_and(|end| self.now >= end) {
            return Err("template_window_past");
        }
        if rules.quantity < self.issued { Err("quantity_below_issued") } else { Ok(()) }
    }
}

/// What lawful commands do.
impl Model {
    pub fn issue(&mut self, owner: Option<usize>, id: &str, code: &str) {
        let day = local_day(self.now);
        let expires_at = match (owner, self.rules.validity) {
            (None, Validity::Days(_)) => None,
            _ => Some(self.rules.expires_at(self.begun, self.now)),
        };
        let coupon = Coupon {
            id: id.to_owned(),
            code: code.to_owned(),
            state: if owner.is_some() { State::Issued } else { State::Unclaimed },
            owner: owner.map(|shopper| (shopper, day)),
            expires_at,
            rules: self.rules,
            redemption: None,
        };
        self.coupons.push(coupon);
        self.issued += 1;
        self.committed += self.worth();
        if let Some(shopper) = owner {
            self.claimed += 1;
            self.count_claim(shopper, day, 1);
        }
    }

    pub fn give_owner(&mut self, index: usize, shopper: usize) {
        let (begun, now, day) = (self.begun, self.now, local_day(self.now));
        let coupon = &mut self.coupons[index];
        if coupon.state == State::Issued {
            return;
        }
        coupon.state = State::Issued;
        coupon.owner = Some((shopper, day));
        coupon.expires_at = Some(coupon.rules.expires_at(begun, now));
        self.claimed += 1;
        self.count_claim(shopper, day, 1);
    }

    pub fn redeem(&mut self, index: usize, store: usize, id: &str) {
        let day = local_day(self.now);
        let coupon = &mut self.coupons[index];
        coupon.state = State::Redeemed;
        coupon.redemption = Some(Redemption { id: id.to_owned(), store, day, undone: false });
        *self.uses.entry((store, day)).or_default() += 1;
        self.committed -= self.worth();
        self.spent += self.worth();
    }

    pub fn undo(&mut self, index: usize) {
        let now = self.now;
        let coupon = &mut self.coupons[index];
        let redemption = coupon.redemption.as_mut().unwrap();
        redemption.undone = true;
        *self.uses.entry((redemption.store, redemption.day)).or_default() -= 1;
        let back = if coupon.owner.is_some() { State::Issued } else { State::Unclaimed };
        let expired = coupon.expires_at.is_some_and(|end| now >= end);
        coupon.state = if expired { State::Expired } else { back };
        self.spent -= self.worth();
        self.committed += if expired { 0 } else { self.worth() };
    }

    pub fn void(&mut self, index: usize) {
        self.coupons[index].state = State::Voided;
        self.committed -= self.worth();
        if let Some((shopper, day)) = self.coupons[index].owner {
            self.count_claim(shopper, day, -1);
        }
    }

    /// Time passes; the coupons that expire by it.
    pub fn pass(&mut self, now: DateTime<Utc>) -> Vec<usize> {
        self.now = now;
        let worth = self.worth();
        let mut expired = Vec::new();
        for (index, coupon) in self.coupons.iter_mut().enumerate() {
            let open = matches!(coupon.state, State::Unclaimed | State::Issued);
            if open && coupon.expires_at.is_some_and(|end| now >= end) {
                coupon.state = State::Expired;
                self.committed -= worth;
                expired.push(index);
            }
        }
        expired
    }

    fn worth(&self) -> i64 {
        if self.rules.budget.is_some() { WORTH } else { 0 }
    }

    fn count_claim(&mut self, shopper: usize, day: NaiveDate, count: i64) {
        *self.claims.entry(shopper).or_default() += count;
        *self.claims_of_day.entry(day).or_default() += count;
    }
}
