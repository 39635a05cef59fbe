//! Laws of entering codes: a printed code has one owner, and of any other a customer learns nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod shop;

use huike_coupons::{
    ChannelKind, CouponState,
    codes::PlainCode,
    limits::{Period, Subject},
};
use huike_kernel::{DomainError, NodeId};
use huike_persistence::{
    Outcome,
    channels::{self, Channel, SharedCode},
    coupons, db_test,
};
use huike_usecases::{
    UseCaseError,
    claims::{ClaimAsk, claim, find_link},
};
use shop::{Shop, at_once, limit, rules, successes};

db_test! {
    fn a_code_entered_by_fifty_at_once_has_one_owner(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(5));
        let code = shop.print(template, 1)[0].to_string();
        let customers = shop.customers(50);
        let answers = at_once(50, |n| shop.enter(&code, customers[n], shop.site_a));
        assert_eq!(successes(&answers, "code_not_claimable"), 1);
        let stock = shop.stock(template);
        assert_eq!((stock.issued, stock.claimed), (1, 1));
    }

    fn who_holds_the_coupon_gets_it_shown_again(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(5));
        let code = shop.print(template, 1)[0].to_string();
        let customer = shop.customer();
        let first = shop.enter(&code, customer, shop.site_a).unwrap();
        assert_eq!(shop.enter(&code, customer, shop.site_b).unwrap(), first);
        assert_eq!(shop.stock(template).claimed, 1);
    }

    fn unknown_forged_used_foreign_and_expired_codes_are_refused_alike(database) {
        let shop = Shop::open(database);
        let mut fixed = rules(9);
        fixed.validity = huike_coupons::rules::Validity::Fixed {
            starts_at: shop::at("2026-06-01T00:00:00Z"),
            ends_at: shop::at("2026-06-03T00:00:00Z"),
        };
        let at_a = shop.template_of(shop.site_a, fixed);
        let codes = shop.print(at_a, 4);
        let (owner, asker) = (shop.customer(), shop.customer());
        shop.enter(&codes[0].to_string(), owner, shop.site_a).unwrap();
        let unknown = shop.new_code().to_string();
        let mut forged = unknown.clone();
        forged.replace_range(28.., if unknown.ends_with('0') { "1" } else { "0" });
        let refusal = |code: &str, site: NodeId| shop.enter(code, asker, site).unwrap_err();
        let mut refusals = vec![
            refusal(&unknown, shop.site_a),
            refusal(&forged, shop.site_a),
            refusal("NEVER-SEEN-1", shop.site_a),
            refusal(&codes[0].to_string(), shop.site_a),
            refusal(&codes[1].to_string(), shop.site_b),
        ];
        shop.clock.set(shop::at("2026-06-03T00:00:00Z"));
        refusals.push(refusal(&codes[2].to_string(), shop.site_a));
        for error in refusals {
            assert_eq!((error.code(), error.details(), error.pointer()), ("code_not_claimable", None, None), "{error}");
        }
    }

    fn limits_hold_for_printed_codes_too(database) {
        let shop = Shop::open(database);
        let mut rules = rules(9);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 2)];
        let template = shop.template(rules);
        let codes = shop.print(template, 9);
        let customer = shop.customer();
        let answers = at_once(9, |n| shop.enter(&codes[n].to_string(), customer, shop.site_a));
        assert_eq!(successes(&answers, "coupon_limit_reached"), 2);
        assert_eq!(shop.stock(template).claimed, 2);
    }

    fn a_shared_code_makes_a_coupon_for_each_customer_and_counts_under_its_channel(database) {
        let shop = Shop::open(database);
        let mut rules = rules(9);
        rules.limits = vec![limit(Subject::Code, Period::Ever, 3)];
        let template = shop.template(rules);
        let channel = shop.channel(template, Some("SUMMER-10"));
        let customers = shop.customers(5);
        let answers: Vec<_> = (0..5).map(|n| shop.enter(" summer10", customers[n], shop.site_a)).collect();
        assert_eq!(successes(&answers, "coupon_limit_reached"), 3);
        let coupon = answers[0].as_ref().unwrap().coupon;
        let coupon = shop.store.read_blocking(move |db| coupons::find(db, coupon)).unwrap().unwrap();
        assert_eq!((coupon.channel, coupon.state), (Some(channel.id), CouponState::Issued));
    }

    fn a_shared_code_that_cannot_be_claimed_is_refused_like_an_unknown_one(database) {
        let shop = Shop::open(database);
        let mut early = rules(9);
        early.claim_window = Some(huike_kernel::TimeWindow {
            starts_at: shop::at("2026-07-01T00:00:00Z"),
            ends_at: shop::at("2026-07-02T00:00:00Z"),
        });
        let mut elsewhere = rules(9);
        elsewhere.scope.include_nodes = vec![shop.site_b];
        shop.channel(shop.template(elsewhere), Some("FOREIGN-1"));
        shop.channel(shop.template(early), Some("EARLY-1"));
        let closed = shop.channel(shop.template(rules(9)), Some("CLOSED-1")).id;
        assert_eq!(shop.store.write_blocking(move |db, _| channels::close(db, closed)).unwrap(), Outcome::Applied);
        shop.channel(shop.template(rules(1)), Some("SOLD-OUT"));
        shop.enter("SOLD-OUT", shop.customer(), shop.site_a).unwrap();
        let customer = shop.customer();
        for code in ["FOREIGN-1", "EARLY-1", "CLOSED-1", "NEVER-SEEN-1"] {
            let error = shop.enter(code, customer, shop.site_a).unwrap_err();
            assert_eq!((error.code(), error.details(), error.pointer()), ("code_not_claimable", None, None), "{code}");
        }
        assert_eq!(shop.enter("SOLD-OUT", customer, shop.site_a).unwrap_err().code(), "coupon_sold_out");
    }

    fn a_link_leads_to_a_claim_until_its_channel_is_closed(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(9));
        let channel = shop.channel(template, None);
        let by_link = |token: String| {
            let customer = shop.customer();
            let (caller, ask) = (shop.caller(huike_kernel::Actor::Customer(customer)), shop.ask(customer));
            shop.store.write_blocking(move |db, now| {
                let (template, channel) = find_link(db, &token)?;
                claim(db, &caller.act(now), template, &ClaimAsk { channel: Some(channel), ..ask.clone() })
            })
        };
        assert!(by_link(channel.link_token.clone()).is_ok());
        assert_eq!(by_link("no-such-link".into()).unwrap_err().code(), "not_found");
        assert_eq!(shop.store.write_blocking(move |db, _| channels::close(db, channel.id)).unwrap(), Outcome::Applied);
        assert_eq!(by_link(channel.link_token).unwrap_err().code(), "coupon_channel_closed");
    }
}

impl Shop {
    fn channel(&self, template: huike_kernel::TemplateId, code: Option<&str>) -> Channel {
        let id = self.id();
        let code = code.map(|code| {
            let stored = shop::plain(&PlainCode::new(code).unwrap());
            SharedCode { lookup: stored.lookup, sealed: stored.sealed }
        });
        let channel = Channel {
            id,
            site: self.head,
            template_site: self.head,
            template,
            kind: ChannelKind::Poster,
            name: "海报".to_owned(),
            link_token: format!("link-{id}"),
            code,
            open: true,
            created_by: self.marketer,
            created_at: shop::at(shop::NOON),
        };
        let new = channel.clone();
        let outcome = self.store.write_blocking(move |db, _| channels::insert(db, &new).map_err(UseCaseError::from));
        assert_eq!(outcome.unwrap(), Outcome::Applied);
        channel
    }
}
