//! Who calls: staff with each role where it is usually held.

use std::collections::BTreeMap;

use huike_access::{Permission, Role};

use crate::support::{Client, brand::Brand};

/// Staff by the roles they hold, made when first asked for.
pub struct People<'a> {
    brand: &'a Brand,
    known: BTreeMap<Vec<(Role, String)>, Client>,
}

impl<'a> People<'a> {
    pub fn of(brand: &'a Brand) -> Self {
        Self { brand, known: BTreeMap::new() }
    }

    /// Somebody with that role at site A; a clerk in its store.
    pub async fn at_a(&mut self, role: Role) -> Client {
        let node = if role == Role::Clerk { &self.brand.a.store } else { &self.brand.a.site };
        let node = node.clone();
        self.with(&[(role, &node)]).await
    }

    /// Somebody with that role at the head; a clerk, who is bound to a store, in that of site A.
    pub async fn at_head(&mut self, role: Role) -> Client {
        if role == Role::Clerk {
            return self.at_a(role).await;
        }
        let head = self.brand.head.clone();
        self.with(&[(role, &head)]).await
    }

    /// Somebody who holds the permission at B, and at A no more than a role without it; says whether that role is
    /// a clerk's, who sees the store alone.
    pub async fn elsewhere(&mut self, permission: Permission) -> (Client, bool) {
        let (a, b) = (self.brand.a.clone(), self.brand.b.clone());
        let holder = *permission.holders().iter().find(|role| **role != Role::Owner).unwrap_or(&Role::Owner);
        let there = if holder == Role::Clerk { &b.store } else { &b.site };
        let (idle, here) =
            if permission.is_held_by(Role::Warehouse) { (Role::Clerk, &a.store) } else { (Role::Warehouse, &a.site) };
        (self.with(&[(idle, here), (holder, there)]).await, idle == Role::Clerk)
    }

    async fn with(&mut self, roles: &[(Role, &str)]) -> Client {
        let key: Vec<(Role, String)> = roles.iter().map(|(role, node)| (*role, (*node).to_owned())).collect();
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let words: Vec<(&str, &str)> = roles.iter().map(|(role, node)| (role.as_str(), *node)).collect();
        let person = self.brand.person(&words).await;
        self.known.insert(key, person.client.clone());
        person.client
    }
}
