//! A demonstration: 小象母婴, a brand for mothers and babies with eight sites, twenty-four stores, thirty coupon templates
//! and ninety days behind it.
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
mod catalogue;
mod catalogue_local;
mod chance;
mod claiming;
mod dates;
mod desk;
mod ending;
mod geography;
mod names;
mod people;
mod plan;
mod play;
mod printing;
mod redeeming;
mod rhythm;
mod rows;
mod stage;
mod stalls;
mod team;
mod traces;
mod world;

use chrono::{DateTime, NaiveDate, Utc};
use huike_coupons::codes::PlainCode;
use huike_kernel::{ChannelId, CouponId, Phone};
use huike_persistence::{Db, bulk, channels::SharedCode, coupons::StoredCode, nodes};

pub use self::brand::DemoSecrets;
use self::{play::Play, stage::Stage};
use crate::{UseCaseError, audit};

/// How much is played.
#[derive(Debug, Clone, Copy)]
pub struct DemoSize {
    /// Customers; at most ten thousand.
    pub customers: usize,
    /// Days before today.
    pub days: u32,
    /// Claims on an average day.
    pub claims_a_day: u32,
}

impl Default for DemoSize {
    fn default() -> Self {
        Self { customers: 5_000, days: 90, claims_a_day: 135 }
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
    /// This day is being played.
    Playing(NaiveDate),
    /// What was played is being stored.
    Storing,
}

/// Seeds an empty database, all or nothing. Refused where there is a brand already.
pub fn seed(
    db: &mut Db,
    now: DateTime<Utc>,
    ask: &DemoAsk,
    codes: &dyn DemoCodes,
    tell: &dyn Fn(DemoProgress),
) -> Result<DemoSummary, UseCaseError> {
    if nodes::find_head(db)?.is_some() {
        return Err(UseCaseError::Taken("database"));
    }
    tell(DemoProgress::Building);
    bulk::take_time(db)?;
    let mut stage = Stage::new(ask.seed, now);
    let world = brand::build(db, &mut stage, &ask.secrets)?;
    let plans = catalogue::of_head(&stage.dates)?.into_iter().chain(catalogue_local::of_places()?);
    let offers =
        plans.map(|plan| stalls::open(db, &mut stage, (&world, codes), plan)).collect::<Result<Vec<_>, _>>()?;
    let mut play = Play::new(stage, &world, codes, offers, ask.size)?;
    play.run(&|day| tell(DemoProgress::Playing(day)));
    tell(DemoProgress::Storing);
    rows::store(db, &play)?;
    after::finish(db, &mut play)?;
    audit::seal_rest(db, now)?;
    Ok(rows::summary(&play))
}
