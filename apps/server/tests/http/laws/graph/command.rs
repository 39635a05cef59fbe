//! What can be done to a template and its coupons.

use proptest::prelude::*;

/// Customers in a walk.
pub const SHOPPERS: usize = 3;
/// The most commands of a walk.
const COMMANDS_MAX: usize = 30;

/// One command. Shoppers and stores are numbered; a coupon is any number, taken modulo how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// A customer takes one.
    Claim {
        shopper: usize,
    },
    /// Staff give one to a customer.
    Issue {
        shopper: usize,
    },
    /// Staff have codes printed that nobody owns.
    Print {
        count: i64,
    },
    /// A customer enters a coupon's code.
    Enter {
        shopper: usize,
        coupon: usize,
    },
    /// A store redeems a coupon's code.
    Redeem {
        coupon: usize,
        store: usize,
    },
    /// A store undoes a coupon's latest redemption.
    Undo {
        coupon: usize,
        store: usize,
    },
    /// Staff make a coupon void.
    Void {
        coupon: usize,
    },
    Pause,
    Resume,
    Kill,
    LiftKill,
    End,
    /// A new version, with other figures, goes through review and is published.
    NewVersion {
        quantity: i64,
        days: i64,
    },
    /// Time passes, and what has run out expires.
    Pass {
        hours: i64,
    },
}

fn command() -> impl Strategy<Value = Command> {
    use Command::{
        Claim, End, Enter, Issue, Kill, LiftKill, NewVersion, Pass, Pause, Print, Redeem, Resume, Undo, Void,
    };
    let (shopper, coupon, store) = (0..SHOPPERS, 0_usize..8, 0_usize..2);
    prop_oneof![
        6 => shopper.clone().prop_map(|shopper| Claim { shopper }),
        2 => shopper.clone().prop_map(|shopper| Issue { shopper }),
        1 => (1_i64..4).prop_map(|count| Print { count }),
        4 => (shopper, coupon.clone()).prop_map(|(shopper, coupon)| Enter { shopper, coupon }),
        9 => (coupon.clone(), store.clone()).prop_map(|(coupon, store)| Redeem { coupon, store }),
        7 => (coupon.clone(), store).prop_map(|(coupon, store)| Undo { coupon, store }),
        3 => coupon.prop_map(|coupon| Void { coupon }),
        1 => Just(Pause),
        2 => Just(Resume),
        1 => Just(Kill),
        2 => Just(LiftKill),
        1 => (0..4).prop_map(|dice| if dice == 0 { End } else { Resume }),
        1 => (1_i64..12, 0_i64..3).prop_map(|(quantity, days)| NewVersion { quantity, days }),
        2 => (1_i64..30).prop_map(|hours| Pass { hours }),
    ]
}

/// A walk: something to walk on, and then anything.
pub fn commands() -> impl Strategy<Value = Vec<Command>> {
    let printed = proptest::option::weighted(0.4, 1_i64..4);
    (printed, proptest::collection::vec(command(), 5..COMMANDS_MAX)).prop_map(|(printed, mut commands)| {
        if let Some(count) = printed {
            commands.insert(0, Command::Print { count });
        }
        commands
    })
}
