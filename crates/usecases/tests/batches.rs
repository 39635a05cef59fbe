//! Laws of code batches: counted like claims, made in chunks, resumed without duplicates.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod shop;

use std::{collections::BTreeSet, sync::mpsc, time::Duration};

use chrono::TimeDelta;
use huike_coupons::{
    ChannelKind, CouponState,
    codes::{PlainCode, SignedCode},
    template::Reason,
};
use huike_kernel::{Actor, CodeBatchId, DomainError};
use huike_persistence::{
    Outcome, Store,
    channels::{self, Channel, SharedCode},
    code_batches::{self, BatchState, CodeBatch},
    coupon_batches::{self, ListedCode},
    db_test,
    jobs::{self, Job},
    nodes,
};
use huike_usecases::{
    UseCaseError,
    batches::{
        BatchSource, ChunkFate, ImportedCode, add_import_part, begin_export, give_up, import_of, import_part,
        void_batch, void_chunk, wanted,
    },
    codes::FreshCode,
    templates::{SetQuotas, SiteQuota, TemplateAsk, set_quotas},
};
use serde_json::json;
use shop::{Shop, at_once, budget, rules, successes};

fn batch(store: &Store, id: CodeBatchId) -> CodeBatch {
    store.read_blocking(move |db| code_batches::find(db, id)).unwrap().unwrap()
}

fn codes(store: &Store, id: CodeBatchId) -> Vec<ListedCode> {
    store.read_blocking(move |db| coupon_batches::list_codes(db, id, None, 1_000)).unwrap()
}

impl Shop {
    fn codes(&self, count: usize) -> Vec<SignedCode> {
        (0..count).map(|_| self.new_code()).collect()
    }

    fn wanted(&self, id: CodeBatchId) -> i64 {
        self.store.read_blocking(move |db| wanted(db, id)).unwrap()
    }

    fn void(&self, id: CodeBatchId) -> Result<(), UseCaseError> {
        let (caller, reason) = (self.staff(), Reason::new("印错").unwrap());
        self.store.write_blocking(move |db, now| void_batch(db, &caller.act(now), id, &reason))
    }

    fn void_chunk(&self, job: &Job, limit: i64) -> usize {
        let (caller, job) = (self.staff(), job.clone());
        self.store.write_blocking(move |db, now| void_chunk(db, &caller.act(now), &job, limit)).unwrap()
    }

    fn import(&self, id: CodeBatchId, part: u32, rows: &[(u64, &str)]) {
        let codes: Vec<ImportedCode> = rows
            .iter()
            .map(|(line, text)| {
                let stored = shop::plain(&PlainCode::new(text).unwrap());
                ImportedCode::new(*line, &FreshCode { coupon: self.id(), stored })
            })
            .collect();
        let caller = self.staff();
        self.store.write_blocking(move |db, now| add_import_part(db, &caller.act(now), id, (part, &codes))).unwrap();
    }

    fn import_part(&self, job: &Job) -> Result<Option<Job>, UseCaseError> {
        self.import_some(job, usize::MAX)
    }

    fn import_some(&self, job: &Job, count: usize) -> Result<Option<Job>, UseCaseError> {
        let (caller, job) = (self.caller(Actor::System), job.clone());
        self.store.write_blocking(move |db, now| import_part(db, &caller.act(now), &job, count))
    }
}

db_test! {
    fn a_batch_killed_half_way_goes_on_without_duplicates(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 25).unwrap();
        let killed = shop.take_job().unwrap();
        let chunk = shop.make(&killed, begun.batch, &shop.codes(10)).unwrap();
        assert_eq!(chunk.fate, ChunkFate::Wanted(15));
        assert!(shop.take_job().is_none(), "the job is held");
        // The worker is gone; its lease runs out and somebody else goes on.
        shop.clock.set(shop::at("2026-06-02T04:05:00Z"));
        let job = shop.take_job().unwrap();
        assert_eq!((job.id, job.attempt), (killed.id, 2));
        assert_eq!(shop.wanted(begun.batch), 15);
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(10)).unwrap().fate, ChunkFate::Wanted(5));
        // The first worker wakes up: its chunk is not kept.
        assert!(shop.make(&killed, begun.batch, &shop.codes(10)).is_err());
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(10)).unwrap().fate, ChunkFate::Ended);
        let batch = batch(&shop.store, begun.batch);
        assert_eq!((batch.made, batch.state), (25, BatchState::Done));
        let distinct: BTreeSet<_> = codes(&shop.store, begun.batch).into_iter().map(|code| code.sealed).collect();
        assert_eq!(distinct.len(), 25);
        assert_eq!((shop.stock(template).issued, shop.stock(template).claimed), (25, 0));
    }

    fn two_workers_at_once_never_make_too_many(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 40).unwrap();
        let job = shop.take_job().unwrap();
        let _answers = at_once(8, |_| shop.make(&job, begun.batch, &shop.codes(10)));
        assert_eq!(batch(&shop.store, begun.batch).made, 40);
        assert_eq!(codes(&shop.store, begun.batch).len(), 40);
        assert_eq!(shop.stock(template).issued, 40);
    }

    fn codes_and_claims_share_one_stock_and_one_budget(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.budget = budget("600", None); // 20 × 30
        let template = shop.template(rules);
        let begun = shop.begin_batch(template, BatchSource::Signed, 15).unwrap();
        let customers = shop.customers(10);
        let answers: Vec<_> = customers.iter().map(|customer| shop.claim(template, *customer)).collect();
        assert_eq!(successes(&answers, "none is refused"), 10);
        let job = shop.take_job().unwrap();
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(15)).unwrap_err().code(), "coupon_budget_exhausted");
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(10)).unwrap().made.len(), 10);
        let (caller, held) = (shop.caller(Actor::System), job.clone());
        let given_up = shop.store.write_blocking(move |db, now| {
            give_up(db, &caller.act(now), (&held, begun.batch), "coupon_budget_exhausted")
        });
        given_up.unwrap();
        let batch = batch(&shop.store, begun.batch);
        assert_eq!((batch.made, batch.state, batch.report), (10, BatchState::Failed, Some(json!({ "failed": "coupon_budget_exhausted" }))));
        assert_eq!(shop.stock(template).committed_fen, 60_000);
        assert!(shop.take_job().is_none());
    }

    fn a_batch_the_stock_cannot_hold_is_refused_at_once(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(10));
        let refused = shop.begin_batch(template, BatchSource::Signed, 11).unwrap_err();
        assert_eq!(refused.code(), "coupon_sold_out");
        let refused = shop.begin_batch(template, BatchSource::Signed, 0).unwrap_err();
        assert_eq!(refused.code(), "code_quantity_invalid");
        let pattern = BatchSource::Pattern("AB-##".parse().unwrap());
        assert!(shop.begin_batch(shop.template(rules(100)), pattern.clone(), 30).unwrap().guessable);
        let refused = shop.begin_batch(shop.template(rules(100)), pattern, 21).unwrap_err();
        assert_eq!(refused.code(), "code_pattern_too_small", "the space of a pattern is one for all templates");
    }

    fn codes_that_exist_are_passed_by(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 5).unwrap();
        let job = shop.take_job().unwrap();
        let codes = shop.codes(3);
        assert_eq!(shop.make(&job, begun.batch, &codes).unwrap().made.len(), 3);
        let again = [codes[0].clone(), shop.new_code(), codes[2].clone()];
        let chunk = shop.make(&job, begun.batch, &again).unwrap();
        assert_eq!((chunk.made.len(), chunk.fate), (1, ChunkFate::Wanted(1)));
        assert_eq!(shop.stock(template).issued, 4);
    }

    fn a_code_that_a_channel_shares_is_no_coupons_code_too(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let shared = shop::plain(&PlainCode::new("SUMMER-10").unwrap());
        let channel = Channel {
            id: shop.id(),
            site: shop.head,
            template_site: shop.head,
            template,
            kind: ChannelKind::Poster,
            name: "海报".to_owned(),
            link_token: "poster".to_owned(),
            code: Some(SharedCode { lookup: shared.lookup, sealed: shared.sealed }),
            open: true,
            created_by: shop.marketer,
            created_at: shop::at(shop::NOON),
        };
        let opened = shop.store.write_blocking(move |db, _| channels::insert(db, &channel)).unwrap();
        assert_eq!(opened, Outcome::Applied);
        let report = json!({ "accepted": 2, "refused": 0, "refusals": [] });
        let begun = shop.begin_batch(template, BatchSource::File { report }, 2).unwrap();
        shop.import(begun.batch, 0, &[(1, "OLD-0001"), (2, "summer 10")]);
        shop.import_part(&shop.take_job().unwrap()).unwrap();
        let batch = batch(&shop.store, begun.batch);
        assert_eq!((batch.made, batch.state), (1, BatchState::Done));
        let refusals = json!([{ "line": 2, "reason": "already_exists" }]);
        assert_eq!(batch.report.unwrap(), json!({ "accepted": 1, "refused": 1, "refusals": refusals }));
        assert_eq!(shop.stock(template).issued, 1);
    }

    fn an_import_reports_what_exists_already_and_counts_each_part_once(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let report = || json!({ "accepted": 3, "refused": 1, "refusals": [{ "line": 4, "reason": "too_short" }] });
        let first = shop.begin_batch(template, BatchSource::File { report: report() }, 3).unwrap();
        shop.import(first.batch, 0, &[(1, "OLD-0001"), (2, "OLD-0002")]);
        shop.import(first.batch, 1, &[(3, "OLD-0003")]);
        shop.import(first.batch, 1, &[(3, "OLD-0003")]); // the file was sent again
        for _ in 0..2 {
            let job = shop.take_job().unwrap();
            shop.import_part(&job).unwrap();
            assert!(shop.import_part(&job).is_err(), "a part is counted once");
        }
        assert!(shop.take_job().is_none());
        assert_eq!(batch(&shop.store, first.batch).state, BatchState::Done);

        let second = shop.begin_batch(template, BatchSource::File { report: report() }, 3).unwrap();
        shop.import(second.batch, 0, &[(1, "NEW-0001"), (2, "old-ooo2"), (3, "NEW-0003")]);
        shop.import_part(&shop.take_job().unwrap()).unwrap();
        let second = batch(&shop.store, second.batch);
        assert_eq!((second.made, second.state), (2, BatchState::Done));
        assert_eq!(second.report.unwrap(), json!({ "accepted": 2, "refused": 2, "refusals": [
            { "line": 4, "reason": "too_short" }, { "line": 2, "reason": "already_exists" },
        ] }));
        assert_eq!(shop.stock(template).issued, 5);
    }

    fn a_part_beyond_the_days_budget_is_imported_day_by_day(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.budget = budget("3000", Some("60")); // 2 × 30
        let template = shop.template(rules);
        let begun = shop.begin_batch(template, BatchSource::File { report: json!({ "accepted": 3 }) }, 3).unwrap();
        shop.import(begun.batch, 0, &[(1, "DAY-0001"), (2, "DAY-0002"), (3, "DAY-0003")]);
        let job = shop.take_job().unwrap();
        assert_eq!(shop.import_part(&job).unwrap_err().code(), "coupon_daily_budget_exhausted");
        let rest = shop.import_some(&job, 2).unwrap().unwrap();
        assert_eq!(import_of(&rest).unwrap(), (begun.batch, 1));
        assert_eq!(shop.import_some(&rest, 1).unwrap_err().code(), "coupon_daily_budget_exhausted");
        assert_eq!((batch(&shop.store, begun.batch).made, batch(&shop.store, begun.batch).state), (2, BatchState::Running));
        // Whoever goes on tomorrow finds what is left, not what was there.
        shop.clock.set(shop::at("2026-06-02T16:00:00Z"));
        let tomorrow = shop.take_job().unwrap();
        assert_eq!((tomorrow.id, import_of(&tomorrow).unwrap().1), (job.id, 1));
        assert!(shop.import_some(&rest, 1).is_err(), "the first taking lost the right to it");
        assert_eq!(shop.import_part(&tomorrow).unwrap(), None);
        let batch = batch(&shop.store, begun.batch);
        assert_eq!((batch.made, batch.state), (3, BatchState::Done));
        assert_eq!(batch.report.unwrap()["refused"], 0);
        assert!(shop.take_job().is_none());
    }

    fn a_chunk_counts_on_a_split_that_came_in_between(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 50).unwrap();
        let job = shop.take_job().unwrap();
        let set = SetQuotas {
            ask: TemplateAsk { template, seen: None },
            quotas: vec![SiteQuota { site: shop.site_b, quota: 80 }],
        };
        let (written, told) = mpsc::channel();
        std::thread::scope(|scope| {
            let caller = shop.staff();
            let store = &shop.store;
            scope.spawn(move || {
                let split = store.write_blocking(move |db, now| {
                    set_quotas(db, &caller.act(now), &set)?;
                    // Long enough for the chunk to read the shares before they are there.
                    written.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(300));
                    Ok::<_, UseCaseError>(())
                });
                split.unwrap();
            });
            told.recv().unwrap();
            let refused = shop.make(&job, begun.batch, &shop.codes(50)).unwrap_err();
            assert_eq!(refused.code(), "coupon_quota_used_up");
        });
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(20)).unwrap().made.len(), 20);
        assert_eq!(shop.stock(template).issued, 20);
    }

    fn batches_begun_at_once_share_the_space_of_their_pattern(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(1_000));
        let begun = at_once(8, |_| shop.begin_batch(template, BatchSource::Pattern("AB-##".parse().unwrap()), 20));
        assert_eq!(successes(&begun, "code_pattern_too_small"), 2, "half of a hundred");
    }

    fn the_zone_stays_once_codes_were_printed(database) {
        let shop = Shop::open(database);
        let has_history = |shop: &Shop| {
            let site = shop.site_a;
            shop.store.read_blocking(move |db| nodes::has_history(db, site)).unwrap()
        };
        assert!(!has_history(&shop));
        shop.print(shop.template(rules(9)), 1);
        assert!(has_history(&shop));
    }

    fn voiding_a_batch_ends_its_unclaimed_codes_and_returns_their_money(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.budget = budget("3000", Some("300"));
        let template = shop.template(rules);
        let printed = shop.print(template, 10);
        let owner = shop.customer();
        let held = shop.enter(&printed[0].to_string(), owner, shop.site_a).unwrap();
        assert_eq!(shop.begin_batch(template, BatchSource::Signed, 1).map(|_| ()).map_err(|e| e.code()), Ok(()));
        let starved = shop.take_job().unwrap();
        let id = shop.store.read_blocking(move |db| huike_persistence::coupons::find(db, held.coupon)).unwrap().unwrap().batch.unwrap();
        shop.void(id).unwrap();
        let job = shop.take_job().unwrap();
        assert_eq!((shop.void_chunk(&job, 4), shop.void_chunk(&job, 4), shop.void_chunk(&job, 4)), (4, 4, 1));
        assert!(shop.take_job().is_none());
        let states: Vec<_> = codes(&shop.store, id).into_iter().map(|code| code.state).collect();
        assert_eq!(states.iter().filter(|state| **state == CouponState::Voided).count(), 9);
        let stock = shop.stock(template);
        assert_eq!((stock.issued, stock.claimed, stock.committed_fen), (10, 1, 3_000));
        assert_eq!(shop.enter(&printed[1].to_string(), owner, shop.site_a).unwrap_err().code(), "code_not_claimable");
        // The day's budget came back too: nine more fit into it.
        let nine = shop.begin_batch(template, BatchSource::Signed, 9).unwrap();
        let more = shop.take_job().unwrap();
        assert_eq!(shop.make(&more, nine.batch, &shop.codes(9)).unwrap().made.len(), 9);
        assert!(shop.store.write_blocking(move |db, now| jobs::finish(db, &starved, now)).is_ok());
    }

    fn a_void_batch_is_not_made_any_further(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 10).unwrap();
        let job = shop.take_job().unwrap();
        shop.make(&job, begun.batch, &shop.codes(4)).unwrap();
        shop.void(begun.batch).unwrap();
        assert_eq!(shop.wanted(begun.batch), 0);
        assert_eq!(shop.make(&job, begun.batch, &shop.codes(4)).unwrap().fate, ChunkFate::Ended);
        assert_eq!(codes(&shop.store, begun.batch).len(), 4);
    }

    fn an_export_is_written_down_before_a_code_is_read(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let begun = shop.begin_batch(template, BatchSource::Signed, 1).unwrap();
        let caller = shop.staff();
        shop.store.write_blocking(move |db, now| begin_export(db, &caller.act(now), begun.batch)).unwrap();
        let mut nobody = shop.staff();
        nobody.scope = huike_access::Scope { permitted: vec![shop.site_b], visible: vec![shop.head] };
        let refused = shop.store.write_blocking(move |db, now| begin_export(db, &nobody.act(now), begun.batch));
        assert_eq!(refused.unwrap_err().code(), "permission_denied");
    }

    fn a_job_is_retried_later_and_taken_in_turn(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        shop.begin_batch(template, BatchSource::Signed, 1).unwrap();
        shop.begin_batch(template, BatchSource::Signed, 1).unwrap();
        let taken = at_once(8, |_| shop.take_job());
        let distinct: BTreeSet<_> = taken.iter().flatten().map(|job| job.id).collect();
        assert_eq!((distinct.len(), taken.iter().flatten().count()), (2, 2), "nobody gets another's job");
        let job = taken.into_iter().flatten().next().unwrap();
        let later = shop::at(shop::NOON) + TimeDelta::seconds(30);
        let put_back = job.clone();
        let outcome = shop.store.write_blocking(move |db, _| jobs::postpone(db, &put_back, later, Some("busy"))).unwrap();
        assert_eq!(outcome, huike_persistence::Outcome::Applied);
        assert!(shop.take_job().is_none());
        shop.clock.set(later);
        assert_eq!(shop.take_job().map(|again| (again.id, again.attempt)), Some((job.id, 2)));
        let lost = shop.store.write_blocking(move |db, now| jobs::finish(db, &job, now)).unwrap();
        assert_eq!(lost, huike_persistence::Outcome::Refused, "the first taking lost the right to end it");
    }
}
