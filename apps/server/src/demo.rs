//! The demonstration: seeds an empty database with a brand that has ninety days behind it, and says how to get in.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use huike_access::{Login, decide_password};
use huike_coupons::codes::{CanonicalCode, CodeShape, Pattern, PlainCode, SignedCode, lookup_hash};
use huike_kernel::{ChannelId, CouponId, SystemClock};
use huike_persistence::{
    Store, StoreOptions, channels::SharedCode, coupons::StoredCode, migrations, nodes, secret_keys,
};
use huike_usecases::demo::{self, DemoAsk, DemoCodes, DemoProgress, DemoSecrets, DemoSize, DemoSummary};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    auth::{NewToken, Passwords, TokenKind},
    keys::{self, KeyRing},
    server::{DatabaseLock, StartError, one_time_password},
    settings::Settings,
    sources::{SystemRandom, random_bytes},
};

/// What is seeded where nobody asks for something else.
pub const DEMO_SEED: u64 = 20_261_122;

/// A demonstration that was seeded, and what opens its doors. Shown once.
pub struct Seeded {
    /// What there is now.
    pub summary: DemoSummary,
    /// The owner's sign-in name.
    pub owner: Login,
    /// The owner's password, if it was made here.
    pub owner_password: Option<String>,
    /// The password of everybody else.
    pub staff_password: String,
    /// The key of the till system.
    pub key: SecretString,
}

/// Seeds the database of the settings. `None` where there is a brand already: nothing is touched then.
pub fn seed(
    settings: &Settings,
    seed: u64,
    size: DemoSize,
    tell: impl Fn(DemoProgress) -> ControlFlow<()> + Send + 'static,
) -> Result<Option<Seeded>, StartError> {
    let _lock = DatabaseLock::take(&settings.database_url)?;
    migrations::run_at(&settings.database_url)?;
    let store = Store::open(&settings.database_url, &StoreOptions::default(), Arc::new(SystemClock))?;
    if store.read_blocking(nodes::find_head)?.is_some() {
        return Ok(None);
    }
    let has_wrapped = !store.read_blocking(secret_keys::list)?.is_empty();
    let master = keys::locate(settings, has_wrapped, &SystemRandom)?;
    let keys = KeyRing::load(&store, &master, &SystemRandom)?;
    let made = settings.owner_password.is_none().then(one_time_password);
    let owner_password = settings.owner_password.clone().or_else(|| made.clone().map(Into::into)).unwrap_or_default();
    decide_password(&settings.owner, owner_password.expose_secret()).map_err(StartError::OwnerPassword)?;
    let (staff_password, key) = (one_time_password(), NewToken::make(TokenKind::Integration, &SystemRandom));
    let passwords = Passwords::new(settings.password_cost).map_err(StartError::Passwords)?;
    let hash = |password: &SecretString| passwords.hash_blocking(password).map_err(StartError::Passwords);
    let secrets = DemoSecrets {
        owner: settings.owner.clone(),
        owner_hash: hash(&owner_password)?,
        owner_must_change: false,
        staff_hash: hash(&staff_password.clone().into())?,
        key_hash: key.hash,
        key_tail: key.tail.clone(),
    };
    let ask = DemoAsk { seed, size, secrets };
    let codes = Mint { keys, drawn: Mutex::default() };
    let summary = store.write_blocking(move |db, now| demo::seed(db, now, &ask, &codes, &tell))?;
    let owner = settings.owner.clone();
    Ok(Some(Seeded { summary, owner, owner_password: made, staff_password, key: key.text }))
}

/// Makes codes for coupons whose ids were given at a moment of the past.
struct Mint {
    keys: KeyRing,
    /// Codes of patterns that were drawn already.
    drawn: Mutex<HashSet<String>>,
}

impl Mint {
    fn store(&self, shape: CodeShape, shown: &str, canonical: &CanonicalCode, row: Uuid) -> StoredCode {
        StoredCode { shape, lookup: self.lookup(canonical), sealed: self.seal(shown, row) }
    }

    fn lookup(&self, canonical: &CanonicalCode) -> Vec<u8> {
        lookup_hash(canonical, &self.keys.lookup).to_vec()
    }

    /// The cipher has no reason to refuse; if it did, the code could be used and not be shown again.
    fn seal(&self, shown: &str, row: Uuid) -> Vec<u8> {
        self.keys.seal_code(shown, row, &SystemRandom).unwrap_or_default()
    }

    /// A code of the pattern that was not drawn before.
    fn draw(&self, pattern: &Pattern) -> PlainCode {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let code = pattern.fill(|| u32::from_be_bytes(random_bytes::<4>(&SystemRandom)));
            if drawn.insert(code.canonical().as_str().to_owned()) {
                return code;
            }
        }
    }
}

impl DemoCodes for Mint {
    fn signed(&self, coupon: CouponId) -> StoredCode {
        let code = SignedCode::make(random_bytes::<10>(&SystemRandom), self.keys.code_keys.active());
        self.store(CodeShape::Signed, &code.to_string(), &code.canonical(), coupon.as_uuid())
    }

    fn of_batch(&self, coupon: CouponId, pattern: Option<&str>) -> StoredCode {
        let Some(Ok(pattern)) = pattern.map(str::parse::<Pattern>) else {
            return self.signed(coupon);
        };
        let code = self.draw(&pattern);
        self.store(CodeShape::Plain, code.shown(), code.canonical(), coupon.as_uuid())
    }

    fn shared(&self, channel: ChannelId, code: &PlainCode) -> SharedCode {
        SharedCode { lookup: self.lookup(code.canonical()), sealed: self.seal(code.shown(), channel.as_uuid()) }
    }

    fn link_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(random_bytes::<16>(&SystemRandom))
    }
}
