//! Which sentences a card has, before any language.

use huike_kernel::{Money, TimeWindow};

use super::CardContext;
use crate::{
    calendar::UseTimes,
    limits::LimitRule,
    rules::{Effect, OfferClass, ReturnPolicy, TemplateRules, Validity},
};

/// One sentence of a card.
#[derive(Debug)]
pub(super) enum Phrase<'a> {
    Threshold(Money),
    NoThreshold,
    Cap(Money),
    ClaimWindow(TimeWindow),
    Usable(TimeWindow),
    Delay { minutes: u32 },
    UsableDays { days: u16, after_delay: bool },
    UseTimes(&'a UseTimes),
    NewCustomersOnly,
    SegmentOnly,
    Limit(&'a LimitRule),
    EverywhereInScope,
    OnlyAt(&'a [String]),
    NotAt(&'a [String]),
    OnlyProducts,
    OnlyCategories,
    OnlyBrands,
    OnlyDeliveryAreas,
    OnlyInOrders,
    Exclusive,
    CombinesWithNothing,
    CombinesWith(&'a [OfferClass]),
    NotTransferable,
    Transferable,
    Refund(ReturnPolicy),
}

impl Phrase<'_> {
    /// Whether the sentence takes something away from the customer. Restrictions are shown in bold.
    pub(super) fn restricts(&self) -> bool {
        match self {
            Self::NoThreshold
            | Self::ClaimWindow(_)
            | Self::Usable(_)
            | Self::UsableDays { .. }
            | Self::EverywhereInScope
            | Self::CombinesWith(_)
            | Self::Transferable => false,
            Self::UseTimes(times) => !times.is_always(),
            Self::Refund(policy) => *policy == ReturnPolicy::Keep,
            _ => true,
        }
    }
}

/// The sentences, in the order people ask: how much, when, who, how often, where, on what, with what, and afterwards.
pub(super) fn phrases<'a>(rules: &'a TemplateRules, context: &CardContext<'a>) -> Vec<Phrase<'a>> {
    let mut list = Vec::new();
    push_effect(&mut list, &rules.effect);
    push_time(&mut list, rules, context);
    if rules.audience.new_customer_only {
        list.push(Phrase::NewCustomersOnly);
    }
    if rules.audience.segment.is_some() {
        list.push(Phrase::SegmentOnly);
    }
    list.extend(rules.limits.iter().map(Phrase::Limit));
    push_scope(&mut list, rules, context);
    push_terms(&mut list, rules);
    list
}

fn push_effect<'a>(list: &mut Vec<Phrase<'a>>, effect: &'a Effect) {
    match effect {
        Effect::AmountOff { threshold, .. } | Effect::PercentOff { threshold, .. } if !threshold.is_zero() => {
            list.push(Phrase::Threshold(*threshold));
        }
        Effect::AmountOff { .. } | Effect::PercentOff { .. } => list.push(Phrase::NoThreshold),
        Effect::Exchange { .. } | Effect::DeliveryFeeOff { .. } | Effect::Unsupported => {}
    }
    if let Effect::PercentOff { cap: Some(cap), .. } = effect {
        list.push(Phrase::Cap(*cap));
    }
}

fn push_time<'a>(list: &mut Vec<Phrase<'a>>, rules: &'a TemplateRules, context: &CardContext<'a>) {
    if context.usable.is_none() {
        list.extend(rules.claim_window.map(Phrase::ClaimWindow));
    }
    match (context.usable, rules.validity) {
        (Some(window), _) => list.push(Phrase::Usable(window)),
        (None, Validity::Fixed { starts_at, ends_at }) => {
            list.push(Phrase::Usable(TimeWindow { starts_at, ends_at }));
        }
        (None, Validity::Relative { delay_minutes, days }) => {
            let after_delay = delay_minutes > 0;
            if after_delay {
                list.push(Phrase::Delay { minutes: delay_minutes });
            }
            list.push(Phrase::UsableDays { days, after_delay });
        }
    }
    list.push(Phrase::UseTimes(&rules.use_times));
}

fn push_scope<'a>(list: &mut Vec<Phrase<'a>>, rules: &'a TemplateRules, context: &CardContext<'a>) {
    let scope = &rules.scope;
    if scope.include_nodes.is_empty() {
        list.push(Phrase::EverywhereInScope);
    } else {
        list.push(Phrase::OnlyAt(context.included));
    }
    if !scope.exclude_nodes.is_empty() {
        list.push(Phrase::NotAt(context.excluded));
    }
    for (empty, phrase) in [
        (scope.products.is_empty(), Phrase::OnlyProducts),
        (scope.categories.is_empty(), Phrase::OnlyCategories),
        (scope.brands.is_empty(), Phrase::OnlyBrands),
        (scope.delivery_areas.is_empty(), Phrase::OnlyDeliveryAreas),
    ] {
        if !empty {
            list.push(phrase);
        }
    }
    if !rules.cart_conditions().is_empty() {
        list.push(Phrase::OnlyInOrders);
    }
}

fn push_terms<'a>(list: &mut Vec<Phrase<'a>>, rules: &'a TemplateRules) {
    let combination = &rules.combination;
    list.push(if combination.exclusive {
        Phrase::Exclusive
    } else if combination.combines_with.is_empty() {
        Phrase::CombinesWithNothing
    } else {
        Phrase::CombinesWith(&combination.combines_with)
    });
    list.push(if rules.transferable { Phrase::Transferable } else { Phrase::NotTransferable });
    list.push(Phrase::Refund(rules.return_policy));
}
