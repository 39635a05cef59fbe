//! Customers who have signed in.

use chrono::{DateTime, Utc};
use huike_kernel::{Actor, CustomerId, IdSource};
use huike_persistence::{
    StoreError, bulk,
    sessions::{self, NewSession, TokenHash},
};
use huike_server::{
    auth::{NewToken, TokenKind},
    sources::{SystemIds, SystemRandom},
};
use secrecy::ExposeSecret;

use crate::house::Brand;

/// Customers of one transaction.
const CHUNK: usize = 500;

/// Somebody who may claim.
pub(crate) struct Person {
    pub(crate) id: CustomerId,
    /// What they show.
    pub(crate) token: String,
}

impl Brand {
    /// So many customers who have just signed in at the head; `first` tells their phone numbers from those of others.
    pub(crate) fn sign_up(&self, count: usize, first: usize) -> Result<Vec<Person>, Box<dyn std::error::Error>> {
        let (head, now) = (self.house.head, self.now);
        let mut all = Vec::with_capacity(count);
        for chunk in (0..count).collect::<Vec<_>>().chunks(CHUNK) {
            let (mut people, mut visits, mut begun) = (Vec::new(), Vec::new(), Vec::new());
            for number in chunk {
                let id = CustomerId::from(SystemIds.next_uuid());
                let phone = format!("1{:010}", 3_000_000_000_usize + first + number).parse()?;
                let name = "客户".to_owned();
                people.push(bulk::PastCustomer { id, phone, name, active_redemptions: 0, created_at: now });
                visits.push(bulk::Visits {
                    site: head,
                    customer: id,
                    source: "sign_in",
                    first_seen_at: now,
                    last_seen_at: now,
                });
                let token = NewToken::make(TokenKind::Customer, &SystemRandom);
                begun.push(self.session(token.hash, Actor::Customer(id)));
                all.push(Person { id, token: token.text.expose_secret().to_owned() });
            }
            self.house.store.write_blocking(move |db, _| {
                bulk::insert_customers(db, head, &people)?;
                bulk::insert_visits(db, &visits)?;
                begun.iter().try_for_each(|session| sessions::insert(db, session))?;
                Ok::<_, StoreError>(())
            })?;
        }
        Ok(all)
    }

    /// A session of the owner; what it is shown by.
    pub(crate) fn sign_in_owner(&self) -> Result<String, Box<dyn std::error::Error>> {
        let token = NewToken::make(TokenKind::Staff, &SystemRandom);
        let session = self.session(token.hash, self.owner.actor);
        self.house.store.write_blocking(move |db, _| sessions::insert(db, &session))?;
        Ok(token.text.expose_secret().to_owned())
    }

    fn session(&self, token_hash: TokenHash, principal: Actor) -> NewSession {
        let created_at: DateTime<Utc> = self.now;
        NewSession { token_hash, principal, created_at, expires_at: created_at + chrono::TimeDelta::days(1) }
    }
}
