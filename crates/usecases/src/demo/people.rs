//! The customers: who they are, where they are at home, and how often they come.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{CustomerId, Phone, new_id};

use super::{names, stage::Stage, world::World};

/// A customer.
pub(super) struct Person {
    pub(super) id: CustomerId,
    pub(super) phone: Phone,
    pub(super) name: String,
    /// The site they are at home at, by its place in the world.
    pub(super) home: usize,
    /// The store they like, by its place in the site.
    pub(super) store: usize,
    pub(super) created_at: DateTime<Utc>,
    /// Redemptions that were not undone.
    pub(super) active: i64,
}

/// Those who are in play. The first are the most frequent; there is a long tail.
#[derive(Default)]
pub(super) struct People {
    pub(super) all: Vec<Person>,
    /// The sum of the weights of everybody up to each.
    reach: Vec<u32>,
}

impl People {
    pub(super) fn new(stage: &mut Stage, world: &World, phones: Vec<Phone>, days: i64) -> Self {
        let count = phones.len();
        let (mut all, mut reach, mut total) = (Vec::with_capacity(count), Vec::with_capacity(count), 0_u32);
        for (rank, phone) in (0_u32..).zip(phones) {
            // A customer a hundred places down comes a quarter as often.
            total = total.saturating_add(10_000_000 / (rank + 30));
            reach.push(total);
            all.push(meet(stage, world, phone, days));
        }
        Self { all, reach }
    }

    /// Somebody who comes by at the moment: more often one of the frequent ones. Who was to come to know the brand only
    /// later may come now.
    pub(super) fn come(&mut self, stage: &mut Stage, now: DateTime<Utc>) -> usize {
        let mut came = 0;
        for _ in 0..6 {
            let drawn = stage.chance.below(self.reach.last().copied().unwrap_or(0));
            came = self.reach.partition_point(|sum| *sum <= drawn);
            let Some(person) = self.all.get_mut(came) else { continue };
            if person.created_at <= now {
                return came;
            }
            if stage.chance.percent(22) {
                break;
            }
        }
        if let Some(person) = self.all.get_mut(came).filter(|person| person.created_at > now) {
            person.created_at = now - TimeDelta::minutes(stage.chance.between(1, 12));
        }
        came
    }
}

fn meet(stage: &mut Stage, world: &World, phone: Phone, days: i64) -> Person {
    let chance = &mut stage.chance;
    let home = chance.weighted(world.sites.iter().map(|site| site.weight)).unwrap_or(0);
    let store = chance.weighted([55, 28, 17].into_iter()).unwrap_or(0);
    let day = if chance.percent(56) { chance.between(-400, -days - 1) } else { chance.between(-days, -1) };
    let created_at = stage.dates.at(day, (u16::try_from(stage.chance.between(8, 22)).unwrap_or(12), 0))
        + TimeDelta::seconds(stage.chance.between(0, 3_599));
    stage.ids.set(created_at);
    let name = names::name(&mut stage.chance);
    Person { id: new_id(stage.ids.as_ref()), phone, name, home, store, created_at, active: 0 }
}
