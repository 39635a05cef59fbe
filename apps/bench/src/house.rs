//! The house on a bench's database, and a brand in it that can be filled.

use std::{error::Error, sync::Arc};

use chrono::{DateTime, Utc};
use huike_access::Scope;
use huike_coupons::{
    Effect, Look, TemplateRules,
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Budget, Validity},
};
use huike_kernel::{Actor, Clock, IdSource, Money, NodeId, SystemClock, TemplateId, Text};
use huike_persistence::{OnceKey, staff};
use huike_server::{
    codes::CodeMint,
    server::House,
    settings::{Layer, Profile, Settings},
    sources::{SystemIds, SystemRandom},
};
use huike_sites::{NodeForm, NodeKind, SettingKey};
use huike_usecases::{
    Caller, UseCaseError,
    claims::{ClaimAsk, OnceClaim, claim_once_each},
    settings::put_setting,
    sites::{NodeAsk, create_node},
    templates::{NewTemplate, TemplateAsk, create, self_publish},
};

use serde_json::json;

use crate::{Outcome, people::Person};

/// The owner of every bench's brand; the password is of no worth.
const OWNER: &str = "owner";
const OWNER_PASSWORD: &str = "欲穷千里目更上一层楼";
/// Claims of one transaction.
const CHUNK: usize = 500;

/// A brand being filled.
pub(crate) struct Brand {
    pub(crate) house: House,
    pub(crate) owner: Caller,
    pub(crate) now: DateTime<Utc>,
    mint: CodeMint,
}

/// Opens the house, and begins the brand where there is none.
pub(crate) fn open(database_url: &str, listen: Option<&str>) -> Result<House, Box<dyn Error>> {
    let layer = Layer {
        database_url: Some(database_url.to_owned()),
        listen: listen.map(str::to_owned),
        profile: Some(Profile::Dev),
        owner: Some(OWNER.to_owned()),
        owner_password: Some(OWNER_PASSWORD.into()),
        ..Layer::default()
    };
    Ok(House::open(Settings::load(None, layer)?)?)
}

/// Makes codes with the house's keys.
pub(crate) fn mint(house: &House) -> CodeMint {
    CodeMint { keys: house.keys.clone(), ids: Arc::new(SystemIds), random: Arc::new(SystemRandom) }
}

/// 10 off, one for each customer, with money for all of them.
fn ten_off(quantity: i64) -> Result<TemplateRules, Box<dyn Error>> {
    let effect = Effect::AmountOff { amount: "10".parse()?, threshold: "0".parse()? };
    let mut rules = TemplateRules::new(effect, quantity, Validity::Relative { delay_minutes: 0, days: 7 });
    let total = Money::from_fen(1_000).checked_mul(quantity).ok_or("more money than there is")?;
    rules.budget = Some(Budget { total, daily: None });
    rules.limits = vec![LimitRule {
        metric: Metric::Claims,
        subject: Subject::Customer,
        period: Period::Ever,
        cap: LimitCap::Count(1),
    }];
    Ok(rules)
}

impl Brand {
    /// The owner acts on the whole of it.
    pub(crate) fn open(database_url: &str) -> Result<Self, Box<dyn Error>> {
        let house = open(database_url, None)?;
        let login = house.settings.owner.clone();
        let owner = house.store.read_blocking(move |db| staff::find_by_login(db, &login))?.ok_or("no owner")?;
        let owner = Caller {
            actor: Actor::Staff(owner.id),
            scope: Scope::at(house.head),
            request_id: "bench".to_owned(),
            ids: Arc::new(SystemIds),
        };
        Ok(Self { mint: mint(&house), house, owner, now: SystemClock.now() })
    }

    /// Lets the owner publish alone, whatever it costs.
    pub(crate) fn trust_owner(&self) -> Outcome {
        let policy = json!({ "kind": "self_publish", "budget_cap": "10000000000.00" });
        let (caller, place) = (self.owner.clone(), (self.house.head, SettingKey::ReviewPolicy));
        self.house.store.write_blocking(move |db, now| put_setting(db, &caller.act(now), place, &policy))?;
        Ok(())
    }

    /// A site with so many stores: the stores.
    pub(crate) fn build_stores(&self, count: usize) -> Result<Vec<NodeId>, Box<dyn Error>> {
        let site = self.build(self.house.head, NodeKind::Site, "site")?;
        (0..count).map(|number| self.build(site, NodeKind::Store, &format!("store-{number}"))).collect()
    }

    fn build(&self, parent: NodeId, kind: NodeKind, code: &str) -> Result<NodeId, Box<dyn Error>> {
        let form = NodeForm { name: Text::new(code)?, code: code.parse()?, zone: None, area: None };
        let (caller, ask) = (self.owner.clone(), NodeAsk { parent, kind, form });
        Ok(self.house.store.write_blocking(move |db, now| create_node(db, &caller.act(now), &ask))?.id)
    }

    /// A live template.
    pub(crate) fn publish(&self, quantity: i64) -> Result<TemplateId, Box<dyn Error>> {
        let (site, name, rules, look) = (self.house.head, Text::new("满减")?, ten_off(quantity)?, Look::default());
        let (caller, new) = (self.owner.clone(), NewTemplate { site, name, rules, look });
        Ok(self.house.store.write_blocking(move |db, now| {
            let act = caller.act(now);
            let made = create(db, &act, &new)?.template.id;
            self_publish(db, &act, TemplateAsk { template: made, seen: None })?;
            Ok::<_, UseCaseError>(made)
        })?)
    }

    /// One coupon of the template for each of them: their codes.
    pub(crate) fn hand_out(&self, template: TemplateId, people: &[Person]) -> Result<Vec<String>, Box<dyn Error>> {
        let mut codes = Vec::with_capacity(people.len());
        for chunk in people.chunks(CHUNK) {
            let mut claims = Vec::new();
            for person in chunk {
                let (actor, site, code) = (Actor::Customer(person.id), self.house.head, self.mint.signed()?);
                codes.push(self.mint.show(code.coupon, &code.stored.sealed).ok_or("a code cannot be shown")?);
                let key = SystemIds.next_uuid().to_string();
                let once = OnceKey { principal: actor.principal(), key, request_hash: [0; 32] };
                let ask = ClaimAsk { customer: person.id, site, channel: None, code };
                claims.push(OnceClaim { once, caller: Caller { actor, ..self.owner.clone() }, ask });
            }
            let answers = self.house.store.write_blocking(move |db, now| {
                let claims: Vec<&OnceClaim> = claims.iter().collect();
                claim_once_each(db, now, template, &claims)
            })?;
            answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        }
        Ok(codes)
    }
}
