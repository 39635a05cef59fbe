//! Everything that handlers are handed: opened once at start, shared by all workers.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use huike_access::{Login, Scope, decide_password};
use huike_coupons::{calendar::HolidayCalendar, codes::GuessPolicy};
use huike_kernel::{Actor, Clock, IdSource, ManualClock, NodeId, RandomSource, SystemClock, Text};
use huike_persistence::{Outcome, Store, StoreOptions, migrations, nodes, secret_keys};
use huike_usecases::{
    Caller, UseCaseError,
    bootstrap::{self, FirstStart},
};
use secrecy::{ExposeSecret, SecretString};

use super::{DatabaseLock, StartError, parts::Parts};
use crate::{
    auth::{
        CookiePolicy, CustomerDesk, DevProvider, Gate, GateParts, GuessLimit, Passwords, SignInProviders, StaffDesk,
    },
    cart_log::CartLog,
    cashier::TestCashier,
    claim_desk::ClaimDesk,
    codes::{CodeMint, GuessBook},
    counter::CounterDesk,
    http::{app::codes::CheckLimit, health::Stopping},
    jobs::{ExhaustedTemplates, Work},
    keys::{self, KeyRing},
    offer_shelf::OfferShelf,
    quote_desk::{QuoteDesk, QuoteParts},
    settings::{Profile, Settings},
    sources::{SystemIds, SystemRandom, random_bytes},
    telemetry::request::Https,
    trial_desk::TrialDesk,
    webhooks::{Post, Sender, SystemResolver, trust},
};

/// Wrong passwords for one name from one address in [`GUESS_WINDOW`].
const WRONG_PASSWORDS_MAX: u32 = 10;
const GUESS_WINDOW: Duration = Duration::from_secs(60);

/// The password of an owner who was not given one.
#[derive(Debug)]
pub struct FirstPassword {
    /// The owner.
    pub login: Login,
    /// The password, to be shown once.
    pub password: String,
}

/// The opened house.
pub struct House {
    /// What it was told.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// The keys.
    pub keys: KeyRing,
    /// The head of the brand.
    pub head: NodeId,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The same clock, where it is set by hand.
    pub manual_clock: Option<Arc<ManualClock>>,
    /// The owner's password, if this start made one.
    pub first_password: Option<FirstPassword>,
    /// Whether the server has been told to stop.
    pub stopping: Data<Stopping>,
    passwords: Passwords,
    mint: CodeMint,
    guesses: Arc<GuessBook>,
    exhausted: Arc<ExhaustedTemplates>,
    shelf: Arc<OfferShelf>,
    carts: Arc<CartLog>,
    calendar: HolidayCalendar,
    sender: Sender,
    _lock: DatabaseLock,
}

impl House {
    /// Takes the lock, migrates, opens the store and the keys, and begins the brand where there is none.
    pub fn open(settings: Settings) -> Result<Self, StartError> {
        let lock = DatabaseLock::take(&settings.database_url)?;
        huike_persistence::reach(&settings.database_url, settings.database_wait)?;
        migrations::run_at(&settings.database_url)?;
        let manual_clock = settings.manual_clock.then(|| Arc::new(ManualClock::new(SystemClock.now())));
        let clock: Arc<dyn Clock> = match &manual_clock {
            Some(clock) => Arc::clone(clock) as Arc<dyn Clock>,
            None => Arc::new(SystemClock),
        };
        let store = Store::open(&settings.database_url, &store_options(&settings), Arc::clone(&clock))?;
        let has_wrapped = !store.read_blocking(secret_keys::list)?.is_empty();
        let master = keys::locate(&settings, has_wrapped, &SystemRandom)?;
        let keys = KeyRing::load(&store, &master, &SystemRandom)?;
        let passwords = Passwords::new(settings.password_cost).map_err(StartError::Passwords)?;
        let first_password = begin_brand(&store, &settings, &passwords)?;
        let head = store.read_blocking(nodes::find_head)?.ok_or(UseCaseError::NotFound("head"))?.id;
        let stopping = Data::new(Stopping::default());
        let calendar = HolidayCalendar::embedded()?;
        let mint = CodeMint { keys: keys.clone(), ids: Arc::new(SystemIds), random: Arc::new(SystemRandom) };
        let guesses = GuessBook::new(store.clone(), GuessPolicy::default());
        let tls = trust(settings.webhooks.ca_file.as_deref())?;
        let sender = Sender::new(Arc::new(SystemResolver), tls, settings.webhooks.allow_loopback);
        Ok(Self {
            sender,
            mint,
            guesses,
            exhausted: Arc::default(),
            shelf: OfferShelf::new(store.clone()),
            carts: Arc::default(),
            settings,
            store,
            keys,
            head,
            clock,
            manual_clock,
            first_password,
            stopping,
            passwords,
            calendar,
            _lock: lock,
        })
    }

    /// What jobs work with.
    pub(super) fn work(&self) -> Work {
        Work {
            store: self.store.clone(),
            mint: self.mint.clone(),
            guesses: Arc::clone(&self.guesses),
            exhausted: Arc::clone(&self.exhausted),
            shelf: Arc::clone(&self.shelf),
            carts: Arc::clone(&self.carts),
            clock: Arc::clone(&self.clock),
            head: self.head,
        }
    }

    /// What webhooks are sent with.
    pub(super) fn post(&self) -> Post {
        Post {
            store: self.store.clone(),
            keys: self.keys.clone(),
            clock: Arc::clone(&self.clock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            sender: self.sender.clone(),
        }
    }

    /// What handlers are handed.
    pub(super) fn parts(&self) -> Parts {
        let random: Arc<dyn RandomSource> = Arc::new(SystemRandom);
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        let gate = Gate::new(GateParts {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&ids),
            csrf_key: self.keys.csrf,
            cookies: CookiePolicy::new(self.settings.is_https()),
            head: self.head,
        });
        let staff_desk = StaffDesk {
            store: self.store.clone(),
            passwords: self.passwords.clone(),
            guesses: GuessLimit::new(WRONG_PASSWORDS_MAX, GUESS_WINDOW),
            proxies: self.settings.trusted_proxies.clone(),
            random: Arc::clone(&random),
            lasts: self.settings.staff_session,
        };
        let customer_desk = CustomerDesk {
            store: self.store.clone(),
            providers: providers(self.settings.profile),
            identity_key: self.keys.identity,
            random: Arc::clone(&random),
            lasts: self.settings.customer_session,
        };
        let counter_desk = CounterDesk::new(
            self.store.clone(),
            Arc::clone(&self.clock),
            self.mint.clone(),
            Arc::clone(&self.guesses),
            self.calendar.clone(),
        );
        let exhausted = Arc::clone(&self.exhausted);
        let claim_desk = ClaimDesk::new(self.store.clone(), exhausted, self.settings.gather_claims);
        Parts {
            store: Data::new(self.store.clone()),
            keys: Data::new(self.keys.clone()),
            settings: Data::new(self.settings.clone()),
            passwords: Data::new(self.passwords.clone()),
            clock: Data::from(Arc::clone(&self.clock)),
            ids: Data::from(ids),
            random: Data::from(random),
            gate: Data::new(gate),
            staff_desk: Data::new(staff_desk),
            customer_desk: Data::new(customer_desk),
            counter_desk: Data::new(counter_desk),
            quote_desk: Data::new(self.quote_desk()),
            claim_desk: Data::new(claim_desk),
            https: Data::new(Https(self.settings.is_https())),
            stopping: self.stopping.clone(),
            mint: Data::new(self.mint.clone()),
            guesses: Data::from(Arc::clone(&self.guesses)),
            exhausted: Data::from(Arc::clone(&self.exhausted)),
            shelf: Data::from(Arc::clone(&self.shelf)),
            carts: Data::from(Arc::clone(&self.carts)),
            cashier: Data::new(TestCashier::new(self.keys.idempotency, self.head)),
            trials: Data::new(TrialDesk::new(self.store.clone(), Arc::clone(&self.clock))),
            checks: Data::new(CheckLimit::default()),
        }
    }

    fn quote_desk(&self) -> QuoteDesk {
        QuoteDesk::new(QuoteParts {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            calendar: Arc::new(self.calendar.clone()),
            shelf: Arc::clone(&self.shelf),
            carts: Arc::clone(&self.carts),
        })
    }
}

/// Where claims are not gathered, nothing is: each has its transaction and its commit.
fn store_options(settings: &Settings) -> StoreOptions {
    let own = StoreOptions::default();
    if settings.gather_claims { own } else { StoreOptions { sqlite_group_max: 1, ..own } }
}

/// The ways for customers to sign in here.
fn providers(profile: Profile) -> SignInProviders {
    match profile {
        Profile::Production => SignInProviders::default(),
        Profile::Dev => SignInProviders::new(vec![Box::new(DevProvider)]),
    }
}

/// Makes the head and its owner on an empty database. Hands the password back if it was made here.
fn begin_brand(store: &Store, settings: &Settings, passwords: &Passwords) -> Result<Option<FirstPassword>, StartError> {
    if store.read_blocking(nodes::find_head)?.is_some() {
        return Ok(None);
    }
    let given = settings.owner_password.clone();
    if let Some(password) = &given {
        decide_password(&settings.owner, password.expose_secret()).map_err(StartError::OwnerPassword)?;
    }
    let made = given.is_none().then(one_time_password);
    let password = given.or_else(|| made.clone().map(SecretString::from)).unwrap_or_default();
    let first = FirstStart {
        brand: Text::new(&settings.brand).map_err(|_text| StartError::Brand(settings.brand.clone()))?,
        code: "head".parse().map_err(UseCaseError::Sites)?,
        owner: settings.owner.clone(),
        password_hash: passwords.hash_blocking(&password).map_err(StartError::Passwords)?,
        must_change_password: made.is_some(),
    };
    let caller = system_caller();
    let done = store.write_blocking(move |db, now| bootstrap::make_head(db, &caller.act(now), &first))?;
    let login = settings.owner.clone();
    Ok(made.filter(|_| done == Outcome::Applied).map(|password| FirstPassword { login, password }))
}

/// A password that is good for one sign-in: whoever gets it has to change it.
pub(crate) fn one_time_password() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<12>(&SystemRandom))
}

/// Huike itself as a caller: the first start, the command line, jobs.
pub(crate) fn system_caller() -> Caller {
    Caller {
        actor: Actor::System,
        scope: Scope::default(),
        request_id: SystemIds.next_uuid().to_string(),
        ids: Arc::new(SystemIds),
    }
}
