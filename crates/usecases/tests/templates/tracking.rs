//! Figures are counted from what there is, in the caller's reach, and undone redemptions do not count.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{CouponState, codes::CodeShape, tracking::Counts};
use huike_kernel::{ChannelId, CouponId, CustomerId, Money, NodeId, TemplateId, Zone};
use huike_persistence::{
    StoreError,
    channels::{self, Channel},
    coupons::{self, Coupon, Ownership, StoredCode},
    db_test,
    schema::{customer, redemption},
    sql_types::{DbId, DbTime},
    tracking::{self, Days, Redeemed, Slice},
};

use crate::support::{Brand, MARKETER, number, person, rules};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Ten o'clock in Shanghai on the first, and one in the morning on the second.
const MORNING: &str = "2026-06-01T02:00:00Z";
const NIGHT: &str = "2026-06-01T17:00:00Z";

fn poster() -> ChannelId {
    ChannelId::from_uuid(number(700))
}

fn open_poster(brand: &Brand, template: TemplateId) {
    let head = brand.head;
    let channel = Channel {
        id: poster(),
        site: head,
        template_site: head,
        template,
        kind: huike_coupons::ChannelKind::Poster,
        name: "海报".to_owned(),
        link_token: "link".to_owned(),
        code: None,
        open: true,
        created_by: person(MARKETER),
        created_at: at(MORNING),
    };
    let made = brand.write(move |db, _| Ok(channels::insert(db, &channel)?)).unwrap();
    assert_eq!(made, huike_persistence::Outcome::Applied);
}

/// Coupon number n at a site, claimed at that moment unless it is still a printed code.
fn coupon(brand: &Brand, template: TemplateId, n: u128, (site, state): (NodeId, CouponState), claimed: Option<&str>) {
    let head = brand.head;
    let owner = claimed.map(|moment| {
        let local = Zone::default().local(at(moment));
        Ownership {
            customer: CustomerId::from_uuid(number(900)),
            claimed_at: at(moment),
            day: local.day,
            hour: local.hour,
        }
    });
    let row = Coupon {
        id: CouponId::from_uuid(number(1_000 + n)),
        site,
        template_site: head,
        template,
        template_version: 1,
        state,
        owner,
        channel: n.is_multiple_of(2).then(poster),
        batch: None,
        code: StoredCode { shape: CodeShape::Signed, lookup: vec![u8::try_from(n).unwrap(); 32], sealed: vec![1] },
        usable_from: None,
        expires_at: None,
        committed: Money::ZERO,
        issued_at: at(MORNING),
        version: 1,
    };
    brand.write(move |db, _| Ok(coupons::insert_many(db, std::slice::from_ref(&row))?)).unwrap();
}

fn redeem(brand: &Brand, template: TemplateId, n: u128, moment: &'static str, undone: bool) {
    let (head, shop) = (brand.head, brand.shop);
    brand
        .write(move |db, _| {
            let local = Zone::default().local(at(moment));
            diesel::insert_into(redemption::table)
                .values((
                    redemption::id.eq(DbId(number(2_000 + n + if undone { 500 } else { 0 }))),
                    redemption::coupon_id.eq(DbId(number(1_000 + n))),
                    redemption::use_number.eq(1),
                    redemption::site_id.eq(DbId::from(shop)),
                    redemption::template_site_id.eq(DbId::from(head)),
                    redemption::template_id.eq(DbId::from(template)),
                    redemption::template_version.eq(1),
                    redemption::channel_id.eq(n.is_multiple_of(2).then(|| DbId::from(poster()))),
                    redemption::actor_kind.eq("staff"),
                    redemption::actor_id.eq(DbId::from(person(MARKETER))),
                    redemption::order_amount_fen.eq(Some(25_000)),
                    redemption::discount_fen.eq(3_000),
                    redemption::cost_fen.eq(3_000),
                    redemption::redeemed_at.eq(DbTime::from(at(moment))),
                    redemption::local_day.eq(local.day.to_string()),
                    redemption::local_hour.eq(i64::from(local.hour)),
                ))
                .execute(db)
                .map_err(StoreError::from)?;
            if undone {
                diesel::update(redemption::table.find(DbId(number(2_500 + n))))
                    .set((
                        redemption::reversed_at.eq(Some(DbTime::from(at(moment)))),
                        redemption::reversed_by.eq(Some(DbId::from(person(MARKETER)))),
                        redemption::reversal_reason.eq(Some("退货")),
                        redemption::reversal_day.eq(Some(local.day.to_string())),
                    ))
                    .execute(db)
                    .map_err(StoreError::from)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Seven coupons of all sorts: five at site A, one at site B, one that nobody claimed.
fn story(brand: &Brand) -> TemplateId {
    let template = brand.live(&rules(100));
    let head = brand.head;
    brand
        .write(move |db, now| {
            diesel::insert_into(customer::table)
                .values((
                    customer::id.eq(DbId(number(900))),
                    customer::site_id.eq(DbId::from(head)),
                    customer::state.eq("active"),
                    customer::active_redemptions.eq(0),
                    customer::version.eq(1),
                    customer::created_at.eq(DbTime::from(now)),
                    customer::updated_at.eq(DbTime::from(now)),
                ))
                .execute(db)
                .map_err(StoreError::from)?;
            Ok(())
        })
        .unwrap();
    open_poster(brand, template);
    let (a, b) = (brand.site_a, brand.site_b);
    coupon(brand, template, 1, (a, CouponState::Redeemed), Some(MORNING));
    coupon(brand, template, 2, (a, CouponState::Redeemed), Some(MORNING));
    coupon(brand, template, 3, (a, CouponState::Issued), Some(NIGHT));
    coupon(brand, template, 4, (a, CouponState::Expired), Some(NIGHT));
    coupon(brand, template, 5, (a, CouponState::Voided), Some(NIGHT));
    coupon(brand, template, 6, (b, CouponState::Issued), Some(NIGHT));
    coupon(brand, template, 8, (head, CouponState::Unclaimed), None);
    redeem(brand, template, 1, MORNING, false);
    redeem(brand, template, 2, NIGHT, true);
    redeem(brand, template, 2, NIGHT, false);
    redeem(brand, template, 3, MORNING, true);
    template
}

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

db_test! {
    fn totals_count_every_coupon_once_and_only_active_redemptions(database) {
        let brand = Brand::with_team(database);
        let template = story(&brand);
        let figures = |roots: Vec<NodeId>| {
            brand.read(move |db| Ok(tracking::totals(db, &Slice { template, roots: roots.clone() })?))
        };
        let all = figures(vec![brand.head]);
        assert_eq!(all.counts, Counts { issued: 7, claimed: 6, redeemed: 2, expired: 1 });
        assert_eq!(all.voided, 1);
        let sums = Redeemed { count: 2, discount: yuan("60"), cost: yuan("60"), gmv: yuan("500") };
        assert_eq!(all.redeemed, sums);
        let of_b = figures(vec![brand.site_b]);
        assert_eq!(of_b.counts, Counts { issued: 1, claimed: 1, redeemed: 0, expired: 0 });
    }

    fn channels_stores_days_and_hours_add_up_to_the_totals(database) {
        let brand = Brand::with_team(database);
        let template = story(&brand);
        let slice = Slice { template, roots: vec![brand.head] };
        let days = Days { first: "2026-06-01".parse().unwrap(), last: "2026-06-02".parse().unwrap() };
        let (channels, stores, by_day, by_hour) = brand.read(move |db| {
            Ok((
                tracking::by_channel(db, &slice)?,
                tracking::by_store(db, &slice)?,
                tracking::by_day(db, &slice, days)?,
                tracking::by_hour(db, &slice, days)?,
            ))
        });
        let counted: Vec<_> =
            channels.iter().map(|(id, it)| (id.is_some(), it.counts.issued, it.counts.redeemed)).collect();
        assert_eq!(counted, [(false, 3, 1), (true, 4, 1)]);
        assert_eq!(stores.iter().map(|(store, it)| (*store, it.count)).collect::<Vec<_>>(), [(brand.shop, 2)]);
        let counted: Vec<_> = by_day.iter().map(|(day, it)| (day.to_string(), it.claimed, it.redeemed.count)).collect();
        assert_eq!(counted, [("2026-06-01".to_owned(), 2, 1), ("2026-06-02".to_owned(), 4, 1)]);
        let counted: Vec<_> = by_hour.iter().map(|(hour, it)| (*hour, it.claimed, it.redeemed.count)).collect();
        assert_eq!(counted, [(1, 4, 1), (10, 2, 1)]);
    }

    fn days_outside_the_span_are_left_out(database) {
        let brand = Brand::with_team(database);
        let template = story(&brand);
        let first = "2026-06-02".parse().unwrap();
        let found = brand.read(move |db| {
            let slice = Slice { template, roots: vec![NodeId::from_uuid(number(1))] };
            Ok(tracking::by_day(db, &slice, Days { first, last: first })?)
        });
        assert_eq!(found.len(), 1);
    }
}
