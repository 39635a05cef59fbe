//! The offers in force, compiled and kept in memory (优惠货架): for each site that prices carts the one compiled set, swapped
//! as a whole when it changes. Whoever prices takes it from here and asks no database.
//!
//! Twice a second one small read tells what changed, whoever changed it: an approved offer is in every instance's quotes
//! within two seconds. While the database is away the shelf goes on with what it knows.

use std::{sync::Arc, time::Duration};

use huike_kernel::NodeId;
use huike_persistence::Store;
use huike_pricing::CompiledOffers;
use huike_usecases::{
    UseCaseError,
    offers::{Changes, live, watch},
    quotes::PricePlace,
};
use moka::sync::Cache;

/// A site that prices nothing for so long is read again when it does.
const IDLE_MAX: Duration = Duration::from_secs(600);
const SITES_MAX: u64 = 10_000;

/// What is in force at one site, and as of when.
#[derive(Debug)]
struct Kept {
    path: Vec<NodeId>,
    offers: Arc<CompiledOffers>,
    as_of: Changes,
}

/// The shelf.
pub struct OfferShelf {
    store: Store,
    kept: Cache<NodeId, Arc<Kept>>,
}

impl OfferShelf {
    /// An empty shelf: each site is read when it first prices a cart.
    pub fn new(store: Store) -> Arc<Self> {
        let kept = Cache::builder().max_capacity(SITES_MAX).time_to_idle(IDLE_MAX).build();
        Arc::new(Self { store, kept })
    }

    /// The automatic offers in force at a place.
    pub async fn at(&self, place: &PricePlace) -> Result<Arc<CompiledOffers>, UseCaseError> {
        let site = place.offers_from().ok_or(UseCaseError::NotFound("node"))?;
        if let Some(kept) = self.kept.get(&site) {
            return Ok(Arc::clone(&kept.offers));
        }
        let path: Vec<NodeId> = place.path.iter().copied().filter(|node| Some(*node) != place.store).collect();
        let read = self.store.read(move |db| {
            let as_of = watch(db)?;
            Ok::<_, UseCaseError>(Kept { offers: Arc::new(live(db, &path)?), path: path.clone(), as_of })
        });
        let kept = Arc::new(read.await?);
        // Whoever was faster may have newer offers; if not, the next look finds these to be old.
        let kept = self.kept.entry(site).or_insert(kept).into_value();
        Ok(Arc::clone(&kept.offers))
    }

    /// Looks what changed, and swaps the sites it concerns. `true` when something was swapped.
    pub fn refresh(&self) -> Result<bool, UseCaseError> {
        let sites: Vec<(NodeId, Arc<Kept>)> = self.kept.iter().map(|(site, kept)| (*site, kept)).collect();
        if sites.is_empty() {
            return Ok(false);
        }
        let fresh = self.store.read_blocking(move |db| swap(db, &sites))?;
        Ok(self.put(fresh))
    }

    /// [`OfferShelf::refresh`] after a change that was made here, so that whoever made it sees it at once. What cannot be
    /// read now is read by the next look.
    pub async fn catch_up(&self) {
        let sites: Vec<(NodeId, Arc<Kept>)> = self.kept.iter().map(|(site, kept)| (*site, kept)).collect();
        match self.store.read(move |db| swap(db, &sites)).await {
            Ok(fresh) => {
                self.put(fresh);
            }
            Err(error) => tracing::debug!(%error, "the shelf of offers is refreshed a moment later: {error}"),
        }
    }

    fn put(&self, fresh: Vec<(NodeId, Kept)>) -> bool {
        let swapped = !fresh.is_empty();
        for (site, kept) in fresh {
            self.kept.insert(site, Arc::new(kept));
        }
        swapped
    }
}

/// Reads the sites anew whose offers are others than those that were kept, in one snapshot.
fn swap(db: &mut huike_persistence::Db, sites: &[(NodeId, Arc<Kept>)]) -> Result<Vec<(NodeId, Kept)>, UseCaseError> {
    let now = watch(db)?;
    let mut fresh = Vec::new();
    for (site, kept) in sites.iter().filter(|(_, kept)| now.touch(&kept.as_of, &kept.path)) {
        let offers = Arc::new(live(db, &kept.path)?);
        fresh.push((*site, Kept { path: kept.path.clone(), offers, as_of: now.clone() }));
    }
    Ok(fresh)
}
