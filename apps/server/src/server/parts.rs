//! What handlers are handed.

use actix_web::web::{Data, ServiceConfig};
use huike_kernel::{Clock, IdSource, RandomSource};
use huike_persistence::Store;

use crate::{
    auth::{CustomerDesk, Gate, Passwords, StaffDesk},
    cart_log::CartLog,
    cashier::TestCashier,
    claim_desk::ClaimDesk,
    codes::{CodeMint, GuessBook},
    counter::CounterDesk,
    http::{app::codes::CheckLimit, health::Stopping},
    jobs::ExhaustedTemplates,
    keys::KeyRing,
    offer_shelf::OfferShelf,
    quote_desk::QuoteDesk,
    settings::Settings,
    telemetry::request::Https,
    trial_desk::TrialDesk,
};

/// What handlers are handed, ready for every worker.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) store: Data<Store>,
    pub(super) keys: Data<KeyRing>,
    pub(super) settings: Data<Settings>,
    pub(super) passwords: Data<Passwords>,
    pub(super) clock: Data<dyn Clock>,
    pub(super) ids: Data<dyn IdSource>,
    pub(super) random: Data<dyn RandomSource>,
    pub(super) gate: Data<Gate>,
    pub(super) staff_desk: Data<StaffDesk>,
    pub(super) customer_desk: Data<CustomerDesk>,
    pub(super) counter_desk: Data<CounterDesk>,
    pub(super) claim_desk: Data<ClaimDesk>,
    pub(super) quote_desk: Data<QuoteDesk>,
    pub(super) https: Data<Https>,
    pub(super) mint: Data<CodeMint>,
    pub(super) guesses: Data<GuessBook>,
    pub(super) exhausted: Data<ExhaustedTemplates>,
    pub(super) shelf: Data<OfferShelf>,
    pub(super) carts: Data<CartLog>,
    pub(super) cashier: Data<TestCashier>,
    pub(super) trials: Data<TrialDesk>,
    pub(super) checks: Data<CheckLimit>,
    pub(super) stopping: Data<Stopping>,
}

impl Parts {
    pub(super) fn install(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.store.clone())
            .app_data(self.cashier.clone())
            .app_data(self.keys.clone())
            .app_data(self.settings.clone())
            .app_data(self.passwords.clone())
            .app_data(self.clock.clone())
            .app_data(self.ids.clone())
            .app_data(self.random.clone())
            .app_data(self.gate.clone())
            .app_data(self.staff_desk.clone())
            .app_data(self.customer_desk.clone())
            .app_data(self.counter_desk.clone())
            .app_data(self.claim_desk.clone())
            .app_data(self.quote_desk.clone())
            .app_data(self.https.clone())
            .app_data(self.mint.clone())
            .app_data(self.guesses.clone())
            .app_data(self.exhausted.clone())
            .app_data(self.shelf.clone())
            .app_data(self.carts.clone())
            .app_data(self.trials.clone())
            .app_data(self.checks.clone())
            .app_data(self.stopping.clone());
    }
}
