//! What a clerk (店员) redeemed, and what in that is odd beside the other clerks: a reason to look, never a verdict.
//!
//! A flag is raised where three things hold: there are enough cases to speak of, their share is large, and it is a
//! multiple of the share of all the other clerks taken together. So whatever everybody does is odd of nobody.

use huike_kernel::{Rate, words};

/// A redemption so shortly before its coupon expires is one near expiry.
pub const NEAR_EXPIRY_HOURS: i64 = 24;
/// A redemption so shortly after its coupon was claimed is one of a coupon just claimed.
pub const JUST_CLAIMED_MINUTES: i64 = 10;

/// Counts of one clerk over some days. All but the first three are of redemptions that stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClerkFigures {
    /// Redemptions, undone ones included.
    pub redemptions: i64,
    /// Those of them that were undone.
    pub undone: i64,
    /// Those that took two people to undo, because the store's own time was over.
    pub undone_late: i64,
    /// In the last hours before the coupon's expiry.
    pub near_expiry: i64,
    /// Within minutes of the claim.
    pub just_claimed: i64,
    /// Different customers.
    pub customers: i64,
    /// Redemptions of the customer who had most of them.
    pub top_customer: i64,
}

words!(
    /// What is odd about a clerk's redemptions.
    ClerkFlag, "clerk flag" {
        /// Many coupons redeemed shortly before they expire.
        NearExpiry = "near_expiry",
        /// Many coupons redeemed as soon as they are claimed.
        JustClaimed = "just_claimed",
        /// Many redemptions undone.
        Undone = "undone",
        /// Redemptions undone after the store's own time.
        UndoneLate = "undone_late",
        /// Many redemptions of one customer.
        OneCustomer = "one_customer",
    }
);

/// When a flag is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// At least so many cases.
    pub cases_min: i64,
    /// At least this share of the clerk's redemptions.
    pub share_min: Rate,
    /// At least so many times the share of the other clerks.
    pub times_others: i64,
}

impl ClerkFlag {
    /// From where on it is raised.
    pub fn threshold(self) -> Threshold {
        let (cases_min, percent, times_others) = match self {
            Self::NearExpiry => (10, 30, 3),
            Self::JustClaimed => (10, 50, 2),
            Self::Undone => (5, 10, 3),
            Self::UndoneLate => (3, 2, 3),
            Self::OneCustomer => (5, 30, 2),
        };
        let share_min = Rate::of_counts(percent, 100).unwrap_or_default();
        Threshold { cases_min, share_min, times_others }
    }

    /// What it says, in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::NearExpiry => "临近过期才核销的券明显多于其他店员",
            Self::JustClaimed => "刚领取即核销的券明显多于其他店员",
            Self::Undone => "撤销核销明显多于其他店员",
            Self::UndoneLate => "超时撤销核销明显多于其他店员",
            Self::OneCustomer => "核销集中于同一客户",
        }
    }

    /// What it says, in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::NearExpiry => "Far more coupons redeemed shortly before they expire than by other clerks",
            Self::JustClaimed => "Far more coupons redeemed as soon as they were claimed than by other clerks",
            Self::Undone => "Far more redemptions undone than of other clerks",
            Self::UndoneLate => "Far more redemptions undone late than of other clerks",
            Self::OneCustomer => "Redemptions gather on one customer",
        }
    }

    fn is_raised(self, own: &ClerkFigures, others: &ClerkFigures) -> bool {
        let Threshold { cases_min, share_min, times_others } = self.threshold();
        let (part, whole) = self.share(own);
        let (others_part, others_whole) = self.share(others);
        // a/b ≥ t · c/d is asked as a·d ≥ t · c·b: no division, and true where there is nobody to compare with.
        let left = i128::from(part).saturating_mul(others_whole.into());
        let right = i128::from(others_part).saturating_mul(whole.into()).saturating_mul(times_others.into());
        part >= cases_min && Rate::of_counts(part, whole).is_some_and(|share| share >= share_min) && left >= right
    }

    /// What is counted, of what.
    const fn share(self, figures: &ClerkFigures) -> (i64, i64) {
        match self {
            Self::NearExpiry => (figures.near_expiry, figures.standing()),
            Self::JustClaimed => (figures.just_claimed, figures.standing()),
            Self::Undone => (figures.undone, figures.redemptions),
            Self::UndoneLate => (figures.undone_late, figures.redemptions),
            Self::OneCustomer => (figures.top_customer, figures.standing()),
        }
    }
}

impl ClerkFigures {
    /// Redemptions that were not undone.
    pub const fn standing(&self) -> i64 {
        self.redemptions.saturating_sub(self.undone)
    }

    /// The share of what stands that was near expiry; `None` where nothing stands.
    pub fn near_expiry_share(&self) -> Option<Rate> {
        Rate::of_counts(self.near_expiry, self.standing())
    }

    /// The share of what stands that was of one customer; `None` where nothing stands.
    pub fn top_customer_share(&self) -> Option<Rate> {
        Rate::of_counts(self.top_customer, self.standing())
    }

    fn each(&self, other: &Self, with: fn(i64, i64) -> i64) -> Self {
        Self {
            redemptions: with(self.redemptions, other.redemptions),
            undone: with(self.undone, other.undone),
            undone_late: with(self.undone_late, other.undone_late),
            near_expiry: with(self.near_expiry, other.near_expiry),
            just_claimed: with(self.just_claimed, other.just_claimed),
            customers: with(self.customers, other.customers),
            top_customer: with(self.top_customer, other.top_customer),
        }
    }
}

/// What is odd about each of a crew, in their order: each beside all the others.
pub fn flag_crew(crew: &[ClerkFigures]) -> Vec<Vec<ClerkFlag>> {
    let all = crew.iter().fold(ClerkFigures::default(), |sum, one| sum.each(one, i64::saturating_add));
    let flags = |own: &ClerkFigures| {
        let others = all.each(own, i64::saturating_sub);
        ClerkFlag::ALL.iter().copied().filter(|flag| flag.is_raised(own, &others)).collect()
    };
    crew.iter().map(flags).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ordinary() -> ClerkFigures {
        ClerkFigures {
            redemptions: 100,
            undone: 1,
            near_expiry: 8,
            just_claimed: 20,
            customers: 90,
            top_customer: 2,
            ..ClerkFigures::default()
        }
    }

    fn flags_beside_ordinary(odd: ClerkFigures) -> Vec<ClerkFlag> {
        let flags = flag_crew(&[ordinary(), odd, ordinary()]);
        assert_eq!((flags[0].as_slice(), flags[2].as_slice()), ([].as_slice(), [].as_slice()));
        flags[1].clone()
    }

    #[test]
    fn who_harvests_near_expiry_is_flagged_for_it_and_an_ordinary_clerk_is_not() {
        assert_eq!(flags_beside_ordinary(ordinary()), []);
        let harvester = ClerkFigures { near_expiry: 40, ..ordinary() };
        assert_eq!(flags_beside_ordinary(harvester), [ClerkFlag::NearExpiry]);
    }

    #[test]
    fn each_flag_stands_for_its_own_figure() {
        let cases = [
            (ClerkFigures { just_claimed: 60, ..ordinary() }, ClerkFlag::JustClaimed),
            (ClerkFigures { undone: 20, ..ordinary() }, ClerkFlag::Undone),
            (ClerkFigures { undone_late: 3, ..ordinary() }, ClerkFlag::UndoneLate),
            (ClerkFigures { top_customer: 35, customers: 60, ..ordinary() }, ClerkFlag::OneCustomer),
        ];
        for (figures, flag) in cases {
            assert_eq!(flags_beside_ordinary(figures), [flag]);
        }
    }

    #[test]
    fn a_few_cases_are_chance() {
        let beginner = ClerkFigures {
            redemptions: 4,
            near_expiry: 4,
            just_claimed: 4,
            top_customer: 4,
            ..ClerkFigures::default()
        };
        assert_eq!(flags_beside_ordinary(beginner), []);
    }

    #[test]
    fn alone_in_a_store_one_is_measured_by_the_shares_alone() {
        let harvester = ClerkFigures { near_expiry: 40, ..ordinary() };
        assert_eq!(flag_crew(&[harvester]), [vec![ClerkFlag::NearExpiry]]);
        assert_eq!(flag_crew(&[ordinary()]), [Vec::new()]);
    }

    #[test]
    fn every_flag_is_said_in_both_languages() {
        assert!(ClerkFlag::ALL.iter().all(|flag| flag.en().is_ascii() && !flag.zh().is_ascii()));
    }

    fn figures() -> impl Strategy<Value = ClerkFigures> {
        (0_i64..500, 0_i64..100, 0_i64..=100, 0_i64..=100, 0_i64..=100).prop_map(|(stand, undone, near, just, top)| {
            let of = |percent: i64| stand * percent / 100;
            ClerkFigures {
                redemptions: stand + undone,
                undone,
                undone_late: undone / 2,
                near_expiry: of(near),
                just_claimed: of(just),
                customers: stand - of(top),
                top_customer: of(top),
            }
        })
    }

    proptest! {
        #[test]
        fn what_everybody_does_is_odd_of_nobody(one in figures(), crew in 2_usize..9) {
            prop_assert_eq!(flag_crew(&vec![one; crew]), vec![Vec::new(); crew]);
        }

        #[test]
        fn the_order_of_the_crew_does_not_matter(crew in prop::collection::vec(figures(), 0..8)) {
            let mut flags = flag_crew(&crew);
            flags.reverse();
            let turned: Vec<ClerkFigures> = crew.into_iter().rev().collect();
            prop_assert_eq!(flag_crew(&turned), flags);
        }

        #[test]
        fn a_flag_stays_when_its_figure_grows(own in figures(), others in figures(), more in 1_i64..50) {
            let more_near = ClerkFigures { near_expiry: (own.near_expiry + more).min(own.standing()), ..own };
            let before = flag_crew(&[own, others])[0].contains(&ClerkFlag::NearExpiry);
            prop_assert!(!before || flag_crew(&[more_near, others])[0].contains(&ClerkFlag::NearExpiry));
        }

        #[test]
        fn no_figures_are_too_large(numbers in prop::array::uniform7(any::<i64>()), others in prop::array::uniform7(any::<i64>())) {
            let of = |[redemptions, undone, undone_late, near_expiry, just_claimed, customers, top_customer]: [i64; 7]|
                ClerkFigures { redemptions, undone, undone_late, near_expiry, just_claimed, customers, top_customer };
            prop_assert_eq!(flag_crew(&[of(numbers), of(others)]).len(), 2);
        }
    }
}
