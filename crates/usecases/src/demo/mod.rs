//! A demonstration: 小象母婴, a brand for mothers and babies with eight sites, twenty-four stores, thirty coupon templates,
//! nine automatic offers and ninety days behind it.
//!
//! What people set up is set up by its use cases, each at its moment of the past. What happened every day, claims and
//! redemptions by the thousand, is played in memory in the order of time, decided by the same functions of the domain,
//! and stored many rows at a time. Afterwards `verify` finds nothing to complain about.
//!
//! The same seed and the same moment give the same brand; only codes, tokens and passwords are new each time, because
//! those must not be guessed.

mod after;
mod books;
mod brand;
mod carts;
mod catalogue;
mod catalogue_local;
mod chance;
mod claiming;
mod crowd;
mod dates;
mod desk;
mod ending;
mod geography;
mod goods;
mod names;
mod people;
mod plan;
mod play;
mod printing;
mod promotions;
mod redeeming;
mod rhythm;
mod rows;
mod stage;
mod stalls;
mod team;
mod traces;
mod world;

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDate, Utc};
use huike_coupons::codes::PlainCode;
use huike_kernel::{ChannelId, CouponId, Phone};
use huike_persistence::{Db, StoreError, bulk, channels::SharedCode, coupons::StoredCode, nodes};

pub use self::brand::DemoSecrets;
use self::{play::Play, stage::Stage};
use crate::{UseCaseError, audit};

/// How much is played.
#[derive(Debug, Clone, Copy)]
pub struct DemoSize {
    /// Customers of the story; at most ten thousand.
    pub customers: usize,
    /// Days before today.
    pub days: u32,
    /// Claims on an average day.
    pub claims_a_day: u32,
    /// Customers beyond the story, who claim about one coupon each.
    pub crowd: usize,
    /// How many of them are held in memory at once.
    pub wave: usize,
}

/// Customers of the story, and what they claim.
const STORY: DemoSize = DemoSize { customers: 5_000, days: 90, claims_a_day: 135, crowd: 0, wave: 5_000 };

impl DemoSize {
    /// So many customers: a smaller story, or the whole of it with a crowd around.
    pub fn of(customers: usize) -> Self {
        if customers >= STORY.customers {
            return Self { crowd: customers - STORY.customers, ..STORY };
        }
        let claims = usize::try_from(STORY.claims_a_day).unwrap_or(0) * customers / STORY.customers;
        Self { customers, claims_a_day: u32::try_from(claims).unwrap_or(0).max(1), ..STORY }
    }
}

impl Default for DemoSize {
    fn default() -> Self {
        STORY
    }
}

/// Makes and seals codes with the keys of the house.
pub trait DemoCodes: Send + Sync {
    /// A new signed code for the coupon.
    fn signed(&self, coupon: CouponId) -> StoredCode;
    /// A code that no other coupon of the pattern has; signed where there is none.
    fn of_batch(&self, coupon: CouponId, pattern: Option<&str>) -> StoredCode;
    /// A code that many people share.
    fn shared(&self, channel: ChannelId, code: &PlainCode) -> SharedCode;
    /// The unguessable part of a channel's link.
    fn link_token(&self) -> String;
}

/// What is to be played.
#[derive(Debug, Clone)]
pub struct DemoAsk {
    /// The seed of chance.
    pub seed: u64,
    /// How much.
    pub size: DemoSize,
    /// Hashes of what the shell made and prints.
    pub secrets: DemoSecrets,
}

/// What was seeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSummary {
    /// Stores.
    pub stores: usize,
    /// Coupon templates.
    pub templates: usize,
    /// Customers.
    pub customers: usize,
    /// Coupons that came to be.
    pub coupons: usize,
    /// Redemptions, undone ones included.
    pub redemptions: usize,
    /// Redemptions that were undone.
    pub undone: usize,
    /// What redemptions that count took off, in fen.
    pub discount_fen: i64,
    /// The number of a customer who comes often.
    pub regular: Option<Phone>,
}

/// How far the seeding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoProgress {
    /// The brand is being built.
    Building,
    /// So many of the crowd came by.
    Crowd {
        /// How many.
        came: usize,
        /// Of how many.
        of: usize,
    },
    /// This day is being played.
    Playing(NaiveDate),
    /// What was played is being stored.
    Storing,
}

/// Is told how far it is; may ask to break off.
pub type Tell<'a> = &'a dyn Fn(DemoProgress) -> ControlFlow<()>;

/// Seeds an empty database, all or nothing. Refused where there is a brand already.
pub fn seed(
    db: &mut Db,
    now: DateTime<Utc>,
    ask: &DemoAsk,
    codes: &dyn DemoCodes,
    tell: Tell<'_>,
) -> Result<DemoSummary, UseCaseError> {
    if nodes::find_head(db)?.is_some() {
        return Err(UseCaseError::Taken("database"));
    }
    let say = |progress| if tell(progress).is_break() { Err(stopped()) } else { Ok(()) };
    say(DemoProgress::Building)?;
    bulk::take_time(db)?;
    let mut stage = Stage::new(ask.seed, now);
    let world = brand::build(db, &mut stage, &ask.secrets)?;
    let mut plans = catalogue::of_head(&stage.dates)?;
    plans.extend(catalogue_local::of_places()?);
    plans.extend(crowd::offers(ask.size.crowd)?);
    let offers = plans
        .into_iter()
        .map(|plan| stalls::open(db, &mut stage, (&world, codes), plan))
        .collect::<Result<Vec<_>, _>>()?;
    promotions::open(db, &stage, &world)?;
    let mut play = Play::new(stage, &world, codes, offers, ask.size)?;
    crowd::play(db, &mut play, ask.size, tell)?;
    // The story is short: whoever asks to stop is heard when it is told.
    play.run(ask.size, &|day| {
        let _heard_later = tell(DemoProgress::Playing(day));
    });
    say(DemoProgress::Storing)?;
    rows::store_played(db, &play)?;
    rows::store_totals(db, &play)?;
    after::finish(db, &mut play)?;
    carts::fill(db, &mut play, ask.size)?;
    goods::stock_shelves(db, &play.stage, &world)?;
    audit::seal_rest(db, now)?;
    Ok(rows::summary(&play))
}

/// Somebody asked to stop.
fn stopped() -> UseCaseError {
    UseCaseError::Store(StoreError::Unavailable("the seeding was stopped, and nothing of it is kept"))
}
