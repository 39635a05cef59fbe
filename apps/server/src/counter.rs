//! The counter: where staff and integrations take codes, and customers' phones show them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use huike_coupons::{
    CouponError, RedeemError,
    calendar::HolidayCalendar,
    codes::{CodeError, CodeShape, GuessSubject, QrClaims, QrSubject, is_qr_token, make_qr_token},
};
use huike_kernel::{Clock, CouponId, CustomerId, Money, NodeId};
use huike_persistence::{Db, OnceKey, Store};
use huike_usecases::{
    Caller, UseCaseError,
    redeem::{self, Counter, Preview, Receipt, RedeemAsk, Shown},
};

use crate::{
    codes::{Asker, CodeMint, GuessBook},
    extract::Principal,
    problem::Problem,
    sources::random_bytes,
};

/// What is typed or scanned at a counter.
#[derive(Clone)]
pub struct CodeAsk {
    /// The store.
    pub store: NodeId,
    /// A code, or the QR code of the app.
    pub code: String,
    /// The order amount, where the clerk typed one.
    pub order_amount: Option<Money>,
}

/// Who stands at the counter: for the use case, and for the counts of wrong codes.
pub struct AtCounter {
    caller: Caller,
    subjects: Vec<(GuessSubject, String)>,
}

impl AtCounter {
    /// The caller in that store.
    pub fn new(caller: Caller, asker: &Asker, account: &impl Principal, store: NodeId) -> Self {
        Self { caller, subjects: asker.subjects(account, Some(store)) }
    }
}

/// A QR code for one coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrToken {
    /// The text of the QR code.
    pub text: String,
    /// The first moment it is no longer good.
    pub expires_at: DateTime<Utc>,
}

/// Takes codes in, and gives QR codes out.
pub struct CounterDesk {
    store: Store,
    clock: Arc<dyn Clock>,
    mint: CodeMint,
    guesses: Arc<GuessBook>,
    counter: Arc<Counter>,
}

impl CounterDesk {
    /// A desk over the house's store and keys.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        mint: CodeMint,
        guesses: Arc<GuessBook>,
        calendar: HolidayCalendar,
    ) -> Self {
        let counter = Arc::new(Counter { qr_keys: mint.keys.code_keys.clone(), calendar });
        Self { store, clock, mint, guesses, counter }
    }

    /// What a code gives in a store, now.
    pub async fn preview(&self, who: AtCounter, ask: &CodeAsk) -> Result<Preview, Problem> {
        let (ask, shape) = self.read(ask)?;
        self.check_guesses(&who.subjects, shape).await?;
        let (counter, caller, now) = (Arc::clone(&self.counter), who.caller, self.clock.now());
        let seen = self.store.read(move |db| redeem::preview(db, &caller.act(now), &counter, &ask)).await;
        self.settle(&who.subjects, shape, seen).await
    }

    /// Redeems a code in a store, once for its key.
    pub async fn redeem(&self, who: AtCounter, once: OnceKey, ask: &CodeAsk) -> Result<Receipt, Problem> {
        let (ask, shape) = self.read(ask)?;
        self.check_guesses(&who.subjects, shape).await?;
        let (counter, caller) = (Arc::clone(&self.counter), who.caller);
        let redeem = move |db: &mut Db, now| redeem::redeem_at_counter(db, &caller.act(now), &counter, &ask);
        let done = self.store.write_once(once, redeem).await;
        self.settle(&who.subjects, shape, done.map(|once| once.value)).await
    }

    /// A QR code for a coupon the customer holds, good for a minute and for one redemption.
    pub async fn show(&self, customer: CustomerId, coupon: CouponId) -> Result<QrToken, Problem> {
        let now = self.clock.now();
        self.store.read(move |db| redeem::check_show(db, customer, coupon, now)).await?;
        let nonce = random_bytes(self.mint.random.as_ref());
        let claims = QrClaims::starting_at(now, QrSubject::Coupon(coupon), nonce);
        let text = make_qr_token(&claims, self.mint.keys.code_keys.active());
        Ok(QrToken { text, expires_at: claims.expires_at })
    }

    fn read(&self, ask: &CodeAsk) -> Result<(RedeemAsk, CodeShape), CodeError> {
        let (shown, shape) = if is_qr_token(&ask.code) {
            (Shown::Qr(ask.code.clone()), CodeShape::Signed)
        } else {
            let code = self.mint.read(&ask.code)?;
            let shape = code.shape;
            (Shown::Code(code), shape)
        };
        Ok((RedeemAsk { store: ask.store, shown, order_amount: ask.order_amount }, shape))
    }

    /// Refuses whoever tried too many wrong codes. What is being looked up does not count here: a till may redeem as
    /// many coupons at once as it has customers.
    async fn check_guesses(&self, subjects: &[(GuessSubject, String)], shape: CodeShape) -> Result<(), Problem> {
        self.guesses.begin(subjects, shape, self.clock.now()).await.map(drop)
    }

    /// Counts a code that hit nothing of this brand's; any other refusal is about a real coupon.
    async fn settle<T>(
        &self,
        subjects: &[(GuessSubject, String)],
        shape: CodeShape,
        outcome: Result<T, UseCaseError>,
    ) -> Result<T, Problem> {
        if outcome.as_ref().is_err_and(is_wrong_code)
            && let Ok(guess) = self.guesses.begin(subjects, shape, self.clock.now()).await
        {
            guess.was_wrong();
        }
        Ok(outcome?)
    }
}

fn is_wrong_code(refusal: &UseCaseError) -> bool {
    use CouponError::{Code, Redeem};
    matches!(
        refusal,
        UseCaseError::Coupons(
            Redeem(RedeemError::CodeUnknown | RedeemError::CodeForged | RedeemError::CodeForeign)
                | Code(CodeError::QrForged)
        )
    )
}
