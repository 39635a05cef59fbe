//! Verified credentials, kept in memory for half a minute.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use huike_access::{IntegrationScopes, RoleBinding, StaffState};
use huike_kernel::{Actor, ApiKeyId, Clock, CustomerId, IdSource, NodeId, StaffId};
use huike_persistence::{
    Db, Store, StoreError, api_keys, nodes,
    sessions::{self, TokenHash},
    staff,
};
use huike_sites::NodeState;
use moka::sync::Cache;

use super::{CookiePolicy, TokenKind, credential::Credential, csrf::CsrfKey};
use crate::problem::{Problem, Refusal};

/// How long a revoked credential may still be good on another instance; here it is forgotten at once.
const KNOWN_FOR: Duration = Duration::from_secs(30);
const KNOWN_MAX: u64 = 100_000;

/// Whoever a credential belongs to.
#[derive(Debug)]
pub(super) enum Known {
    Staff(KnownStaff),
    Customer { customer: CustomerId, expires_at: DateTime<Utc> },
    Integration(KnownKey),
}

#[derive(Debug)]
pub(super) struct KnownStaff {
    pub(super) staff: StaffId,
    pub(super) customer: Option<CustomerId>,
    pub(super) roles: Vec<RoleBinding>,
    pub(super) must_change_password: bool,
    expires_at: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) struct KnownKey {
    pub(super) key: ApiKeyId,
    pub(super) node: NodeId,
    pub(super) scopes: IntegrationScopes,
    expires_at: Option<DateTime<Utc>>,
}

impl Known {
    fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Staff(staff) => Some(staff.expires_at),
            Self::Customer { expires_at, .. } => Some(*expires_at),
            Self::Integration(key) => key.expires_at,
        }
    }
}

/// What the gate is made of.
pub struct GateParts {
    /// Where credentials are looked up.
    pub store: Store,
    /// Tells whether they have expired.
    pub clock: Arc<dyn Clock>,
    /// Ids for what callers make.
    pub ids: Arc<dyn IdSource>,
    /// The key of CSRF tokens.
    pub csrf_key: [u8; 32],
    /// How the panel's cookie is set.
    pub cookies: CookiePolicy,
    /// The head of the brand: the home site of customers who name none.
    pub head: NodeId,
}

/// The gate that every credential passes.
pub struct Gate {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    csrf: CsrfKey,
    cookies: CookiePolicy,
    head: NodeId,
    known: Cache<TokenHash, Arc<Known>>,
    open_sites: Cache<NodeId, bool>,
}

impl Gate {
    /// A gate that knows nobody yet.
    pub fn new(parts: GateParts) -> Self {
        Self {
            store: parts.store,
            clock: parts.clock,
            ids: parts.ids,
            csrf: CsrfKey::new(parts.csrf_key),
            cookies: parts.cookies,
            head: parts.head,
            known: Cache::builder().max_capacity(KNOWN_MAX).time_to_live(KNOWN_FOR).build(),
            open_sites: Cache::builder().max_capacity(KNOWN_MAX).time_to_live(KNOWN_FOR).build(),
        }
    }

    /// Forgets revoked credentials here at once; other instances follow within half a minute.
    pub fn forget<'a>(&self, hashes: impl IntoIterator<Item = &'a TokenHash>) {
        hashes.into_iter().for_each(|hash| self.known.invalidate(hash));
    }

    /// Forgets every credential: after a change of roles, which no list of sessions names.
    pub fn forget_all(&self) {
        self.known.invalidate_all();
    }

    /// How the panel's cookie is set.
    pub fn cookies(&self) -> CookiePolicy {
        self.cookies
    }

    /// The head of the brand.
    pub fn head(&self) -> NodeId {
        self.head
    }

    /// Where new ids come from.
    pub fn ids(&self) -> Arc<dyn IdSource> {
        Arc::clone(&self.ids)
    }

    /// The CSRF token of a session.
    pub fn csrf_token(&self, session: &TokenHash) -> String {
        self.csrf.token(session)
    }

    pub(super) fn csrf(&self) -> &CsrfKey {
        &self.csrf
    }

    /// Whoever the credential belongs to, from memory unless it has to be fresh.
    pub(super) async fn identify(&self, credential: Credential, fresh: bool) -> Result<Arc<Known>, Problem> {
        let remembered = if fresh { None } else { self.known.get(&credential.hash) };
        let known = match remembered {
            Some(known) => known,
            None => {
                let read = self.store.read(move |db| look_up(db, credential)).await?;
                let known = Arc::new(read.ok_or(Refusal::Unauthenticated)?);
                self.known.insert(credential.hash, Arc::clone(&known));
                known
            }
        };
        if known.expires_at().is_some_and(|expires_at| expires_at <= self.clock.now()) {
            return Err(Refusal::Unauthenticated.into());
        }
        Ok(known)
    }

    /// Whether customers can visit that site.
    pub(super) async fn is_open_site(&self, site: NodeId) -> Result<bool, Problem> {
        if let Some(open) = self.open_sites.get(&site) {
            return Ok(open);
        }
        let node = self.store.read(move |db| nodes::find(db, site)).await?;
        let open = node.is_some_and(|node| node.state == NodeState::Active);
        self.open_sites.insert(site, open);
        Ok(open)
    }
}

fn look_up(db: &mut Db, credential: Credential) -> Result<Option<Known>, StoreError> {
    if credential.kind == TokenKind::Integration {
        return Ok(api_keys::find_by_hash(db, &credential.hash)?.map(|key| {
            Known::Integration(KnownKey { key: key.id, node: key.site, scopes: key.scopes, expires_at: key.expires_at })
        }));
    }
    let Some(session) = sessions::find(db, &credential.hash)? else {
        return Ok(None);
    };
    match session.principal {
        Actor::Staff(id) => look_up_staff(db, id, session.expires_at),
        Actor::Customer(customer) => Ok(Some(Known::Customer { customer, expires_at: session.expires_at })),
        Actor::Integration(_) | Actor::System => Ok(None),
    }
}

fn look_up_staff(db: &mut Db, id: StaffId, expires_at: DateTime<Utc>) -> Result<Option<Known>, StoreError> {
    let Some(staff) = staff::find(db, id)?.filter(|staff| staff.state == StaffState::Active) else {
        return Ok(None);
    };
    Ok(Some(Known::Staff(KnownStaff {
        staff: id,
        customer: staff.customer,
        roles: staff::list_roles(db, id)?,
        must_change_password: staff.must_change_password,
        expires_at,
    })))
}
